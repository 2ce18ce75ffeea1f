"""An encoder that knows the authored topics, so that a summary can be made without the released model's vectors."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence

import numpy as np

from nlp.summary.vectors import SCALE, Bytes, plain
from tests.nlp.summary.stating import PROBLEMS, REMEDIES


class Topics:
    """Statements of one topic are near each other; any other statement is near its own words only."""

    name, sha256, width = "topics", "0" * 64, 96
    anchors: Mapping[str, Bytes] = {}

    def __init__(self) -> None:
        self._topic = {plain(text): n for said in (PROBLEMS, REMEDIES) for n, key in enumerate(said) for text in said[key]}

    def __call__(self, texts: Sequence[str]) -> Bytes:
        """Vectors of plain statements."""
        vectors = np.zeros((len(texts), self.width))
        for row, text in enumerate(texts):
            topic = self._topic.get(text)
            if topic is not None:
                vectors[row, topic] = 3
            vectors[row, 8 + zlib.crc32(text.encode()) % 88] += 1
        return np.round(SCALE * vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.int8)

    by_words = __call__
