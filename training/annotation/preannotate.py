"""Reports → passages with what the labeller found in them, so that a person corrects instead of beginning from nothing.

Least certain first: by the slips of the labeller to expect in a passage for each of its characters, because characters
are what a reader's time goes by. A span is wrong with one minus its score; outside the spans, a span was missed with the
probability that one begins at a character. `training.annotation.order` measures how soon that order finds the slips.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from nlp.document import Folded
from nlp.fold import fold
from nlp.narrative.decode import BEGIN, SINGLE
from nlp.narrative.release import model_folder
from nlp.narrative.tagger import Tagged, Tagger
from nlp.narrative.windows import Passage
from nlp.record import Mention, Record
from nlp.settings import Settings
from training.annotation.label_studio import UNCERTAINTY
from training.annotation.text import ANSWERED, ANSWERING, AnnotatedText
from training.markup import Annotated

Seen = tuple[Sequence[Passage], Tagged]


class Witness(Tagger):
    """A labeller that remembers what it said of the last text, which a record does not hold."""

    seen: Seen | None = None

    @classmethod
    def of(cls, settings: Settings) -> Witness:
        """The labeller of the settings, whether it is switched on or not. Raises ModelError."""
        return cast(Witness, cls.load(model_folder(settings.model), threads=settings.threads or None))

    def __call__(self, text: str, passages: Sequence[Passage]) -> Tagged:
        """Label the passages of one text."""
        tagged = super().__call__(text, passages)
        self.seen = (passages, tagged)
        return tagged

    def told(self) -> Seen | None:
        """Passages and findings of the last text, once."""
        seen, self.seen = self.seen, None
        return seen


@dataclass(frozen=True)
class _Stretch:
    """A stretch `[start, end)` of a record's text, and the labeller's tokens in it."""

    start: int
    end: int
    section: str
    tokens: slice


def passages_of(record: Record, seen: Seen) -> Iterator[AnnotatedText]:
    """The prose of a record, a passage a text; links that leave a passage are left out."""
    passages, tagged = seen
    folded = fold(record.text)
    for passage in passages:
        start, end = folded.original(passage.start, passage.end)
        text = record.text[start:end]
        start, end = start + len(text) - len(text.lstrip()), start + len(text.rstrip())
        yield _annotated(record, _Stretch(start, end, passage.section, tagged.tokens(passage.start, passage.end)), tagged, folded)


def document_of(record: Record, seen: Seen) -> AnnotatedText:
    """The whole text of a record."""
    tagged = seen[1]
    whole = _Stretch(0, len(record.text), "", slice(0, len(tagged.offsets)))
    return _annotated(record, whole, tagged, fold(record.text))


def least_certain_first(texts: Sequence[AnnotatedText]) -> list[AnnotatedText]:
    """The texts in that order, their ids led by their place in it, so that tools which sort by name keep it."""
    order = sorted(texts, key=lambda one: -float(one.meta[UNCERTAINTY]))
    width = len(str(len(order)))
    return [replace(one, id=f"{place:0{width}}-{one.id}") for place, one in enumerate(order, 1)]


def _annotated(record: Record, stretch: _Stretch, tagged: Tagged, folded: Folded) -> AnnotatedText:
    mentions = [one for one in record.narrative.mentions if stretch.start <= one.start and one.end <= stretch.end]
    doubt = uncertainty(mentions, tagged, stretch.tokens, folded)
    source = source_of(record)
    meta = {
        "agency": record.agency.name,
        "year": str(record.year) if record.year else None,
        "record": record.id,
        "source": source,
        "offset": str(stretch.start),
        "section": stretch.section,
        UNCERTAINTY: f"{doubt:.4f}",
    }
    stem = source.replace("\\", "/").rpartition("/")[2].rpartition(".")[0] or record.id[:12]
    return AnnotatedText(
        f"{stem}-{stretch.start}",
        record.text[stretch.start : stretch.end],
        tuple(spans_of(record, mentions, stretch.start)),
        {key: value for key, value in meta.items() if value},
    )


def uncertainty(mentions: Sequence[Mention], tagged: Tagged, tokens: slice, folded: Folded) -> float:
    """Slips to expect for each character of some tokens, 1 at most; `mentions` are those that lie in them."""
    said = np.exp(tagged.log_probabilities[tokens].astype(np.float64))
    places = np.asarray(folded.offsets)[tagged.offsets[tokens]]
    blank = np.ones(len(places), dtype=bool)
    for one in mentions:
        blank[np.searchsorted(places, one.start) : np.searchsorted(places, one.end)] = False
    missed = float(said[blank, BEGIN].sum() + said[blank, SINGLE].sum())
    wrong = sum(1 - one.score for one in mentions)
    return min(1.0, (missed + wrong) / max(1, len(places)))


def source_of(record: Record) -> str:
    """Where a record came from, a member of an archive after the archive."""
    return " › ".join(filter(None, (record.source.path, record.source.member)))


def spans_of(record: Record, mentions: Sequence[Mention], start: int) -> Iterator[Annotated]:
    """The mentions with the record's categories, states and links, counted from `start`."""
    facts = record.narrative
    problems = {one.span.start: number for number, one in enumerate(facts.problems)}
    remedies = {one.span.start: number for number, one in enumerate(facts.remedies)}
    here = [problems[one.start] for one in mentions if one.label == ANSWERED]
    for one in mentions:
        span = Annotated(one.label, one.start - start, one.end - start)
        if one.label == ANSWERED:
            span = replace(span, codes=tuple(facts.problems[problems[one.start]].categories))
        elif one.label == ANSWERING:
            number = remedies[one.start]
            remedy = facts.remedies[number]
            answers = tuple(place for place, n in enumerate(here) if number in facts.problems[n].remedies)
            span = replace(span, codes=tuple(remedy.categories), done=remedy.status == "done", answers=answers)
        yield span
