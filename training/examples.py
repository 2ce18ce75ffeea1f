"""Annotated pieces → training windows: token ids, tags, and the statements that a window holds whole or in the main."""

from __future__ import annotations

import random
from bisect import bisect_left
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from nlp.document import Document, Source
from nlp.fold import fold
from nlp.narrative.codec import SEPARATOR, Codec
from nlp.narrative.labels import LABELS
from nlp.narrative.tagger import window_lead
from nlp.narrative.windows import Passage
from nlp.sections import split
from training.documents import Piece
from training.markup import Annotated
from training.settings import TrainingSettings

Ints = npt.NDArray[np.int64]
IGNORE = -100
MIN_SHARE = 0.5


@dataclass(frozen=True)
class Prose:
    """A document ready to cut: simplified text, its spans and passages, and the labels that were annotated."""

    text: str
    spans: list[Annotated]
    passages: list[Passage]
    labels: tuple[str, ...] = LABELS


@dataclass(frozen=True)
class Example:
    """One window: `tags` is IGNORE on the lead and the closing [SEP].

    `statements`: (first, last, category codes, whether done; None for a problem), in the window's tokens. `labels`: those
    that were annotated. `taught`: log-probabilities (tokens, tags) that teachers give, where there are any.
    """

    ids: Ints
    tags: Ints
    statements: list[tuple[int, int, tuple[str, ...], bool | None]]
    labels: tuple[str, ...] = LABELS
    taught: npt.NDArray[np.float16] | None = None


def prose_of(
    pieces: list[Piece],
    chance_without_heading: float = 0.0,
    rng: random.Random | None = None,
    labels: tuple[str, ...] = LABELS,
) -> Prose:
    """Put pieces together, fold the text as the pipeline does, and divide it into sections."""
    text, spans = "", []
    for piece in pieces:
        if piece.span:
            spans.append(replace(piece.span, start=len(text), end=len(text) + len(piece.text)))
        text += piece.text
    folded = fold(text)
    spans = [
        replace(s, start=bisect_left(folded.offsets, s.start), end=bisect_left(folded.offsets, s.end)) for s in spans
    ]
    plain = folded.text
    sections = split(Document("", Source(""), plain), fold(plain))
    passages = []
    for section in sections:
        bare = rng is not None and rng.random() < chance_without_heading
        start = section.title_span.end if bare and not _within(spans, section.title_span.end) else section.span.start
        passages.append(Passage(start, section.span.end, section.kind))
    return Prose(plain, spans, _uncut(passages, spans), labels)


def _within(spans: list[Annotated], at: int) -> bool:
    return any(span.start < at < span.end for span in spans)


def _uncut(passages: list[Passage], spans: list[Annotated]) -> list[Passage]:
    """Passages of which none ends inside a span: a heading found there was none."""
    kept: list[Passage] = []
    for passage in passages:
        if kept and _within(spans, passage.start):
            kept[-1] = replace(kept[-1], end=passage.end)
        else:
            kept.append(passage)
    return kept


class Cutter:
    """Cuts prose into training windows of varying length and place."""

    def __init__(self, codec: Codec, settings: TrainingSettings) -> None:
        self._codec, self._window, self._no_prefix = codec, settings.train.window, settings.train.no_prefix
        self._prefixes = {kind: codec.words(words) for kind, words in settings.sections.items()}
        self._scheme = settings.scheme

    def examples(self, prose: Prose, rng: random.Random) -> list[Example]:
        """Windows that cover all passages once, cut at random places."""
        bare = rng.random() < self._no_prefix
        found = []
        for passage in prose.passages:
            lead = window_lead(self._codec, [] if bare else self._prefixes[passage.section])
            encoded = self._codec.encode(prose.text, passage.start, passage.end)
            spans = _token_spans(prose.spans, encoded.offsets)
            tags = self._scheme.tags_of([(span.label, span.start, span.end) for span in spans], len(encoded))
            for start, end in self._cuts(len(encoded), rng):
                example = self._example(lead, encoded.ids[start:end], tags[start:end])
                statements = _inside(spans, start, end, len(lead))
                found.append(replace(example, statements=statements, labels=prose.labels))
        return found

    def _cuts(self, n_tokens: int, rng: random.Random) -> list[tuple[int, int]]:
        longest = rng.randint(self._window * 5 // 8, self._window)
        if n_tokens <= longest:
            return [(0, n_tokens)] if n_tokens else []
        first = rng.randint(longest // 3, longest)
        bounds = [0, *range(first, n_tokens, longest), n_tokens]
        return [(max(0, b - longest) if b == n_tokens else a, b) for a, b in pairwise(bounds)]

    def _example(self, lead: list[int], ids: Ints, tags: Ints) -> Example:
        tail = [self._codec.ids[SEPARATOR]]
        around = np.full(len(lead), IGNORE), np.full(1, IGNORE)
        return Example(
            np.concatenate([lead, ids, tail]).astype(np.int64), np.concatenate([around[0], tags, around[1]]), []
        )


def _token_spans(spans: list[Annotated], offsets: Ints) -> list[Annotated]:
    """Spans of the passage in token numbers."""
    inside = [span for span in spans if len(offsets) and offsets[0] <= span.start <= offsets[-1]]
    places = [np.searchsorted(offsets, (span.start, span.end)) for span in inside]
    return [replace(s, start=int(a), end=int(b)) for s, (a, b) in zip(inside, places, strict=True) if a < b]


def _inside(
    spans: list[Annotated], start: int, end: int, shift: int
) -> list[tuple[int, int, tuple[str, ...], bool | None]]:
    """Problems and remedies of which the window holds at least half, clipped to it."""
    found = []
    for span in spans:
        first, last = max(span.start, start), min(span.end, end)
        if span.codes and last - first >= MIN_SHARE * (span.end - span.start):
            done = span.done if span.label == "REMEDY" else None
            found.append((first - start + shift, last - start + shift, span.codes, done))
    return found
