"""Vectors of statements: near when two say the same, from the released encoder and a small layer trained on top of it.

Each statement goes alone through the network. The mean of its characters' hidden states is mapped to a short vector, to which
what its words tell (hashed runs of one and two characters, weighted by rarity) is added.
Vectors are whole numbers of one byte: sums of their products are exact in floating point, so no order, thread or batch can
change a similarity.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors import safe_open

from nlp.errors import ModelError
from nlp.fold import fold
from nlp.narrative.codec import FIRST, SEPARATOR, Codec
from nlp.narrative.release import NETWORK, VOCABULARY, open_release
from nlp.narrative.runtime import BlockRuntime, Halves, Ids, open_runtime
from nlp.settings import load_toml

VECTORS, ANCHORS = "vectors.safetensors", "anchors"
SCALE = 127
"""Length of a vector: each of its numbers fits a byte."""
LONGEST_GRAM = 2
LENGTHS = (32, 64, 128)
"""Tokens of a window, [CLS] and [SEP] among them; of a longer statement the first 126 characters are read."""
TOKENS_A_BLOCK = 1024

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.int8]


@dataclass(frozen=True)
class Layer:
    """The trained weights, and the anchors: known key points as vectors, by key. Fitted by `training/summary/fit.py`."""

    weights: Mapping[str, Floats]
    anchors: Mapping[str, Bytes]

    @classmethod
    def load(cls, path: Path) -> Layer:
        """The layer of a model folder. Raises ModelError where there is none."""
        if not path.is_file():
            raise ModelError(f"{path} is missing: this model gives no vectors; make them with `python -m training.summary.fit`")
        with safe_open(path, "numpy") as file:
            stored = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # no mapping
            keys = (file.metadata() or {})[ANCHORS].split()
        anchors = dict(zip(keys, stored.pop(ANCHORS), strict=True))
        return cls({name: value.astype(np.float32) for name, value in stored.items()}, anchors)

    def __call__(self, states: Floats, text: str) -> Bytes:
        """The vector of one statement: whole numbers, of length SCALE but for rounding; `states` (tokens, width) are its own."""
        told = self.weights["states.weight"] @ self.pooled(states) + self._told_by(text) + self.weights["bias"]
        return _whole(told)

    def pooled(self, states: Floats) -> Floats:
        """The mean of standardised states, of length 1."""
        return _unit(((states - self.weights["states.mean"]) / self.weights["states.scale"]).mean(axis=0))

    def by_words(self, text: str) -> Bytes:
        """What the words alone tell, as a vector."""
        return _whole(self._told_by(text))

    def _told_by(self, text: str) -> Floats:
        ids, shares = gram_shares(text, self.weights["grams.rarity"])
        return np.asarray(shares @ self.weights["grams.weight"][ids], np.float32)


class Encoder:
    """Statements to vectors with a released model. `sha256` and `name` are the model's."""

    def __init__(self, folder: Path | None = None, *, threads: int | None = None) -> None:
        """Open a model folder, by default the released one. Raises ModelError when it is damaged or gives no vectors."""
        release = open_release(folder)
        self.name, self.sha256 = release.name, release.sha256
        self._layer = Layer.load(release.folder / VECTORS)
        self._states = States(
            Codec.read(release.folder / VOCABULARY), open_runtime(release.folder / NETWORK, threads)
        )

    @property
    def width(self) -> int:
        """Numbers in a vector."""
        return len(self._layer.weights["bias"])

    @property
    def anchors(self) -> Mapping[str, Bytes]:
        """Known key points: the centres of the groups that the layer was fitted on, by key."""
        return self._layer.anchors

    def __call__(self, texts: Sequence[str]) -> Bytes:
        """Vectors of plain statements (see `plain`), shape (texts, width). The vector of one does not depend on the others."""
        vectors = np.zeros((len(texts), self.width), np.int8)
        for number, states in self._states(texts):
            vectors[number] = self._layer(states.astype(np.float32), texts[number])
        return vectors

    def by_words(self, texts: Sequence[str]) -> Bytes:
        """Vectors of what the words alone tell, without the network; not to be compared with the others."""
        return np.array([self._layer.by_words(text) for text in texts], np.int8).reshape(-1, self.width)


@dataclass(frozen=True)
class States:
    """Hidden states of statements that go through the network each alone, many at a time in blocks of fixed shapes."""

    codec: Codec
    runtime: BlockRuntime

    def __call__(self, texts: Sequence[str]) -> Iterator[tuple[int, Halves]]:
        """For each text, in some order, its place in `texts` and the states (tokens, width) of its characters."""
        rows = [self.codec.encode(text).ids[: LENGTHS[-1] - 2] for text in texts]
        order = sorted(range(len(rows)), key=lambda number: len(rows[number]))
        blocks = list(_blocks(order, [len(row) for row in rows]))
        windows = (self._block([rows[number] for number in numbers], length) for numbers, length in blocks)
        for (numbers, _), states in zip(blocks, self.runtime.hidden(windows), strict=True):
            for place, number in enumerate(numbers):
                yield number, states[place, 1 : 1 + max(1, len(rows[number]))]

    def _block(self, rows: Sequence[Ids], length: int) -> Ids:
        block = np.zeros((TOKENS_A_BLOCK // length, length), np.int64)
        for place, row in enumerate(rows):
            block[place, : len(row) + 2] = [self.codec.ids[FIRST], *row, self.codec.ids[SEPARATOR]]
        return block


def plain(text: str) -> str:
    """A statement as it is compared: simplified, without white space, leading enumerator and closing marks."""
    folded = "".join(fold(text).text.split())
    return _edges().sub("", folded) or folded


def similarity(left: Bytes, right: Bytes) -> Floats:
    """Cosine of every row of `left` with every row of `right`, exact up to one division."""
    products = left.astype(np.float32) @ right.astype(np.float32).T
    return np.asarray(products / (_lengths(left)[:, None] * _lengths(right)[None, :]), np.float32)


def gram_shares(text: str, rarity: Floats) -> tuple[npt.NDArray[np.int64], Floats]:
    """Distinct hashes of the runs of one and two letters or digits, ascending, and the rarity of each; length 1 (tf-idf)."""
    letters = "".join(one for one in text if one.isalnum())
    runs = {letters[at : at + n] for n in range(1, LONGEST_GRAM + 1) for at in range(len(letters) - n + 1)}
    ids = np.array(sorted({zlib.crc32(run.encode("utf-8", "surrogatepass")) % len(rarity) for run in runs}), np.int64)
    return ids, _unit(rarity[ids])


def _blocks(order: Sequence[int], sizes: Sequence[int]) -> Iterator[tuple[list[int], int]]:
    """Places of statements that go together, the shortest first, and the length of their windows."""
    at = 0
    for length in LENGTHS:
        n_rows = TOKENS_A_BLOCK // length
        while at < len(order) and sizes[order[at]] + 2 <= length:
            block = [number for number in order[at : at + n_rows] if sizes[number] + 2 <= length]
            yield block, length
            at += len(block)


def _lengths(vectors: Bytes) -> Floats:
    squares = (vectors.astype(np.int32) ** 2).sum(axis=1)
    return np.asarray(np.sqrt(np.maximum(squares, 1)), np.float32)


def _whole(vector: Floats) -> Bytes:
    return np.asarray(np.rint(_unit(vector) * SCALE), np.int8)


def _unit(vector: Floats) -> Floats:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-12), np.float32)


@cache
def _edges() -> re.Pattern[str]:
    return re.compile(load_toml("summary.toml")["points"]["edges"])
