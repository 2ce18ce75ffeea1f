"""The picture of a page → the places that look like text and that no line was read from: what is lost must be said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

from nlp.ingest.ocr.rules import Mask, Rect
from nlp.settings import load_toml

_USUAL = 29.0  # pixels: height of 10.5 point type at 200 dots an inch, where no line tells it


def uncovered(ink: Mask, lines: Sequence[Rect], tallest: float) -> list[Rect]:
    """Boxes of ink outside of all `lines` that is as high and as wide as text, from the top; all in pixels.

    `ink` is that of the page without the rules of its tables. What is taller than `tallest` is a stamp or a picture.
    """
    limits: dict[str, float] = load_toml("ocr.toml")["uncovered"]
    size = float(np.median([bottom - top for _, top, _, bottom in lines])) if lines else _USUAL
    left_over = _without(ink, lines, limits["margin"])
    gap = np.ones((1, max(1, round(limits["gap"] * size))), np.uint8)
    closed: Any = cv2.morphologyEx(left_over.astype(np.uint8), cv2.MORPH_CLOSE, gap)
    _, _, stats, _ = cv2.connectedComponentsWithStats(closed, connectivity=8)
    found = []
    for x, y, width, height, _ in stats[1:].tolist():
        is_text_like = limits["height"] * size <= height <= tallest and width >= limits["width"] * size
        if is_text_like and not _touches_edge((x, y, x + width, y + height), ink.shape):
            share = float(left_over[y : y + height, x : x + width].mean())
            if limits["lightest"] <= share <= limits["darkest"]:
                found.append((x, y, x + width, y + height))
    return sorted(found, key=lambda box: (box[1], box[0]))


def _without(ink: Mask, lines: Sequence[Rect], margin: float) -> Mask:
    """The ink that no line covers; around each line a part of its height is covered too."""
    left_over = ink.copy()
    for left, top, right, bottom in lines:
        around = round(margin * (bottom - top))
        left_over[max(0, top - around) : bottom + around, max(0, left - around) : right + around] = False
    return left_over


def _touches_edge(box: Rect, shape: tuple[int, ...]) -> bool:
    """Whether a box reaches the end of the page, as shadows of a scanner and bands of colour do, and text never does."""
    return box[0] <= 1 or box[1] <= 1 or box[2] >= shape[1] - 1 or box[3] >= shape[0] - 1
