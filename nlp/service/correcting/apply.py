"""Live corrections over the machine's record, in the order in which they were made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, cast

import msgspec

from nlp.document import Issue, Span
from nlp.merge import status_of
from nlp.pipeline import checks_of
from nlp.record import Record
from nlp.service.correcting.cells import cell_at, cells_of, with_cell
from nlp.service.correcting.change import CellTarget, CellValue, Correction, FactTarget, SpanTarget, UnfitError
from nlp.service.correcting.facts import with_fact
from nlp.service.correcting.rebuild import rebuilt
from nlp.service.correcting.spans import with_mention

_UNREAD = ("unreadable_cells", "ambiguous_digits", "unreadable_table")
_SHOWN = 200


@dataclass(frozen=True)
class Corrected:
    """The record as people have corrected it; `unfit` says for numbers of corrections why they could not be applied."""

    record: Record
    unfit: dict[int, str]


def corrected(record: Record, corrections: Sequence[Correction]) -> Record:
    """The record with the live corrections applied in order; those that no longer fit are left out.

    A corrected cell or fact has an issue (stage `service`, code `corrected`) with old, new and who. After cells the checks
    are done again; after spans the facts follow the mentions, see `nlp.service.correcting.rebuild`.
    """
    return apply(record, corrections).record


def apply(record: Record, corrections: Sequence[Correction]) -> Corrected:
    """As `corrected`, and which corrections do not fit the record."""
    live = [one for one in corrections if one.undone is None]
    whole = _Application(record)
    for kind, some in groupby(live, key=lambda one: one.change.kind):
        if kind == "span":
            whole.spans(list(some))
        else:
            for one in some:
                whole.attempt(one, whole.cell if kind == "cell" else whole.fact)
    return Corrected(whole.finished(), whole.unfit)


class _Application:
    """A record on its way."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.unfit: dict[int, str] = {}
        self._issues: list[Issue] = []
        self._has_new_cells = False

    def attempt(self, one: Correction, change: Callable[[Correction], None]) -> None:
        """Apply, or note why not."""
        try:
            change(one)
        except UnfitError as error:
            self.unfit[one.n] = str(error)

    def cell(self, one: Correction) -> None:
        """Put a number into a cell."""
        path = cast(CellTarget, one.change.target).path
        self.record = with_cell(self.record, path, msgspec.convert(one.change.new, CellValue))
        self._has_new_cells = True
        self._tell(one, path, cell_at(self.record, path).span)

    def fact(self, one: Correction) -> None:
        """Set a value."""
        target = cast(FactTarget, one.change.target)
        self.record = with_fact(self.record, target, one.change.new)
        self._tell(one, target.path, Span(*target.places[0]) if target.places else None)

    def spans(self, some: Sequence[Correction]) -> None:
        """Change mentions, and let the facts follow once."""
        mentions = self.record.narrative.mentions

        def change(one: Correction) -> None:
            nonlocal mentions
            mentions = with_mention(self.record, mentions, cast(SpanTarget, one.change.target), one.change.new)

        for one in some:
            self.attempt(one, change)
        if mentions != self.record.narrative.mentions:
            self.record = rebuilt(self.record, mentions)

    def finished(self) -> Record:
        """The record with checks, issues and status of its new values."""
        record = self.record
        if self._has_new_cells:
            issues = [one for one in record.issues if not _is_settled(record, one)]
            status = status_of(record.text, issues) if len(issues) < len(record.issues) else record.status
            record = replace(record, checks=checks_of(record), issues=issues, status=status)
        return replace(record, issues=[*record.issues, *self._issues]) if self._issues else record

    def _tell(self, one: Correction, path: str, span: Span | None) -> None:
        message = f"{path}: {_shown(one.old)} → {_shown(one.change.new)} ({one.who})"
        self._issues.append(Issue("service", "corrected", "info", message, span))


def _shown(value: Any) -> str:
    if isinstance(value, dict) and set(value) == {"value", "state"}:  # a cell
        value = value["state"] if value["value"] is None else value["value"]
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _is_settled(record: Record, issue: Issue) -> bool:
    """Whether an issue speaks of cells that could not be read, and all of them can be now."""
    if issue.code not in _UNREAD or issue.span is None:
        return False
    there = [one for one in cells_of(record.statistics).values() if one.span and _touch(one.span, issue.span)]
    return bool(there) and all(one.state != "unreadable" for one in there)


def _touch(left: Span, right: Span) -> bool:
    return left.start < right.end and left.end > right.start
