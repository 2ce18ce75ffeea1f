"""What else the encoder tells about a problem or remedy: categories, whether done, which answers which.

Every head is linear over the mean of a span's hidden states, so numpy runs it. Categories are also told by the words
themselves, as hashed runs of one to three characters, weighted by how rare they are; this opinion counts for more. Several
categories may hold, so each has a probability of its own.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file

from nlp.narrative.codec import fold, is_blank

Floats = npt.NDArray[np.float32]
MOST_CATEGORIES = 3
N_GRAMS = 1 << 16
LONGEST_GRAM = 3
WORDS = 0.9
"""How much of a category's probability the words tell: best of 0, 0.3, 0.5 … 1 on the authored dev statements."""


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

    def category_probabilities(self, vectors: Floats, texts: Sequence[str]) -> Floats:
        """Shape (spans, categories): how surely each statement is about each; rows need not sum to 1."""
        if not len(texts):
            return np.empty((0, len(self.categories)), np.float32)
        by_words = np.stack([self._told_by_words(text) for text in texts])
        by_states = _sigmoid(self._linear("category", vectors))
        return np.asarray(WORDS * by_words + (1 - WORDS) * by_states, dtype=np.float32)

    def _told_by_words(self, text: str) -> Floats:
        ids, shares = gram_shares(text, self.weights["grams.rarity"])
        told = shares @ self.weights["grams.weight"][ids] + self.weights["grams.bias"]
        return np.asarray(told.clip(0, 1), dtype=np.float32)

    def name_categories(self, probabilities: Floats) -> list[tuple[str, ...]]:
        """One to three codes for each row of `category_probabilities`, the surest first."""
        named = []
        for row in probabilities:
            order = [int(number) for number in np.argsort(-row, kind="stable")[:MOST_CATEGORIES]]
            named.append(
                tuple(self.categories[n] for place, n in enumerate(order) if place == 0 or row[n] >= self.further)
            )
        return named

    def done(self, vectors: Floats) -> Floats:
        """Probability, shape (spans,), that a remedy is already done."""
        return _sigmoid(self._linear("status", vectors)[:, 0])

    def links(self, problems: Floats, remedies: Floats) -> Floats:
        """Probability, shape (problems, remedies), that a remedy answers a problem by its content."""
        left, right = (
            _unit(self._linear(name, vectors)) for name, vectors in (("problem", problems), ("remedy", remedies))
        )
        scale, shift = self.weights["link.scale"]
        return _sigmoid(left @ right.T * scale + shift)

    def _linear(self, name: str, vectors: Floats) -> Floats:
        return np.asarray(vectors @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"], dtype=np.float32)


def gram_ids(text: str) -> list[int]:
    """Hashes of all runs of one to three characters of a text, white space and widths aside; one number for none."""
    plain = "".join(fold(one) for one in text if not is_blank(one))
    runs = [plain[at : at + n] for n in range(1, LONGEST_GRAM + 1) for at in range(len(plain) - n + 1)]
    return [zlib.crc32(run.encode("utf-8", "surrogatepass")) % N_GRAMS for run in runs] or [0]


def gram_shares(text: str, rarity: Floats) -> tuple[npt.NDArray[np.int64], Floats]:
    """Distinct runs of a text and the part of each: damped count times rarity, of unit length (tf-idf)."""
    ids, counts = np.unique(np.array(gram_ids(text), dtype=np.int64), return_counts=True)
    shares = (1 + np.log(counts)) * rarity[ids]
    return ids, np.asarray(shares / max(float(np.linalg.norm(shares)), 1e-6), dtype=np.float32)


def _unit(vectors: Floats) -> Floats:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), dtype=np.float32)


def _sigmoid(x: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-x)), dtype=np.float32)
