"""The trained sequence labeller: prose in, mentions and what the encoder knows of their spans out. Needs no torch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from nlp.narrative.codec import FIRST, SEPARATOR, Codec, Encoded, is_blank
from nlp.narrative.decode import Scored, decode
from nlp.narrative.heads import Heads
from nlp.narrative.labels import TagScheme
from nlp.narrative.release import HEADS, NETWORK, VOCABULARY, Release, open_release
from nlp.narrative.runtime import Halves, Ids, Runtime, open_runtime
from nlp.narrative.windows import Join, Passage, tile
from nlp.record import Mention, RemedyStatus

Floats = npt.NDArray[np.float32]
SpanLike = tuple[int, int]
Number = TypeVar("Number", np.float16, np.float32)
STATEMENTS = ("PROBLEM", "REMEDY")
COLUMNS = {label: TagScheme().columns(label) for label in STATEMENTS}


@dataclass(frozen=True)
class Tagged:
    """What the labeller says about one text.

    `mentions`: sorted, not overlapping, none crosses a passage. Token arrays run over all passages in order:
    `offsets` (tokens,) in the text, `log_probabilities` (tokens, tags), `hidden` (tokens, width).
    """

    text: str = field(repr=False)
    mentions: tuple[Mention, ...]
    offsets: npt.NDArray[np.int64] = field(repr=False)
    log_probabilities: Floats = field(repr=False)
    hidden: npt.NDArray[np.float16] = field(repr=False)
    heads: Heads = field(repr=False)

    def label_probability(self, start: int, end: int) -> dict[str, float]:
        """How much of the text in `[start, end)` is read as PROBLEM, as REMEDY, as `none` of both; the three sum to 1.

        All is `none` where no token lies in the span.
        """
        rows = self.log_probabilities[self.tokens(start, end)]
        if not len(rows):
            return {**dict.fromkeys(STATEMENTS, 0.0), "none": 1.0}
        shares = np.exp(rows.astype(np.float64)).mean(axis=0)
        shares /= shares.sum()
        masses = {label: float(shares[COLUMNS[label]].sum()) for label in STATEMENTS}
        return {**masses, "none": max(0.0, 1.0 - sum(masses.values()))}

    def vectors(self, spans: Sequence[SpanLike]) -> Floats:
        """Mean hidden states, shape (spans, width), close for statements of like content; zeros where no token lies."""
        pooled = np.zeros((len(spans), self.hidden.shape[1]), dtype=np.float32)
        for number, (start, end) in enumerate(spans):
            rows = self.hidden[self.tokens(start, end)]
            if len(rows):
                pooled[number] = rows.astype(np.float32).mean(axis=0)
        return pooled

    def category_probabilities(self, spans: Sequence[SpanLike]) -> Floats:
        """How surely problems or remedies are about each category, shape (spans, categories)."""
        return self.heads.category_probabilities(self.vectors(spans), [self.text[start:end] for start, end in spans])

    def name_categories(self, probabilities: Floats) -> list[tuple[str, ...]]:
        """Category codes for rows of `category_probabilities`, one to three each, the surest first."""
        return self.heads.name_categories(probabilities)

    def link_scores(self, problems: Sequence[SpanLike], remedies: Sequence[SpanLike]) -> Floats:
        """Probability, shape (problems, remedies), that a remedy answers a problem, by content and not by order."""
        return self.heads.links(self.vectors(problems), self.vectors(remedies))

    def remedy_status(self, spans: Sequence[SpanLike]) -> list[RemedyStatus]:
        """Whether each remedy is planned or already done."""
        return ["done" if share > 0.5 else "planned" for share in self.heads.done(self.vectors(spans))]

    def tokens(self, start: int, end: int) -> slice:
        """Rows of the token arrays whose characters lie in `[start, end)`."""
        first, last = np.searchsorted(self.offsets, (start, end))
        return slice(int(first), int(last))


class Tagger:
    """A released model, ready to read text. `name` and `sha256` identify the model in `folder`, `runtime` what runs it."""

    def __init__(self, release: Release, codec: Codec, heads: Heads, runtime: Runtime) -> None:
        self.name, self.sha256, self.runtime = release.name, release.sha256, runtime.name
        self.folder = release.folder
        self._codec, self._heads, self._run, self._window = codec, heads, runtime, release.window
        self._scheme = release.scheme
        self._temperature = float(release.calibration["temperature"])
        self._prefixes = {kind: codec.words(words) for kind, words in release.sections.items()}

    @classmethod
    def load(cls, folder: Path | None = None, *, threads: int | None = None) -> Tagger:
        """Open a model folder, by default the released one; `threads` bounds the cores used, None for all.

        Raises ModelError when the folder is incomplete or a byte of it has changed.
        """
        release = open_release(folder)
        heads = Heads.load(release.folder / HEADS, release.categories, release.calibration)
        return cls(
            release, Codec.read(release.folder / VOCABULARY), heads, open_runtime(release.folder / NETWORK, threads)
        )

    def __call__(self, text: str, passages: Sequence[Passage]) -> Tagged:
        """Label the passages of one text; they must be sorted and must not overlap."""
        return self.tag_many([(text, passages)])[0]

    def tag_many(self, documents: Iterable[tuple[str, Sequence[Passage]]]) -> list[Tagged]:
        """Label several texts; the windows of all of them are run together. The result is that of one by one."""
        taken = [(text, [self._encode(text, passage) for passage in passages]) for text, passages in documents]
        windows = [ids for _, parts in taken for part in parts for ids in part.windows]
        results = iter(self._run(windows))
        return [self._read(text, parts, results) for text, parts in taken]

    def _encode(self, text: str, passage: Passage) -> _Part:
        encoded = self._codec.encode(text, passage.start, passage.end)
        lead = self._lead(passage.section)
        tail = [self._codec.ids[SEPARATOR]]
        places = tile(len(encoded), self._window)
        windows = [np.concatenate([lead, encoded.ids[start:end], tail]).astype(np.int64) for start, end in places]
        return _Part(encoded, places, windows, len(lead))

    def _lead(self, section: str) -> list[int]:
        return window_lead(self._codec, self._prefixes.get(section, []))

    def _read(self, text: str, parts: Sequence[_Part], results: Iterator[tuple[Floats, Halves]]) -> Tagged:
        n_tokens = sum(len(part.encoded) for part in parts)
        emissions = np.empty((n_tokens, len(self._scheme.tags)), np.float32)
        hidden = np.empty((n_tokens, self._heads.weights["category.weight"].shape[1]), np.float16)
        first = 0
        for part in parts:
            rows = slice(first, first + len(part.encoded))
            said, known = Join(emissions[rows]), Join(hidden[rows])
            for place, (logits, states) in zip(part.places, results, strict=False):  # the next parts' follow
                said.add(*place, _log_softmax(part.inner(logits)))
                known.add(*place, part.inner(states))
            first = rows.stop
        offsets = np.concatenate([np.empty(0, np.int64), *(part.encoded.offsets for part in parts)])
        scored = decode(emissions, self._temperature, self._scheme.labels, [len(part.encoded) for part in parts])
        return Tagged(text, tuple(_mentions(text, offsets, scored)), offsets, emissions, hidden, self._heads)


@dataclass(frozen=True)
class _Part:
    """A passage as tokens, its windows' places and ids, and how many tokens lead each window."""

    encoded: Encoded
    places: list[tuple[int, int]]
    windows: list[Ids]
    n_lead: int

    def inner(self, values: npt.NDArray[Number]) -> npt.NDArray[Number]:
        """A window's values without its lead and its closing [SEP]."""
        return values[self.n_lead : -1]


def _mentions(text: str, offsets: npt.NDArray[np.int64], found: Sequence[Scored]) -> Iterator[Mention]:
    for scored in found:
        label, first, last = scored.span
        start, end = _trimmed(text, int(offsets[first]), int(offsets[last - 1]) + 1)
        if start < end:
            yield Mention(label, start, end, text[start:end], round(scored.score, 4))


def _trimmed(text: str, start: int, end: int) -> SpanLike:
    """The span without white space at its edges: line feeds are tokens and may be tagged."""
    while start < end and is_blank(text[start]):
        start += 1
    while start < end and is_blank(text[end - 1]):
        end -= 1
    return start, end


def window_lead(codec: Codec, prefix: Sequence[int]) -> list[int]:
    """Ids before the text of a window: [CLS], and the section's words with a [SEP] when there are any."""
    first, separator = codec.ids[FIRST], codec.ids[SEPARATOR]
    return [first, *prefix, separator] if len(prefix) else [first]


def _log_softmax(logits: Floats) -> Floats:
    shifted = logits - logits.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)), dtype=np.float32)
