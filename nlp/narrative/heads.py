"""What else the encoder tells about a problem or remedy: categories, whether done, which answers which.

Every head is linear over the mean of a span's hidden states, so numpy runs it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file

Floats = npt.NDArray[np.float32]
MOST_CATEGORIES = 3


@dataclass(frozen=True)
class Heads:
    """Weights of the heads. Vectors go in with shape (spans, width)."""

    weights: Mapping[str, Floats]
    categories: tuple[str, ...]
    further: float
    """A category beside the first is named when its probability reaches this."""

    @classmethod
    def load(cls, path: Path, categories: Sequence[str], calibration: Mapping[str, Any]) -> Heads:
        """Heads of a release."""
        weights = {name: value.astype(np.float32) for name, value in load_file(path).items()}
        return cls(weights, tuple(categories), float(calibration["further_category"]))

    def category_probabilities(self, vectors: Floats) -> Floats:
        """Shape (spans, categories), rows sum to 1: how much of each statement is about what."""
        logits = self._linear("category", vectors)
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(shares / shares.sum(axis=1, keepdims=True), dtype=np.float32)

    def name_categories(self, vectors: Floats) -> list[tuple[str, ...]]:
        """One to three codes a span, the weightiest first."""
        named = []
        for row in self.category_probabilities(vectors) if len(vectors) else ():
            order = [int(number) for number in np.argsort(-row, kind="stable")[:MOST_CATEGORIES]]
            named.append(tuple(self.categories[n] for place, n in enumerate(order) if place == 0 or row[n] >= self.further))
        return named

    def done(self, vectors: Floats) -> Floats:
        """Probability, shape (spans,), that a remedy is already done."""
        return _sigmoid(self._linear("status", vectors)[:, 0])

    def links(self, problems: Floats, remedies: Floats) -> Floats:
        """Probability, shape (problems, remedies), that a remedy answers a problem by its content."""
        left, right = (_unit(self._linear(name, vectors)) for name, vectors in (("problem", problems), ("remedy", remedies)))
        scale, shift = self.weights["link.scale"]
        return _sigmoid(left @ right.T * scale + shift)

    def _linear(self, name: str, vectors: Floats) -> Floats:
        return vectors @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]


def _unit(vectors: Floats) -> Floats:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.float32(1e-12))


def _sigmoid(x: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-x)), dtype=np.float32)
