"""Windows cover every token, and joining gives back what all windows agree on."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nlp.narrative.windows import OVERLAP, Join, tile, trust

LENGTHS = st.integers(0, 3000)
SIZES = st.integers(2, 400)


@given(LENGTHS, SIZES)
def test_windows_cover_every_token_within_their_size(n_tokens: int, size: int) -> None:
    windows = tile(n_tokens, size)
    covered = np.zeros(n_tokens, dtype=int)
    for start, end in windows:
        assert 0 <= start < end <= n_tokens
        assert end - start <= size
        covered[start:end] += 1
    assert (covered > 0).all()


@given(LENGTHS, SIZES)
def test_neighbours_overlap_and_no_token_is_read_three_times(n_tokens: int, size: int) -> None:
    windows = tile(n_tokens, size)
    assert all(before[1] - after[0] == min(OVERLAP, size // 2) for before, after in pairwise(windows))
    assert all(before[1] <= after[0] for before, after in zip(windows, windows[2:], strict=False) if size >= 4 * OVERLAP)


@given(LENGTHS, SIZES)
def test_windows_are_as_few_as_can_be_and_of_one_length(n_tokens: int, size: int) -> None:
    windows = tile(n_tokens, size)
    overlap = min(OVERLAP, size // 2)
    if n_tokens > size:
        assert (len(windows) - 1) * (size - overlap) < n_tokens - overlap <= len(windows) * (size - overlap)
    assert len({end - start for start, end in windows[:-1]}) <= 1


@given(st.integers(1, 900), st.integers(2, 200))
def test_joining_keeps_what_all_windows_say(n_tokens: int, size: int) -> None:
    whole = np.linspace(-3, 3, n_tokens * 4, dtype=np.float32).reshape(n_tokens, 4)
    joined = np.empty_like(whole)
    join = Join(joined)
    for start, end in tile(n_tokens, size):
        join.add(start, end, whole[start:end])
    np.testing.assert_allclose(joined, whole, rtol=1e-5, atol=1e-5)


@given(st.integers(1, 900), st.integers(2, 200), st.integers(0, 2**32 - 1))
def test_joining_is_the_weighted_mean_of_all_windows(n_tokens: int, size: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    joined = np.empty((n_tokens, 3), dtype=np.float32)
    join = Join(joined)
    total, weight = np.zeros((n_tokens, 3), dtype=np.float32), np.zeros((n_tokens, 1), dtype=np.float32)
    for start, end in tile(n_tokens, size):
        value = rng.normal(size=(end - start, 3)).astype(np.float32)
        join.add(start, end, value)
        total[start:end] += trust(start, end, n_tokens)[:, None] * value
        weight[start:end] += trust(start, end, n_tokens)[:, None]
    np.testing.assert_allclose(joined, total / weight, rtol=1e-5, atol=1e-6)


def test_a_window_is_trusted_least_at_its_inner_edges() -> None:
    assert trust(0, 4, 10).tolist() == [4, 3, 2, 1]
    assert trust(3, 7, 10).tolist() == [1, 2, 2, 1]
    assert trust(6, 10, 10).tolist() == [1, 2, 3, 4]
    assert trust(0, 4, 4).tolist() == [4, 4, 4, 4]
