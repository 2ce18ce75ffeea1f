"""Key points found among statements, and statements assigned to key points; the same for any order of the input.

Rows must come ordered by what the statements are (see `digest`), so that neither the order of reports nor their number
decides who is looked at first. Products of whole vectors are exact, so threads and batches decide nothing either.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from scipy.cluster.hierarchy import fcluster, linkage

from nlp.errors import SettingsError
from nlp.settings import config_path, load_toml
from nlp.summary.vectors import SCALE, Bytes, Floats, similarity

Ints = npt.NDArray[np.int64]
_CHUNK, _ROWS = 4096, 256
NONE = -1


class PointSettings(BaseModel):
    """How key points are found; the table `points` of `configs/summary.toml` says what each is for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    edges: str
    anchor: float = Field(gt=-1)
    merge: float = Field(gt=-1, le=1)
    neighbours: float = Field(ge=0, le=1)
    least_neighbours: int = Field(ge=0)
    near: float = Field(gt=-1, lt=1)
    smoothings: int = Field(ge=0)
    cut: float = Field(gt=0, le=2)
    assign: float = Field(gt=-1, le=1)
    sample: int = Field(ge=2)
    rounds: int = Field(ge=1)
    refinements: int = Field(ge=0)
    least_reports: int = Field(ge=1)
    central: float = Field(ge=0)
    quotes: int = Field(ge=1)
    near_misses: int = Field(ge=0)
    remedy_cut: float = Field(gt=0, le=2)
    remedy_sample: int = Field(ge=2)

    def for_remedies(self) -> PointSettings:
        """The same for the remedies of one key point: each makes a group of its own where it is like no other."""
        cut = {"cut": self.remedy_cut, "assign": 1 - self.remedy_cut, "smoothings": 0}
        return self.model_copy(update={**cut, "sample": self.remedy_sample, "least_reports": 1})


@cache
def load_point_settings() -> PointSettings:
    """The table `points` of `configs/summary.toml`. Raises SettingsError with the place."""
    try:
        return PointSettings(**load_toml("summary.toml")["points"])
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"{config_path('summary.toml')}: points.{where}: {first['msg']}") from error


@dataclass(frozen=True)
class Nearest:
    """For each statement the nearest point and the next, with their similarities; NONE and -1 where there is none."""

    first: Ints
    first_similarity: Floats
    second: Ints
    second_similarity: Floats


@dataclass(frozen=True)
class Points:
    """Key points as `centres` (points, width), and where each statement belongs: `assigned` is NONE for the remainder.

    `keys`: for each point the key of the anchor that it is; of another point the keys of the two anchors that it is nearest
    to, the nearest first, joined by `~`; None where fewer than two are known.
    """

    centres: Bytes
    keys: tuple[str | None, ...]
    nearest: Nearest
    assigned: Ints


def digest(text: str) -> str:
    """What a statement is ordered by and named after: a hash of its plain text."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def find_points(vectors: Bytes, weights: Ints, settings: PointSettings, anchors: Mapping[str, Bytes] | None = None) -> Points:
    """Cluster distinct statements, rows of `vectors` in the order of `digest`; `weights` are the reports that state each.

    Statements very near an anchor, a known key point, are its; the rest are clustered `sample` rows at a time, until what is
    left is near no centre. A point needs `least_reports` reports. Clusters near an anchor are taken to be it. Then every
    statement goes to the nearest centre, those that were found are taken anew, and again; anchors stay where they are.
    """
    names, places = list(anchors or {}), np.array(list((anchors or {}).values()), np.int8).reshape(-1, vectors.shape[1])
    own = assign(nearest(vectors, places), settings.anchor)
    new = _first_centres(vectors[own == NONE], weights[own == NONE], settings)
    near = nearest(new, places)
    stating = np.bincount(own[own != NONE], weights[own != NONE], len(places))
    merged = near.first[near.first_similarity >= settings.merge]
    stated = np.union1d(merged, np.flatnonzero(stating >= settings.least_reports)).astype(np.int64)
    known, new = places[stated], new[near.first_similarity < settings.merge]
    for _ in range(settings.refinements):
        assigned = assign(nearest(vectors, np.concatenate([known, new])), settings.assign)
        new = _centres(vectors, np.where(assigned >= len(known), assigned, NONE), weights, settings.least_reports)
    centres = np.concatenate([known, new])
    keys = [*(names[place] for place in stated), *_between(new, names, places)]
    found = nearest(vectors, centres)
    assigned = assign(found, settings.assign)
    kept = np.bincount(assigned[assigned != NONE], weights[assigned != NONE], len(centres)) >= settings.least_reports
    if not kept.all():
        centres, keys = centres[kept], [key for key, keep in zip(keys, kept, strict=True) if keep]
        found = nearest(vectors, centres)
        assigned = assign(found, settings.assign)
    return Points(centres, tuple(keys), found, assigned)


def nearest(vectors: Bytes, centres: Bytes) -> Nearest:
    """The nearest two centres of every vector; of equally near ones the first."""
    n = len(vectors)
    places, scores = np.full((n, 2), NONE, np.int64), np.full((n, 2), -1, np.float32)
    for start in range(0, n if len(centres) else 0, _CHUNK):
        rows = slice(start, min(start + _CHUNK, n))
        near = similarity(vectors[rows], centres)
        for rank in range(min(2, len(centres))):
            best = near.argmax(axis=1)
            places[rows, rank], scores[rows, rank] = best, near[np.arange(len(best)), best]
            near[np.arange(len(best)), best] = -2
    return Nearest(places[:, 0], scores[:, 0], places[:, 1], scores[:, 1])


def assign(found: Nearest, threshold: float) -> Ints:
    """The nearest point of every statement, NONE below the threshold."""
    return np.where(found.first_similarity >= threshold, found.first, NONE)


def smoothed(vectors: Bytes, neighbours: int, least: float) -> Bytes:
    """Each row's mean direction with the rows nearest to it, itself and equally near ones among them, none below `least`.

    What neighbours share is what they say; what each says in its own words cancels out.
    """
    if not len(vectors):
        return vectors
    count = min(neighbours + 1, len(vectors))
    return np.concatenate([_means_of_nearest(vectors, start, count, least) for start in range(0, len(vectors), _ROWS)])


def cluster(vectors: Bytes, cut: float) -> Ints:
    """Average linkage on cosine distance, cut at `cut`: a number for each row, in order of first rows, from 0."""
    if len(vectors) < 2:
        return np.zeros(len(vectors), np.int64)
    pairs = np.concatenate(list(_upper(vectors))).astype(np.float64)
    flat = fcluster(linkage(pairs, "average"), cut, "distance")
    _, first, inverse = np.unique(flat, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    return rank[inverse]


def centre(vectors: Bytes) -> Bytes:
    """The mean direction of some vectors, as a vector."""
    (mean,) = _directions(vectors.astype(np.int64).sum(axis=0, keepdims=True))
    return np.asarray(mean, np.int8)


def _first_centres(vectors: Bytes, weights: Ints, settings: PointSettings) -> Bytes:
    found = np.zeros((0, vectors.shape[1]), np.int8)
    rest = np.arange(len(vectors))
    for _ in range(settings.rounds):
        sample = rest[: settings.sample]
        labels = cluster(_all_smoothed(vectors[sample], settings), settings.cut)
        new = _centres(vectors[sample], labels, weights[sample], settings.least_reports)
        found = np.concatenate([found, new])
        if len(sample) == len(rest) or not len(new):
            break
        rest = rest[assign(nearest(vectors[rest], new), settings.assign) == NONE]
    return found


def _all_smoothed(vectors: Bytes, settings: PointSettings) -> Bytes:
    neighbours = max(round(settings.neighbours * len(vectors)), settings.least_neighbours)
    for _ in range(settings.smoothings):
        vectors = smoothed(vectors, neighbours, settings.near)
    return vectors


def _means_of_nearest(vectors: Bytes, start: int, count: int, least: float) -> Bytes:
    near = similarity(vectors[start : start + _ROWS], vectors)
    reach = np.maximum(np.partition(near, -count, axis=1)[:, -count], least)
    # Sums of bytes are whole numbers that a float holds exactly, in any order of adding.
    return _directions((near >= reach[:, None]).astype(np.float32) @ vectors.astype(np.float32))


def _directions(sums: npt.NDArray[np.generic]) -> Bytes:
    totals = sums.astype(np.float64)
    lengths = np.maximum(np.sqrt((totals**2).sum(axis=1, keepdims=True)), 1e-12)
    return np.asarray(np.rint(totals / lengths * SCALE), np.int8)


def _between(centres: Bytes, names: Sequence[str], places: Bytes) -> Iterator[str | None]:
    """Where each centre lies among the anchors: hardly moved by more reports, as its members would be."""
    near = nearest(centres, places)
    for first, second in zip(near.first.tolist(), near.second.tolist(), strict=True):
        yield f"{names[first]}~{names[second]}" if second != NONE else None


def _centres(vectors: Bytes, labels: Ints, weights: Ints, least: int) -> Bytes:
    """Centres of the labelled groups that weigh enough, in order of label."""
    order = np.argsort(labels, kind="stable")
    order = order[labels[order] != NONE]
    starts = np.flatnonzero(np.diff(labels[order], prepend=NONE))
    groups = np.split(order, starts[1:]) if len(order) else []
    centres = [centre(vectors[group]) for group in groups if weights[group].sum() >= least]
    return np.array(centres, np.int8).reshape(-1, vectors.shape[1])


def _upper(vectors: Bytes) -> Iterator[Floats]:
    """Distances of each row to the rows after it, as `linkage` wants them, a few rows of the matrix at a time."""
    for start in range(0, len(vectors), _ROWS):
        near = similarity(vectors[start : start + _ROWS], vectors)
        for row in range(len(near)):
            yield np.maximum(1 - near[row, start + row + 1 :], 0)
