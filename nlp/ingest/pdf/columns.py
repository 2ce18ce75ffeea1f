"""The glyphs of a page → lines in the order of reading: columns of prose one after the other, from left to right.

A page is cut along the gutter that most rows leave free. What crosses it (headings, tables, running text as wide as the
page) cuts the page into bands from the top. A band whose two sides are prose is read column by column; any other row by row,
for the columns of a table without rules are no columns of prose.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

from nlp.ingest.pdf.lines import Column, Line, lines_of, union
from nlp.ingest.pdf.page import Box, Glyph

_GUTTER = 0.9  # of the font's size: browsers keep columns 1 apart; a smaller gap may stand inside a justified line
_LEVEL = 0.9  # of the font's size: lines of columns side by side are no further from level; those of one column are
_LEAST_ROWS = 4  # that a gutter runs through
_NARROWEST = 10.0  # of the font's size: columns of prose are no narrower, those of tables seldom as wide
_RAGGED = 1.6  # of the font's size by which a line of prose may end before its column does
_FULL = 0.3  # share of lines that are full, in columns of short paragraphs and headings; of a table's cells, fewer
_APART = 4.0  # of the font's size: columns of prose are no further apart
_SPREAD = 2.5  # of the font's size: greatest usual distance of a column's lines; the rows of a form are further apart


class Piece(NamedTuple):
    """What is kept in one place of the order: a line, or something that is read as a whole (`box` of a table)."""

    box: Box
    line: Line | None = None


def in_order(glyphs: Sequence[Glyph], tables: Sequence[Box], page: int) -> list[Piece]:
    """The lines that glyphs make up and the tables between them, in the order of reading."""
    gutter = _gutter(glyphs)
    if gutter is None:
        return _by_height(glyphs, tables, page)
    ordered: list[Piece] = []
    for is_crossing, band, boxes in _bands(glyphs, tables, gutter):
        left, right = ([glyph for glyph in band if (glyph.box.x0 < gutter) is side] for side in (True, False))
        if is_crossing or not _are_columns(lines_of(left, page), lines_of(right, page)):
            ordered += _by_height(band, boxes, page)
            continue
        for side, is_left in ((left, True), (right, False)):
            beside = [box for box in boxes if (box.x0 < gutter) is is_left]
            ordered += _as_column(in_order(side, beside, page))
    return ordered


def _by_height(glyphs: Sequence[Glyph], tables: Sequence[Box], page: int) -> list[Piece]:
    pieces = [Piece(line.box, line) for line in lines_of(glyphs, page)]
    return sorted([*pieces, *map(Piece, tables)], key=lambda piece: (piece.box.top, piece.box.x0))


def _as_column(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """The pieces of one side, their lines with the column in which they run, unless a narrower one has them."""
    lines = [piece.line for piece in pieces if piece.line and piece.line.column is None]
    if not lines:
        yield from pieces
        return
    around = union(line.box for line in lines)
    steps = sorted(b.box.bottom - a.box.bottom for a, b in pairwise(lines) if b.box.bottom > a.box.bottom)
    column = Column(around.x0, around.x1, steps[len(steps) // 2] if steps else 2 * lines[0].size)
    for piece in pieces:
        line = piece.line
        yield Piece(piece.box, line._replace(column=column)) if line and line.column is None else piece


def _rows(glyphs: Sequence[Glyph]) -> list[list[Glyph]]:
    """Glyphs that stand side by side, from the top; those of columns whose lines stand at other heights may mix."""
    rows: list[list[Glyph]] = []
    for glyph in sorted(glyphs, key=lambda glyph: glyph.baseline):
        if rows and glyph.baseline - rows[-1][0].baseline <= _LEVEL * glyph.size:
            rows[-1].append(glyph)
        else:
            rows.append([glyph])
    return rows


def _printed(row: Sequence[Glyph]) -> list[Glyph]:
    return [glyph for glyph in row if not glyph.text.isspace()]


def _gutter(glyphs: Sequence[Glyph]) -> float | None:
    """The middle of the gap that most rows have; None where too few have one at the same place."""
    ends: list[tuple[float, int]] = []
    for row in _rows(glyphs):
        reached = None
        for glyph in sorted(_printed(row), key=lambda glyph: glyph.box.x0):
            if reached is not None and glyph.box.x0 - reached > _GUTTER * glyph.size:
                ends += [(reached, 1), (glyph.box.x0, -1)]
            reached = max(reached or glyph.box.x1, glyph.box.x1)
    ends.sort()
    best, n_open, found = _LEAST_ROWS - 1, 0, None
    for (at, step), (following, _) in pairwise(ends):
        n_open += step
        if n_open > best:
            best, found = n_open, (at + following) / 2
    return found


def _bands(
    glyphs: Sequence[Glyph], tables: Sequence[Box], gutter: float
) -> Iterator[tuple[bool, list[Glyph], list[Box]]]:
    """What stands above each other on a page, from the top: whether it crosses the gutter, its glyphs, its tables."""
    marked: list[tuple[float, bool, list[Glyph], list[Box]]] = []
    for row in _rows(glyphs):
        printed = _printed(row)
        crosses = any(glyph.box.x0 < gutter < glyph.box.x1 for glyph in printed) or not _has_gap(printed, gutter)
        marked.append((min(glyph.box.top for glyph in row), crosses, row, []))
    for box in tables:
        marked.append((box.top, box.x0 < gutter < box.x1, [], [box]))
    marked.sort(key=lambda mark: mark[0])
    for crosses, group in groupby(marked, key=lambda mark: mark[1]):
        found = list(group)
        yield crosses, [glyph for mark in found for glyph in mark[2]], [box for mark in found for box in mark[3]]


def _has_gap(row: Sequence[Glyph], gutter: float) -> bool:
    """Whether a row leaves the gutter free; a glyph that only touches it leaves none."""
    left = max((glyph.box.x1 for glyph in row if glyph.box.x0 < gutter), default=None)
    right = min((glyph.box.x0 for glyph in row if glyph.box.x0 >= gutter), default=None)
    return left is None or right is None or right - left > _GUTTER * row[0].size


def _are_columns(left: Sequence[Line], right: Sequence[Line]) -> bool:
    """Whether lines side by side are two columns of prose; the right one may end with short paragraphs only."""
    if min(len(left), len(right)) < _LEAST_ROWS - 1 or not (_is_dense(left) and _is_dense(right)):
        return False
    (x0, _, x1, _), (start, _, end, _) = (union(line.box for line in lines) for lines in (left, right))
    size = sorted(line.size for line in left)[len(left) // 2]
    n_full = sum(line.box.x1 > x1 - _RAGGED * size for line in left)
    are_wide = min(x1 - x0, end - start) >= _NARROWEST * size
    return are_wide and start - x1 <= _APART * size and n_full >= max(2, _FULL * len(left))


def _is_dense(lines: Sequence[Line]) -> bool:
    """Whether lines follow each other as those of prose do, not as the rows of a form."""
    steps = sorted(b.box.bottom - a.box.bottom for a, b in pairwise(lines))
    return steps[len(steps) // 2] < _SPREAD * lines[0].size


def in_known_columns(lines: Sequence[Line]) -> list[Line]:
    """The lines of all pages, in order; those that run in a column of another place are given that column.

    So the last page of two columns, which has the left one only, is no page of short lines.
    """
    known = list(dict.fromkeys(line.column for line in lines if line.column))
    placed: list[Line] = []
    for (_, column), group in groupby(lines, key=lambda line: (line.page, _known(line, known))):
        run = list(group)
        n_full = sum(line.box.x1 > column.right - _RAGGED * line.size for line in run) if column else 0
        fills = n_full >= max(2, _FULL * len(run))
        placed += [line._replace(column=column) if fills and line.column is None else line for line in run]
    return placed


def _known(line: Line, columns: Sequence[Column]) -> Column | None:
    """The narrowest of the columns that a line without one fits into."""
    fitting = [c for c in columns if line.box.x0 >= c.left - line.size and line.box.x1 <= c.right + line.size]
    return None if line.column else min(fitting, key=lambda c: (c.right - c.left, c.left), default=None)
