"""Span scores that mean what they say: a temperature fitted on held-out documents, and how well it fits.

Temperature scaling (Guo et al. 2017), on the probability of whole spans; it moves no edge, since it scales all
taggings alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from nlp.narrative.decode import decode
from nlp.narrative.tagger import Tagged
from training.examples import Prose

GRID = np.round(np.geomspace(0.5, 6.0, 26), 3)
BINS = 10
SHARES = np.round(np.arange(0.1, 0.5, 0.02), 2)
NEIGHBOURS = 5
"""F1 is flat around its best share (0.24 to 0.34 differ by 0.004 on dev): the best stretch is sought, not the best point."""
Floats = npt.NDArray[np.float64]


def calibrate(tagged: Sequence[Tagged], proses: Sequence[Prose], labels: Sequence[str]) -> dict[str, Any]:
    """The best temperature, calibration error, and the reliability table: a row for each tenth of the scores.

    Only labels that were annotated count; where no span of them is found, scores stay as they are.
    """
    sampled = [_scored(tagged, proses, float(temperature), labels) for temperature in GRID]
    losses = [_loss(scores, right) if len(scores) else abs(np.log(t)) for t, (scores, right) in zip(GRID, sampled, strict=True)]
    best = int(np.argmin(losses))
    scores, right = sampled[best]
    table = reliability(scores, right)
    error = sum(row["spans"] * abs(row["score"] - row["right"]) for row in table) / max(1, len(scores))
    return {
        "temperature": float(GRID[best]),
        "expected_calibration_error": round(float(error), 4),
        "reliability": table,
    }


def reliability(scores: Floats, right: Floats) -> list[dict[str, float]]:
    """Spans by tenths of their score."""
    bins = np.minimum((scores * BINS).astype(int), BINS - 1)
    return [
        {
            "spans": int((bins == n).sum()),
            "score": round(float(scores[bins == n].mean()), 4),
            "right": round(float(right[bins == n].mean()), 4),
        }
        for n in range(BINS)
        if (bins == n).any()
    ]


def _scored(
    tagged: Sequence[Tagged], proses: Sequence[Prose], temperature: float, labels: Sequence[str]
) -> tuple[Floats, Floats]:
    scores, right = [], []
    for one, prose in zip(tagged, proses, strict=True):
        gold = {(span.label, span.start, span.end) for span in prose.spans}
        for rows in (one.tokens(passage.start, passage.end) for passage in prose.passages):
            offsets = one.offsets[rows]
            for scored in decode(one.log_probabilities[rows], temperature, labels):
                label, first, last = scored.span
                if label not in prose.labels:  # not annotated: neither right nor wrong
                    continue
                scores.append(scored.score)
                right.append((label, int(offsets[first]), int(offsets[last - 1]) + 1) in gold)
    return np.array(scores), np.array(right, dtype=np.float64)


def _loss(scores: Floats, right: Floats) -> float:
    kept = np.clip(scores, 1e-6, 1 - 1e-6)
    return float(-(right * np.log(kept) + (1 - right) * np.log(1 - kept)).mean())


def further_category(tagged: Sequence[Tagged], proses: Sequence[Prose], codes: Sequence[str]) -> tuple[float, float]:
    """The probability from which a category beside the first is named, and the micro F1 of all codes that it gives.

    Where no statement is held out, one half and 0.
    """
    probabilities, wanted = [], []
    for one, prose in zip(tagged, proses, strict=True):
        statements = [span for span in prose.spans if span.codes]
        if statements:
            texts = [prose.text[s.start : s.end] for s in statements]
            vectors = one.vectors([(s.start, s.end) for s in statements])
            probabilities.append(one.heads.category_probabilities(vectors, texts))
            wanted += [{codes.index(code) for code in span.codes} for span in statements]
    if not wanted:
        return 0.5, 0.0
    rows = np.concatenate(probabilities)
    scored = np.array([_micro(rows, wanted, share) for share in SHARES])
    best = int(np.convolve(scored, np.full(NEIGHBOURS, 1 / NEIGHBOURS), "valid").argmax()) + NEIGHBOURS // 2
    return float(SHARES[best]), round(float(scored[best]), 4)


def _micro(rows: npt.NDArray[np.float32], wanted: Sequence[set[int]], share: float) -> float:
    named = [{int(row.argmax()), *np.flatnonzero(row >= share).tolist()} for row in rows]
    right = sum(len(a & b) for a, b in zip(named, wanted, strict=True))
    return 2 * right / (sum(map(len, named)) + sum(map(len, wanted)))
