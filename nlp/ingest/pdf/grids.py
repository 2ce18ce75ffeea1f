"""A page of glyphs and drawn lines → what stands on it: lines of running text, and grids with what is in their cells."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from nlp.ingest.pdf.boxes import cell_boxes
from nlp.ingest.pdf.columns import in_order
from nlp.ingest.pdf.lines import Line, cell_text, lines_of, union
from nlp.ingest.pdf.page import Box, Glyph, Page

_PADDING = 2.3  # of the font's size: room inside a cell that a line cannot use, and less than one more character


@dataclass(frozen=True, slots=True)
class RuledCell:
    """A cell of a grid and what stands in it; `is_full`: whether its last line leaves no room for another character."""

    box: Box
    text: str
    is_full: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table on one page; cells from the top, then from the left."""

    page: int
    box: Box
    cells: tuple[RuledCell, ...]


def page_contents(page: Page) -> list[Line | Grid]:
    """What stands on a page, in the order of reading: lines of running text and grids with theirs."""
    found = [_Cells(boxes) for boxes in cell_boxes(page.edges)]
    loose = []
    for glyph in page.glyphs:
        if not any(cells.take(glyph) for cells in found):
            loose.append(glyph)
    grids = [cells.grid(page.number) for cells in found]
    at = {grid.box: grid for grid in grids if any(cell.text for cell in grid.cells)}
    return [piece.line or at[piece.box] for piece in in_order(loose, list(at), page.number)]


class _Cells:
    """The cells of one grid while glyphs are put into them."""

    def __init__(self, boxes: Sequence[Box]) -> None:
        self._boxes = sorted(boxes, key=lambda box: (box.top, box.x0))
        self._box = union(boxes)
        self._glyphs: list[list[Glyph]] = [[] for _ in boxes]
        self._xs = sorted({x for box in boxes for x in (box.x0, box.x1)})
        self._ys = sorted({y for box in boxes for y in (box.top, box.bottom)})
        self._at: dict[tuple[int, int], int] = {}
        for index, (x0, top, x1, bottom) in enumerate(self._boxes):
            columns = range(bisect_right(self._xs, x0), bisect_right(self._xs, x1))
            for row in range(bisect_right(self._ys, top), bisect_right(self._ys, bottom)):
                self._at.update(dict.fromkeys(((row, column) for column in columns), index))

    def take(self, glyph: Glyph) -> bool:
        """Put a glyph into the cell that its middle lies in; false if none has it."""
        x, y = (glyph.box.x0 + glyph.box.x1) / 2, (glyph.box.top + glyph.box.bottom) / 2
        at = self._at.get((bisect_right(self._ys, y), bisect_right(self._xs, x)))
        if at is not None:
            self._glyphs[at].append(glyph)
        return at is not None

    def grid(self, page: int) -> Grid:
        return Grid(
            page, self._box, tuple(_cell(box, glyphs) for box, glyphs in zip(self._boxes, self._glyphs, strict=True))
        )


def _cell(box: Box, glyphs: Sequence[Glyph]) -> RuledCell:
    lines = lines_of(glyphs, 0)
    width = max((line.box.x1 - line.box.x0 for line in lines), default=0)
    room = box.x1 - box.x0 - width
    is_full = bool(lines) and room < _PADDING * lines[-1].size and lines[-1].box.x1 > box.x1 - _PADDING * lines[-1].size
    return RuledCell(box, cell_text(glyphs, lines), is_full)
