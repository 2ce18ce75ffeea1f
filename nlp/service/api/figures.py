"""Summaries, statistics and exports over all records."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path as File
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import FileResponse, StreamingResponse
from starlette.background import BackgroundTask

from nlp.record import Record
from nlp.service.access import Holds, Reads
from nlp.service.api.records import Chosen
from nlp.service.errors import NotFoundError
from nlp.service.export import TABLES, csv_lines, write_parquet, write_xlsx
from nlp.service.figures import Answer
from nlp.service.problems import responses
from nlp.service.schema import answer
from nlp.summary import report, to_json
from nlp.summary.model import KeyPoint

router = APIRouter(tags=["figures"])
CURRENT = "X-Gongkai-Current"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TYPES = {"html": "text/html", "xlsx": _XLSX, "md": "text/markdown"}
_WRITERS = {"html": report.write_html, "xlsx": report.write_xlsx, "md": report.write_markdown}
_FILE: dict[str, Any] = {"content": {media_type: {} for media_type in ("application/vnd.apache.parquet", "text/csv", _XLSX)}}
_SUMMARY = {**answer("Summary"), "content": {**answer("Summary")["content"], **{kind: {} for kind in _TYPES.values()}}}
PointId = Annotated[str, Path(description="id of a key point", max_length=64, examples=["update-late"])]


@router.get("/summary", responses={**responses(503), 200: _SUMMARY}, response_class=Response)
def get_summary(state: Holds, key: Reads, format: Literal["json", "html", "xlsx", "md"] = "json") -> Response:
    """The whole summary; the header X-Gongkai-Current tells whether no record has changed since it was made."""
    found = state.figures.answer()
    headers = {CURRENT: str(found.is_current).lower()}
    if format == "json":
        return Response(to_json(found.summary), media_type="application/json", headers=headers)
    with tempfile.TemporaryDirectory() as folder:
        file = File(folder) / f"summary.{format}"
        _WRITERS[format](found.summary, file)
        disposition = {"Content-Disposition": f'attachment; filename="{file.name}"'}
        return Response(file.read_bytes(), media_type=_TYPES[format], headers={**headers, **disposition})


@router.get("/summary/key-points", responses={**responses(503), 200: answer("KeyPoint", many=True)}, response_class=Response)
def list_key_points(
    state: Holds, key: Reads, size: Annotated[int, Query(ge=1, le=500)] = 50, start: Annotated[int, Query(ge=0, le=1 << 31)] = 0
) -> Response:
    """Key points, the most agencies first, without their members (see the key point itself)."""
    found = state.figures.answer()
    return _json([_without_members(point) for point in found.summary.key_points[start : start + size]], found)


@router.get("/summary/key-points/{point_id}", responses={**responses(404, 503), 200: answer("KeyPoint")}, response_class=Response)
def get_key_point(state: Holds, key: Reads, point_id: PointId) -> Response:
    """A key point with all its members."""
    found = state.figures.answer()
    for point in found.summary.key_points:
        if point.id == point_id:
            return _json(point, found)
    raise NotFoundError(f"there is no key point {point_id!r}; GET /v1/summary/key-points lists them")


@router.get("/summary/remedies", responses={**responses(503), 200: answer("Remedies")}, response_class=Response)
def get_remedies(state: Holds, key: Reads) -> Response:
    """Problems without a remedy, remedies without a problem, promises that came back the year after."""
    found = state.figures.answer()
    return _json(found.summary.remedies, found)


@router.get("/summary/copies", responses={**responses(503), 200: answer("Copies")}, response_class=Response)
def get_copies(state: Holds, key: Reads) -> Response:
    """Who only copies: from the last year, from each other; figures that stay equal."""
    found = state.figures.answer()
    return _json(found.summary.copies, found)


@router.get("/stats", responses={**responses(404, 503), 200: answer("Statistics")}, response_class=Response)
def get_statistics(state: Holds, key: Reads) -> Response:
    """Requests, their outcomes, reviews and lawsuits by agency, region, level and year, with numbers of cases and intervals."""
    found = state.figures.answer()
    if found.summary.statistics is None:
        raise NotFoundError("no record has figures yet; give in reports with tables")
    return _json(found.summary.statistics, found)


@router.get("/stats/quality", responses={**responses(503), 200: answer("RuleQuality", many=True)}, response_class=Response)
def get_quality(state: Holds, key: Reads) -> Response:
    """How often each relation of the forms fails, and where."""
    found = state.figures.answer()
    return _json(found.summary.quality, found)


@router.get("/export", responses={**responses(), 200: _FILE}, response_class=Response)
def export(
    state: Holds,
    key: Reads,
    filters: Chosen,
    format: Literal["parquet", "csv", "xlsx"] = "parquet",
    table: Annotated[Literal[TABLES], Query(description="of CSV, which has one table")] = "records",  # type: ignore[valid-type]
    corrected: Annotated[bool, Query(description="with what people set right; else as the machine read it")] = True,
) -> Response:
    """Records by filters as a file: Parquet (whole records), CSV (one table) or XLSX (a sheet a table)."""
    records: Iterator[Record] = (record for _, record in state.records.each(filters, state.service.export_records))
    if corrected:
        records = map(state.corrections.corrected, records)
    name = {"Content-Disposition": f'attachment; filename="gongkai.{format}"'}
    if format == "csv":
        return StreamingResponse(_encoded(csv_lines(records, table)), media_type="text/csv; charset=utf-8", headers=name)
    with tempfile.NamedTemporaryFile(suffix=f".{format}", delete=False) as stream:
        file = File(stream.name)
    try:
        (write_parquet if format == "parquet" else write_xlsx)(records, file)
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    kind = "application/vnd.apache.parquet" if format == "parquet" else _XLSX
    return FileResponse(file, media_type=kind, headers=name, background=BackgroundTask(file.unlink))


def _encoded(lines: Iterator[str]) -> Iterator[bytes]:
    return (line.encode() for line in lines)


def _without_members(point: KeyPoint) -> KeyPoint:
    return replace(point, members=(), near_misses=(), remedies=tuple(replace(one, members=()) for one in point.remedies))


def _json(value: object, found: Answer) -> Response:
    headers = {CURRENT: str(found.is_current).lower()}
    return Response(msgspec.json.encode(value), media_type="application/json", headers=headers)
