"""The picture of a page → the places that look like text and that no line was read from: what is lost must be said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

from nlp.ingest.ocr.rules import Mask, Rect
from nlp.settings import load_toml

_USUAL = 29.0  # pixels: height of 10.5 point type at 200 dots an inch, where no line tells it
_STAMP = 3.0  # of the tallest type: an agency's seal is 4.5 cm wide and more than twice as high as any line


def uncovered(ink: Mask, lines: Sequence[Rect], tallest: float) -> list[Rect]:
    """Boxes of ink outside of all `lines` that is as high and as wide as text, from the top; all in pixels.

    `ink` is that of the page without the rules of its tables. What is taller than `tallest` is a picture or a stamp, whose
    lettering is no loss.
    """
    limits: dict[str, float] = load_toml("ocr.toml")["uncovered"]
    size = float(np.median([bottom - top for _, top, _, bottom in lines])) if lines else _USUAL
    left_over = _without(ink, lines, limits["margin"])
    gap = np.ones((1, max(1, round(limits["gap"] * size))), np.uint8)
    closed: Any = cv2.morphologyEx(left_over.astype(np.uint8), cv2.MORPH_CLOSE, gap)
    _, _, stats, _ = cv2.connectedComponentsWithStats(closed, connectivity=8)
    boxes: list[Rect] = [(x, y, x + width, y + height) for x, y, width, height, _ in stats[1:].tolist()]
    stamps = [box for box in boxes if all(tallest < side <= _STAMP * tallest for side in _sides(box))]
    found = []
    for box in boxes:
        width, height = _sides(box)
        is_text_like = limits["height"] * size <= height <= tallest and width >= limits["width"] * size
        if is_text_like and not _touches_edge(box, ink.shape) and not any(_is_inside(box, stamp) for stamp in stamps):
            share = float(left_over[box[1] : box[3], box[0] : box[2]].mean())
            found += [box] if limits["lightest"] <= share <= limits["darkest"] else []
    return sorted(found, key=lambda box: (box[1], box[0]))


def _without(ink: Mask, lines: Sequence[Rect], margin: float) -> Mask:
    """The ink that no line covers; around each line a part of its height is covered too."""
    left_over = ink.copy()
    for left, top, right, bottom in lines:
        around = round(margin * (bottom - top))
        left_over[max(0, top - around) : bottom + around, max(0, left - around) : right + around] = False
    return left_over


def _sides(box: Rect) -> tuple[int, int]:
    return box[2] - box[0], box[3] - box[1]


def _is_inside(box: Rect, other: Rect) -> bool:
    return other[0] <= box[0] and other[1] <= box[1] and box[2] <= other[2] and box[3] <= other[3]


def _touches_edge(box: Rect, shape: tuple[int, ...]) -> bool:
    """Whether a box reaches the end of the page, as shadows of a scanner and bands of colour do, and text never does."""
    return box[0] <= 1 or box[1] <= 1 or box[2] >= shape[1] - 1 or box[3] >= shape[0] - 1
