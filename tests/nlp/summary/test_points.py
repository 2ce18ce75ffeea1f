"""Clustering and assignment: no order, duplicate or chunk decides where a statement belongs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.summary import points
from nlp.summary.points import NONE, assign, centre, cluster, find_points, load_point_settings, nearest, smoothed
from nlp.summary.vectors import SCALE, Bytes, similarity

SETTINGS = load_point_settings()


def around(directions: int, each: int, width: int = 16, spread: float = 0.1, seed: int = 0) -> Bytes:
    """Vectors near some axes, `each` of one after another."""
    chance = np.random.default_rng(seed)
    made = np.repeat(np.eye(width)[:directions], each, axis=0) + spread * chance.standard_normal((directions * each, width))
    return np.rint(made / np.linalg.norm(made, axis=1, keepdims=True) * SCALE).astype(np.int8)


def same_parts(left: list[int], right: list[int]) -> bool:
    return len(set(zip(left, right, strict=True))) == len(set(left)) == len(set(right))


@given(seed=st.integers(0, 1000))
def test_order_decides_nothing(seed: int) -> None:
    vectors = around(4, 6, seed=seed)
    order = np.random.default_rng(seed).permutation(len(vectors))
    assert same_parts(cluster(vectors, 0.5)[order].tolist(), cluster(vectors[order], 0.5).tolist())


def test_similarity_is_cosine_and_exact_for_any_chunk() -> None:
    vectors = around(5, 7, seed=3)
    floats = vectors.astype(np.float64)
    cosine = floats @ floats.T / np.outer(np.linalg.norm(floats, axis=1), np.linalg.norm(floats, axis=1))
    assert np.allclose(similarity(vectors, vectors), cosine, atol=1e-6)
    assert np.array_equal(similarity(vectors, vectors)[3:4], similarity(vectors[3:4], vectors))


def test_points_are_found_and_what_stands_alone_is_left() -> None:
    vectors = np.concatenate([around(3, 8), np.rint(np.eye(16)[10:12] * SCALE).astype(np.int8)])
    found = find_points(vectors, np.ones(len(vectors), np.int64), SETTINGS)
    assert same_parts(found.assigned[:24].tolist(), np.repeat([0, 1, 2], 8).tolist())
    assert found.assigned[24:].tolist() == [NONE, NONE]
    assert found.keys == (None, None, None)


def test_one_statement_of_many_reports_is_a_point() -> None:
    vectors = np.rint(np.eye(16)[:2] * SCALE).astype(np.int8)
    found = find_points(vectors, np.array([5, 1]), SETTINGS)
    assert found.assigned.tolist() == [0, NONE]


def test_anchors_keep_their_key_and_go_when_nobody_states_them() -> None:
    vectors = around(3, 8)
    anchors = {"second": centre(vectors[8:16]), "nobody": np.rint(np.eye(16)[15] * SCALE).astype(np.int8)}
    found = find_points(vectors, np.ones(24, np.int64), SETTINGS, anchors)
    assert found.keys[0] == "second" and set(found.keys[1:]) <= {"second~nobody", "nobody~second"}
    assert len(found.keys) == 3
    assert found.assigned[8:16].tolist() == [0] * 8


def test_more_statements_than_one_sample_are_clustered_in_rounds() -> None:
    vectors = around(4, 10)[np.random.default_rng(0).permutation(40)]
    small = SETTINGS.model_copy(update={"sample": 12})
    whole = find_points(vectors, np.ones(40, np.int64), SETTINGS)
    assert same_parts(find_points(vectors, np.ones(40, np.int64), small).assigned.tolist(), whole.assigned.tolist())


def test_averaging_with_neighbours_draws_groups_together_and_leaves_what_stands_alone() -> None:
    vectors = np.concatenate([around(3, 8, spread=0.2), np.rint(np.eye(16)[10:11] * SCALE).astype(np.int8)])
    calm = smoothed(vectors, 5, 0.5)
    assert calm[-1].tolist() == vectors[-1].tolist()
    within = [similarity(some[:8], some[:8]).min() for some in (vectors, calm)]
    assert within[1] > within[0] + 0.05
    assert len(np.unique(cluster(calm, 0.15))) == 4


def test_chunks_decide_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, centres = around(4, 10), around(4, 1)
    whole, calm = nearest(vectors, centres), smoothed(vectors, 5, 0.2)
    monkeypatch.setattr(points, "_CHUNK", 7)
    monkeypatch.setattr(points, "_ROWS", 7)
    assert np.array_equal(smoothed(vectors, 5, 0.2), calm)
    for one, other in zip(vars(whole).values(), vars(nearest(vectors, centres)).values(), strict=True):
        assert np.array_equal(one, other)


def test_nothing_is_near_no_centre() -> None:
    found = nearest(around(2, 2), np.zeros((0, 16), np.int8))
    assert assign(found, -1.0).tolist() == [NONE] * 4
