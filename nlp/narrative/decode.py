"""Log-probabilities of tags → the best legal tagging and the probability of each of its spans.

The legal BIOES tag sequences form a chain whose states are few: nothing is open, or one label is open. Viterbi and the
forward-backward sums (Rabiner 1989) run over this chain, so that taggings which break the scheme have no weight. A
span's score is its share of the weight of all legal taggings: the probability that label and both edges are right, if
the emissions are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nlp.narrative.chain import Floats, Moves, best, sums
from nlp.narrative.labels import LABELS, TagSpan

KindSpan = tuple[int, int, int]
BEGIN, INSIDE, END, SINGLE = (slice(1 + place, None, 4) for place in range(4))


@dataclass(frozen=True)
class Scored:
    """A span `(label, start, end)` in tokens and the probability that it is right."""

    span: TagSpan
    score: float


def decode(
    log_probabilities: npt.NDArray[np.floating],
    temperature: float = 1.0,
    labels: Sequence[str] = LABELS,
    lengths: Sequence[int] | None = None,
) -> list[Scored]:
    """The most probable legal spans, by start.

    `log_probabilities` has shape (tokens, tags), the tags being those of `TagScheme(labels)`, and is divided by
    `temperature`, which moves scores but no span. `lengths`: tokens of passages that follow one another, which no span
    crosses; None for one passage.
    """
    if not len(log_probabilities):
        return []
    emissions = _parted(log_probabilities.astype(np.float64) / temperature, lengths or [len(log_probabilities)])
    spans = best_spans(emissions)
    scores = score_spans(emissions, spans) if spans else []
    return [Scored((labels[kind], start, end), score) for (kind, start, end), score in zip(spans, scores, strict=True)]


def _parted(emissions: Floats, lengths: Sequence[int]) -> Floats:
    """Without what would cross the edge of a passage: there nothing is open."""
    ends = np.cumsum([length for length in lengths if length])
    emissions[ends - 1, BEGIN] = emissions[ends - 1, INSIDE] = -np.inf
    return emissions


def best_spans(emissions: Floats) -> list[KindSpan]:
    """The spans `(number of the label, start, end)` of the legal tagging of greatest weight (Viterbi)."""
    outside, single = emissions[:, 0], emissions[:, SINGLE]
    states = best(_moves(emissions, np.maximum(outside, single.max(axis=1))))
    before, after = states[:-1], states[1:]
    alone = np.flatnonzero((before == 0) & (after == 0) & (single.max(axis=1) > outside))
    starts, ends = np.flatnonzero((before == 0) & (after > 0)), np.flatnonzero((before > 0) & (after == 0)) + 1
    short = zip(single[alone].argmax(axis=1).tolist(), alone.tolist(), (alone + 1).tolist(), strict=True)
    long = zip((after[starts] - 1).tolist(), starts.tolist(), ends.tolist(), strict=True)
    return sorted([*short, *long], key=lambda span: span[1])


def score_spans(emissions: Floats, spans: Sequence[KindSpan]) -> list[float]:
    """Each span's share of the weight of all legal taggings (forward-backward)."""
    moves = _moves(emissions, np.log(np.exp(emissions[:, 0]) + np.exp(emissions[:, SINGLE]).sum(axis=1)))
    before, after = sums(moves), sums(moves.backward())[::-1]
    shares = [before[start] + _inner(emissions, kind, start, end) + after[end] for kind, start, end in spans]
    return [float(np.exp(min(0.0, share - before[-1]))) for share in shares]


def _moves(emissions: Floats, stay: Floats) -> Moves:
    return Moves(stay, emissions[:, BEGIN], emissions[:, INSIDE], emissions[:, END])


def _inner(emissions: Floats, kind: int, start: int, end: int) -> float:
    """Log-weight of the span's own tags."""
    begin = 1 + 4 * kind
    if end - start == 1:
        return float(emissions[start, begin + 3])
    inside = emissions[start + 1 : end - 1, begin + 1].sum()
    return float(emissions[start, begin] + inside + emissions[end - 1, begin + 2])
