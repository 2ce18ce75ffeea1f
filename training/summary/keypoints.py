"""How well key points group what authored statements mean: `python -m training.summary.keypoints [dev|test]`.

Two figures, on `keypoints/<half>.tsv`. Assignment: each statement is held out and goes to the nearest of the centres of the
groups' other statements; strict precision is the share of right ones among all that reach the threshold, those of no group
among them (always wrong). Grouping: key points are found among all statements as in a summary, without groups being known;
the adjusted Rand index compares them with the groups, over the statements that have one, each unassigned one alone. Beside it
what BERTopic does (UMAP, then HDBSCAN) on the same vectors, and HDBSCAN on TF-IDF of the same text, with their best settings
on dev. Thresholds and settings are those of `configs/summary.toml`, chosen on dev.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.cluster import HDBSCAN
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import adjusted_rand_score

from nlp.summary.points import NONE, PointSettings, centre, digest, find_points, load_point_settings
from nlp.summary.vectors import Bytes, Encoder, plain, similarity
from training.summary.fit import FOLDER, Grouped, read_grouped

Labels = npt.NDArray[np.int64]
_SEED = 1


@dataclass(frozen=True)
class Assignment:
    """Of `n_grouped` statements with a group, `coverage` reach the threshold; of all that do, `precision` are right."""

    precision: float
    coverage: float
    n_grouped: int
    n_alone: int


def assignment(vectors: Bytes, groups: Sequence[str], threshold: float) -> Assignment:
    """Strict precision and coverage, each statement held out from the centre of its own group."""
    labels = np.array(groups)
    names = sorted(set(groups) - {""})
    centres = np.stack([centre(vectors[labels == name]) for name in names])
    near = similarity(vectors, centres)
    for row in np.flatnonzero(labels != ""):
        own = (labels == labels[row]) & (np.arange(len(labels)) != row)
        near[row, names.index(labels[row])] = similarity(vectors[row : row + 1], centre(vectors[own])[None])[0, 0]
    reached = near.max(axis=1) >= threshold
    right = np.array(names)[near.argmax(axis=1)] == labels
    grouped = labels != ""
    return Assignment(
        float((reached & right).sum() / max(1, reached.sum())), float((reached & grouped).sum() / grouped.sum()),
        int(grouped.sum()), int((~grouped).sum()),
    )  # fmt: skip


def key_points(vectors: Bytes, texts: Sequence[str], settings: PointSettings, encoder: Encoder) -> Labels:
    """The key point of each statement as a summary finds it, NONE for the remainder."""
    order = np.array(sorted(range(len(texts)), key=lambda place: digest(texts[place])))
    points = find_points(vectors[order], np.ones(len(texts), np.int64), settings, encoder.anchors)
    labels = np.empty(len(texts), np.int64)
    labels[order] = points.assigned
    return labels


def rand_index(labels: Labels, groups: Sequence[str]) -> float:
    """Adjusted Rand index over the statements that have a group; each that was not assigned stands alone."""
    alone = np.where(labels == NONE, len(labels) + np.arange(len(labels)), labels)
    grouped = np.array([bool(group) for group in groups])
    return float(adjusted_rand_score(np.array(groups)[grouped], alone[grouped]))


def by_bertopic(vectors: Bytes, least: int, neighbours: int) -> Labels:
    """UMAP to five dimensions, then HDBSCAN: what BERTopic does with the vectors that it is given."""
    import umap

    reducer = umap.UMAP(n_neighbors=neighbours, n_components=5, min_dist=0.0, metric="cosine", random_state=_SEED)
    return _hdbscan(reducer.fit_transform(vectors.astype(np.float32)), least)


def by_words(texts: Sequence[str], least: int, longest: int) -> Labels:
    """HDBSCAN on TF-IDF of runs of characters."""
    told = TfidfVectorizer(analyzer="char", ngram_range=(1, longest), sublinear_tf=True).fit_transform(texts)
    return _hdbscan(told.toarray(), least)


def best_on_dev(make: Callable[[int, int], Labels], groups: Sequence[str], choices: Sequence[int]) -> tuple[float, int, int]:
    """The best adjusted Rand index over settings, and those: least size of a cluster, and one of `choices`."""
    return max((rand_index(make(least, one), groups), least, one) for least in (2, 3, 5) for one in choices)


def figures(half: str, folder: Path | None) -> Iterator[str]:
    """What is to be told, line by line."""
    encoder, settings = Encoder(folder, threads=1), load_point_settings()
    dev, rows = _read("dev", encoder), _read(half, encoder)
    found = assignment(rows.vectors, rows.groups, settings.assign)
    yield f"{half}: {found.n_grouped} statements in {len(set(rows.groups) - {''})} groups, {found.n_alone} in none"
    yield f"assignment: strict precision {found.precision:.3f} at coverage {found.coverage:.3f}"
    labels = key_points(rows.vectors, rows.texts, settings, encoder)
    yield f"grouping: adjusted Rand index {rand_index(labels, rows.groups):.3f}, {len(set(labels.tolist()) - {NONE})} key points"
    _, least, longest = best_on_dev(lambda a, b: by_words(dev.texts, a, b), dev.groups, (1, 2, 3))
    yield f"TF-IDF + HDBSCAN: {rand_index(by_words(rows.texts, least, longest), rows.groups):.3f} ({least=} {longest=})"
    _, least, neighbours = best_on_dev(lambda a, b: by_bertopic(dev.vectors, a, b), dev.groups, (5, 10, 15))
    bertopic = by_bertopic(rows.vectors, least, neighbours)
    yield f"BERTopic-style, UMAP + HDBSCAN: {rand_index(bertopic, rows.groups):.3f} ({least=} {neighbours=})"


@dataclass(frozen=True)
class _Half:
    texts: list[str]
    groups: list[str]
    vectors: Bytes


def _read(half: str, encoder: Encoder) -> _Half:
    rows: list[Grouped] = read_grouped(FOLDER / f"{half}.tsv")
    texts = [plain(row.text) for row in rows]
    return _Half(texts, [row.group for row in rows], encoder(texts))


def _hdbscan(points: npt.NDArray[np.float64], least: int) -> Labels:
    labels: Labels = HDBSCAN(min_cluster_size=least, copy=True).fit_predict(points).astype(np.int64)
    return np.where(labels < 0, NONE, labels)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("half", nargs="?", choices=("dev", "test"), default="test")
    parser.add_argument("--model", type=Path, help="model folder; default: the released one")
    args = parser.parse_args()
    for line in figures(args.half, args.model):
        print(line, flush=True)


if __name__ == "__main__":
    main()
