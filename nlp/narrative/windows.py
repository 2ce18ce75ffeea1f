"""Long prose in windows: overlapping stretches of tokens, and how what they say about a token is put together.

Every token but those at the ends of a passage is read in two windows; a window is trusted most in its middle, where
it sees both sides. Windows depend on the passage alone, so batch size and threads cannot change what is read.
"""

from __future__ import annotations

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


class Join:
    """Weighted means of what overlapping windows say, written into `joined`, shape (tokens of the passage, width).

    Windows are added in order. Full precision is held only where a further window may still speak, so that a long
    passage costs no more than `joined` itself.
    """

    def __init__(self, joined: npt.NDArray[np.floating]) -> None:
        self._joined = joined
        self._settled = 0
        self._total = np.empty((0, joined.shape[1]), dtype=np.float32)
        self._weight = np.empty((0, 1), dtype=np.float32)

    def add(self, start: int, end: int, value: npt.NDArray[np.floating]) -> None:
        """Take what the window `[start, end)` says: shape (end - start, width)."""
        self._settle(start)
        grown = ((0, end - start - len(self._total)), (0, 0))
        share = trust(start, end, len(self._joined))[:, None]
        self._total = np.pad(self._total, grown) + share * value
        self._weight = np.pad(self._weight, grown) + share
        if end == len(self._joined):
            self._settle(end)

    def _settle(self, end: int) -> None:
        """Write the means of the tokens before `end`, of which no window will speak again."""
        n_done = end - self._settled
        self._joined[self._settled : end] = self._total[:n_done] / self._weight[:n_done]
        self._total, self._weight, self._settled = self._total[n_done:], self._weight[n_done:], end
