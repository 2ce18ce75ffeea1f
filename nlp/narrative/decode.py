"""Log-probabilities of tags → the best legal tagging and the probability of each of its spans.

The legal BIOES tag sequences form a chain whose states are few: nothing is open, or one label is open. Each token is a
step of that chain, a matrix of one state more than there are labels. Viterbi and the forward-backward sums (Rabiner
1989) run over these steps, so that taggings which break the scheme have no weight. A span's score is its share of the
weight of all legal taggings: the probability that label and both edges are right, if the emissions are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nlp.narrative.labels import LABELS, TagSpan

Floats = npt.NDArray[np.float64]
KindSpan = tuple[int, int, int]
BLOCK = 4096
"""Tokens whose steps are laid out at a time: 5 MB of eleven labels."""
BEGIN, INSIDE, END, SINGLE = (slice(1 + place, None, 4) for place in range(4))


@dataclass(frozen=True)
class Scored:
    """A span `(label, start, end)` in tokens and the probability that it is right."""

    span: TagSpan
    score: float


def decode(
    log_probabilities: npt.NDArray[np.floating], temperature: float = 1.0, labels: Sequence[str] = LABELS
) -> list[Scored]:
    """The most probable legal spans of one passage.

    `log_probabilities` has shape (tokens, tags), the tags being those of `TagScheme(labels)`, and is divided by
    `temperature`, which moves scores but no span.
    """
    if not len(log_probabilities):
        return []
    emissions = log_probabilities.astype(np.float64) / temperature
    spans = best_spans(emissions)
    scores = score_spans(emissions, spans) if spans else []
    return [Scored((labels[kind], start, end), score) for (kind, start, end), score in zip(spans, scores, strict=True)]


def best_spans(emissions: Floats) -> list[KindSpan]:
    """The spans `(number of the label, start, end)` of the legal tagging of greatest weight (Viterbi)."""
    outside, single = emissions[:, 0], emissions[:, SINGLE]
    n_states = 1 + (emissions.shape[1] - 1) // 4
    states = np.full((n_states, 1), -np.inf)
    states[0] = 0.0
    origins = np.empty((len(emissions), n_states), dtype=np.int16)
    blocks = _blocks(emissions, np.maximum(outside, single.max(axis=1)))
    for at, step in enumerate(step for block in blocks for step in block):
        ways = states + step
        origins[at] = ways.argmax(axis=0)
        states = ways.max(axis=0)[:, None]
    alone = np.where(single.max(axis=1) > outside, single.argmax(axis=1), -1)
    return _trace(origins, alone)


def _trace(origins: npt.NDArray[np.int16], alone: npt.NDArray[np.int64]) -> list[KindSpan]:
    """Follow the best way back from the end, where nothing is open; `alone`: label of a span of one token, or -1."""
    spans: list[KindSpan] = []
    state, end = 0, 0
    for at in reversed(range(len(origins))):
        before = int(origins[at, state])
        if state == before == 0:
            if alone[at] >= 0:
                spans.append((int(alone[at]), at, at + 1))
        elif state == 0:
            end = at + 1
        elif before == 0:
            spans.append((state - 1, at, end))
        state = before
    return spans[::-1]


def score_spans(emissions: Floats, spans: list[KindSpan]) -> list[float]:
    """Each span's share of the weight of all legal taggings (forward-backward)."""
    singles = np.logaddexp.reduce(emissions[:, SINGLE], axis=1)
    alone = np.logaddexp(emissions[:, 0], singles)
    there = (step for block in _blocks(emissions, alone) for step in np.exp(block))
    back = (step.T for block in _blocks(emissions, alone, backward=True) for step in np.exp(block)[::-1])
    before = _free_weights(there, len(emissions))
    after = _free_weights(back, len(emissions))[::-1]
    shares = [before[start] + _inner(emissions, kind, start, end) + after[end] for kind, start, end in spans]
    return [float(np.exp(min(0.0, share - before[-1]))) for share in shares]


def _blocks(emissions: Floats, alone: Floats, *, backward: bool = False) -> Iterator[Floats]:
    """`_steps` of BLOCK tokens after BLOCK tokens, of which only one block lies in memory; `backward`: the last first."""
    firsts = range(0, len(emissions), BLOCK)
    for first in reversed(firsts) if backward else firsts:
        yield _steps(emissions[first : first + BLOCK], alone[first : first + BLOCK])


def _steps(emissions: Floats, alone: Floats) -> Floats:
    """Log-weights of the moves between states, shape (tokens, from, to); `alone`: of staying with nothing open."""
    n_states = 1 + (emissions.shape[1] - 1) // 4
    held = np.arange(1, n_states)
    steps = np.full((len(emissions), n_states, n_states), -np.inf)
    steps[:, 0, 0] = alone
    steps[:, 0, 1:] = emissions[:, BEGIN]
    steps[:, 1:, 0] = emissions[:, END]
    steps[:, held, held] = emissions[:, INSIDE]
    return steps


def _free_weights(steps: Iterator[Floats], n_steps: int) -> Floats:
    """Log-weight, shape (steps + 1,), of all legal ways to each boundary with nothing open, `steps` taken in order."""
    scale = 0.0
    weights = np.zeros(n_steps + 1)
    state: Floats | None = None
    with np.errstate(divide="ignore"):
        for at, step in enumerate(steps, 1):
            state = step[0] if state is None else state @ step
            total = state.sum()
            state = state / total
            scale += np.log(total)
            weights[at] = np.log(state[0]) + scale
    return weights


def _inner(emissions: Floats, kind: int, start: int, end: int) -> float:
    """Log-weight of the span's own tags."""
    begin = 1 + 4 * kind
    if end - start == 1:
        return float(emissions[start, begin + 3])
    inside = emissions[start + 1 : end - 1, begin + 1].sum()
    return float(emissions[start, begin] + inside + emissions[end - 1, begin + 2])
