"""Log-probabilities of tags → the best legal tagging and the probability of each of its spans.

The legal BIOES tag sequences form a chain whose states are few: nothing is open, or one label is open. Viterbi and the
forward-backward sums (Rabiner 1989) therefore run over `1 + len(LABELS)` states a token. All taggings that break the
scheme have no weight, and a span's score is its share of the weight of the legal ones: the probability that label and
both edges are right, if the emissions are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nlp.narrative.labels import LABELS, TagSpan

Floats = npt.NDArray[np.float64]
BEGIN, INSIDE, END, SINGLE = (slice(1 + place, None, 4) for place in range(4))


@dataclass(frozen=True)
class Scored:
    """A span `(label, start, end)` in tokens and the probability that it is right."""

    span: TagSpan
    score: float


def decode(log_probabilities: npt.NDArray[np.floating], temperature: float = 1.0) -> list[Scored]:
    """The most probable legal spans of one passage; emissions have shape (tokens, tags) and are divided by `temperature`."""
    if not len(log_probabilities):
        return []
    emissions = log_probabilities.astype(np.float64) / temperature
    spans = best_spans(emissions)
    if not spans:
        return []
    before, after = _forward(emissions), _backward(emissions)
    whole = before[-1, 0]
    return [Scored(span, float(np.exp(min(0.0, _weight(emissions, before, after, span) - whole)))) for span in spans]


def best_spans(emissions: Floats) -> list[TagSpan]:
    """Viterbi over the legal sequences; among equals the one with fewer and later spans."""
    n_tokens, n_labels = len(emissions), len(LABELS)
    outside, begin, inside, end, single = _parts(emissions)
    free = 0.0
    held = np.full(n_labels, -np.inf)
    from_held = np.full(n_tokens, -1, dtype=np.int64)  # label whose span ends here on the best way to "nothing open"
    from_single = np.full(n_tokens, -1, dtype=np.int64)
    begun = np.zeros((n_tokens, n_labels), dtype=bool)
    best_single = single.argmax(axis=1)
    for at in range(n_tokens):
        ended = held + end[at]
        label = int(ended.argmax())
        alone = int(best_single[at])
        choices = (free + outside[at], ended[label], free + single[at, alone])
        opened, kept = free + begin[at], held + inside[at]
        begun[at] = opened > kept
        held = np.maximum(opened, kept)
        free = max(choices)
        if choices[0] < free:
            (from_held if choices[1] == free else from_single)[at] = label if choices[1] == free else alone
    return _trace(from_held, from_single, begun)


def _trace(from_held: npt.NDArray[np.int64], from_single: npt.NDArray[np.int64], begun: npt.NDArray[np.bool_]) -> list[TagSpan]:
    spans: list[TagSpan] = []
    at = len(begun) - 1
    while at >= 0:
        start = at
        if from_single[at] >= 0:
            spans.append((LABELS[from_single[at]], at, at + 1))
        elif from_held[at] >= 0:
            label = int(from_held[at])
            start = at - 1
            while not begun[start, label]:
                start -= 1
            spans.append((LABELS[label], start, at + 1))
        at = start - 1
    return spans[::-1]


def _parts(emissions: Floats) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    return emissions[:, 0], emissions[:, BEGIN], emissions[:, INSIDE], emissions[:, END], emissions[:, SINGLE]


def _forward(emissions: Floats) -> Floats:
    """Log-weights, shape (tokens + 1, 1 + labels), of all legal beginnings before each token: nothing open, or a label open."""
    outside, begin, inside, end, single = _parts(emissions)
    states = np.full((len(emissions) + 1, 1 + len(LABELS)), -np.inf)
    states[0, 0] = 0.0
    alone = np.logaddexp(outside, np.logaddexp.reduce(single, axis=1))
    for at in range(len(emissions)):
        free, held = states[at, 0], states[at, 1:]
        states[at + 1, 0] = np.logaddexp(free + alone[at], np.logaddexp.reduce(held + end[at]))
        states[at + 1, 1:] = np.logaddexp(free + begin[at], held + inside[at])
    return states


def _backward(emissions: Floats) -> Floats:
    """Log-weights, shape (tokens + 1), of all legal continuations from each token on when nothing is open."""
    outside, begin, inside, end, single = _parts(emissions)
    free = np.zeros(len(emissions) + 1)
    held = np.full(len(LABELS), -np.inf)
    alone = np.logaddexp(outside, np.logaddexp.reduce(single, axis=1))
    for at in reversed(range(len(emissions))):
        opened = np.logaddexp.reduce(begin[at] + held)
        held = np.logaddexp(end[at] + free[at + 1], inside[at] + held)
        free[at] = np.logaddexp(free[at + 1] + alone[at], opened)
    return free


def _weight(emissions: Floats, before: Floats, after: Floats, span: TagSpan) -> float:
    """Log-weight of all legal taggings that hold this span."""
    label, start, end = span
    first = 1 + 4 * LABELS.index(label)
    if end - start == 1:
        inner = emissions[start, first + 3]
    else:
        inner = emissions[start, first] + emissions[start + 1 : end - 1, first + 1].sum() + emissions[end - 1, first + 2]
    return float(before[start, 0] + inner + after[end])
