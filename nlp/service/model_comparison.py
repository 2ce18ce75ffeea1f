"""What another model would change: stored documents read with it, beside their records and the corrections of people."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from nlp.batch.guard import Guard, StoppedError
from nlp.batch.settings import BatchSettings
from nlp.ingest.raw import RawSource
from nlp.record import Mention, Record, from_json
from nlp.service.blobs import Blobs
from nlp.service.correcting import CellTarget, Correction, FactTarget, UnfitError
from nlp.service.correcting.cells import cell_at, value_of
from nlp.service.correcting.facts import found_again, value_at
from nlp.service.correcting.spans import exact
from nlp.service.database import Database
from nlp.service.errors import NotReadyError, TooManyError
from nlp.service.records import Records, corrections_of
from nlp.settings import Settings

Verdict = Literal["met", "contradicted", "gone"]
_HEADS = ("title", "agency", "year", "published")
_LISTS = ("leadership_groups", "counts", "problems", "remedies")
_OWN = ("score", "mentions", "remedies")  # sureness, and numbers that lead into lists of the same record


@dataclass
class Moved:
    """How many of a kind are only in the other reading, only in the present one, and in both but not the same."""

    added: int = 0
    removed: int = 0
    changed: int = 0


@dataclass(frozen=True)
class Judged:
    """A correction, and whether the other model gives its new value by itself: met, contradicted; gone: its fact is not there."""

    n: int
    kind: Literal["cell", "span", "fact"]
    target: str
    verdict: Verdict


@dataclass
class RecordChange:
    """What would change in a record; `problem` says why it could not be compared."""

    id: str
    agency: str | None
    year: int | None
    mentions: dict[str, Moved] = field(default_factory=dict)
    facts: dict[str, Moved] = field(default_factory=dict)
    corrections: list[Judged] = field(default_factory=list)
    problem: str | None = None


@dataclass
class Comparison:
    """What would change, in total and by record; `is_whole` is false when the time did not suffice for all."""

    model: str
    n_records: int
    is_whole: bool
    mentions: dict[str, Moved]
    facts: dict[str, Moved]
    corrections: dict[Verdict, int]
    records: list[RecordChange]


class Comparer:
    """Compares, one at a time."""

    def __init__(self, database: Database, blobs: Blobs, limits: BatchSettings, seconds: float) -> None:
        """`seconds`: time of a comparison; a document that is being read then is left."""
        self._database, self._blobs, self._limits, self._seconds = database, blobs, limits, seconds
        self._records = Records(database)
        self._busy = threading.Lock()
        self._guard: Guard | None = None

    def stop(self) -> None:
        """End the comparison that is under way."""
        guard = self._guard
        if guard is not None:
            guard.stop()

    def compare(self, name: str, settings: Settings, n_records: int) -> Comparison:
        """Read documents with a model: those with corrections first, then the newest.

        Raises TooManyError while another comparison runs, ModelError for a model that cannot be loaded, NotReadyError when
        the service is being stopped.
        """
        if not self._busy.acquire(blocking=False):
            raise TooManyError("another comparison of models runs; come again when it has ended", retry_after=30)
        try:
            return self._compare(name, settings, n_records)
        finally:
            self._guard = None
            self._busy.release()

    def _compare(self, name: str, settings: Settings, n_records: int) -> Comparison:
        question = "SELECT id, blob FROM records WHERE status != 'failed' ORDER BY n_corrections > 0 DESC, n DESC LIMIT ?"
        rows = self._database.reading.execute(question, (n_records,)).fetchall()
        deadline, found = time.monotonic() + self._seconds, []
        for row in rows:
            left = deadline - time.monotonic()
            if left <= 0:
                break
            found.append(self._one(row["id"], row["blob"], settings, left))
        if self._guard is not None:
            self._guard.close()
        return _total(name, found, len(found) == len(rows) and time.monotonic() < deadline)

    def _one(self, identity: str, blob: str, settings: Settings, left: float) -> RecordChange:
        before = self._records.get(identity)
        change = RecordChange(before.id, before.agency.name, before.year)
        after, problem = self._read(before, blob, settings, left)
        if after is None:
            change.problem = problem
        elif after.text != before.text:
            change.problem = "this version of the program reads another text; read the document again, then compare"
        else:
            change.mentions = _mentions(before.narrative.mentions, after.narrative.mentions)
            change.facts = _facts(before, after)
            change.corrections = [_judged(one, after) for one in corrections_of(self._database.reading, before.id)]
        return change

    def _read(self, before: Record, blob: str, settings: Settings, left: float) -> tuple[Record | None, str]:
        raw = RawSource(before.source, self._blobs.path(blob).read_bytes())
        if self._guard is None:
            self._guard = Guard(settings.model_copy(update={"threads": 1}), self._limits)  # whoever waits goes first
        guard = self._guard
        deadline, timer = time.monotonic() + left, threading.Timer(left, guard.stop)
        timer.start()
        try:
            answer = guard.read(raw)
        except StoppedError as error:
            if time.monotonic() >= deadline:
                return None, "the time of the comparison ended; compare fewer records"
            raise NotReadyError("the service is being stopped") from error
        finally:
            timer.cancel()
        if answer.broken is not None:
            return None, answer.broken.message
        found = (from_json(line) for _, line in answer.records)
        return next((one for one in found if one.id == before.id), None), "the document gives no such record now"


def _mentions(before: Sequence[Mention], after: Sequence[Mention]) -> dict[str, Moved]:
    """By label; one that has moved or is called otherwise counts as changed, under the label that it had."""
    old = {(one.start, one.end, one.label) for one in before}
    new = {(one.start, one.end, one.label) for one in after}
    gone, come = sorted(old - new), sorted(new - old)
    found: dict[str, Moved] = {}
    for start, end, label in gone:
        partner = next((one for one in come if one[0] < end and one[1] > start), None)
        moved = found.setdefault(label, Moved())
        if partner is None:
            moved.removed += 1
        else:
            moved.changed += 1
            come.remove(partner)
    for _, _, label in come:
        found.setdefault(label, Moved()).added += 1
    return dict(sorted(found.items()))


def _facts(before: Record, after: Record) -> dict[str, Moved]:
    found = {}
    for name in _HEADS:
        if getattr(before, name) != getattr(after, name):
            found[name] = Moved(changed=1)
    for name in _LISTS:
        old, new = (Counter(_text(fact) for fact in getattr(one.narrative, name)) for one in (before, after))
        n_old, n_new = (old - new).total(), (new - old).total()
        if n_old or n_new:
            both = min(n_old, n_new)
            found[name] = Moved(n_new - both, n_old - both, both)
    return found


def _text(fact: object) -> bytes:
    return msgspec.json.encode(_bare(msgspec.to_builtins(fact)), order="sorted")


def _bare(value: Any) -> Any:
    """A value without what is no part of what it states."""
    if isinstance(value, dict):
        return {key: _bare(one) for key, one in value.items() if key not in _OWN}
    return [_bare(one) for one in value] if isinstance(value, list) else value


def _judged(one: Correction, after: Record) -> Judged:
    target, wanted = one.change.target, one.change.new
    if isinstance(target, CellTarget | FactTarget):
        shown = target.path
    else:
        shown = f"{target.start}–{target.end} {target.text}"
    try:
        return Judged(one.n, one.change.kind, shown, "met" if _gives(after, one) == _bare(wanted) else "contradicted")
    except UnfitError:
        return Judged(one.n, one.change.kind, shown, "gone")


def _gives(after: Record, one: Correction) -> Any:
    """What a record has where a correction is about. Raises UnfitError when nothing is there."""
    target = one.change.target
    if isinstance(target, CellTarget):
        return msgspec.to_builtins(value_of(cell_at(after, target.path)))
    if isinstance(target, FactTarget):
        return _bare(value_at(after, found_again(after, target)))
    mention = exact(after.narrative.mentions, target)
    return mention.label if mention else None


def _total(name: str, records: list[RecordChange], is_whole: bool) -> Comparison:
    mentions: dict[str, Moved] = {}
    facts: dict[str, Moved] = {}
    for record in records:
        for total, own in ((mentions, record.mentions), (facts, record.facts)):
            for key, moved in own.items():
                held = total.setdefault(key, Moved())
                held.added += moved.added
                held.removed += moved.removed
                held.changed += moved.changed
    verdicts: dict[Verdict, int] = {"met": 0, "contradicted": 0, "gone": 0}
    for record in records:
        for one in record.corrections:
            verdicts[one.verdict] += 1
    return Comparison(name, len(records), is_whole, dict(sorted(mentions.items())), facts, verdicts, records)
