"""Decoding against all legal taggings of short texts, one by one."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nlp.narrative.decode import Scored, decode
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


@pytest.mark.parametrize("block", [1, 7, 50])
def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    rows = np.random.default_rng(5).normal(0, 4, (50, N_TAGS))
    whole = decode(rows)
    monkeypatch.setattr("nlp.narrative.decode.BLOCK", block)
    assert decode(rows) == whole != []


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
