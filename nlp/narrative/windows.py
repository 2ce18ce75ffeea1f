"""Long prose in windows: overlapping stretches of tokens, and how what they say about a token is put together.

Tokens near an inner edge of a window are read in its neighbour too; a window is trusted most in its middle, where it
sees both sides. Windows depend on the passage alone, so batch size and threads cannot change what is read.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
OVERLAP = 64
"""Tokens that two windows share. More takes longer and reads no better: strict F1 on the authored dev and test documents
(`gongkai evaluate training/corpus`) 0.925 and 0.882 with none, 0.924 and 0.886 with 48, 0.927 and 0.885 with 64, 0.926 and
0.883 with 96, 0.926 and 0.885 with 128. Between two of these 1 to 2 % of the spans move."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch `[start, end)` of prose inside one section; table text and page chrome are in no passage."""

    start: int
    end: int
    section: str


def tile(n_tokens: int, size: int) -> list[tuple[int, int]]:
    """Windows `[start, end)` of at most `size` tokens that cover `n_tokens`: as few as can be, alike in length.

    Neighbours overlap by OVERLAP tokens, or by half of windows shorter than twice that.
    """
    if n_tokens <= size:
        return [(0, n_tokens)] if n_tokens else []
    overlap = min(OVERLAP, size // 2)
    n_windows = -(-(n_tokens - overlap) // (size - overlap))
    step = -(-(n_tokens - overlap) // n_windows)
    return [(start, min(start + step + overlap, n_tokens)) for start in range(0, n_tokens - overlap, step)]


def trust(start: int, end: int, n_tokens: int) -> Floats:
    """Weight of each token of the window `[start, end)`: its distance to the nearer edge inside the passage."""
    at = np.arange(end - start, dtype=np.float32)
    far = np.float32(end - start)
    left = at + 1 if start > 0 else np.full_like(at, far)
    right = at[::-1] + 1 if end < n_tokens else np.full_like(at, far)
    return np.minimum(left, right)


class Join:
    """Weighted means of what overlapping windows say, written into `joined`, shape (tokens of the passage, width).

    Windows are added in order, without a gap. Besides `joined` only the weights of the last window's tokens are held.
    """

    def __init__(self, joined: npt.NDArray[np.floating]) -> None:
        self._joined = joined
        self._end = 0
        self._weight = np.empty((0, 1), dtype=np.float32)

    def add(self, start: int, end: int, value: npt.NDArray[np.floating]) -> None:
        """Take what the window `[start, end)` says: shape (end - start, width)."""
        n_again = self._end - start
        share = trust(start, end, len(self._joined))[:, None]
        before = self._weight[len(self._weight) - n_again :]
        again, new = self._joined[start : self._end], self._joined[self._end : end]
        again[:] = (before * again + share[:n_again] * value[:n_again]) / (before + share[:n_again])
        new[:] = value[n_again:]
        share[:n_again] += before
        self._weight, self._end = share, end
