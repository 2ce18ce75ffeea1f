"""The columns of a record in Parquet: typed, named as in the record, cells and facts as lists of structs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa

from nlp.record import Cell, Issue, Number, Record, Row, Span, to_json

Values = dict[str, Any]


class PlacedCell(NamedTuple):
    """A cell of an official table with its place; `block` is the article of the disclosure table, else null."""

    path: str
    table: str
    block: str | None
    row: str
    column: str
    cell: Cell


def placed_cells(record: Record) -> Iterator[PlacedCell]:
    """Every cell of the official tables of a record, in the record's order; `path` is as in `Check.cells`."""
    statistics = record.statistics
    for block, rows in statistics.disclosure.items():
        yield from _rows("disclosure", block, rows)
    yield from _rows("applications", None, statistics.applications)
    yield from _rows("review_litigation", None, statistics.review_litigation)


def _rows(table: str, block: str | None, rows: dict[str, Row]) -> Iterator[PlacedCell]:
    prefix = f"{table}.{block}" if block else table
    for row, cells in rows.items():
        for column, cell in cells.items():
            yield PlacedCell(f"{prefix}.{row}.{column}", table, block, row, column, cell)


def _struct(**fields: pa.DataType) -> pa.DataType:
    return pa.struct(list(fields.items()))


_TEXT, _WHOLE, _NUMBER, _FLAG = pa.string(), pa.int64(), pa.float64(), pa.bool_()
_TEXTS, _INDICES = pa.list_(_TEXT), pa.list_(pa.int32())
_SPAN = {"span_start": _WHOLE, "span_end": _WHOLE}
_CELL = {
    "raw": _TEXT,
    "value": _NUMBER,
    "unit": _TEXT,
    "value_yuan": _NUMBER,
    "state": _TEXT,
    "recovered_by": _TEXT,
    **_SPAN,
}
_PEOPLE = pa.list_(_struct(name=_TEXT, title=_TEXT))

SCHEMA = pa.schema(
    {
        "id": _TEXT, "schema_version": _TEXT, "status": _TEXT, "title": _TEXT, "agency": _TEXT, "level": _TEXT,
        "province": _TEXT, "city": _TEXT, "county": _TEXT, "adcode": _TEXT, "year": pa.int32(), "published": _TEXT,
        "script": _TEXT, "path": _TEXT, "member": _TEXT, "url": _TEXT, "media_type": _TEXT, "encoding": _TEXT, "bytes": _WHOLE,
        "forms": pa.map_(_TEXT, _TEXT),
        "text": _TEXT,
        "sections": pa.list_(_struct(kind=_TEXT, title=_TEXT, **_SPAN)),
        "cells": pa.list_(_struct(path=_TEXT, table=_TEXT, form=_TEXT, block=_TEXT, row=_TEXT, column=_TEXT, **_CELL)),
        "indicators": pa.list_(_struct(label=_TEXT, parent=_TEXT, printed_unit=_TEXT, column=_TEXT, **_CELL)),
        "mentions": pa.list_(_struct(label=_TEXT, text=_TEXT, score=_NUMBER, **_SPAN)),
        "groups": pa.list_(_struct(
            name=_TEXT, established=_TEXT, leaders=_PEOPLE, deputies=_PEOPLE, members=_PEOPLE, office=_TEXT,
            mentions=_INDICES, score=_NUMBER)),
        "counts": pa.list_(_struct(
            item=_TEXT, channel=_TEXT, value=_NUMBER, unit=_TEXT, approximate=_FLAG, kind=_TEXT, period=pa.int32(),
            mentions=_INDICES, score=_NUMBER)),
        "problems": pa.list_(_struct(text=_TEXT, categories=_TEXTS, remedies=_INDICES, score=_NUMBER, **_SPAN)),
        "remedies": pa.list_(_struct(text=_TEXT, categories=_TEXTS, status=_TEXT, score=_NUMBER, **_SPAN)),
        "checks": pa.list_(_struct(
            rule=_TEXT, scope=_TEXT, status=_TEXT, expected=_TEXT, found=_TEXT, message=_TEXT, cells=_TEXTS)),
        "issues": pa.list_(_struct(stage=_TEXT, code=_TEXT, severity=_TEXT, message=_TEXT, **_SPAN)),
        "version": _TEXT, "model": _TEXT, "model_sha256": _TEXT, "settings_sha256": _TEXT,
        "record": _TEXT,
    }
)  # fmt: skip


def row(record: Record) -> Values:
    """The record as one row of `SCHEMA`."""
    return {
        **_head(record),
        **_statistics(record),
        **_facts(record),
        **_judgement(record),
        "record": to_json(record).decode(),
    }


def _head(record: Record) -> Values:
    agency, region, source = record.agency, record.agency.region, record.source
    return {
        "id": record.id, "schema_version": record.schema_version, "status": record.status, "title": record.title,
        "agency": agency.name, "level": agency.level, "province": region.province, "city": region.city,
        "county": region.county, "adcode": region.adcode, "year": record.year, "published": record.published,
        "script": record.script, "path": source.path, "member": source.member, "url": source.url,
        "media_type": source.media_type, "encoding": source.encoding, "bytes": source.bytes, "text": record.text,
        "sections": [{"kind": s.kind, "title": s.title, **_span(s.span)} for s in record.sections],
    }  # fmt: skip


def _statistics(record: Record) -> Values:
    forms = record.statistics.forms
    return {
        "forms": list(forms.items()),
        "cells": [
            {
                "path": path,
                "table": table,
                "form": forms.get(table),
                "block": block,
                "row": row,
                "column": column,
                **_cell(cell),
            }
            for path, table, block, row, column, cell in placed_cells(record)
        ],
        "indicators": [
            {"label": i.label, "parent": i.parent, "printed_unit": i.unit, "column": i.column, **_cell(i.cell)}
            for i in record.statistics.indicators
        ],
    }


def _facts(record: Record) -> Values:
    facts = record.narrative
    return {
        "mentions": [
            {"label": m.label, "text": m.text, "score": m.score, "span_start": m.start, "span_end": m.end}
            for m in facts.mentions
        ],
        "groups": [_plain(g) for g in facts.leadership_groups],
        "counts": [{**_plain(c), "value": _float(c.value)} for c in facts.counts],
        "problems": [{**_plain(p), **_span(p.span)} for p in facts.problems],
        "remedies": [{**_plain(r), **_span(r.span)} for r in facts.remedies],
    }


def _judgement(record: Record) -> Values:
    made = record.produced_by
    return {
        "checks": [{**_plain(c), "expected": _printed(c.expected), "found": _printed(c.found)} for c in record.checks],
        "issues": [_issue(i) for i in record.issues],
        "version": made.version, "model": made.model, "model_sha256": made.model_sha256,
        "settings_sha256": made.settings_sha256,
    }  # fmt: skip


def _plain(part: object) -> Values:
    values: Values = msgspec.to_builtins(part)
    return values


def _issue(issue: Issue) -> Values:
    return {
        "stage": issue.stage,
        "code": issue.code,
        "severity": issue.severity,
        "message": issue.message,
        **_span(issue.span),
    }


def _cell(cell: Cell) -> Values:
    return {
        "raw": cell.raw, "value": _float(cell.value), "unit": cell.unit, "value_yuan": _float(cell.value_yuan), "state": cell.state,
        "recovered_by": cell.recovered_by, **_span(cell.span),
    }  # fmt: skip


def _span(span: Span | None) -> Values:
    return {"span_start": span.start, "span_end": span.end} if span else {"span_start": None, "span_end": None}


def _float(value: Number | None) -> float | None:
    """A column has one type; digits beyond a double's 53 bits are kept in `record` alone."""
    return None if value is None else float(value)


def _printed(value: object) -> str | None:
    return None if value is None else str(value)
