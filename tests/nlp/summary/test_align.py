"""Shared passages: they are equal, nothing is used twice, both directions agree, nothing long is missed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.summary.align import align, runs, shingles
from nlp.summary.prose import BREAK
from tests.nlp.summary.making import BRIDGE, ORCHARD, SCHOOL, SEAWALL

SHORTEST = 4
HASHES = (17169297341234165135, 4488350358651582210, 13436376691759038850)
few_letters = st.text(st.sampled_from("公开政府" + BREAK), max_size=60)  # few, so that they share much and repeat themselves


@given(few_letters, few_letters)
def test_a_match_is_equal_whole_and_long_enough(a: str, b: str) -> None:
    for a_start, b_start, length in align(a, b, SHORTEST):
        piece = a[a_start : a_start + length]
        assert piece == b[b_start : b_start + length]
        assert length >= SHORTEST
        assert BREAK not in piece


@given(few_letters, few_letters)
def test_no_character_is_used_twice(a: str, b: str) -> None:
    found = align(a, b, SHORTEST)
    for starts in ([m.a_start for m in found], [m.b_start for m in found]):
        used = [place for start, match in zip(starts, found, strict=True) for place in range(start, start + match.length)]
        assert len(used) == len(set(used))


@given(few_letters, few_letters)
def test_both_directions_give_the_same_passages(a: str, b: str) -> None:
    there = {(m.a_start, m.b_start, m.length) for m in align(a, b, SHORTEST)}
    back = {(m.b_start, m.a_start, m.length) for m in align(b, a, SHORTEST)}
    assert there == back


@given(few_letters, few_letters)
def test_something_is_found_exactly_when_a_shingle_is_shared(a: str, b: str) -> None:
    grams_a, grams_b = (
        {t[i : i + SHORTEST] for i in range(len(t) - SHORTEST + 1) if BREAK not in t[i : i + SHORTEST]} for t in (a, b)
    )
    assert bool(align(a, b, SHORTEST)) == bool(grams_a & grams_b)


@given(st.permutations([SEAWALL, ORCHARD, SCHOOL, BRIDGE]))
def test_moved_sentences_are_found(order: list[str]) -> None:
    a, b = "".join([SEAWALL, ORCHARD, SCHOOL, BRIDGE]), "".join(order)
    assert sum(match.length for match in align(a, b, SHORTEST)) >= len(b) - 3  # a full stop may go to either neighbour


def test_a_text_of_one_phrase_costs_no_square() -> None:
    found = align("公开" * 5_000, "公开" * 4_000, SHORTEST)
    assert max(match.length for match in found) >= SHORTEST


def test_hashes_are_the_same_everywhere() -> None:
    hashes, whole = shingles("政府信息公开", 4)
    assert hashes.tolist() == list(HASHES)
    assert whole.all()


@pytest.mark.parametrize("text", ["", "政府"])
def test_a_short_text_has_no_shingles(text: str) -> None:
    assert not len(shingles(text, 4)[0])
    assert align(text, SEAWALL, SHORTEST) == []


def test_runs_are_half_open() -> None:
    hashes, _ = shingles("政府信息公开工作", 4)
    flags = hashes != hashes[2]
    assert list(runs(flags)) == [(0, 2), (3, 5)]
