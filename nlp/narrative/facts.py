"""The facts of a narrative: mentions of the labeller → leadership groups, counts, problems and remedies with their links."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from nlp.document import Span
from nlp.narrative.clauses import reading_copy
from nlp.narrative.counts import counted, find_counts
from nlp.narrative.groups import find_groups
from nlp.narrative.remedies import link, shared_topics, statuses
from nlp.narrative.snap import LONG, Statement, snap
from nlp.narrative.supply import supply
from nlp.narrative.tidy import tidy
from nlp.narrative.windows import Passage
from nlp.record import Mention, Narrative, Problem, Remedy, RemedyStatus
from nlp.settings import load_toml

Spans = Sequence[tuple[int, int]]


class Evidence(Protocol):
    """What the labeller knows beyond its mentions; `nlp.narrative.tagger.Tagged` is one. Spans are offsets of the text."""

    def label_probability(self, start: int, end: int) -> Mapping[str, float]:
        """Mean probability of `PROBLEM`, `REMEDY` and `none` over `[start, end)`."""
        ...

    def category_probabilities(self, spans: Spans) -> npt.NDArray[np.float32]:
        """How surely each statement is about each category, shape (spans, categories)."""
        ...

    def name_categories(self, probabilities: npt.NDArray[np.float32]) -> Sequence[Sequence[str]]:
        """Category codes for rows of `category_probabilities`, the surest first."""
        ...

    def link_scores(self, problems: Spans, remedies: Spans) -> npt.NDArray[np.float32]:
        """How surely each remedy answers each problem, shape (problems, remedies)."""
        ...

    def remedy_status(self, spans: Spans) -> Sequence[RemedyStatus]:
        """Whether each remedy is planned or done."""
        ...


def assemble(
    text: str,
    mentions: Sequence[Mention],
    passages: Sequence[Passage],
    year: int | None,
    evidence: Evidence | None = None,
    agency: str | None = None,
) -> Narrative:
    """The narrative of one document.

    `text` is the document's own text, in which mentions and passages have their offsets; `year` is the report's year,
    `agency` who reports. Mentions of the result are sorted and do not overlap: PROBLEM and REMEDY have the edges of the
    author's items, no other label is inside them, and short ones surer wrong than right are left out. A fact is as sure
    as the least sure of its mentions.
    """
    plain = reading_copy(text)
    statements = snap(plain, mentions, passages, evidence.label_probability if evidence else None)
    tidied = tidy(plain, text, _merged(text, mentions, statements), agency)
    kept = counted(plain, supply(plain, text, tidied, passages))
    problems, remedies = ([one for one in statements if one.label == label] for label in LONG)
    return Narrative(kept, find_groups(plain, text, kept, year), find_counts(plain, text, kept, year),
                     *_answers(plain, text, (problems, remedies), year, evidence))


def _merged(text: str, mentions: Sequence[Mention], statements: Sequence[Statement]) -> list[Mention]:
    """Final mentions: the statements, and the short labels outside them."""
    long = [Mention(one.label, one.start, one.end, text[one.start : one.end], round(one.score, 4)) for one in statements]
    least = load_toml("narrative.toml")["tidy"]["least_score"]
    short = [one for one in mentions if one.label not in LONG and one.score >= least]
    ends = [one.end for one in long]
    outside = [one for one in short if _is_free(one, long, bisect_right(ends, one.start))]
    return sorted(long + outside, key=lambda one: one.start)


def _is_free(mention: Mention, long: Sequence[Mention], place: int) -> bool:
    """Whether a mention touches no statement; `place` is that of the first statement that ends after it begins."""
    return place == len(long) or mention.end <= long[place].start


def _answers(
    plain: str, text: str, sides: tuple[Sequence[Statement], Sequence[Statement]], year: int | None, evidence: Evidence | None
) -> tuple[list[Problem], list[Remedy]]:
    problems, remedies = sides
    spans = [[Span(one.start, one.end) for one in side] for side in sides]
    shares = [evidence.category_probabilities(side) for side in spans] if evidence else []
    codes: list[list[list[str]]] = [[[] for _ in side] for side in spans]
    told = evidence.remedy_status(spans[1]) if evidence and remedies else None
    scores = evidence.link_scores(*spans) if evidence and problems and remedies else None
    links = link(plain, problems, remedies, (shares[0], shares[1]) if evidence else None, scores)
    if evidence:
        codes = [_named(some, evidence) for some in shared_topics(shares[0], shares[1], links)]
    found = [
        Problem(text[one.start : one.end], Span(one.start, one.end), code, answers, round(one.score, 4))
        for one, code, answers in zip(problems, codes[0], links, strict=True)
    ]
    measures = [
        Remedy(text[one.start : one.end], Span(one.start, one.end), code, state, round(one.score, 4))
        for one, code, state in zip(remedies, codes[1], statuses(plain, remedies, year, told), strict=True)
    ]
    return found, measures


def _named(shares: npt.NDArray[np.float32], evidence: Evidence) -> list[list[str]]:
    return [list(one) for one in evidence.name_categories(shares)]
