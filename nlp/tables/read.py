"""Document → statistics: rows found, their cells read in the document's own layout, digits that ran together recovered."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from nlp.document import Document, Folded, Issue, Span
from nlp.forms import Column, load_forms
from nlp.record import Cell, RecoveredBy, Statistics
from nlp.tables.cells import Token
from nlp.tables.clean import clean
from nlp.tables.gather import Gatherer, RowReading
from nlp.tables.indicators import read_indicators
from nlp.tables.numbers import number_pattern, printed_cell, yuan
from nlp.tables.prose import Figures, find_figures
from nlp.tables.recover import Reading, readings, settle
from nlp.tables.rows import find_rows

_LISTED = 8  # readings named in an issue


@dataclass(frozen=True, slots=True)
class Tables:
    """What the tables of a document say, and what its prose states of the same cells.

    `regions` are spans of table text in the document, where no prose is.
    """

    statistics: Statistics
    issues: tuple[Issue, ...]
    regions: tuple[Span, ...]
    figures: Figures


def read_tables(document: Document, folded: Folded) -> Tables:
    """Read every table of a document: the official ones, and statistics tables from before them."""
    prose, folded = folded.text, clean(folded)
    rows = find_rows(folded)
    figures = find_figures(prose, rows.regions)
    gatherer = Gatherer(document, folded, rows)
    writer = _Writer(document, folded, gatherer.gather())
    writer.recover(figures)
    statistics = writer.statistics(rows.forms or {})
    indicators, more_regions = read_indicators(document, folded, rows.regions)
    statistics.indicators.extend(indicators)
    regions = tuple(folded.original(*region) for region in rows.regions)
    return Tables(statistics, (*gatherer.issues, *writer.issues()), regions + more_regions, figures)


def read_figures(folded: Folded) -> Figures:
    """What the prose of a text states of cells, as `read_tables` finds it."""
    return find_figures(folded.text, find_rows(clean(folded)).regions)


class _Writer:
    """Row readings → cells of the record."""

    def __init__(self, document: Document, folded: Folded, parts: dict[str, list[RowReading]]) -> None:
        self._folded, self._text, self._printed = folded, folded.text, document.text
        self._parts = parts

    def recover(self, figures: Figures) -> None:
        """Cut the runs: each by its own row's relation, then together, then by what the prose states."""
        for part, found in self._parts.items():
            runs = [r for r in found if r.run is not None]
            if not runs:
                continue
            block = {"applications": 7, "review_litigation": 5}.get(part)
            candidates: dict[str, list[Reading]] = {}
            for reading in runs:
                assert reading.run is not None
                cut = readings(reading.run, block)
                if cut is not None and not cut and len(reading.run.digits) == len(reading.columns):
                    cut = readings(reading.run)  # one digit a cell: the cut is certain even if the printed sum is wrong
                candidates[reading.path] = [c for c in cut or [] if _fits_alone(reading, c)]
            fixed = {r.path: values for r in found if (values := self._values(r)) is not None}
            settled = settle(candidates, fixed, _column_relations(set(candidates) | set(fixed)), figures.agree)
            for reading in runs:
                reading.recovery = settled[reading.path]

    def _values(self, reading: RowReading) -> Reading | None:
        """The numbers of a row read plainly; None if one of its cells is blank."""
        if reading.tokens is None or any(token.blank for token in reading.tokens):
            return None
        cells = [self._cell(t, c, reading.head_unit) for t, c in zip(reading.tokens, reading.columns, strict=True)]
        return tuple(cell.value for cell in cells if cell.value is not None)

    def _cell(self, token: Token, column: Column, head_unit: str | None) -> Cell:
        span = self._folded.original(*token.span)
        cell = printed_cell(self._text[slice(*token.span)], span, column, head_unit)
        return dataclasses.replace(cell, raw=self._printed[slice(*span)])

    def statistics(self, forms: Mapping[str, str]) -> Statistics:
        """The record's statistics; `forms` names the form of each table."""
        result = Statistics(forms=dict(forms))
        for reading in self._parts["disclosure"]:
            _, table, key = reading.path.split(".")
            result.disclosure.setdefault(table, {})[key] = self._cells(reading)
        for reading in self._parts["applications"]:
            result.applications[reading.path.split(".")[1]] = self._cells(reading)
        for reading in self._parts["review_litigation"]:
            self._split_blocks(reading, result)
        return result

    def issues(self) -> list[Issue]:
        """An issue for every row that could not be read, or one for a table of which none could."""
        issues: list[Issue] = []
        for part, found in self._parts.items():
            lost = [r for r in found if r.is_lost]
            whole = Span(min((r.span.start for r in lost), default=0), max((r.span.end for r in lost), default=0))
            if lost and len(lost) == len(found) and not any(r.recovery for r in lost):
                message = f"{part}: 表格的数字与官方格式的单元格对不上(可能丢失了重复的行或打乱了列),未作猜测;请核对原文"
                issues.append(Issue("tables", "unreadable_table", "warning", message, self._folded.original(*whole)))
                continue
            for reading in lost:
                run, span = self._text[slice(*reading.span)], self._folded.original(*reading.span)
                issues.append(_unreadable(reading, run, span))
        return issues

    def _split_blocks(self, reading: RowReading, result: Statistics) -> None:
        cells = self._cell_list(reading)
        for number, block in enumerate(load_forms()["2019"].review_litigation):
            keys = [column.key for column in block.columns]
            result.review_litigation[block.key] = dict(zip(keys, cells[5 * number : 5 * number + 5], strict=True))

    def _cells(self, reading: RowReading) -> dict[str, Cell]:
        return dict(zip((column.key for column in reading.columns), self._cell_list(reading), strict=True))

    def _cell_list(self, reading: RowReading) -> list[Cell]:
        if reading.tokens is not None:
            return [self._cell(t, c, reading.head_unit) for t, c in zip(reading.tokens, reading.columns, strict=True)]
        span = self._folded.original(*reading.span)
        recovery = reading.recovery
        if recovery is None or recovery.by is None:
            return [Cell(None, None, span=span, state="unreadable")] * len(reading.columns)
        return [
            _recovered(value, column, span, recovery.by, self._text[slice(*reading.span)])
            for value, column in zip(recovery.readings[0], reading.columns, strict=True)
        ]


def _recovered(value: float | int, column: Column, span: Span, by: RecoveredBy, run: str) -> Cell:
    unit = None
    if column.kind == "money":
        match = list(number_pattern().finditer(run))
        unit = match[-1][3] or column.unit
    return Cell(None, value, unit, yuan(value, unit) if unit else None, span, "recovered", by)


def _unreadable(reading: RowReading, run: str, span: Span) -> Issue:
    found = reading.recovery.readings if reading.recovery else ()
    if not found:
        message = f"{reading.path}: “{run.strip()}”与表格 {len(reading.columns)} 个单元格对不上,未作猜测;请核对原文"
        return Issue("tables", "unreadable_cells", "warning", message, span)
    listed = "; ".join(" | ".join(str(value) for value in r) for r in found[:_LISTED])
    more = f" 等 {len(found)} 种" if len(found) > _LISTED else ""
    message = f"{reading.path}: 连写数字“{run.strip()}”有多种读法: {listed}{more};请核对原文"
    return Issue("tables", "ambiguous_digits", "warning", message, span)


def _fits_alone(reading: RowReading, values: Reading) -> bool:
    """R8, R9 and R10 inside one row: published ≤ public in all; no project ⇔ no amount; a decrease leaves none below zero."""
    named = dict(zip((column.key for column in reading.columns), values, strict=True))
    if {"published", "total_public"} <= named.keys() and named["published"] > named["total_public"]:
        return False
    if {"projects", "amount"} <= named.keys() and (named["projects"] == 0) != (named["amount"] == 0):
        return False
    return not ({"prev_items", "change"} <= named.keys() and named["prev_items"] + named["change"] < 0)


def _column_relations(known: set[str]) -> list[Mapping[str, int]]:
    """R2 and R3 over the matrix rows that are there; a relation with a row missing from the text is left out."""
    keys = {path.split(".")[1] for path in known if path.startswith("applications.")}
    results = {k for k in keys if k.startswith(("granted", "partial", "denied", "unavailable", "refused", "other"))}
    relations = []
    if {"new", "carried_in", "result_total", "carried_out"} <= keys:
        relations.append({"new": 1, "carried_in": 1, "result_total": -1, "carried_out": -1})
    complete = len(results) in (19, 21)  # 2019: 19 result rows; 2021: 21
    if complete and "result_total" in keys:
        relations.append({**dict.fromkeys(sorted(results), 1), "result_total": -1})
    return [{f"applications.{key}": sign for key, sign in relation.items()} for relation in relations]
