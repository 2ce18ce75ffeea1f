"""Long prose in windows: overlapping stretches of tokens, and how what they say about a token is put together.

Every token but those at the ends of a passage is read in two windows; a window is trusted most in its middle, where
it sees both sides. Windows depend on the passage alone, so batch size and threads cannot change what is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch `[start, end)` of prose inside one section; table text and page chrome are in no passage."""

    start: int
    end: int
    section: str


def tile(n_tokens: int, size: int) -> list[tuple[int, int]]:
    """Windows `[start, end)` of at most `size` tokens that cover `n_tokens`; neighbours overlap by half or more."""
    if n_tokens <= size:
        return [(0, n_tokens)] if n_tokens else []
    step = size // 2
    starts = [*range(0, n_tokens - size, step), n_tokens - size]
    return [(start, start + size) for start in starts]


def trust(start: int, end: int, n_tokens: int) -> Floats:
    """Weight of each token of the window `[start, end)`: its distance to the nearer edge inside the passage."""
    at = np.arange(end - start, dtype=np.float32)
    far = np.float32(end - start)
    left = at + 1 if start > 0 else np.full_like(at, far)
    right = at[::-1] + 1 if end < n_tokens else np.full_like(at, far)
    return np.minimum(left, right)


def join(n_tokens: int, windows: list[tuple[int, int]], values: Sequence[npt.NDArray[np.floating]]) -> Floats:
    """Weighted means, shape (n_tokens, width), of what the windows say: an array (end - start, width) for each."""
    total = np.zeros((n_tokens, values[0].shape[1]), dtype=np.float32)
    weight = np.zeros((n_tokens, 1), dtype=np.float32)
    for (start, end), value in zip(windows, values, strict=True):
        share = trust(start, end, n_tokens)[:, None]
        total[start:end] += share * value
        weight[start:end] += share
    return total / weight
