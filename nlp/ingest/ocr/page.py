"""The picture of a page → the Page that a PDF's page would be: glyphs with their places, and the rules of its tables.

Lines inside ruled cells are found by their ink, so that no lone digit is missed; all others by the detector.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from nlp.ingest.ocr.engine import Engine, Reading
from nlp.ingest.ocr.picture import Grey, Picture, ink_of
from nlp.ingest.ocr.rules import Mask, Rect, axes_of, bands, lines_in, rules_of, tightened, type_size
from nlp.ingest.ocr.uncovered import uncovered
from nlp.ingest.pdf.boxes import cell_boxes
from nlp.ingest.pdf.lines import is_wide, union
from nlp.ingest.pdf.page import Box, Edge, Frame, Glyph, Page
from nlp.settings import load_toml

_FAINT, _DARK = 12, 30  # contrast, of 255, of a table's rules and of type
_TABLE = 108.0  # points: the narrowest table with two columns of text
_TYPE = 60.0  # points: the tallest line or two of large type
_COVERED = 0.9  # of a table's frame: what its cells take up; those between strokes of type take up 0.7
_TOLERANCE = 1.0  # points by which a rule may miss its table
_INSET = 1  # pixels between the middle of a rule and the inside of a cell
_FRAME = 8  # pixels around a table in which nothing but its own rules stands
_TALLEST = 2000  # pixels that the detector sees at once
_MARGIN = 0.14  # of a line's height: white around it, as the recogniser learned
_BAR = 0.3  # of the type's size: ink no higher, and wider than high, is the dash of a blank cell
_NARROW = 0.5  # width of a letter or digit, of the type's size
_FULL = 0.95  # height of the ink of a line of Chinese characters, of the type's size
_DIGIT = 0.75  # the same of a line of digits
_NEAR = 1.14  # ratio within which sizes are one size, measured by ink


@dataclass(frozen=True, slots=True)
class _Placed:
    """A line of text on a page, in pixels; `in_cell`: whether it is one of a ruled cell."""

    rect: Rect
    reading: Reading
    in_cell: bool

    @property
    def is_doubtful(self) -> bool:
        """A doubtful digit hides in the mean of a line, and one odd comma in prose is no matter."""
        value = self.in_cell and not any(map(is_wide, self.reading.text))
        return (self.reading.least if value else self.reading.mean) < float(load_toml("ocr.toml")["doubtful"])


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page as read; `doubtful[i]` says whether glyph `i` was read with doubt; `confidence` is the mean of its lines.

    `uncovered`: places, in points, that look like text and that no line was read from.
    """

    page: Page
    doubtful: tuple[bool, ...]
    confidence: float
    n_lines: int
    uncovered: tuple[Box, ...] = ()


def read_picture(picture: Picture, number: int, engine: Engine) -> ReadPage:
    """All that a picture shows, as page `number`."""
    pixels, scale = picture.pixels, picture.scale
    rules = rules_of(ink_of(pixels, _FAINT))
    edges, boxes = _tables([Edge(*(value * scale for value in rule)) for rule in axes_of(rules)])
    grids = [[_inside(box, scale) for box in cells] for cells in boxes]
    ink = ink_of(pixels, _DARK)
    for inside in map(_frame, grids):
        ink[inside] &= ~rules.mask[inside]
    cells = [cell for grid in grids for cell in grid]
    placed = [*_in_cells(pixels, ink, cells, engine), *_outside(pixels, ink, grids, engine)]
    placed = [line for line in placed if line.reading.text.strip()]
    glyphs: list[Glyph] = []
    doubtful: list[bool] = []
    for line, size in zip(placed, _sizes(placed), strict=True):
        made = list(_glyphs(line, size, scale))
        glyphs += made
        doubtful += [line.is_doubtful] * len(made)
    height, width = pixels.shape
    frame = Frame(0, 0, width * scale, height * scale, 0)
    confidence = float(np.mean([line.reading.mean for line in placed])) if placed else 0.0
    missed = uncovered(ink, [line.rect for line in placed], _TYPE / scale)
    page = Page(number, frame, 0, glyphs, edges, True)
    lost = tuple(Box(*(value * scale for value in rect)) for rect in missed)
    return ReadPage(page, tuple(doubtful), confidence, len(placed), lost)


def _tables(edges: Sequence[Edge]) -> tuple[list[Edge], list[list[Box]]]:
    """The rules of tables and the boxes of their cells, without what strokes of large type make."""
    found = [cells for cells in cell_boxes(edges) if not _is_type(cells)]
    frames = [union(cells) for cells in found]
    return [edge for edge in edges if any(_meets(edge, frame) for frame in frames)], found


def _is_type(cells: Sequence[Box]) -> bool:
    """Whether boxes lie between strokes of large type: no wider than a table, or with holes and no taller than a title."""
    x0, top, x1, bottom = union(cells)
    covered = sum((box.x1 - box.x0) * (box.bottom - box.top) for box in cells)
    has_holes = covered < _COVERED * (x1 - x0) * (bottom - top)
    return x1 - x0 < _TABLE or (has_holes and bottom - top < _TYPE)


def _meets(edge: Edge, frame: Box) -> bool:
    slack = _TOLERANCE
    beside = edge.x1 < frame.x0 - slack or edge.x0 > frame.x1 + slack
    return not beside and edge.bottom >= frame.top - slack and edge.top <= frame.bottom + slack


def _inside(box: Box, scale: float) -> Rect:
    left, top, right, bottom = (round(value / scale) for value in box)
    return left + _INSET, top + _INSET, max(left + _INSET + 1, right - _INSET), max(top + _INSET + 1, bottom - _INSET)


def _frame(cells: Sequence[Rect]) -> tuple[slice, slice]:
    """The rows and columns of pixels that a table takes up."""
    left, top, right, bottom = map(int, union(Box(*cell) for cell in cells))
    return slice(max(0, top - _FRAME), bottom + _FRAME), slice(max(0, left - _FRAME), right + _FRAME)


def _in_cells(pixels: Grey, ink: Mask, cells: Sequence[Rect], engine: Engine) -> list[_Placed]:
    if not cells:
        return []
    size = type_size(ink, list(cells))
    rects = [rect for cell in cells for rect in lines_in(ink, cell, size)]
    bars = [rect for rect in rects if _is_bar(rect, size)]
    lines = [rect for rect in rects if not _is_bar(rect, size)]
    readings = [_as_value(reading) for reading in engine.read([_crop(pixels, rect) for rect in lines])]
    return [_Placed(rect, Reading("-", 1.0, 1.0), True) for rect in bars] + [
        _Placed(rect, reading, True) for rect, reading in zip(lines, readings, strict=True)
    ]


def _is_bar(rect: Rect, size: float) -> bool:
    left, top, right, bottom = rect
    return bottom - top <= _BAR * size and right - left >= 1.5 * (bottom - top)


def _outside(pixels: Grey, ink: Mask, grids: Sequence[Sequence[Rect]], engine: Engine) -> list[_Placed]:
    """The lines of text that stand in no grid."""
    pixels, ink = pixels.copy(), ink.copy()
    for frame in map(_frame, grids):
        pixels[frame], ink[frame] = 255, False
    rects = []
    for start, end in bands(ink, _TALLEST):
        first = max(0, start - _TALLEST // 50)
        for left, top, right, bottom in engine.find(pixels[first : end + _TALLEST // 50]):
            rect = tightened(ink, (left, top + first, right, bottom + first))
            if rect is not None and max(rect[2] - rect[0], rect[3] - rect[1]) > _FRAME:
                rects.append(rect)
    readings = engine.read([_crop(pixels, rect) for rect in rects])
    return [_Placed(rect, reading, False) for rect, reading in zip(rects, readings, strict=True)]


def _crop(pixels: Grey, rect: Rect) -> Grey:
    """A line with white around it."""
    left, top, right, bottom = rect
    margin = max(2, round(_MARGIN * (bottom - top)))
    cut = pixels[top:bottom, left:right]
    return np.asarray(
        cv2.copyMakeBorder(cut, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=[255.0]), np.uint8
    )


@cache
def _alike() -> dict[str, str]:
    return {form: digit for digit, forms in load_toml("ocr.toml")["alike"].items() for form in forms}


def _as_value(reading: Reading) -> Reading:
    """A lone character in a cell that looks like a digit is one."""
    return reading._replace(text=_alike().get(reading.text.strip(), reading.text))


def _sizes(lines: Sequence[_Placed]) -> list[float]:
    """Sizes of the type of lines, in pixels: by the width of long lines, the height of others; near ones made equal."""
    sizes = []
    for line in lines:
        left, top, right, bottom = line.rect
        n_wide = sum(map(is_wide, line.reading.text))
        by_width = (right - left) / max(1.0, _advance(line.reading.text))
        by_height = (bottom - top) / (_FULL if n_wide else _DIGIT)
        sizes.append(by_width if n_wide >= 8 else min(by_height, 1.2 * by_width) if n_wide else by_height)
    kept: list[float] = []
    weights = {size: len(line.reading.text) for size, line in zip(sizes, lines, strict=True)}
    for size in sorted(weights, key=lambda size: (-weights[size], size)):
        if not any(max(size, other) <= _NEAR * min(size, other) for other in kept):
            kept.append(size)
    return [min(kept, key=lambda other: max(size, other) / min(size, other)) for size in sizes]


def _advance(text: str) -> float:
    return sum(1.0 if is_wide(character) else _NARROW for character in text)


def _glyphs(line: _Placed, size: float, scale: float) -> Iterator[Glyph]:
    """Characters side by side over the width of their line; where each ends exactly does not matter to what is made of them."""
    left, top, right, bottom = line.rect
    text = line.reading.text.strip()
    pitch = (right - left) / _advance(text)
    middle, x = (top + bottom) / 2, float(left)
    above, below = (middle - size / 2) * scale, (middle + size / 2) * scale
    for character in text:
        end = x + pitch * _advance(character)
        yield Glyph(" " if character.isspace() else character, Box(x * scale, above, end * scale, below),
                    below - 0.12 * size * scale, size * scale)  # fmt: skip
        x = end
