"""Long chains in few steps: sums over all ways and the best way through the states of BIOES.

The states are few: nothing is open (state 0), or label k is open (state 1 + k). A chain of n tokens is laid out as some
√n stretches of √n tokens. All stretches are walked side by side: first from every state, which tells what a stretch
makes of the state in which it begins; then stretch is joined to stretch; then all are walked again from where each
begins (Hassan, Särkkä and García-Fernández 2021). So there are some 3 √n steps of numpy, and not n.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int16]
SCALED_EVERY = 8
"""Steps after which weights are scaled: at 88 nats a step they stay above the least number that a float can hold."""


@dataclass(frozen=True)
class Moves:
    """Log-weights of the moves at each token: `stay` (tokens,) with nothing open, the others (tokens, labels) of a label."""

    stay: Floats
    begin: Floats
    inside: Floats
    end: Floats

    def backward(self) -> Moves:
        """The same chain read from its end."""
        return Moves(self.stay[::-1], self.end[::-1], self.inside[::-1], self.begin[::-1])

    def laid_out(self) -> Moves:
        """`stay` (steps, stretches), the others (steps, labels, stretches); beyond the last token nothing is open."""
        n_steps = math.isqrt(len(self.stay))
        held = (_laid_out(some, n_steps, -np.inf) for some in (self.begin, self.inside, self.end))
        return Moves(_laid_out(self.stay, n_steps, 0.0), *held)


def _laid_out(values: Floats, n_steps: int, fill: float) -> Floats:
    n_stretches = -(-len(values) // n_steps)
    padded = np.full((n_stretches * n_steps, *values.shape[1:]), fill)
    padded[: len(values)] = values
    return np.ascontiguousarray(np.moveaxis(padded.reshape(n_stretches, n_steps, *values.shape[1:]), 0, -1))


def sums(moves: Moves) -> Floats:
    """Log-weight, shape (tokens + 1,), of all ways from the beginning to each boundary with nothing open there."""
    laid = moves.laid_out()
    laid = Moves(np.exp(laid.stay), np.exp(laid.begin), np.exp(laid.inside), np.exp(laid.end))
    free = np.empty(laid.stay.shape)
    with np.errstate(divide="ignore"):  # what cannot be has the log-weight -inf
        (whole,) = deque(_summed(laid, _from_every_state(laid)), maxlen=1)
        begins, scales = _joined_sums(*whole)
        for at, (weights, scale) in enumerate(_summed(laid, begins[:, None])):
            free[at] = np.log(weights[0, 0]) + scale[0] + scales
    return np.concatenate([[0.0], free.T.ravel()[: len(moves.stay)]])


def _from_every_state(laid: Moves) -> Floats:
    """Weights (states, starts, stretches) of stretches that begin in every state."""
    _, n_labels, n_stretches = laid.end.shape
    return np.repeat(np.eye(1 + n_labels)[:, :, None], n_stretches, axis=2)


def _summed(laid: Moves, weights: Floats) -> Iterator[tuple[Floats, Floats]]:
    """Weights (states, starts, stretches) after each step, and the logs (starts, stretches) of what divides them."""
    scale = np.zeros(weights.shape[1:])
    for at, (stay, begin, inside, end) in enumerate(zip(laid.stay, laid.begin, laid.inside, laid.end, strict=True), 1):
        closed, held = weights[0], weights[1:]
        weights = np.empty_like(weights)
        weights[0] = closed * stay + (held * end[:, None]).sum(axis=0)
        weights[1:] = held * inside[:, None] + closed * begin[:, None]
        if at % SCALED_EVERY == 0:
            total = weights.sum(axis=0)
            scale = scale + np.log(total)
            weights /= np.where(total > 0, total, 1.0)
        yield weights, scale


def _joined_sums(whole: Floats, scale: Floats) -> tuple[Floats, Floats]:
    """From what each stretch makes of each state: weights (states, stretches) with which it begins, and their log-scale."""
    begins, scales = np.zeros(whole.shape[1:]), np.zeros(whole.shape[2])
    begins[0, 0] = 1.0
    for at in range(len(scales) - 1):
        logs = np.log(begins[:, at]) + scale[:, at]
        weights = whole[:, :, at] @ np.exp(logs - logs.max())
        total = weights.sum()
        begins[:, at + 1] = weights / total
        scales[at + 1] = scales[at] + logs.max() + np.log(total)
    return begins, scales


def best(moves: Moves) -> Ints:
    """The state at each boundary, shape (tokens + 1,), of the way of greatest weight (Viterbi), nothing open at its ends."""
    laid = moves.laid_out()
    with np.errstate(divide="ignore"):
        (whole,) = deque(_bettered(laid, np.log(_from_every_state(laid))), maxlen=1)
    begins = np.full(whole.shape[1:], -np.inf)
    begins[0, 0] = 0.0
    for at in range(whole.shape[2] - 1):
        begins[:, at + 1] = (whole[:, :, at] + begins[:, at]).max(axis=1)
    after = [weights[:, 0] for weights in _bettered(laid, begins[:, None])]
    return _traced(_origins(laid, np.stack([begins, *after[:-1]])), len(moves.stay))


def _bettered(laid: Moves, weights: Floats) -> Iterator[Floats]:
    """Log-weights (states, starts, stretches) of the best way after each step."""
    for stay, begin, inside, end in zip(laid.stay, laid.begin, laid.inside, laid.end, strict=True):
        closed, held = weights[0], weights[1:]
        weights = np.empty_like(weights)
        weights[0] = np.maximum(closed + stay, (held + end[:, None]).max(axis=0))
        weights[1:] = np.maximum(held + inside[:, None], closed + begin[:, None])
        yield weights


def _origins(laid: Moves, before: Floats) -> Ints:
    """The state (tokens, states) from which the best way comes to each, by the log-weights (steps, states, stretches)."""
    closed, held = before[:, 0], before[:, 1:]
    origins = np.zeros(before.shape, dtype=np.int16)
    top = closed + laid.stay
    for label in range(held.shape[1]):
        ended = held[:, label] + laid.end[:, label]
        origins[:, 0][ended > top] = 1 + label
        top = np.maximum(top, ended)
        stays_open = held[:, label] + laid.inside[:, label] > closed + laid.begin[:, label]
        origins[:, 1 + label][stays_open] = 1 + label
    return origins.transpose(2, 0, 1).reshape(-1, before.shape[1])


def _traced(origins: Ints, n_tokens: int) -> Ints:
    """The way back from the end, where nothing is open."""
    came, n_states = origins.ravel().tolist(), origins.shape[1]
    states = np.zeros(n_tokens + 1, dtype=np.int16)
    state = 0
    for at in range(n_tokens - 1, -1, -1):
        state = came[at * n_states + state]
        states[at] = state
    return states
