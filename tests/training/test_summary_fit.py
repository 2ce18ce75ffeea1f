"""Fitting vectors on groups, and what is told of key points."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="measuring needs the extra `train`")
torch = pytest.importorskip("torch", reason="fitting needs the extra `train`")

from nlp.summary.points import NONE
from nlp.summary.vectors import SCALE, Layer
from training.summary.contrast import ContrastSettings, prototypical, sharpen
from training.summary.fit import (
    FOLDER,
    LEAST_IN_ANCHOR,
    Seen,
    anchors,
    discriminants,
    grams_of,
    rarity,
    read_fitted,
    read_grouped,
    vectors,
)
from training.summary.keypoints import assignment, rand_index


def rows(*axes: int) -> np.ndarray:
    return np.rint(np.eye(4)[list(axes)] * SCALE).astype(np.int8)


def test_discriminants_mute_what_varies_within_groups() -> None:
    chance = np.random.default_rng(0)
    groups = [name for name in "abc" for _ in range(30)]
    features = np.column_stack([10 * chance.standard_normal(90), np.repeat([0.0, 1.0, 2.0], 30) + 0.1 * chance.standard_normal(90)])
    mean, projection = discriminants(features.astype(np.float32), groups, 1, 1e-6)
    mapped = ((features - mean) @ projection)[:, 0]
    centres = [mapped[start : start + 30].mean() for start in (0, 30, 60)]
    assert min(abs(np.diff(centres))) > 5 * mapped[:30].std()


def test_contrast_weighs_what_tells_groups_apart() -> None:
    chance = np.random.default_rng(0)
    groups = [name for name in "abcd" for _ in range(12)]
    features = np.concatenate([np.repeat(np.eye(4), 12, axis=0), chance.standard_normal((48, 4))], axis=1).astype(np.float32)
    settings = ContrastSettings(rate=0.1)
    start = np.full((8, 8), 0.1, np.float32) + np.eye(8, dtype=np.float32)
    weight, bias = sharpen(features, groups, start, np.zeros(8, np.float32), settings)
    again, _ = sharpen(features, groups, start, np.zeros(8, np.float32), settings)
    assert np.array_equal(weight, again)
    own = torch.tensor(np.repeat(np.arange(4), 12))
    losses = [float(prototypical(torch.tensor(features @ one + b), own, 0.1)) for one, b in ((start, 0), (weight, bias))]
    assert losses[1] < losses[0] / 2


def test_strict_precision_counts_those_of_no_group_as_wrong() -> None:
    made, groups = rows(0, 0, 0, 1, 1, 1, 0, 3), ["a", "a", "a", "b", "b", "b", "", ""]
    found = assignment(made, groups, 0.5)
    assert (found.precision, found.coverage, found.n_grouped, found.n_alone) == (6 / 7, 1.0, 6, 2)


def test_a_statement_does_not_vouch_for_itself() -> None:
    made, groups = rows(0, 0, 1, 1, 2), ["a", "a", "b", "b", "b"]
    found = assignment(made, groups, 0.5)
    assert (found.precision, found.coverage) == (1.0, 0.8)


def test_what_is_not_assigned_stands_alone() -> None:
    groups = ["a", "a", "b", "b", ""]
    assert rand_index(np.array([0, 0, 1, 1, 1]), groups) == 1.0
    assert rand_index(np.array([NONE, NONE, NONE, NONE, NONE]), groups) == 0.0


def test_small_groups_are_no_anchors() -> None:
    made = anchors(rows(*[0] * LEAST_IN_ANCHOR, 1), ["a"] * LEAST_IN_ANCHOR + ["b"])
    assert list(made) == ["a"] and made["a"].tolist() == rows(0)[0].tolist()


def test_words_in_one_text_alone_weigh_nothing() -> None:
    rare = rarity(["更新不及时", "更新慢", "人员少"])
    grams = grams_of(["更新", "少"], rare).toarray()
    assert grams[0].any() and not grams[1].any()


def test_the_layer_maps_statements_one_by_one_as_it_does_all_at_once() -> None:
    chance = np.random.default_rng(1)
    weights = {
        "states.mean": np.zeros(6), "states.scale": np.ones(6), "states.weight": chance.standard_normal((4, 6)),
        "grams.rarity": np.ones(50), "grams.weight": chance.standard_normal((50, 4)), "bias": chance.standard_normal(4),
    }  # fmt: skip
    layer = Layer({name: value.astype(np.float32) for name, value in weights.items()}, {})
    states = [chance.standard_normal((n, 6)).astype(np.float32) for n in (3, 5)]
    texts = ["更新慢", "人员少"]
    seen = Seen(np.stack([layer.pooled(one) for one in states]), grams_of(texts, layer.weights["grams.rarity"]))
    one_by_one = np.stack([layer(state, text) for state, text in zip(states, texts, strict=True)])
    assert np.abs(vectors(layer, seen).astype(int) - one_by_one).max() <= 1


def test_no_statement_that_is_measured_was_fitted_on() -> None:
    fitted, measured = (
        {"".join(one for one in row.text if one.isalnum()) for row in rows}
        for rows in (read_fitted(), read_grouped(FOLDER / "test.tsv"))
    )
    assert not fitted & measured
