"""Prose → narrative: the labeller reads the folded copy, the facts are written in the report's own words and offsets."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from nlp.document import Folded
from nlp.narrative.facts import Spans, assemble
from nlp.narrative.heads import Floats
from nlp.narrative.tagger import Tagged, Tagger
from nlp.narrative.windows import Passage
from nlp.record import Mention, Narrative, RemedyStatus


def read_narrative(
    text: str, folded: Folded, passages: Sequence[Passage], tagger: Tagger, year: int | None, agency: str | None
) -> Narrative:
    """The narrative of a text. `passages` are stretches of the folded copy; the result's offsets are those of `text`."""
    tagged = tagger(folded.text, passages)
    mentions = []
    for mention in tagged.mentions:
        start, end = folded.original(mention.start, mention.end)
        mentions.append(Mention(mention.label, start, end, text[start:end], mention.score))
    own = [Passage(*folded.original(passage.start, passage.end), passage.section) for passage in passages]
    return assemble(text, mentions, own, year, _InOriginal(tagged, folded), agency)


class _InOriginal:
    """What the labeller knows, asked with offsets of the original text."""

    def __init__(self, tagged: Tagged, folded: Folded) -> None:
        self._tagged, self._offsets = tagged, folded.offsets

    def _folded(self, spans: Spans) -> list[tuple[int, int]]:
        return [(bisect_left(self._offsets, start), bisect_left(self._offsets, end)) for start, end in spans]

    def label_probability(self, start: int, end: int) -> dict[str, float]:
        """Mean probability of PROBLEM, REMEDY and none."""
        return self._tagged.label_probability(*self._folded([(start, end)])[0])

    def category_probabilities(self, spans: Spans) -> Floats:
        """How surely each statement is about each category."""
        return self._tagged.category_probabilities(self._folded(spans))

    def name_categories(self, probabilities: Floats) -> list[tuple[str, ...]]:
        """Category codes, the surest first."""
        return self._tagged.name_categories(probabilities)

    def link_scores(self, problems: Spans, remedies: Spans) -> Floats:
        """How surely each remedy answers each problem."""
        return self._tagged.link_scores(self._folded(problems), self._folded(remedies))

    def remedy_status(self, spans: Spans) -> list[RemedyStatus]:
        """Whether each remedy is planned or done."""
        return self._tagged.remedy_status(self._folded(spans))
