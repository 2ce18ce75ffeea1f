"""The tables of an RTF file: cells end where it says so, their widths stand in the definition of each row."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import NamedTuple

from nlp.ingest.office.rtf_text import Token
from nlp.ingest.office.shown import Cell, table_html

_MAX_LEVEL = 16  # tables inside tables
_SAME = 30  # twips (half a millimetre) within which two edges are one; Word's columns are above 200


class _Column(NamedTuple):
    """A cell of a row's definition: its right edge in twips, whether it goes on from above, and from its left."""

    right: int
    from_above: bool = False
    from_left: bool = False


@dataclass(slots=True)
class _Definition:
    left: int = 0
    columns: list[_Column] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Level:
    """A table that is open: the blocks of its last cell, the cells of its last row, its rows."""

    blocks: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    rows: list[tuple[list[str], _Definition]] = field(default_factory=list)


class Tables:
    """Blocks in order, those of tables gathered into their cells; level 0 is the text outside of tables."""

    def __init__(self) -> None:
        self._levels = [_Level() for _ in range(_MAX_LEVEL + 1)]
        self._level = self._deepest = 0
        self._definition = _Definition()
        self._n_cells = 0

    def word(self, token: Token) -> None:
        """A control word about tables; others say nothing."""
        word, number = token.word, token.number or 0
        if word == "pard":
            self._level = 0
        elif word == "intbl":
            self._level = max(self._level, 1)
        elif word == "itap":
            self._level = max(0, min(number, _MAX_LEVEL))
        elif word == "trowd":
            self._definition = _Definition()
        elif word == "trleft":
            self._definition.left = number
        elif word in ("clvmrg", "clmrg"):
            self._definition.flags.add(word)
        elif word == "cellx":
            flags = self._definition.flags
            self._definition.columns.append(_Column(number, "clvmrg" in flags, "clmrg" in flags))
            flags.clear()
        elif word == "row":
            self._end_row(1)
        elif word == "nestrow":
            self._end_row(max(self._level, 2))

    def add(self, html: str) -> None:
        """A paragraph that ends here; "" is one without text, which ends the tables inside its own level all the same."""
        if html or self._level:
            self._settle(self._level)
        if html:
            self._levels[self._level].blocks.append(html)

    def end_cell(self, level: int | None) -> int:
        """Ends a cell of a table, by default of the innermost; the number of cells so far."""
        level = max(self._level, 2) if level is None else level
        self._settle(level)
        ended = self._levels[level]
        ended.cells.append("\n".join(ended.blocks))
        ended.blocks.clear()
        self._n_cells += 1
        return self._n_cells

    def finished(self) -> list[str]:
        """All blocks."""
        self._settle(0)
        return self._levels[0].blocks

    def _end_row(self, level: int) -> None:
        ended = self._levels[level]
        if ended.cells:
            ended.rows.append((ended.cells, self._definition))
            ended.cells = []

    def _settle(self, level: int) -> None:
        """Ends the tables deeper than `level`; each becomes a block of the cell that holds it."""
        for deeper in range(self._deepest, level, -1):
            self._end_row(deeper)
            inner, outer = self._levels[deeper], self._levels[deeper - 1]
            if inner.rows:
                outer.blocks.append(_table(inner.rows))
                inner.rows = []
            outer.blocks += inner.blocks
            inner.blocks = []
        self._deepest = level


def _table(rows: list[tuple[list[str], _Definition]]) -> str:
    edges = _edges(rows)
    return table_html([_row(cells, definition, edges) for cells, definition in rows])


def _edges(rows: list[tuple[list[str], _Definition]]) -> list[int]:
    """The edges of a table's columns, from the left; the same edge is often written a few twips apart."""
    stated = sorted({edge for _, row in rows for edge in (row.left, *(column.right for column in row.columns))})
    return [edge for index, edge in enumerate(stated) if not index or edge - stated[index - 1] > _SAME]


def _row(cells: list[str], definition: _Definition, edges: list[int]) -> list[Cell]:
    row: list[Cell] = []
    column = max(0, bisect_left(edges, definition.left + 1) - 1)
    for index, html in enumerate(cells):
        stated = definition.columns[index] if index < len(definition.columns) else None
        end = bisect_left(edges, stated.right + 1) - 1 if stated else column + 1
        width = max(1, end - column)
        if stated and stated.from_left and row:
            row[-1] = row[-1]._replace(width=row[-1].width + width)
        else:
            row.append(Cell(html, column, width, stated.from_above if stated else False))
        column += width
    return row
