"""The labels of the narrative, their BIOES tags, which tag may follow which, and spans ↔ tags.

One flat layer: spans never overlap. `B` begins, `I` continues, `E` ends a span of two or more characters, `S` is a
span of one, `O` is none. Facts are built from the labels of `LABELS`; a model may know further ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

LABELS = ("GROUP", "ROLE", "PERSON", "TITLE", "OFFICE", "DATE", "QUANTITY", "ITEM", "CHANNEL", "PROBLEM", "REMEDY")
OUTSIDE = 0

TagSpan = tuple[str, int, int]


@dataclass(frozen=True)
class TagScheme:
    """BIOES over `labels`: `tags` are `O`, then B, I, E, S of each label in order; a tag's id is its place there."""

    labels: tuple[str, ...] = LABELS

    @cached_property
    def tags(self) -> tuple[str, ...]:
        """Names of the tags by id."""
        return ("O", *(f"{place}-{label}" for label in self.labels for place in "BIES"))

    @cached_property
    def ids(self) -> dict[str, int]:
        """Ids of the tags by name."""
        return {tag: number for number, tag in enumerate(self.tags)}

    @cached_property
    def legal(self) -> npt.NDArray[np.bool_]:
        """`legal[i, j]`: tag j may follow tag i."""
        return np.array([[_open_after(a) == _open_before(b) for b in self.tags] for a in self.tags])

    @cached_property
    def legal_last(self) -> npt.NDArray[np.bool_]:
        """`legal_last[i]`: tag i may end a sequence; the tags that may begin one are those that may follow `O`."""
        return np.array([_open_after(tag) is None for tag in self.tags])

    def columns(self, label: str) -> slice:
        """The four tags of a label."""
        first = 1 + 4 * self.labels.index(label)
        return slice(first, first + 4)

    def tags_of(self, spans: Iterable[TagSpan], length: int) -> npt.NDArray[np.int64]:
        """Tag ids, shape (length,), of spans `(label, start, end)`.

        Raises ValueError for a span that is empty, lies outside `[0, length)` or overlaps another.
        """
        tags = np.full(length, OUTSIDE, dtype=np.int64)
        for label, start, end in spans:
            if not 0 <= start < end <= length or tags[start:end].any():
                raise ValueError(f"{label} [{start}, {end}) is empty, outside the text, or overlaps another span")
            if end - start == 1:
                tags[start] = self.ids[f"S-{label}"]
                continue
            tags[start:end] = self.ids[f"I-{label}"]
            tags[start], tags[end - 1] = self.ids[f"B-{label}"], self.ids[f"E-{label}"]
        return tags

    def spans_of(self, tags: Sequence[int] | npt.NDArray[np.int64]) -> list[TagSpan]:
        """Spans `(label, start, end)` of a legal sequence of tag ids, by start.

        Raises ValueError where a tag may not follow the one before it.
        """
        spans: list[TagSpan] = []
        start = 0
        before = OUTSIDE
        for at, number in enumerate(int(tag) for tag in tags):
            if not self.legal[before, number]:
                raise ValueError(f"{self.tags[number]} may not follow {self.tags[before]} at {at}")
            place, _, label = self.tags[number].partition("-")
            if place in ("B", "S"):
                start = at
            if place in ("E", "S"):
                spans.append((label, start, at + 1))
            before = number
        if not self.legal_last[before]:
            raise ValueError(f"{self.tags[before]} may not end a sequence")
        return spans


def _open_after(tag: str) -> str | None:
    return tag[2:] if tag[0] in "BI" else None


def _open_before(tag: str) -> str | None:
    return tag[2:] if tag[0] in "IE" else None
