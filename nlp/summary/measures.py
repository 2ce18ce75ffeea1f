"""Measures of the official tables added up over reports: sums, shares with an interval, league tables.

A report of which a cell is blank, unreadable or missing does not count for the measure, and is counted as left out: blank is
unknown, not 0. Every figure is the sum over the reports whose value stands in `Statistics.values`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import Literal

import numpy as np
import numpy.typing as npt

from nlp.record import Number

Values = npt.NDArray[np.float64]
"""Reports × measures; NaN where a report does not tell."""
Codes = npt.NDArray[np.int64]
Side = Literal["above", "within", "below"]


@dataclass(frozen=True, slots=True)
class Measure:
    """What is added up: `cells` are the paths of the cells in any form, `query` is SQL that gives them from the store.

    `of` is the key of the measure that this one is a share of; `parent` that of the measure of which it is one reason.
    """

    key: str
    name: str
    about: str
    cells: tuple[str, ...]
    query: str
    of: str | None = None
    parent: str | None = None
    headline: bool = False
    league: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """`part` of `whole` cases, over the `n_reports` reports that tell both; `[low, high]` is the interval, ends included."""

    part: Number
    whole: Number
    n_reports: int
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` is the sum over `n_reports` reports; `n_left_out` do not tell. None where none tells."""

    measure: str
    value: Number | None
    n_reports: int
    n_left_out: int
    share: Share | None = None


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """The figures of one group of a dimension; `reports` are its members, places in `Summary.reports`."""

    key: str
    name: str
    reports: tuple[int, ...]
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The figures by the groups of a dimension; reports that do not tell theirs are in none."""

    key: str
    name: str
    groups: tuple[GroupFigures, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A group in a league table; `side` says whether its interval lies above or below the share of all, or holds it."""

    key: str
    name: str
    share: Share
    side: Side


@dataclass(frozen=True, slots=True)
class League:
    """Groups of a dimension by their share, the largest first; those with fewer cases than `least_cases` are left out."""

    measure: str
    dimension: str
    least_cases: int
    overall: Share
    places: tuple[Place, ...]
    n_too_few: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """Figures of the official tables over the reports of a summary.

    `values`: for each report of `Summary.reports` the value of each of `measures`, None where it does not tell.
    """

    confidence: float
    measures: tuple[Measure, ...]
    values: tuple[tuple[Number | None, ...], ...]
    total: tuple[Figure, ...]
    by: tuple[Breakdown, ...]
    leagues: tuple[League, ...]


def wilson(part: Number, whole: Number, confidence: float) -> tuple[float, float]:
    """The score interval of a share of `whole` > 0 cases (E. B. Wilson, J. Am. Stat. Assoc. 22, 1927, 209–212)."""
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share, shrink = part / whole, 1 + z * z / whole
    centre = (share + z * z / (2 * whole)) / shrink
    half = z / shrink * sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole))
    return max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half))  # rounding leaves no share outside


def add_up(
    values: Values, measures: Sequence[Measure], codes: Codes, n_groups: int, confidence: float
) -> Iterator[tuple[Figure, ...]]:
    """The figures of each of `n_groups` groups; `codes` says of each report its group (-1: none)."""
    sizes = np.bincount(codes[codes >= 0], minlength=n_groups)
    place = {measure.key: n for n, measure in enumerate(measures)}
    columns = []
    for n, measure in enumerate(measures):
        known = ~np.isnan(values[:, n])
        sums, counts = _grouped(values[:, n], known, codes, n_groups)
        shares: list[Share | None] = [None] * n_groups
        if measure.of is not None:
            shares = _shares(values[:, n], values[:, place[measure.of]], codes, n_groups, confidence)
        columns.append((measure.key, sums, counts, shares))
    for group in range(n_groups):
        yield tuple(
            Figure(key, number(sums[group]) if counts[group] else None, int(counts[group]),
                   int(sizes[group] - counts[group]), shares[group])
            for key, sums, counts, shares in columns
        )  # fmt: skip


def league(measure: Measure, breakdown: Breakdown, overall: Share, least_cases: int) -> League:
    """The league table of a share; ties by the number of cases, then by name."""
    told = [(group, figure.share) for group in breakdown.groups for figure in group.figures
            if figure.measure == measure.key and figure.share is not None]  # fmt: skip
    enough = [(group, share) for group, share in told if share.whole >= least_cases]
    enough.sort(key=lambda pair: (-pair[1].value, -pair[1].whole, pair[0].key))
    places = tuple(Place(group.key, group.name, share, _side(share, overall)) for group, share in enough)
    return League(measure.key, breakdown.key, least_cases, overall, places, len(told) - len(enough))


def number(value: float) -> Number:
    """A whole number as int."""
    return int(value) if float(value).is_integer() else float(value)


def _side(share: Share, overall: Share) -> Side:
    return "above" if share.low > overall.value else "below" if share.high < overall.value else "within"


def _grouped(values: Values, known: npt.NDArray[np.bool_], codes: Codes, n_groups: int) -> tuple[Values, Codes]:
    """Sum and number of the known values of each group."""
    known = known & (codes >= 0)
    sums = np.bincount(codes[known], values[known], n_groups).astype(np.float64)
    return sums, np.bincount(codes[known], minlength=n_groups).astype(np.int64)


def _shares(part: Values, whole: Values, codes: Codes, n_groups: int, confidence: float) -> list[Share | None]:
    """A report whose part exceeds its whole contradicts itself and counts for no share."""
    known = ~np.isnan(part) & ~np.isnan(whole) & (part <= whole)
    parts, counts = _grouped(part, known, codes, n_groups)
    wholes, _ = _grouped(whole, known, codes, n_groups)
    return [
        Share(number(p), number(w), int(n), float(p / w), *wilson(float(p), float(w), confidence)) if w > 0 else None
        for p, w, n in zip(parts, wholes, counts, strict=True)
    ]
