"""Passages that two texts share, found exactly, in time near linear in their length.

Every shingle of one text is looked up among those of the other; neighbours on one diagonal are one passage. Passages are
taken longest first and no character is used twice (greedy string tiling: Wise 1993, YAP3), so moved sentences are found.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from nlp.summary.prose import BREAK

Flags = npt.NDArray[np.bool_]
Hashes = npt.NDArray[np.uint64]
_BASE = np.uint64(0x9E3779B97F4A7C15)
_MIXERS = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))  # of SplitMix64 (Steele et al. 2014)
_MOST_PLACES = 8  # of one shingle in the other text; keeps a text of one repeated phrase from costing its square


class Match(NamedTuple):
    """`a[a_start : a_start + length] == b[b_start : b_start + length]`."""

    a_start: int
    b_start: int
    length: int


def shingles(text: str, length: int) -> tuple[Hashes, Flags]:
    """Hash of every stretch of `length` characters, by its start, and whether it lies inside one stretch of prose.

    The same on every machine and in every run. A text shorter than `length` has none.
    """
    codes = np.frombuffer(text.encode("utf-32-le"), np.uint32).astype(np.uint64)
    n = max(0, len(codes) - length + 1)
    hashes, whole = np.zeros(n, np.uint64), np.ones(n, np.bool_)
    for offset in range(length if n else 0):
        column = codes[offset : offset + n]
        hashes = hashes * _BASE + column
        whole &= column != ord(BREAK)
    for shift, mixer in zip((30, 27), _MIXERS, strict=True):
        hashes = (hashes ^ (hashes >> np.uint64(shift))) * mixer
    return hashes ^ (hashes >> np.uint64(31)), whole


def align(a: str, b: str, shortest: int) -> list[Match]:
    """Passages of at least `shortest` characters that stand in both texts, by their place in `b`; none crosses a BREAK.

    No character of either text is in two passages. `align(b, a)` gives the same passages.
    """
    if (len(b), b) < (len(a), a):  # one order for both directions, so that ties are settled alike
        found = [Match(match.b_start, match.a_start, match.length) for match in _tiles(b, a, shortest)]
    else:
        found = list(_tiles(a, b, shortest))
    return sorted(found, key=lambda match: match.b_start)


def runs(flags: Flags) -> Iterator[tuple[int, int]]:
    """Stretches `[start, end)` of true values."""
    edges = np.flatnonzero(np.diff(flags.astype(np.int8), prepend=0, append=0))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _tiles(a: str, b: str, shortest: int) -> Iterator[Match]:
    free_a, free_b = np.ones(len(a), np.bool_), np.ones(len(b), np.bool_)
    for match in sorted(_maximal(a, b, shortest), key=lambda match: (-match.length, match.a_start, match.b_start)):
        in_a, in_b = (slice(at, at + match.length) for at in (match.a_start, match.b_start))
        for start, end in runs(free_a[in_a] & free_b[in_b]):
            if end - start >= shortest:
                yield Match(match.a_start + start, match.b_start + start, end - start)
                free_a[match.a_start + start : match.a_start + end] = False
                free_b[match.b_start + start : match.b_start + end] = False


def _maximal(a: str, b: str, shortest: int) -> Iterator[Match]:
    """Matches that cannot be longer, of places that agree in a shingle of `shortest` characters."""
    at_a, at_b = _meetings(a, b, shortest)
    if not len(at_a):
        return
    diagonal = at_b - at_a
    order = np.lexsort((at_a, diagonal))
    at_a, at_b, diagonal = at_a[order], at_b[order], diagonal[order]
    breaks = np.flatnonzero((np.diff(diagonal) != 0) | (np.diff(at_a) != 1)) + 1
    firsts = np.concatenate(([0], breaks))
    lengths = np.diff(np.concatenate((firsts, [len(at_a)]))) + shortest - 1
    for start, other, length in zip(at_a[firsts].tolist(), at_b[firsts].tolist(), lengths.tolist(), strict=True):
        if a[start : start + length] == b[other : other + length]:  # else two shingles had one hash
            yield Match(start, other, length)


def _meetings(a: str, b: str, length: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Starts in `a` and in `b` of shingles that are equal."""
    (hashes_a, whole_a), (hashes_b, whole_b) = shingles(a, length), shingles(b, length)
    starts_a, starts_b = np.flatnonzero(whole_a), np.flatnonzero(whole_b)
    starts_a = starts_a[np.argsort(hashes_a[starts_a], kind="stable")]
    left, right = (np.searchsorted(hashes_a[starts_a], hashes_b[starts_b], side) for side in ("left", "right"))
    counts = np.minimum(right - left, _MOST_PLACES)
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return starts_a[np.repeat(left, counts) + within], np.repeat(starts_b, counts)
