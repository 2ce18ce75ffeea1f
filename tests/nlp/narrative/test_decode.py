"""Decoding against all legal taggings of short texts, one by one."""

from __future__ import annotations

from dataclasses import astuple
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nlp.narrative.chain import Moves, sums
from nlp.narrative.decode import BEGIN, END, INSIDE, Scored, decode
from nlp.narrative.labels import LABELS, OUTSIDE, TagScheme

SCHEME = TagScheme()
N_TAGS = len(SCHEME.tags)
FEW = [SCHEME.ids[tag] for tag in ("O", *(f"{place}-{label}" for label in ("ITEM", "PROBLEM") for place in "BIES"))]
IMPOSSIBLE = -200.0


@st.composite
def emissions(draw: st.DrawFn, longest: int) -> np.ndarray:
    n_tokens = draw(st.integers(1, longest))
    some = draw(arrays(np.float64, (n_tokens, len(FEW)), elements=st.floats(-6, 6)))
    rows = np.full((n_tokens, N_TAGS), IMPOSSIBLE)
    rows[:, FEW] = some
    return rows


def legal_taggings(n_tokens: int) -> list[tuple[int, ...]]:
    ends = (one for one in product(FEW, repeat=n_tokens) if SCHEME.legal[OUTSIDE, one[0]] and SCHEME.legal_last[one[-1]])
    return [one for one in ends if all(SCHEME.legal[a, b] for a, b in pairwise(one))]


@settings(max_examples=60, deadline=None)
@given(emissions(longest=4))
def test_the_best_tagging_is_found_and_scored_by_its_share(rows: np.ndarray) -> None:
    taggings = legal_taggings(len(rows))
    weights = np.array([sum(rows[at, tag] for at, tag in enumerate(one)) for one in taggings])
    shares = np.exp(weights - np.logaddexp.reduce(weights))
    found = decode(rows)
    tagging = tuple(int(tag) for tag in SCHEME.tags_of([scored.span for scored in found], len(rows)))
    assert weights[taggings.index(tagging)] == pytest.approx(weights.max())
    for scored in found:
        share = sum(share for one, share in zip(taggings, shares, strict=True) if scored.span in SCHEME.spans_of(one))
        assert scored.score == pytest.approx(share, abs=1e-9)


@settings(deadline=None)
@given(arrays(np.float32, st.tuples(st.integers(0, 80), st.just(N_TAGS)), elements=st.floats(-20, 0, width=32)))
def test_whatever_the_emissions_the_spans_are_flat_and_sorted(rows: np.ndarray) -> None:
    found = decode(rows)
    tags = SCHEME.tags_of([scored.span for scored in found], len(rows))
    assert SCHEME.spans_of(tags) == [scored.span for scored in found]
    assert all(0 <= scored.score <= 1 for scored in found)


def test_temperature_moves_scores_and_no_edge() -> None:
    rows = np.random.default_rng(3).normal(0, 4, (50, N_TAGS))
    cold, warm = decode(rows, 1.0), decode(rows, 3.0)
    assert [one.span for one in cold] == [one.span for one in warm]
    assert sum(one.score for one in warm) < sum(one.score for one in cold)


@settings(deadline=None)
@given(st.lists(st.integers(0, 60), max_size=8), st.integers(0, 2**32 - 1))
def test_passages_are_decoded_as_each_would_be_alone(lengths: list[int], seed: int) -> None:
    rows = np.random.default_rng(seed).normal(0, 4, (sum(lengths), N_TAGS))
    expected, first = [], 0
    for length in lengths:
        alone = decode(rows[first : first + length])
        expected += [Scored((label, first + a, first + b), pytest.approx(one)) for (label, a, b), one in map(astuple, alone)]
        first += length
    assert decode(rows, lengths=lengths) == expected


@pytest.mark.parametrize("n_tokens", [1, 2, 99, 100, 101, 3000])
def test_long_chains_are_walked_as_short_ones_are(n_tokens: int) -> None:
    """Against the chain walked token by token, with as many stretches as there come of any length."""
    rows = np.random.default_rng(n_tokens).normal(0, 3, (n_tokens, N_TAGS))
    moves = Moves(*(rows[:, some] for some in (0, BEGIN, INSIDE, END)))
    weights = [np.where(np.arange(len(LABELS) + 1) == 0, 0.0, -np.inf)]
    for stay, begin, inside, end in zip(moves.stay, moves.begin, moves.inside, moves.end, strict=True):
        closed, held = weights[-1][0], weights[-1][1:]
        weights.append(np.logaddexp([np.logaddexp.reduce(held + end), *(held + inside)], [closed + stay, *(closed + begin)]))
    np.testing.assert_allclose(sums(moves), [one[0] for one in weights], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(sums(moves.backward())[-1], weights[-1][0], rtol=1e-9)


def test_nothing_in_nothing() -> None:
    assert decode(np.empty((0, N_TAGS), np.float32)) == []


def test_a_certain_span_is_certain() -> None:
    rows = np.full((5, N_TAGS), -30.0)
    rows[np.arange(5), SCHEME.tags_of([("PERSON", 1, 4)], 5)] = 0.0
    assert decode(rows) == [Scored(("PERSON", 1, 4), pytest.approx(1.0))]


def test_further_labels_are_decoded() -> None:
    labels = (*LABELS, "DOCUMENT")
    scheme = TagScheme(labels)
    spans = [("DOCUMENT", 0, 3), ("PERSON", 3, 4)]
    rows = np.full((5, len(scheme.tags)), -30.0)
    rows[np.arange(5), scheme.tags_of(spans, 5)] = 0.0
    assert [one.span for one in decode(rows, labels=labels)] == spans
