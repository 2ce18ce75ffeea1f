"""The labels of the narrative, their BIOES tags, which tag may follow which, and spans ↔ tags.

One flat layer: spans never overlap. `B` begins, `I` continues, `E` ends a span of two or more characters, `S` is a
span of one, `O` is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

LABELS = ("GROUP", "ROLE", "PERSON", "TITLE", "OFFICE", "DATE", "QUANTITY", "ITEM", "CHANNEL", "PROBLEM", "REMEDY")
OUTSIDE = 0
TAGS = ("O", *(f"{place}-{label}" for label in LABELS for place in "BIES"))
TAG_IDS = {tag: number for number, tag in enumerate(TAGS)}

TagSpan = tuple[str, int, int]


def _open_after(tag: str) -> str | None:
    return tag[2:] if tag[0] in "BI" else None


def _open_before(tag: str) -> str | None:
    return tag[2:] if tag[0] in "IE" else None


LEGAL: npt.NDArray[np.bool_] = np.array([[_open_after(a) == _open_before(b) for b in TAGS] for a in TAGS])
"""`LEGAL[i, j]`: tag j may follow tag i."""
LEGAL_FIRST: npt.NDArray[np.bool_] = np.array([_open_before(tag) is None for tag in TAGS])
LEGAL_LAST: npt.NDArray[np.bool_] = np.array([_open_after(tag) is None for tag in TAGS])


def tags_of(spans: Iterable[TagSpan], length: int) -> npt.NDArray[np.int64]:
    """Tag ids, shape (length,), of spans `(label, start, end)`.

    Raises ValueError for a span that is empty, lies outside `[0, length)` or overlaps another.
    """
    tags = np.full(length, OUTSIDE, dtype=np.int64)
    for label, start, end in spans:
        if not 0 <= start < end <= length or tags[start:end].any():
            raise ValueError(f"{label} [{start}, {end}) is empty, outside the text, or overlaps another span")
        if end - start == 1:
            tags[start] = TAG_IDS[f"S-{label}"]
            continue
        tags[start:end] = TAG_IDS[f"I-{label}"]
        tags[start], tags[end - 1] = TAG_IDS[f"B-{label}"], TAG_IDS[f"E-{label}"]
    return tags


def spans_of(tags: Sequence[int] | npt.NDArray[np.int64]) -> list[TagSpan]:
    """Spans `(label, start, end)` of a legal sequence of tag ids, by start.

    Raises ValueError where a tag may not follow the one before it.
    """
    spans: list[TagSpan] = []
    start = 0
    before = OUTSIDE
    for at, number in enumerate(int(tag) for tag in tags):
        if not LEGAL[before, number]:
            raise ValueError(f"{TAGS[number]} may not follow {TAGS[before]} at {at}")
        place, _, label = TAGS[number].partition("-")
        if place in ("B", "S"):
            start = at
        if place in ("E", "S"):
            spans.append((label, start, at + 1))
        before = number
    if not LEGAL_LAST[before]:
        raise ValueError(f"{TAGS[before]} may not end a sequence")
    return spans
