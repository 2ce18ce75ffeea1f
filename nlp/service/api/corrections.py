"""What people correct in records, what they should look at first, and corrections as data for training."""

from __future__ import annotations

import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path as File
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Path, Query, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.background import BackgroundTask

from nlp.service.access import Holds, Reads, Writes
from nlp.service.annotating import write_file
from nlp.service.api.records import RecordId
from nlp.service.audit import Audited
from nlp.service.corrections import Line, Wish
from nlp.service.errors import UnusableError
from nlp.service.problems import responses
from nlp.service.uncertain import Uncertain, uncertain

router = APIRouter(tags=["corrections"])
CorrectionId = Annotated[int, Path(description="number of a correction", ge=1, le=1 << 62, examples=[1])]
Dotted = Annotated[str, Field(max_length=200)]
Offset = Annotated[int, Field(ge=0, le=1 << 40)]
_TIME = "^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?$"
Since = Annotated[
    str | None,
    Query(description="only records corrected since then (ISO 8601; UTC without a zone)", pattern=_TIME, examples=["2026-01-31"]),
]
_ENDS = {"doccano": "jsonl", "label-studio": "json", "conll": "conll", "docbin": "spacy"}
_FILE = {"description": "The file, of a format that is a folder a ZIP file", "content": {"application/octet-stream": {}}}


class CellCorrection(BaseModel):
    """Another number in a cell; null where it is blank (or, with the state, unreadable)."""

    model_config = ConfigDict(extra="forbid")
    kind: Literal["cell"]
    target: Dotted = Field(description="path below `statistics`", examples=["applications.new.total", "indicators.3"])
    new: Annotated[float, Field(strict=True)] | Annotated[int, Field(strict=True)] | None = Field(examples=[12])
    state: Literal["printed", "blank", "unreadable"] | None = None


class SpanPlace(BaseModel):
    """A stretch `[start, end)` in code points of the record's text, and its label; null removes the mention that is there."""

    model_config = ConfigDict(extra="forbid")
    start: Offset
    end: Offset
    label: Annotated[str, Field(max_length=40)] | None


class SpanCorrection(BaseModel):
    """A mention added, relabelled or removed; it takes the place of those that it touches, and the facts follow."""

    model_config = ConfigDict(extra="forbid")
    kind: Literal["span"]
    target: SpanPlace


class FactCorrection(BaseModel):
    """Another value of a fact: agency, year, title, groups, counts, categories, links, status."""

    model_config = ConfigDict(extra="forbid")
    kind: Literal["fact"]
    target: Dotted = Field(description="path in the record", examples=["agency.name", "narrative.problems.0.categories"])
    new: Any = Field(description="any JSON that the schema of the record allows there")


Given = Annotated[CellCorrection | SpanCorrection | FactCorrection, Field(discriminator="kind")]
_EXAMPLES = {
    "cell": {"value": {"kind": "cell", "target": "applications.new.total", "new": 12}},
    "span": {"value": {"kind": "span", "target": {"start": 120, "end": 124, "label": "ITEM"}}},
    "fact": {"value": {"kind": "fact", "target": "agency.name", "new": "云溪镇人民政府"}},
}


class UncertainList(BaseModel):
    """What to look at, the first thing first; `total` is how many there are."""

    items: list[Uncertain]
    total: int


@router.put("/records/{record_id}/corrections", responses=responses(404))
def correct(
    state: Holds, audit: Audited, key: Writes, record_id: RecordId, given: Annotated[Given, Body(openapi_examples=_EXAMPLES)]
) -> list[Line]:
    """Correct a cell, a span or a fact; answers all corrections of the record. The machine's value is kept.

    The same correction again changes nothing.
    """
    n = state.corrections.put(record_id, _wish(given), key.name)
    if n is not None:
        audit(key, "correct", record_id, f"{n} {given.kind} {given.target}")
    return state.corrections.of(record_id)


@router.get("/records/{record_id}/corrections", responses=responses(404))
def list_corrections(state: Holds, key: Reads, record_id: RecordId) -> list[Line]:
    """All corrections of a record, the oldest first, with those that were taken back and those that no longer fit."""
    return state.corrections.of(record_id)


@router.delete("/records/{record_id}/corrections/{n}", responses=responses(404))
def undo(state: Holds, audit: Audited, key: Writes, record_id: RecordId, n: CorrectionId) -> list[Line]:
    """Take a correction back; its row is kept, with the time. Answers all corrections of the record."""
    if state.corrections.undo(record_id, n):
        audit(key, "undo", record_id, str(n))
    return state.corrections.of(record_id)


@router.get("/records/{record_id}/uncertain", responses=responses(404))
def list_uncertain(
    state: Holds, key: Reads, record_id: RecordId, size: Annotated[int, Query(ge=1, le=1000)] = 100
) -> UncertainList:
    """What a person should look at, in that order: cells unread, cells of failed checks, then what is least sure.

    Of the corrected record, without what was corrected or confirmed.
    """
    seen = {one.target for one in state.corrections.of(record_id) if one.kind == "cell" and one.undone is None}
    found = uncertain(state.corrections.record(record_id), seen)
    return UncertainList(items=found[:size], total=len(found))


@router.get("/corrections/export", responses={**responses(), 200: _FILE}, response_class=Response)
def export_corrections(
    state: Holds,
    key: Reads,
    format: Literal["doccano", "label-studio", "brat", "conll", "docbin", "datasets", "markup"] = "doccano",
    since: Since = None,
) -> FileResponse:
    """The prose of records whose spans or facts were corrected, with its mentions.

    `gongkai annotate import` and `gongkai train` take it.
    """
    folder = File(tempfile.mkdtemp(prefix="gongkai-"))
    try:
        texts = state.corrections.texts(_stamp(since), state.service.export_records)
        file = write_file(texts, folder, format)
    except BaseException:
        shutil.rmtree(folder)
        raise
    name = {"Content-Disposition": f'attachment; filename="corrections.{_ENDS.get(format, "zip")}"'}
    clean = BackgroundTask(shutil.rmtree, folder)
    return FileResponse(file, media_type="application/octet-stream", headers=name, background=clean)


def _wish(given: CellCorrection | SpanCorrection | FactCorrection) -> Wish:
    if isinstance(given, SpanCorrection):
        return Wish("span", start=given.target.start, end=given.target.end, new=given.target.label)
    if isinstance(given, CellCorrection):
        return Wish("cell", given.target, new=given.new, state=given.state)
    return Wish("fact", given.target, new=given.new)


def _stamp(since: str | None) -> str | None:
    """A time as the state writes it."""
    if since is None:
        return None
    try:
        said = datetime.fromisoformat(since)
        known = said if said.tzinfo else said.replace(tzinfo=UTC)
        return known.astimezone(UTC).isoformat(timespec="milliseconds")
    except (ValueError, OverflowError) as error:
        raise UnusableError(f"there is no time {since}; give one such as 2026-01-31T08:00:00Z") from error
