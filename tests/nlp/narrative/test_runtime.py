"""Windows in threads: results in order, few of them ahead of the reader."""

from __future__ import annotations

import threading

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nlp.narrative.runtime import AHEAD, Floats, Halves, Ids, _in_order


def one_window(number: int) -> Ids:
    return np.array([number])


@given(st.integers(0, 150), st.integers(1, 4))
def test_results_come_in_order_whatever_the_threads(n_windows: int, n_threads: int) -> None:
    def run(ids: Ids) -> tuple[Floats, Halves]:
        return ids[None].astype(np.float32), ids[None].astype(np.float16)

    results = list(_in_order(run, map(one_window, range(n_windows)), n_threads))
    assert [int(logits[0, 0]) for logits, _ in results] == list(range(n_windows))


def test_a_long_text_is_not_run_far_ahead_of_the_reader() -> None:
    begun = 0
    lock = threading.Lock()

    def run(ids: Ids) -> tuple[Floats, Halves]:
        nonlocal begun
        with lock:
            begun += 1
        return ids[None].astype(np.float32), ids[None].astype(np.float16)

    for n_read, _ in enumerate(_in_order(run, map(one_window, range(400)), 2)):
        assert begun <= n_read + 1 + 2 * AHEAD
