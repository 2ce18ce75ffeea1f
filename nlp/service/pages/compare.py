"""Two reports side by side: what differs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from nlp.record import Number, Record
from nlp.service.access import Holds
from nlp.service.errors import UnusableError
from nlp.service.pages.render import render
from nlp.service.pages.session import Visits
from nlp.service.records import Filters, Line, Records
from nlp.show.names import label_of
from nlp.show.page import heading
from nlp.summary.compare import FigureChange, Similarity, compare

router = APIRouter(include_in_schema=False)
_SEE_OTHER = 303
_N_OTHERS = 50
RecordId = Annotated[str | None, Query(max_length=64)]


@dataclass(frozen=True)
class Side:
    """One of the two reports."""

    record: Record
    heading: str
    n_checks: Counter[str]


@dataclass(frozen=True)
class Figure:
    """A figure of a table that differs, `path` below `statistics`; `change` is None where one of the two is not there."""

    path: str
    label: str
    before: Number | None
    after: Number | None
    change: Number | None


@router.get("/compare")
def compare_page(
    request: Request, state: Holds, visit: Visits, a: RecordId = None, b: RecordId = None,
    record: Annotated[list[str] | None, Query()] = None,
) -> Response:  # fmt: skip
    """Two reports side by side; with one of them, those of the same agency to choose from; with none, how to choose.

    `record` twice, as the list of records asks, leads to `a` and `b`, the earlier year first.
    """
    if record:
        return RedirectResponse(f"/compare?{urlencode(_chosen(state.records, record))}", _SEE_OTHER)
    if a and b:
        return _two(request, state.corrections.record(a), state.corrections.record(b), state.meaning)
    only = a or b
    line = state.records.line(only) if only else None
    return render(request, "compare_choose.html.j2", line=line, others=_others(state.records, line) if line else [])


def _chosen(records: Records, identities: list[str]) -> dict[str, str]:
    if len(set(identities)) > 2:
        raise UnusableError("more than two records are chosen; go back and choose two")
    lines = sorted((records.line(one) for one in dict.fromkeys(identities)), key=lambda line: line.year or 0)
    return dict(zip("ab", (line.id for line in lines), strict=False))


def _others(records: Records, line: Line) -> list[Line]:
    """Other records of the agency, the latest year first."""
    found = records.page(Filters(agency=line.agency), _N_OTHERS).lines if line.agency else []
    return sorted((one for one in found if one.id != line.id), key=lambda one: -(one.year or 0))


def _two(request: Request, before: Record, after: Record, similarity: Similarity) -> Response:
    found = compare(before, after, similarity)
    tables: dict[str, list[Figure]] = {}
    for change in found.figures:
        tables.setdefault(change.path.partition(".")[0], []).append(_figure(change, before, after))
    return render(
        request, "compare.html.j2",
        sides=[_side(record) for record in (before, after)],
        tables=tables, found=found,
    )  # fmt: skip


def _side(record: Record) -> Side:
    return Side(record, heading(record), Counter(check.status for check in record.checks))


def _figure(change: FigureChange, before: Record, after: Record) -> Figure:
    label = next((label for one in (before, after) if (label := label_of(one, change.path)) != change.path), change.path)
    both = change.before is not None and change.after is not None
    difference = round(change.after - change.before, 6) if both else None  # type: ignore[operator]  # both are numbers then
    return Figure(change.path, label, change.before, change.after, difference)
