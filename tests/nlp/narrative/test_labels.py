"""Spans and tags are two ways of saying the same."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.narrative.labels import LABELS, OUTSIDE, TagScheme, TagSpan

SCHEME = TagScheme()
FURTHER = TagScheme((*LABELS, "DOCUMENT"))


@st.composite
def flat_spans(draw: st.DrawFn) -> tuple[list[TagSpan], int]:
    """Spans that do not overlap, sorted, and the length of their text."""
    bounds = sorted(draw(st.sets(st.integers(0, 60), max_size=20)))
    pairs = list(zip(bounds[::2], bounds[1::2], strict=False))
    spans = [(draw(st.sampled_from(LABELS)), start, end) for start, end in pairs]
    return spans, 60


@given(flat_spans())
def test_spans_survive_the_round_trip(case: tuple[list[TagSpan], int]) -> None:
    spans, length = case
    assert SCHEME.spans_of(SCHEME.tags_of(spans, length)) == spans


@given(flat_spans())
def test_tags_of_spans_are_legal(case: tuple[list[TagSpan], int]) -> None:
    tags = SCHEME.tags_of(*case)
    assert SCHEME.legal[OUTSIDE, tags[0]]
    assert SCHEME.legal_last[tags[-1]]
    assert SCHEME.legal[tags[:-1], tags[1:]].all()


def test_neighbouring_spans_of_one_label_stay_apart() -> None:
    spans = [("TITLE", 0, 2), ("TITLE", 2, 3), ("TITLE", 3, 7)]
    assert SCHEME.spans_of(SCHEME.tags_of(spans, 7)) == spans


@pytest.mark.parametrize("spans", [[("ITEM", 0, 0)], [("ITEM", 0, 9)], [("ITEM", 0, 3), ("ROLE", 2, 4)]])
def test_impossible_spans_are_refused(spans: list[TagSpan]) -> None:
    with pytest.raises(ValueError, match="empty, outside the text, or overlaps"):
        SCHEME.tags_of(spans, 5)


@pytest.mark.parametrize("tags", [["I-ITEM"], ["B-ITEM"], ["B-ITEM", "O"], ["B-ITEM", "E-ROLE"], ["O", "E-ITEM"]])
def test_illegal_tags_are_refused(tags: list[str]) -> None:
    with pytest.raises(ValueError, match="may not"):
        SCHEME.spans_of([SCHEME.ids[tag] for tag in tags])


def test_legality_is_that_of_bioes() -> None:
    follows = {tag: {SCHEME.tags[n] for n in np.flatnonzero(SCHEME.legal[number])} for number, tag in enumerate(SCHEME.tags)}
    assert follows["B-ITEM"] == follows["I-ITEM"] == {"I-ITEM", "E-ITEM"}
    assert follows["O"] == follows["E-ITEM"] == follows["S-ROLE"] == {tag for tag in SCHEME.tags if tag[0] in "OBS"}


def test_a_further_label_moves_no_tag() -> None:
    assert FURTHER.tags[: len(SCHEME.tags)] == SCHEME.tags
    assert FURTHER.columns("REMEDY") == SCHEME.columns("REMEDY")
    assert FURTHER.tags[FURTHER.columns("DOCUMENT")] == ("B-DOCUMENT", "I-DOCUMENT", "E-DOCUMENT", "S-DOCUMENT")
    spans = [("ITEM", 0, 2), ("DOCUMENT", 2, 5), ("DOCUMENT", 5, 6)]
    assert FURTHER.spans_of(FURTHER.tags_of(spans, 7)) == spans
