"""Grids of one page each → one table, joined where it runs over pages: repeated heads dropped, cut cells made whole."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from nlp.ingest.pdf.grids import Grid
from nlp.ingest.pdf.lines import glue
from nlp.ingest.pdf.page import Box

_TOLERANCE = 5.0  # points within which sides of cells are one and the same; no cell with text is as narrow
_SAME_SIDES = 0.6  # share of the sides of columns that two parts of one table have in common
_NUMBERED = re.compile(r"[(（]?(?:[一二三四五六七八九十]|\d{1,2})[)）、.．]")


@dataclass(frozen=True, slots=True)
class PlacedCell:
    """A cell with its text, the page of its beginning, the rows and columns it covers; `is_full` as in RuledCell."""

    text: str
    page: int
    box: Box
    row: int
    column: int
    rowspan: int
    colspan: int
    is_full: bool = False

    @property
    def end(self) -> int:
        """The row below it."""
        return self.row + self.rowspan


def goes_on(upper: Grid, lower: Grid) -> bool:
    """Whether the grid at the head of a page goes on with the one at the foot of the page before."""
    if lower.page != upper.page + 1:
        return False
    above, below = _sides([upper]), _sides([lower])
    common = sum(any(abs(x - other) <= _TOLERANCE for other in above) for x in below)
    ends = abs(above[0] - below[0]) <= _TOLERANCE and abs(above[-1] - below[-1]) <= _TOLERANCE
    return ends and common >= _SAME_SIDES * min(len(above), len(below))


def joined(parts: Sequence[Grid]) -> list[PlacedCell]:
    """The cells of a table in row-major order; `parts` are its grids, one a page."""
    columns = _sides(parts)
    whole: list[PlacedCell] = []
    for part in parts:
        cells = list(_placed(part, columns))
        if whole:
            cells = _without_repeated_head(whole, cells)
            first = max(cell.end for cell in whole)
            cells = [replace(cell, row=cell.row + first) for cell in cells]
            whole, cells = _mended(whole, cells, first)
        whole += cells
    return _counted(sorted(whole, key=lambda cell: (cell.row, cell.column)), len(columns) - 1)


def _counted(cells: Sequence[PlacedCell], n_columns: int) -> list[PlacedCell]:
    """The cells with columns counted anew between rows of one cell, as between the parts of section two.

    Parts with three and with four columns stand above each other there; a blank cell is to be one blank, not the four that
    the sides of other parts would cut it into.
    """
    counted: list[PlacedCell] = []
    for is_whole, group in groupby(cells, lambda cell: cell.colspan >= n_columns):
        part = list(group)
        sides = sorted({side for cell in part for side in (cell.column, cell.column + cell.colspan)})
        places = {side: index for index, side in enumerate(sides)}
        for cell in part:
            column = places[cell.column]
            colspan = n_columns if is_whole else places[cell.column + cell.colspan] - column
            counted.append(replace(cell, column=column, colspan=colspan))
    return counted


def _sides(parts: Iterable[Grid]) -> list[float]:
    return _clustered(x for part in parts for cell in part.cells for x in (cell.box.x0, cell.box.x1))


def _clustered(values: Iterable[float]) -> list[float]:
    """Values in order, those within the tolerance of the one before left out."""
    kept: list[float] = []
    for value in sorted(values):
        if not kept or value - kept[-1] > _TOLERANCE:
            kept.append(value)
    return kept


def _nearest(values: Sequence[float], value: float) -> int:
    return min(range(len(values)), key=lambda index: abs(values[index] - value))


def _placed(part: Grid, columns: Sequence[float]) -> Iterator[PlacedCell]:
    rows = _clustered(y for cell in part.cells for y in (cell.box.top, cell.box.bottom))
    for cell in part.cells:
        row, column = _nearest(rows, cell.box.top), _nearest(columns, cell.box.x0)
        rowspan = max(1, _nearest(rows, cell.box.bottom) - row)
        colspan = max(1, _nearest(columns, cell.box.x1) - column)
        yield PlacedCell(cell.text, part.page, cell.box, row, column, rowspan, colspan, cell.is_full)


def _without_repeated_head(whole: Sequence[PlacedCell], cells: list[PlacedCell]) -> list[PlacedCell]:
    """The cells of a part without the rows at its head that repeat the head of the table."""
    n_head = 0
    last = max(cell.end for cell in cells)
    while n_head < last and (row := _row(cells, n_head)) and row == _row(whole, n_head):
        n_head += 1
    n_head = n_head if any(text for _, text in _row(cells, 0)) and n_head < last else 0
    return [replace(cell, row=cell.row - n_head) for cell in cells if cell.row >= n_head]


def _row(cells: Iterable[PlacedCell], number: int) -> list[tuple[int, str]]:
    return sorted((cell.column, cell.text) for cell in cells if cell.row == number)


def _mended(whole: list[PlacedCell], cells: list[PlacedCell], first: int) -> tuple[list[PlacedCell], list[PlacedCell]]:
    """The cells that reach a page's end made whole with those that go on below it.

    A cell over several rows goes on where the next page's cell of the same columns is blank or has no number of its own.
    """
    last = {(cell.column, cell.colspan): index for index, cell in enumerate(whole) if cell.end == first}
    upper_row, lower_row = [whole[index] for index in last.values()], [cell for cell in cells if cell.row == first]
    is_cut = _is_cut(upper_row, lower_row)
    kept = []
    for cell in cells:
        index = last.get((cell.column, cell.colspan)) if cell.row == first else None
        if index is not None and (is_cut or _is_rest(whole[index], cell)):
            upper = whole[index]
            text = upper.text + glue(upper.text, cell.text) + cell.text
            whole[index] = replace(upper, text=text, rowspan=upper.rowspan + cell.rowspan)
        else:
            kept.append(cell)
    return whole, kept


def _is_rest(upper: PlacedCell, lower: PlacedCell) -> bool:
    if max(upper.rowspan, lower.rowspan) < 2:
        return False
    return not lower.text or not upper.text or not _NUMBERED.match(lower.text)


def _is_cut(upper: Sequence[PlacedCell], lower: Sequence[PlacedCell]) -> bool:
    """Whether a page's end cuts through a row: each value is on one side, and a full line of the label goes on below."""
    above = {(cell.column, cell.colspan): cell for cell in upper}
    pairs = [(above.get((cell.column, cell.colspan)), cell) for cell in lower]
    whole = [(a, b) for a, b in pairs if a is not None and a.text and b.text]
    if any(a is None for a, _ in pairs) or not any(b.text for _, b in pairs) or not any(a and a.text for a, _ in pairs):
        return False
    return all(a.is_full and not _NUMBERED.match(b.text) and not b.text[0].isdigit() for a, b in whole)
