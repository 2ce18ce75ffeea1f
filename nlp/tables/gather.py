"""Rows of a table → what stands in them: the tokens of their cells, or digits that ran together, or nothing readable."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from nlp.document import Document, Folded, Issue, Span
from nlp.forms import Column, load_forms
from nlp.settings import load_toml
from nlp.tables.cells import Layout, Slot, Stretch, Token, guess_layout, learn_layout, place, scan
from nlp.tables.grids import Grids
from nlp.tables.numbers import number_pattern, printed_cell
from nlp.tables.overfull import choose
from nlp.tables.recover import Recovery, Run
from nlp.tables.rows import Row, Rows
from nlp.tables.skeleton import han
from nlp.tables.slots import SlotRow, arrange, between, right_of_label, trimmed


@dataclass(slots=True)
class RowReading:
    """A row on its way to cells; `path` is dotted, `span` holds its values in the folded text.

    `tokens` are its cells where they could be told apart, else `run` the digits that ran together, to be cut (`recovery`);
    with neither, the row cannot be read.
    """

    path: str
    columns: tuple[Column, ...]
    span: Span
    label_end: int = 0
    head_unit: str | None = None
    tokens: list[Token] | None = None
    run: Run | None = None
    recovery: Recovery | None = None

    @property
    def is_lost(self) -> bool:
        """Whether neither separators nor relations told the row's cells."""
        return self.tokens is None and (self.recovery is None or self.recovery.by is None)


class Gatherer:
    """Reads the rows of one document, each table in its own layout; `issues` tell of rows that no form has."""

    def __init__(self, document: Document, folded: Folded, rows: Rows) -> None:
        self._folded, self._text, self._rows = folded, folded.text, rows
        self._grids = Grids(document, folded)
        self._layout = Layout(None)
        self.issues: list[Issue] = []

    def gather(self) -> dict[str, list[RowReading]]:
        """All rows of the three parts, in print order; added rows of article 20 stand last."""
        parts: dict[str, list[RowReading]] = {}
        self._layout = self._learn(self._rows.disclosure)
        parts["disclosure"] = [
            self._settle_tokens(
                f"disclosure.{row.table}.{row.key}", row.columns, row.stretch, self._cells([row]).get(row.key)
            )
            for row in self._rows.disclosure
        ]
        for reading, row in zip(parts["disclosure"], self._rows.disclosure, strict=True):
            reading.head_unit = row.head_unit
        parts["disclosure"] += self._extra_rows()
        self._layout = self._learn(self._rows.matrix)
        cells = self._cells(self._rows.matrix)
        parts["applications"] = [
            self._settle_tokens(f"applications.{row.key}", row.columns, row.stretch, cells.get(row.key))
            for row in self._rows.matrix
        ]
        parts["review_litigation"] = [] if self._rows.blocks is None else [self._blocks(self._rows.blocks)]
        self._refuse_scattered_runs(parts)
        for part in parts.values():
            self._refuse_torn_runs(part)
            self._refuse_lost_blanks(part)
        return parts

    def _learn(self, rows: Sequence[Row]) -> Layout:
        """The layout of a table: its own filled rows show it, or those of the other table of the document."""
        every = [*self._rows.disclosure, *self._rows.matrix]
        for shown in (rows, every):
            layout = learn_layout(self._text, [(row.stretch, len(row.columns)) for row in shown])
            if layout is not None:
                return layout if shown is rows else dataclasses.replace(layout, line=None)
        return guess_layout(self._text, every[0].stretch.start, every[-1].stretch.end) if every else Layout(None)

    def _cells(self, rows: Sequence[Row]) -> Mapping[str, list[Token]]:
        """The cells of a table's rows as a grid or separators show them, by row key."""
        slotted = []
        for row in rows:
            slots: Sequence[Slot] | None = self._grids.row(row.stretch.start)
            if slots is None and self._has_slots:
                one_line = self._layout.one_line
                slots = right_of_label(between(self._text, row.stretch, self._layout.mark or "", one_line), one_line)
            if slots:
                slotted.append(SlotRow(row.key, trimmed(self._text, slots, len(row.columns)), len(row.columns)))
        return arrange(slotted, self._number) if slotted else {}

    @property
    def _has_slots(self) -> bool:
        """Whether one pipe or tab ends each cell of the table, empty ones too."""
        return self._layout.mark in ("pipe", "tab") and self._layout.step == 1

    def _number(self, token: Token) -> float:
        return printed_cell(self._text[slice(*token.span)], token.span, Column("", "")).value or 0

    def _settle_tokens(
        self, path: str, columns: tuple[Column, ...], stretch: Stretch, shown: list[Token] | None
    ) -> RowReading:
        found = list(stretch.tokens)
        span = Span(found[0].span.start, found[-1].span.end) if found else Span(stretch.label_end, stretch.label_end)
        reading = RowReading(path, columns, span, stretch.label_end)
        glued = _glued(self._text, found)
        if shown is not None:
            reading.tokens = shown
        elif len(found) == len(columns) and not glued:
            reading.tokens = found
        elif not self._has_slots and (placed := place(self._text, stretch, len(columns), self._layout)) is not None:
            reading.tokens = placed
        elif found and (glued or len(found) < len(columns)) and self._may_run_together():
            reading.run = _run(self._text, path, found, columns)
        elif len(found) > len(columns):
            reading.tokens = choose(self._text, found, columns)
        return reading

    def _may_run_together(self) -> bool:
        """Digits run together only where neither pipes, tabs nor line feeds keep cells apart."""
        return self._layout.mark is None

    def _blocks(self, stretch: Stretch) -> RowReading:
        columns = tuple(column for block in load_forms()["2019"].review_litigation for column in block.columns)
        rows = self._grids.block_rows(stretch.start, stretch.end)
        grid = [token for row in rows for token in row]
        grid = grid[:15] if all(token.blank for token in grid[15:]) else grid
        if len(grid) != 15 and self._is_scrambled(stretch):
            return RowReading(
                "review_litigation", columns, Span(stretch.tokens[0].span.start, stretch.tokens[-1].span.end)
            )
        if self._has_slots and len(grid) != 15:
            return self._settle_tokens("review_litigation", columns, stretch, self._slotted_blocks(stretch))
        if stretch.tokens and self._layout.mark:
            line = self._text.rfind("\n", 0, stretch.tokens[0].span.start) + 1
            if line > stretch.label_end:  # the values' own line is their label: a pipe may open it
                stretch = Stretch(stretch.start, line, stretch.end, stretch.tokens)
                self._layout = dataclasses.replace(self._layout, lead=int(self._text[line] in "|｜│"), line=None)
        reading = self._settle_tokens("review_litigation", columns, stretch, grid if len(grid) == 15 else None)
        if len(grid) != 15 and len(stretch.tokens) < 15 and reading.tokens and not self._sums_hold(reading.tokens):
            reading.tokens = None  # empty cells were put where the sums do not allow them
        return reading

    def _slotted_blocks(self, stretch: Stretch) -> list[Token] | None:
        """The fifteen cells of section four between separators: those of one line, or where alone all sums hold."""
        below = self._text.find("\n", stretch.label_end, stretch.tokens[0].span.start) if stretch.tokens else -1
        if below < 0:
            return None
        if (line := self._on_one_line(stretch)) is not None:
            return line
        slots = between(self._text, dataclasses.replace(stretch, label_end=below), self._layout.mark or "", False)
        possible = [slots[first : first + 15] for first in range(min(7, len(slots) - 14))]
        n_values = len(stretch.tokens)
        filled = [cells for cells in possible if sum(s.token is not None for s in cells) == n_values and _clear(cells)]
        sound = [tokens for cells in filled if self._sums_hold(tokens := _tokens(cells))]
        return sound[0] if len(sound) == 1 else None

    def _on_one_line(self, stretch: Stretch) -> list[Token] | None:
        """Fifteen cells on one line: one mark less than cells, or one more at either end, or at both."""
        start = self._text.rfind("\n", 0, stretch.tokens[0].span.start) + 1
        end = self._text.find("\n", stretch.tokens[-1].span.end)
        line = dataclasses.replace(stretch, label_end=start, end=end if end >= 0 else len(self._text))
        slots = between(self._text, line, self._layout.mark or "", True)
        opens = slots[0].token is None and self._rows_open()
        cells = {15: slots, 16: slots[1:] if opens else slots[:-1], 17: slots[1:-1]}.get(len(slots), [])
        whole = (
            "\n" not in self._text[start : line.end]
            and _clear(cells)
            and sum(s.token is not None for s in cells) == len(stretch.tokens)
        )
        return _tokens(cells) if whole and cells else None

    def _rows_open(self) -> bool:
        """Whether a mark on its own opens the rows of the matrix."""
        before = [self._text[max(0, r.stretch.start - 12) : r.stretch.start] for r in self._rows.matrix]
        return 2 * sum(re.search(r"\n[ \t]*[|｜│┃]\s*[^\s|｜│┃]{0,4}$", text) is not None for text in before) > len(
            before
        )

    def _sums_hold(self, cells: Sequence[Token]) -> bool:
        values = [self._number(token) for token in cells]
        return all(sum(values[i : i + 4]) == values[i + 4] for i in (0, 5, 10))

    def _is_scrambled(self, stretch: Stretch) -> bool:
        """Whether heads stand among the values otherwise than between whole blocks: a PDF's columns came out of order."""
        runs, left = [0], 0
        for token in stretch.tokens:
            if runs[-1] and len(han(self._text[left : token.span.start])) > 1:
                runs.append(0)
            runs[-1] += 1
            left = token.span.end
        return len(runs) > 1 and any(run % 5 for run in runs) and set(runs) != {1}

    def _extra_rows(self) -> list[RowReading]:
        """Rows that a report adds to a table of article 20 are kept under a key of their own."""
        names, found = load_toml("forms/tables.toml")["extra_rows"], list[RowReading]()
        for row, gap in self._rows.foreign:
            tokens = scan(self._text, gap.start, gap.end, ())
            if len(tokens) != len(row.columns):
                continue
            label = han(self._text[gap.start : tokens[0].span.start])
            if not 2 <= len(label) <= 20:
                continue
            number = 1 + sum(r.path.startswith(f"disclosure.{row.table}.extra_") for r in found)
            path = f"disclosure.{row.table}.{names.get(label, f'extra_{number}')}"
            span = self._folded.original(gap.start, tokens[-1].span.end)
            self.issues.append(Issue("tables", "extra_row", "info", f"表格多出一行“{label}”,记为 {path}", span))
            stretch = Stretch(gap.start, tokens[0].span.start, tokens[-1].span.end, tokens)
            found.append(self._settle_tokens(path, row.columns, stretch, list(tokens)))
        return found

    def _refuse_lost_blanks(self, part: Sequence[RowReading]) -> None:
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

    def _refuse_scattered_runs(self, parts: Mapping[str, Sequence[RowReading]]) -> None:
        """Digits run together in a whole document or not at all: one long number in a row of lost blanks is no run."""
        rows = [*parts["disclosure"], *parts["applications"]]
        wide = [r for r in rows if len(r.columns) >= 3]
        runs = sum(r.run is not None for r in wide)
        if wide and 3 * runs <= 2 * len(wide):
            for reading in (*rows, *(r for r in parts["review_litigation"] if r.run and len(r.run.pieces) > 1)):
                reading.run = None

    def _refuse_torn_runs(self, part: Sequence[RowReading]) -> None:
        """Digits on a line of their own, below their label, are no run where another row has too few digits to be one."""
        torn = any(r.tokens is None and r.run is None for r in part)
        for reading in part:
            if torn and reading.run is not None and "\n" in self._text[reading.label_end : reading.span.start]:
                reading.run = None


def _clear(cells: Sequence[Slot]) -> bool:
    return all(slot.clear for slot in cells)


def _tokens(cells: Sequence[Slot]) -> list[Token]:
    return [slot.token or Token(slot.span, True) for slot in cells]


def _glued(text: str, tokens: Sequence[Token]) -> bool:
    """Whether two numbers touch: where one ends and the next begins is then not printed."""
    return any(
        a.span.end == b.span.start and text[a.span.end - 1].isdigit() for a, b in pairwise(tokens) if not a.blank
    )


def _run(text: str, path: str, tokens: Sequence[Token], columns: Sequence[Column]) -> Run | None:
    """The digits of a row as a run; None where a blank mark or a line feed parts them, or they are fewer than the cells."""
    if any(token.blank for token in tokens) or "\n" in text[tokens[0].span.start : tokens[-1].span.end]:
        return None
    pieces: list[str] = []
    end = -1
    for token in tokens:
        match = number_pattern().fullmatch(text, *token.span)
        assert match is not None  # `scan` found the token with this very pattern
        piece = (match[1] or "").translate(str.maketrans("＋－−", "+--")) + match[2]
        if token.span.start == end and not match[3]:
            pieces[-1] += piece
        else:
            pieces.append(piece)
        end = token.span.end
    if sum(len(piece) for piece in pieces) < len(columns):
        return None
    return Run(path, tuple(pieces), tuple(column.kind for column in columns))
