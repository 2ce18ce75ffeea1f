"""Who copies: an agency from its own last report (年年雷同), and agencies from each other, with the likely origin.

Everything is decided by what the reports are; the order in which they were stored changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import duckdb

from nlp.record import from_json
from nlp.summary.index import opened
from nlp.summary.passages import FormLanguage, Passage, reuse
from nlp.summary.prose import Prose, prose_of
from nlp.summary.settings import ReuseSettings, load_reuse_settings

_PROSES = 2_000  # texts kept at hand while pairs are aligned, about 100 MB

_COMMON = """
SELECT hash FROM (SELECT DISTINCT agency, hash FROM fingerprints) GROUP BY hash
HAVING count(*) >= greatest(?, ? * (SELECT count(DISTINCT agency) FROM reports))
"""

_LAST = """
SELECT older.rank, newer.rank FROM reports AS newer ASOF JOIN reports AS older
  ON older.agency = newer.agency AND older.year < newer.year ORDER BY newer.agency, newer.rank
"""

# Pairs that share enough shingles. All holders of a shingle are paired; where they are a crowd, each with the first of
# them and with the one before it, so that a text that a thousand agencies share gives two thousand pairs and no million.
_CANDIDATES = """
WITH sampled AS (
  SELECT rank, agency, hash FROM fingerprints ANTI JOIN common USING (hash) WHERE hash % $one_in = 0
), held AS (
  SELECT *, count(*) OVER holders AS n, first_value(rank) OVER in_time AS first, lag(rank) OVER in_time AS before,
         first_value(agency) OVER in_time AS first_agency, lag(agency) OVER in_time AS agency_before
  FROM sampled WINDOW holders AS (PARTITION BY hash), in_time AS (PARTITION BY hash ORDER BY rank)
), sizes AS (
  SELECT rank, count(*) AS size FROM sampled GROUP BY rank
), meetings AS (
  SELECT a.rank AS older, b.rank AS newer FROM held AS a JOIN held AS b
    ON a.hash = b.hash AND a.rank < b.rank AND a.agency <> b.agency WHERE b.n <= $crowd
  UNION ALL SELECT first, rank FROM held WHERE n > $crowd AND first < rank AND first_agency <> agency
  UNION ALL SELECT before, rank FROM held WHERE n > $crowd AND before <> first AND agency_before <> agency
)
SELECT older, newer FROM meetings JOIN sizes ON sizes.rank = newer
GROUP BY older, newer, size HAVING count(*) >= $share * size ORDER BY newer, older
"""


@dataclass(frozen=True, slots=True)
class Report:
    """Which report: the record's id, its agency (the id where the text names none) and its year."""

    id: str
    agency: str
    year: int


@dataclass(frozen=True, slots=True)
class Copy:
    """`share` of the prose of `newer` stands in `older`: `passages` point into the texts of the two records."""

    older: Report
    newer: Report
    share: float
    reused: int
    characters: int
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Cluster:
    """Reports of several agencies that share text. `origin` is the earliest: by year, date of publication, agency, id.

    `reports` are all, the origin first, in time; `copies` has for each later report that copies an earlier one the copy
    with the largest share (of equal ones the earliest source). `id` is the origin's.
    """

    id: str
    origin: Report
    reports: tuple[Report, ...]
    copies: tuple[Copy, ...]


class Archive:
    """A store in which copies are looked for; made by `open_archive`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, settings: ReuseSettings) -> None:
        self._connection, self._settings = connection, settings
        limits = [settings.form_agencies, settings.form_share]
        connection.execute(f"CREATE TEMP TABLE common AS {_COMMON}", limits)
        common = connection.execute("SELECT hash FROM common ORDER BY hash").fetchnumpy()["hash"]
        self.form = FormLanguage(common, settings)
        rows = connection.execute("SELECT rank, place, id, agency, year FROM reports").fetchall()
        self._reports = {rank: Report(*row) for rank, _, *row in rows}
        self._places = {rank: place for rank, place, *_ in rows}
        self._prose = lru_cache(_PROSES)(self._read)

    def against_last(self) -> Iterator[Copy]:
        """Every report beside its agency's last one before it, however little it repeats; by year, date, agency."""
        pairs = self._connection.execute(_LAST).fetchall()  # by agency, so that a text is at hand for both of its pairs
        copies = {newer: self._copy(older, newer) for older, newer in pairs}
        yield from (copies[newer] for newer in sorted(copies))

    def copies(self) -> Iterator[Copy]:
        """Pairs of reports of different agencies of which the newer has at least the set share from the older."""
        settings = self._settings
        wanted = {"one_in": settings.candidates_one_in, "crowd": settings.crowd, "share": settings.candidate_share}
        for older, newer in self._connection.execute(_CANDIDATES, wanted).fetchall():
            copy = self._copy(older, newer)
            if copy.share >= settings.share:
                yield copy

    def clusters(self) -> list[Cluster]:
        """Reports joined by `copies`, directly or through others; the largest cluster first, then by time of origin."""
        ranks = {report.id: rank for rank, report in self._reports.items()}
        best: dict[int, Copy] = {}
        roots: dict[int, int] = {}
        for copy in self.copies():
            older, newer = ranks[copy.older.id], ranks[copy.newer.id]
            if newer not in best or copy.share > best[newer].share:
                best[newer] = copy
            _join(roots, older, newer)
        members: defaultdict[int, list[int]] = defaultdict(list)
        for rank in sorted(roots):
            members[_root(roots, rank)].append(rank)
        found = [self._cluster(ranks, best) for _, ranks in sorted(members.items())]
        return sorted(found, key=lambda cluster: -len(cluster.reports))

    def _cluster(self, ranks: list[int], best: dict[int, Copy]) -> Cluster:
        reports = tuple(self._reports[rank] for rank in ranks)
        return Cluster(reports[0].id, reports[0], reports, tuple(best[rank] for rank in ranks if rank in best))

    def _copy(self, older: int, newer: int) -> Copy:
        found = reuse(self._prose(older), self._prose(newer), self.form)
        a, b = self._reports[older], self._reports[newer]
        return Copy(a, b, found.share, found.reused, found.characters, found.passages)

    def _read(self, rank: int) -> Prose:
        query = "SELECT record FROM store.records WHERE rowid = ?"
        ((line,),) = self._connection.execute(query, [self._places[rank]]).fetchall()
        return prose_of(from_json(line))


@contextmanager
def open_archive(store: Path, index: Path | None = None, settings: ReuseSettings | None = None) -> Iterator[Archive]:
    """Look for copies in a store. `index` is a DuckDB file that keeps fingerprints between runs (None: in memory).

    Raises StoreError when the store is missing or either file cannot be used.
    """
    settings = settings or load_reuse_settings()
    with opened(store, index, settings) as connection:
        yield Archive(connection, settings)


def _root(roots: dict[int, int], rank: int) -> int:
    """The earliest report of its cluster (union-find with path halving)."""
    while roots.setdefault(rank, rank) != rank:
        roots[rank] = roots[roots[rank]]
        rank = roots[rank]
    return rank


def _join(roots: dict[int, int], first: int, second: int) -> None:
    one, other = _root(roots, first), _root(roots, second)
    roots[max(one, other)] = min(one, other)
