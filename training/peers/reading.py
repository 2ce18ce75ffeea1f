"""Documents as a peer meets them: the passages that the pipeline gives to our labeller, and the scores of what it found.

A peer reads the folded copy of a text and its passages, and answers with spans of that copy. Its spans are scored twice: as they are,
and after the pipeline's own rules (items, edges, tidying), which see no more of a peer than its spans.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from nlp.document import Folded
from nlp.fold import fold
from nlp.identity import identify
from nlp.ingest.read import read_text
from nlp.narrative.codec import is_blank
from nlp.narrative.facts import assemble
from nlp.narrative.labels import TagSpan
from nlp.narrative.windows import Passage
from nlp.passages import find_passages
from nlp.record import Mention, Narrative
from nlp.sections import split
from nlp.tables.read import read_tables
from training.cases import Case
from training.scores import figures, judge

Figures = dict[str, dict[str, dict[str, Any]]]


@dataclass(frozen=True)
class Reading:
    """A document to label: its folded copy, the passages of that copy, and what the rules know of its author."""

    case: Case
    folded: Folded
    passages: tuple[Passage, ...]
    year: int | None
    agency: str | None

    @property
    def n_characters(self) -> int:
        """Characters of the passages: what a labeller reads."""
        return sum(passage.end - passage.start for passage in self.passages)

    def original(self, mention: Mention) -> Mention:
        """A mention of the folded copy as one of the document's own text."""
        start, end = self.folded.original(mention.start, mention.end)
        return Mention(mention.label, start, end, self.case.text[start:end], mention.score)


Label = Callable[[str, Sequence[Passage]], Sequence[Mention]]
"""Folded text and passages → mentions of the folded text, sorted, not overlapping, none across the edge of a passage."""
Narrate = Callable[[Reading, Sequence[Mention]], Narrative]
"""A document and the mentions of its own text → its narrative."""


def read_case(case: Case) -> Reading:
    """Cut a document into passages as `nlp.pipeline` does."""
    document = read_text(case.text)
    folded = fold(document.text)
    sections = split(document, folded)
    passages = find_passages(document, folded, sections, read_tables(document, folded).regions)
    who = identify(document, folded, sections)
    return Reading(case, folded, tuple(passages), who.year, who.agency.name)


def by_rules(reading: Reading, mentions: Sequence[Mention]) -> Narrative:
    """The narrative that the pipeline's rules make of mentions alone, without what a labeller knows beyond them."""
    own = [Passage(*reading.folded.original(one.start, one.end), one.section) for one in reading.passages]
    return assemble(reading.case.text, mentions, own, reading.year, agency=reading.agency)


def mentions_of(text: str, spans: Sequence[TagSpan]) -> list[Mention]:
    """Spans `(label, start, end)` of a peer as mentions in order, as sure as can be, without blanks at their edges."""
    mentions = []
    for label, start, end in sorted(spans, key=lambda one: one[1]):
        while start < end and is_blank(text[start]):
            start += 1
        while start < end and is_blank(text[end - 1]):
            end -= 1
        if start < end:
            mentions.append(Mention(label, start, end, text[start:end], 1.0))
    return mentions


def score(cases: Sequence[Case], narratives: Sequence[Narrative], labels: Sequence[str]) -> Figures:
    """Figures of `training.scores` over `labels` alone; its rules are those of `../shared/tools/score.py narrative`."""
    judged = []
    for case, narrative in zip(cases, narratives, strict=True):
        spans = tuple(span for span in case.spans if span.label in labels)
        facts = case.facts if len(labels) > 1 else None
        asked = replace(case, spans=spans, labels=tuple(one for one in case.labels if one in labels), facts=facts)
        judged.append(judge(asked, narrative))
    return figures(judged)
