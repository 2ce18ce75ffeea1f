"""Fit the layer that makes vectors of statements: `python -m training.summary.fit --model models/gongkai-base`.

Two opinions on a statement, the mean of its hidden states and its words (tf-idf of hashed runs of one and two characters, by
their leading singular vectors), are put side by side and mapped so that within the groups of `keypoints/train.tsv` and `dev.tsv` all
directions vary alike and between them much (regularised linear discriminants: Friedman 1989), then sharpened where groups are
easily mixed up (`contrast.py`). The layer of a new model is fitted within a minute. Writes `vectors.safetensors` into the
model folder, and its hash into the manifest.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save_file
from scipy.sparse import csr_array
from scipy.sparse.linalg import svds
from threadpoolctl import threadpool_limits

from nlp.narrative.codec import Codec
from nlp.narrative.release import MANIFEST, NETWORK, VOCABULARY, open_release
from nlp.narrative.runtime import open_runtime
from nlp.settings import load_toml
from nlp.summary.points import centre
from nlp.summary.vectors import ANCHORS, SCALE, VECTORS, Bytes, Layer, States, gram_shares, plain
from training.documents import annotated_files
from training.markup import CODED, read_marked
from training.summary.contrast import sharpen

FOLDER = Path(__file__).resolve().parent / "keypoints"
N_GRAMS = 12_000
WIDTH = 200
SINGULAR = 300
RIDGE = 0.1
"""Part of the mean variance within groups that is added to every direction; chosen on groups left out of the fit."""
LEAST_IN_ANCHOR = 6
"""Statements from which a group is a known key point."""

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Grouped:
    """A statement of `keypoints/*.tsv`; `group` is empty where it says something of its own."""

    group: str
    category: str
    text: str


@dataclass(frozen=True)
class Seen:
    """What is known of some statements before the layer: summed opinion of the network, and words."""

    pooled: Floats
    grams: csr_array


def read_grouped(path: Path) -> list[Grouped]:
    """The statements of a file, in order."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [Grouped(row["group"], row["category"], row["statement"]) for row in rows]


def read_fitted() -> list[Grouped]:
    """The statements that vectors are fitted on: those with a group, of `train.tsv` and `dev.tsv`."""
    return [one for half in ("train", "dev") for one in read_grouped(FOLDER / f"{half}.tsv") if one.group]


def corpus_statements(corpus: Path) -> Iterator[str]:
    """Problems and remedies of the training documents, in order."""
    codes = [entry["code"] for entry in load_toml("categories.toml")["category"]]
    for path in annotated_files(corpus)["train"]:
        marked = read_marked(path, codes)
        yield from (marked.text[span.start : span.end] for span in marked.spans if span.label in CODED)


def rarity(texts: Sequence[str]) -> Floats:
    """Of every hash of a run of characters, the logarithm of one over its share of the texts; 0 where only one text has it."""
    counts = np.zeros(N_GRAMS)
    for text in texts:
        counts[gram_shares(plain(text), np.ones(N_GRAMS, np.float32))[0]] += 1
    return np.where(counts > 1, np.log(len(texts) / np.maximum(counts, 1)), 0).astype(np.float32)


def standard(states: States, texts: Sequence[str]) -> dict[str, Floats]:
    """Mean and deviation of hidden states over the characters of some texts."""
    total = np.zeros((2, 0))
    count = 0
    for _, hidden in states([plain(text) for text in texts]):
        values = hidden.astype(np.float64)
        moments = np.stack([values.sum(axis=0), (values**2).sum(axis=0)])
        total = total + moments if total.size else moments
        count += len(values)
    mean = total[0] / count
    return {"states.mean": mean.astype(np.float32), "states.scale": np.sqrt(total[1] / count - mean**2).astype(np.float32)}


def see(layer: Layer, states: States, texts: Sequence[str]) -> Seen:
    """What the network and the words tell of each text."""
    plains = [plain(text) for text in texts]
    pooled = np.zeros((len(texts), len(layer.weights["states.mean"])), np.float32)
    for number, hidden in states(plains):
        pooled[number] = layer.pooled(hidden.astype(np.float32))
    return Seen(pooled, grams_of(plains, layer.weights["grams.rarity"]))


def grams_of(plains: Sequence[str], rare: Floats) -> csr_array:
    """Tf-idf of runs of characters, shape (texts, hashes)."""
    parts = [gram_shares(text, rare) for text in plains]
    ends = np.cumsum([0, *(len(ids) for ids, _ in parts)])
    return csr_array(
        (np.concatenate([shares for _, shares in parts]), np.concatenate([ids for ids, _ in parts]), ends),
        shape=(len(plains), len(rare)),
    )


def discriminants(features: Floats, groups: Sequence[str], width: int, ridge: float) -> tuple[Floats, Floats]:
    """Mean of the features, and the map (features, width) under which groups are round and far from each other."""
    labels = np.array(groups)
    mean = features.mean(axis=0)
    within = np.zeros((features.shape[1],) * 2)
    between = []
    for group in sorted(set(groups)):
        rows = features[labels == group]
        inner = rows - rows.mean(axis=0)
        within += inner.T @ inner
        between.append(np.sqrt(len(rows)) * (rows.mean(axis=0) - mean))
    within /= len(features)
    values, vectors = np.linalg.eigh(within + ridge * np.trace(within) / len(within) * np.eye(len(within)))
    white = vectors / np.sqrt(values)
    _, _, directions = np.linalg.svd(np.stack(between) @ white, full_matrices=False)
    return mean, np.asarray(white @ directions[:width].T, np.float32)


def fit(seen: Seen, background: csr_array, groups: Sequence[str], start: Layer) -> Layer:
    """The layer for statements whose groups are known; `background` tells which words go together."""
    _, strengths, basis = svds(background, SINGULAR, v0=np.ones(min(background.shape)))
    basis = basis[np.argsort(-strengths)].T
    told = seen.grams @ basis
    basis = basis / np.sqrt((told**2).sum(axis=1).mean())
    features = np.concatenate([seen.pooled, seen.grams @ basis], axis=1)
    mean, projection = discriminants(features, groups, WIDTH, RIDGE)
    projection, bias = sharpen(features.astype(np.float32), groups, projection, np.asarray(-mean @ projection, np.float32))
    n_states = seen.pooled.shape[1]
    weights = {
        **start.weights,
        "states.weight": projection[:n_states].T,
        "grams.weight": basis @ projection[n_states:],
        "bias": bias,
    }
    return Layer({name: stored(value) for name, value in weights.items()}, {})


def stored(value: npt.NDArray[np.floating]) -> Floats:
    """A weight as it comes back from the file, which holds halves."""
    return value.astype(np.float16).astype(np.float32)


def vectors(layer: Layer, seen: Seen) -> Bytes:
    """Vectors of all statements at once; those of `Layer` but for rounding."""
    told = seen.pooled @ layer.weights["states.weight"].T + seen.grams @ layer.weights["grams.weight"] + layer.weights["bias"]
    return np.asarray(np.rint(told / np.linalg.norm(told, axis=1, keepdims=True) * SCALE), np.int8)


def anchors(made: Bytes, groups: Sequence[str]) -> dict[str, Bytes]:
    """Centres of the groups that are large enough."""
    labels = np.array(groups)
    return {
        group: centre(made[labels == group]) for group in sorted(set(groups)) if (labels == group).sum() >= LEAST_IN_ANCHOR
    }


def write(layer: Layer, known: dict[str, Bytes], folder: Path) -> None:
    """Put the layer into a model folder and its hash into the manifest."""
    halves = {name: np.ascontiguousarray(value, np.float16) for name, value in layer.weights.items()}
    save_file({**halves, ANCHORS: np.stack(list(known.values()))}, folder / VECTORS, {ANCHORS: " ".join(known)})
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    manifest["files"][VECTORS] = hashlib.sha256((folder / VECTORS).read_bytes()).hexdigest()
    text = json.dumps(manifest, ensure_ascii=False, indent=1)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def prepare(folder: Path, corpus: Path) -> tuple[States, Layer, csr_array]:
    """What is needed before fitting: the network, the layer's standards, the words of the corpus."""
    release = open_release(folder)
    states = States(Codec.read(release.folder / VOCABULARY), open_runtime(release.folder / NETWORK, 1))
    train = [one.text for one in read_fitted()]
    texts = [*train, *corpus_statements(corpus)]
    rare = stored(rarity(texts))
    weights = {name: stored(value) for name, value in standard(states, train).items()} | {"grams.rarity": rare}
    return states, Layer(weights, {}), grams_of([plain(text) for text in texts], rare)


def release_vectors(folder: Path, corpus: Path) -> None:
    """Fit the layer on a model folder's own network and put it there. Raises ModelError when the folder is damaged."""
    states, start, background = prepare(folder, corpus)
    train = read_fitted()
    groups = [one.group for one in train]
    seen = see(start, states, [one.text for one in train])
    with threadpool_limits(1):  # the order of sums would decide the last bits, and the steps of the contrast make much of them
        layer = fit(seen, background, groups, start)
    write(layer, anchors(vectors(layer, seen), groups), folder)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=Path("models/gongkai-base"))
    parser.add_argument("--corpus", type=Path, default=Path("training/corpus"))
    args = parser.parse_args()
    release_vectors(args.model, args.corpus)


if __name__ == "__main__":
    main()
