"""Document → statistics: rows found, their cells read in the document's own layout, digits that ran together recovered."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from nlp.document import Document, Folded, Issue, Span
from nlp.forms import Column, load_forms
from nlp.record import Cell, RecoveredBy, Statistics
from nlp.settings import load_toml
from nlp.tables.cells import Grids, Layout, Stretch, Token, guess_layout, learn_layout, place, scan
from nlp.tables.indicators import read_indicators
from nlp.tables.numbers import number_pattern, printed_cell, yuan
from nlp.tables.prose import Figures, find_figures
from nlp.tables.recover import Reading, Recovery, Run, readings, settle
from nlp.tables.rows import Row, Rows, find_rows
from nlp.tables.skeleton import han

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


@dataclass(slots=True)
class _Reading:
    """One row on its way: cells read plainly, or a run still to be cut, or a reason why neither."""

    path: str
    columns: tuple[Column, ...]
    span: Span
    label_end: int = 0
    tokens: list[Token] | None = None
    run: Run | None = None
    recovery: Recovery | None = None
    head_unit: str | None = None
    cells: dict[str, Cell] = field(default_factory=dict)


def read_tables(document: Document, folded: Folded) -> Tables:
    """Read every table of a document: the official ones, and statistics tables from before them."""
    rows = find_rows(folded)
    figures = find_figures(folded.text, rows.regions)
    reader = _TableReader(document, folded, rows)
    reader.read()
    reader.recover(figures)
    statistics = reader.statistics()
    indicators, more_regions = read_indicators(document, folded, rows.regions)
    statistics.indicators.extend(indicators)
    regions = tuple(folded.original(*region) for region in rows.regions)
    return Tables(statistics, tuple(reader.issues), regions + more_regions, figures)


class _TableReader:
    def __init__(self, document: Document, folded: Folded, rows: Rows) -> None:
        self._folded = folded
        self._text, self._printed = folded.text, document.text
        self._rows = rows
        self._grids = Grids(document, folded)
        self._layout = Layout(None)
        self._readings: dict[str, list[_Reading]] = {"disclosure": [], "applications": [], "review_litigation": []}
        self.issues: list[Issue] = []

    def _learn(self, rows: Sequence[Row]) -> Layout:
        """The layout of a table: its own filled rows show it, or those of the other table of the document."""
        every = [*self._rows.disclosure, *self._rows.matrix]
        for shown in (rows, every):
            layout = learn_layout(self._text, [(row.stretch, len(row.columns)) for row in shown])
            if layout is not None:
                return layout if shown is rows else dataclasses.replace(layout, line=None)
        return guess_layout(self._text, every[0].stretch.start, every[-1].stretch.end) if every else Layout(None)

    def read(self) -> None:
        """Tokens or a run for every row found."""
        self._layout = self._learn(self._rows.disclosure)
        for row in self._rows.disclosure:
            self._readings["disclosure"].append(self._row(row, f"disclosure.{row.table}.{row.key}"))
        self._extra_rows()
        self._layout = self._learn(self._rows.matrix)
        self._readings["applications"] = [self._row(row, f"applications.{row.key}") for row in self._rows.matrix]
        if self._rows.blocks is not None:
            self._readings["review_litigation"].append(self._blocks(self._rows.blocks))
        for part in self._readings.values():
            self._refuse_torn_runs(part)
            self._refuse_lost_blanks(part)

    def _row(self, row: Row, path: str) -> _Reading:
        tokens = self._grids.row(row.stretch.start, len(row.columns))
        return self._settle_tokens(path, row.columns, row.stretch, tokens, row.head_unit)

    def _settle_tokens(
        self, path: str, columns: tuple[Column, ...], stretch: Stretch, grid: list[Token] | None, unit: str | None = None
    ) -> _Reading:
        found = list(stretch.tokens)
        span = Span(found[0].span.start, found[-1].span.end) if found else Span(stretch.label_end, stretch.label_end)
        reading = _Reading(path, columns, span, stretch.label_end, head_unit=unit)
        if grid is not None:
            reading.tokens = grid
        elif len(found) == len(columns):
            reading.tokens = found
        elif (placed := place(self._text, stretch, len(columns), self._layout)) is not None:
            reading.tokens = placed
        elif found and len(found) < len(columns) and self._may_run_together():
            reading.run = _run(self._text, path, found, columns)
        elif len(found) > len(columns):
            reading.tokens = self._without_page_number(found, columns)
        return reading

    def _may_run_together(self) -> bool:
        """Digits run together only where neither pipes, tabs nor line feeds keep cells apart."""
        return self._layout.mark is None

    def _without_page_number(self, tokens: list[Token], columns: tuple[Column, ...]) -> list[Token] | None:
        """One value too many: a page number alone on its line is dropped if the row's sum then holds, in one way only."""
        if len(tokens) != len(columns) + 1 or columns[-1].key != "total":
            return None
        values = [printed_cell(self._text[slice(*t.span)], t.span, columns[0]).value for t in tokens]
        fits = []
        for i, token in enumerate(tokens):
            line_start = self._text.rfind("\n", 0, token.span.start) + 1
            line_end = self._text.find("\n", token.span.end)
            alone = self._text[line_start : line_end if line_end >= 0 else None].strip() == self._text[slice(*token.span)]
            rest = [value or 0 for j, value in enumerate(values) if j != i]
            if alone and sum(rest[:-1]) == rest[-1]:
                fits.append(i)
        return [t for i, t in enumerate(tokens) if i != fits[0]] if len(fits) == 1 else None

    def _blocks(self, stretch: Stretch) -> _Reading:
        columns = tuple(column for block in load_forms()["2019"].review_litigation for column in block.columns)
        rows = self._grids.block_rows(stretch.start, stretch.end)
        grid = [token for row in rows for token in row]
        grid = grid[:15] if all(token.blank for token in grid[15:]) else grid
        if len(grid) != 15 and self._is_scrambled(stretch):
            return _Reading("review_litigation", columns, Span(stretch.tokens[0].span.start, stretch.tokens[-1].span.end))
        if stretch.tokens and self._layout.mark:
            line = self._text.rfind("\n", 0, stretch.tokens[0].span.start) + 1
            if line > stretch.label_end:  # the values' own line is their label: a pipe may open it
                stretch = Stretch(stretch.start, line, stretch.end, stretch.tokens)
                self._layout = dataclasses.replace(self._layout, lead=int(self._text[line] in "|｜│"), line=None)
        return self._settle_tokens("review_litigation", columns, stretch, grid if len(grid) == 15 else None)

    def _is_scrambled(self, stretch: Stretch) -> bool:
        """Whether heads stand among the values otherwise than between whole blocks: a PDF's columns came out of order."""
        runs, left = [0], 0
        for token in stretch.tokens:
            if runs[-1] and len(han(self._text[left : token.span.start])) > 1:
                runs.append(0)
            runs[-1] += 1
            left = token.span.end
        return len(runs) > 1 and any(run % 5 for run in runs) and set(runs) != {1}

    def _extra_rows(self) -> None:
        """Rows that a report adds to a table of article 20 are kept under a key of their own."""
        names = load_toml("forms/tables.toml")["extra_rows"]
        for row, gap in self._rows.foreign:
            tokens = scan(self._text, gap.start, gap.end, ())
            if len(tokens) != len(row.columns):
                continue
            label = han(self._text[gap.start : tokens[0].span.start])
            if not 2 <= len(label) <= 20:
                continue
            taken = {r.path for r in self._readings["disclosure"]}
            number = 1 + sum(path.startswith(f"disclosure.{row.table}.extra_") for path in taken)
            path = f"disclosure.{row.table}.{names.get(label, f'extra_{number}')}"
            span = self._folded.original(gap.start, tokens[-1].span.end)
            self.issues.append(Issue("tables", "extra_row", "info", f"表格多出一行“{label}”,记为 {path}", span))
            stretch = Stretch(gap.start, tokens[0].span.start, tokens[-1].span.end, tokens)
            self._readings["disclosure"].append(self._settle_tokens(path, row.columns, stretch, list(tokens)))

    def _refuse_lost_blanks(self, part: Sequence[_Reading]) -> None:
        """Rows without any value are blank where no cell of the table has one, or where separators show its cells.

        In text without separators a mirror may have dropped repeated lines, or a PDF lost its order: rows without values
        beside filled ones are refused, and so are tables without values where no value occurs twice in the whole report.
        """
        empty = [r for r in part if r.tokens is None and r.run is None and r.span.start == r.span.end]
        if len(empty) == len(part) and not self._repeats_lost():
            for reading in empty:
                reading.tokens = [Token(reading.span, True)] * len(reading.columns)

    def _repeats_lost(self) -> bool:
        """Whether the tables hold values, and each but once: official tables full of zeros never do."""
        every = [row.stretch for row in (*self._rows.disclosure, *self._rows.matrix)]
        every += [self._rows.blocks] if self._rows.blocks else []
        values = [self._text[slice(*token.span)] for stretch in every for token in stretch.tokens]
        return bool(values) and len(values) == len(set(values))

    def _refuse_torn_runs(self, part: Sequence[_Reading]) -> None:
        """Digits on a line of their own, below their label, are no run where another row has too few digits to be one."""
        torn = any(r.tokens is None and r.run is None for r in part)
        for reading in part:
            if torn and reading.run is not None and "\n" in self._text[reading.label_end : reading.span.start]:
                reading.run = None

    def recover(self, figures: Figures) -> None:
        """Cut the runs: each by its own row's relation, then together, then by what the prose states."""
        for part, found in self._readings.items():
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
                candidates[reading.path] = [c for c in cut or [] if fits_alone(reading, c)]
            fixed = {r.path: values for r in found if (values := self._values(r)) is not None}
            settled = settle(candidates, fixed, _column_relations(set(candidates) | set(fixed)), figures.agree)
            for reading in runs:
                reading.recovery = settled[reading.path]

    def _values(self, reading: _Reading) -> Reading | None:
        """The numbers of a row read plainly; None if one of its cells is blank."""
        if reading.tokens is None or any(token.blank for token in reading.tokens):
            return None
        cells = [self._cell(t, c, reading.head_unit) for t, c in zip(reading.tokens, reading.columns, strict=True)]
        return tuple(cell.value for cell in cells if cell.value is not None)

    def _cell(self, token: Token, column: Column, head_unit: str | None) -> Cell:
        span = self._folded.original(*token.span)
        cell = printed_cell(self._text[slice(*token.span)], span, column, head_unit)
        return dataclasses.replace(cell, raw=self._printed[slice(*span)])

    def statistics(self) -> Statistics:
        """The record's statistics; an issue for every row that could not be read."""
        result = Statistics(forms=dict(self._rows.forms or {}))
        self._report_unread()
        for reading in self._readings["disclosure"]:
            _, table, key = reading.path.split(".")
            result.disclosure.setdefault(table, {})[key] = self._cells(reading)
        for reading in self._readings["applications"]:
            result.applications[reading.path.split(".")[1]] = self._cells(reading)
        for reading in self._readings["review_litigation"]:
            self._split_blocks(reading, result)
        return result

    def _report_unread(self) -> None:
        """An issue for every row that could not be read, or one for a table of which none could."""
        for part, found in self._readings.items():
            lost = [r for r in found if r.tokens is None and (r.recovery is None or r.recovery.by is None)]
            whole = Span(min((r.span.start for r in lost), default=0), max((r.span.end for r in lost), default=0))
            if lost and len(lost) == len(found) and not any(r.recovery for r in lost):
                message = f"{part}: 表格的数字与官方格式的单元格对不上(可能丢失了重复的行或打乱了列),未作猜测;请核对原文"
                self.issues.append(Issue("tables", "unreadable_table", "warning", message, self._folded.original(*whole)))
                continue
            for reading in lost:
                run, span = self._text[slice(*reading.span)], self._folded.original(*reading.span)
                self.issues.append(_unreadable(reading, reading.recovery, run, span))

    def _split_blocks(self, reading: _Reading, result: Statistics) -> None:
        cells = self._cell_list(reading)
        for number, block in enumerate(load_forms()["2019"].review_litigation):
            keys = [column.key for column in block.columns]
            result.review_litigation[block.key] = dict(zip(keys, cells[5 * number : 5 * number + 5], strict=True))

    def _cells(self, reading: _Reading) -> dict[str, Cell]:
        return dict(zip((column.key for column in reading.columns), self._cell_list(reading), strict=True))

    def _cell_list(self, reading: _Reading) -> list[Cell]:
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


def _unreadable(reading: _Reading, recovery: Recovery | None, run: str, span: Span) -> Issue:
    found = recovery.readings if recovery else ()
    if not found:
        message = f"{reading.path}: “{run.strip()}”与表格 {len(reading.columns)} 个单元格对不上,未作猜测;请核对原文"
        return Issue("tables", "unreadable_cells", "warning", message, span)
    listed = "; ".join(" | ".join(str(value) for value in r) for r in found[:_LISTED])
    more = f" 等 {len(found)} 种" if len(found) > _LISTED else ""
    message = f"{reading.path}: 连写数字“{run.strip()}”有多种读法: {listed}{more};请核对原文"
    return Issue("tables", "ambiguous_digits", "warning", message, span)


def _run(text: str, path: str, tokens: Sequence[Token], columns: Sequence[Column]) -> Run | None:
    """The digits of a row as a run; None if a blank mark stands among them or there are fewer digits than cells."""
    if any(token.blank for token in tokens):
        return None
    pieces = []
    for token in tokens:
        match = number_pattern().fullmatch(text, *token.span)
        assert match is not None  # `scan` found the token with this very pattern
        sign = (match[1] or "").strip().translate(str.maketrans("＋－−", "+--"))
        pieces.append(sign + match[2])
    if sum(len(piece) for piece in pieces) < len(columns):
        return None
    return Run(path, tuple(pieces), tuple(column.kind for column in columns))


def fits_alone(reading: _Reading, values: Reading) -> bool:
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
