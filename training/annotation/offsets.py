"""Code points ↔ UTF-16 code units, the count of tools written in JavaScript: an astral character has two units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate

_ASTRAL = "\U00010000"


def units_of(text: str) -> Sequence[int]:
    """For each boundary between code points, how many UTF-16 units stand before it; `len(text) + 1` numbers."""
    if not text or max(text) < _ASTRAL:
        return range(len(text) + 1)
    return [0, *accumulate(1 + (one >= _ASTRAL) for one in text)]


def points_of(text: str) -> Mapping[int, int]:
    """UTF-16 offsets → code points; an offset inside a character, or outside the text, has none."""
    return {unit: point for point, unit in enumerate(units_of(text))}
