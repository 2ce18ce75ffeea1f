"""The picture of a page → the straight lines drawn on it, and the lines of text inside a ruled cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]
Rect = tuple[int, int, int, int]  # left, top, right, bottom in pixels, right and bottom outside

_REACH = 40  # pixels at 200 dots an inch: longer than strokes of 14 point type, less than a row of a table is high
_THICK = 14  # pixels; what is thicker is a bar or a picture
_JOINT = 12  # pixels by which rules that are meant to meet, or to end side by side, may miss
_SLACK = 7  # pixels by which the side of a cell may be placed wrongly where rules of other rows stand near
_SPECK = 3  # pixels: dust
_LEAST = 0.18  # of the type's size: a hyphen is wider, a stain in a blank cell is smaller
_INTRUDING = 0.15  # of a line's height: what lower strokes of the line above show of themselves
_ONE_LINE = 1.3  # of the type's size: parts of a character (三) lie closer together than two lines


class Rules(NamedTuple):
    """Horizontal and vertical rules, and the pixels that they cover."""

    across: list[Rect]
    upright: list[Rect]
    mask: Mask


def rules_of(ink: Mask) -> Rules:
    """The rules of a page; strokes of large type are among them."""
    across, mask = _rules(ink, upright=False)
    upright, other = _rules(ink, upright=True)
    return Rules(across, upright, mask | other)


def axes_of(rules: Rules) -> list[Rect]:
    """The rules, each drawn as the line in its middle, which ends on the rule that it was meant to meet."""
    across, upright, _ = rules
    ys, xs = (
        [(top + bottom) // 2 for _, top, _, bottom in across],
        [(left + right) // 2 for left, _, right, _ in upright],
    )
    rows = [(y, *_snapped((left, right), xs, [end for rect in across for end in (rect[0], rect[2])]))
            for y, (left, _, right, _) in zip(ys, across, strict=True)]  # fmt: skip
    columns = [(x, *_snapped((top, bottom), ys, [end for rect in upright for end in (rect[1], rect[3])]))
               for x, (_, top, _, bottom) in zip(xs, upright, strict=True)]  # fmt: skip
    drawn = [(left, y, right, y) for y, left, right in rows] + [(x, top, x, bottom) for x, top, bottom in columns]
    return drawn + list(_closing(rows, columns))


def _closing(rows: list[tuple[int, int, int]], columns: list[tuple[int, int, int]]) -> Iterator[Rect]:
    """Rules where a page's end cuts a table: two or more upright rules end there and none crosses."""
    ruled = [(x, top, bottom) for x, top, bottom in columns if any(_crosses(row, (x, top, bottom)) for row in rows)]
    ends = Counter(end for _, top, bottom in ruled for end in (top, bottom))
    for y, n_ends in sorted(ends.items()):
        reaching = [x for x, top, bottom in ruled if top <= y <= bottom]
        crossed = any(abs(row[0] - y) <= _JOINT and row[1] < max(reaching) and row[2] > min(reaching) for row in rows)
        if n_ends > 1 and not crossed:
            yield min(reaching), y, max(reaching), y


def _crosses(row: tuple[int, int, int], column: tuple[int, int, int]) -> bool:
    y, left, right = row
    x, top, bottom = column
    return left - _JOINT <= x <= right + _JOINT and top - _JOINT <= y <= bottom + _JOINT


def _snapped(ends: tuple[int, int], crossing: list[int], others: list[int]) -> tuple[int, int]:
    """The ends of a rule moved to the rule that crosses there, or to where most rules beside it end."""
    start, end = (_nearest(value, crossing) or _most_common_near(value, others) for value in ends)
    return start, end


def _nearest(value: int, anchors: list[int]) -> int | None:
    near = [anchor for anchor in anchors if abs(anchor - value) <= _JOINT]
    return min(near, key=lambda anchor: (abs(anchor - value), anchor), default=None)


def _most_common_near(value: int, others: list[int]) -> int:
    near = Counter(other for other in others if abs(other - value) <= _JOINT)
    return max(near, key=lambda other: (near[other], -other), default=value)


def type_size(ink: Mask, cells: list[Rect]) -> float:
    """The usual height of a line of text inside cells, in pixels; lines of several characters tell it."""
    heights = []
    for cell in cells:
        inside, _, _ = cell_ink(ink, cell)
        for top, bottom in _runs(inside.any(axis=1)):
            columns = np.flatnonzero(inside[top:bottom].any(axis=0))
            if bottom - top > 2 * _SPECK and columns[-1] - columns[0] > 2.5 * (bottom - top):
                heights.append(bottom - top)
    return float(np.median(heights)) if heights else 29.0


def cell_ink(ink: Mask, cell: Rect) -> tuple[Mask, int, int]:
    """The ink of a cell, and where its left top corner lies; without dust and what is left of the rules around it.

    Each connected part belongs to the cell that its middle lies in: sides of cells are known to a few pixels only.
    """
    left, top = max(0, cell[0] - _SLACK), max(0, cell[1] - _SLACK)
    inside = ink[top : cell[3] + _SLACK, left : cell[2] + _SLACK].copy()
    n, labels, stats, middles = cv2.connectedComponentsWithStats(inside.astype(np.uint8), connectivity=8)
    height, width = inside.shape
    for number in range(1, n):
        x, y, w, h, _ = (int(value) for value in stats[number])
        across, down = middles[number] + (left, top)
        touches = x == 0 or y == 0 or x + w == width or y + h == height
        is_own = cell[0] <= across < cell[2] and cell[1] <= down < cell[3]
        if not is_own or max(w, h) <= _SPECK or (touches and min(w, h) <= _SPECK):
            inside[labels == number] = False
    return inside, left, top


def lines_in(ink: Mask, cell: Rect, size: float) -> Iterator[Rect]:
    """Boxes of the lines of text in a cell, tight around the ink, from the top; `size` of the type in pixels."""
    inside, x, y = cell_ink(ink, cell)
    groups: list[tuple[int, int]] = []
    for top, bottom in _runs(inside.any(axis=1)):
        if groups and bottom - groups[-1][0] <= _ONE_LINE * size:
            groups[-1] = (groups[-1][0], bottom)
        else:
            groups.append((top, bottom))
    for top, bottom in groups:
        columns = np.flatnonzero(inside[top:bottom].any(axis=0))
        left, right = int(columns[0]), int(columns[-1]) + 1
        if max(right - left, bottom - top) >= _LEAST * size:
            yield x + left, y + top, x + right, y + bottom


def tightened(ink: Mask, box: Rect) -> Rect | None:
    """A box drawn close around the ink that it holds, what reaches in from lines above and below left out."""
    left, top, right, bottom = max(0, box[0]), max(0, box[1]), box[2], box[3]
    inside = ink[top:bottom, left:right]
    height = inside.shape[0]
    runs = _runs(inside.any(axis=1))
    runs = [(a, b) for a, b in runs if (a > 0 and b < height) or b - a >= _INTRUDING * height]
    if not runs:
        return None
    columns = np.flatnonzero(inside[runs[0][0] : runs[-1][1]].any(axis=0))
    return left + int(columns[0]), top + runs[0][0], left + int(columns[-1]) + 1, top + runs[-1][1]


def bands(ink: Mask, tallest: int) -> Iterator[tuple[int, int]]:
    """Stretches of rows with ink, cut at wide gaps, none taller than `tallest`."""
    found: list[tuple[int, int]] = []
    for top, bottom in _runs(ink.any(axis=1)):
        if found and top - found[-1][1] < 2 * _REACH and bottom - found[-1][0] <= tallest:
            found[-1] = (found[-1][0], bottom)
        else:
            found.append((top, bottom))
    for top, bottom in found:
        for start in range(top, bottom, tallest):
            yield start, min(bottom, start + tallest)


def _rules(ink: Mask, *, upright: bool) -> tuple[list[Rect], Mask]:
    across, along = ((1, 3), (_REACH, 1)) if upright else ((3, 1), (1, _REACH))  # rows, columns
    thickened = cv2.dilate(ink.astype(np.uint8), np.ones(across, np.uint8))
    opened: Any = cv2.morphologyEx(thickened, cv2.MORPH_OPEN, np.ones(along, np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(opened, connectivity=8)
    thick, long = (stats[:, 2], stats[:, 3]) if upright else (stats[:, 3], stats[:, 2])
    kept = (thick <= _THICK) & (long >= (_REACH if upright else 1.5 * _REACH))
    kept[0] = False  # the background
    return [(x, y, x + w, y + h) for x, y, w, h, _ in stats[kept].tolist()], np.asarray(kept[labels])


def _runs(marked: Any) -> list[tuple[int, int]]:
    """Stretches `[start, end)` of true values."""
    steps = np.flatnonzero(np.diff(np.concatenate(([False], marked, [False])).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(steps[::2], steps[1::2], strict=True)]
