"""A summary of a store, in the order in which it is made."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from nlp import store
from nlp.settings import config_path, load_toml
from nlp.summary.cache import cached_vectors, read_ids, write_ids
from nlp.summary.copies import find_copies
from nlp.summary.model import SUMMARY_VERSION, CategoryCount, Copies, KeyPoint, Made, Member, NearMiss, Summary
from nlp.summary.naming import Key, choose_name, ids_of, stable_ids
from nlp.summary.points import NONE, Points, PointSettings, digest, find_points, load_point_settings
from nlp.summary.quality import quality
from nlp.summary.quotes import quoted
from nlp.summary.remedies import RemedyGroups, analyse, located
from nlp.summary.scope import DIMENSIONS, Reports
from nlp.summary.statements import Statements, read_problems, read_remedies
from nlp.summary.statistics import statistics
from nlp.summary.vectors import Encoder
from nlp.version import __version__


@dataclass(frozen=True)
class Options:
    """What can be asked of a summary.

    `by`: the dimensions to split by. `previous`: an earlier summary whose key points keep their ids; where none is
    given, `ids`, a Parquet file that keeps them between runs. `cache`: a Parquet file
    that keeps vectors between runs (None: none kept), `index`: a DuckDB file that keeps fingerprints for copies. `copies`:
    whether copies are looked for.
    """

    by: tuple[str, ...] = tuple(DIMENSIONS)
    previous: Summary | None = None
    ids: Path | None = None
    cache: Path | None = None
    index: Path | None = None
    copies: bool = True


def summarize(database: Path, options: Options | None = None, encoder: Encoder | None = None) -> Summary:
    """What the reports of a store say is wrong, how many say it, who, since when, what they do, and who only copies.

    `encoder` defaults to that of the released model on all cores. The order of the reports in the store, threads and caches
    change nothing. Raises StoreError when the store cannot be
    read, ModelError when the model gives no vectors, SettingsError for an unknown dimension.
    """
    options = options or Options()
    settings = load_point_settings()
    encoder = encoder or Encoder()
    with store.open(database) as connection:
        reports = Reports(connection, options.by)
        problems, remedies = read_problems(connection, reports.facts), read_remedies(connection, reports.facts)
        vectors = cached_vectors(problems.distinct, encoder, options.cache)
        points = find_points(vectors, problems.weights, settings, encoder.anchors)
        made = _KeyPoints(connection, reports, problems, points, settings)
        groups = RemedyGroups(located(remedies), reports.facts, encoder, settings)
        key_points = made.build(groups, ids_of(options.previous) if options.previous else read_ids(options.ids))
    by_id = {point.id: point.members for point in key_points}
    answer = Summary(
        SUMMARY_VERSION,
        Made(__version__, encoder.name, encoder.sha256, options.by, settings.assign, _settings_hash()),
        reports.scope,
        reports.dimensions,
        reports.facts,
        key_points,
        made.remainder(),
        tuple(_categories(problems, reports)),
        analyse(problems, remedies, reports.facts, by_id),
        find_copies(database, options.index) if options.copies else Copies(),
        statistics(database, reports.facts, reports.dimensions),
        quality(database, [report.id for report in reports.facts]),
    )
    if options.ids:
        write_ids(options.ids, ids_of(answer))
    return answer


class _KeyPoints:
    """From points to key points: members, counts, names, ids, quotes, near-misses."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, reports: Reports, problems: Statements, points: Points, settings: PointSettings
    ) -> None:
        self._connection, self._reports, self._settings = connection, reports, settings
        self._problems, self._points = problems, points
        self._rows: list[list[int]] = [[] for _ in range(len(points.centres))]
        for row, point in enumerate(points.assigned.tolist()):
            if point != NONE:
                self._rows[point].append(row)
        self._similarity = [round(float(one), 4) for one in points.nearest.first_similarity]

    def build(self, remedies: RemedyGroups, earlier: dict[Key, str]) -> tuple[KeyPoint, ...]:
        """All key points, the most agencies first."""
        members = [self._members(rows) for rows in self._rows]
        keys = [[(self._reports.facts[one.report].id, one.n) for one in some] for some in members]
        origins = [
            key or digest(self._problems.distinct[rows[0]]) for key, rows in zip(self._points.keys, self._rows, strict=True)
        ]
        ids = stable_ids(keys, origins, earlier)
        near = self._near_misses(ids)
        found = [self._key_point(place, ids[place], members[place], near[place], remedies) for place in range(len(ids))]
        return tuple(sorted(found, key=lambda point: (-point.n_agencies, -point.n_reports, point.id)))

    def remainder(self) -> tuple[Member, ...]:
        """The problems that fit no key point."""
        return self._members([row for row, point in enumerate(self._points.assigned.tolist()) if point == NONE])

    def _key_point(
        self, place: int, identity: str, members: Sequence[Member], near: tuple[NearMiss, ...], remedies: RemedyGroups
    ) -> KeyPoint:
        rows, reports = self._rows[place], {member.report for member in members}
        texts = [self._problems.distinct[row] for row in rows]
        weights = [int(self._problems.weights[row]) for row in rows]
        name = texts[choose_name(texts, [self._similarity[row] for row in rows], weights, self._settings.central)]
        n_agencies = len(self._reports.agencies(reports))
        codes = Counter(code for member in members for code in member.categories)
        return KeyPoint(
            id=identity,
            name=name,
            n_agencies=n_agencies,
            n_reports=len(reports),
            share=round(n_agencies / self._reports.scope.n_agencies, 6),
            by=self._reports.splits(reports),
            categories=dict(sorted(codes.items(), key=lambda item: (-item[1], item[0]))),
            quotes=quoted(self._connection, members, self._reports.facts, self._settings.quotes),
            near_misses=near,
            remedies=remedies(members),
            n_without_remedy=sum(not member.remedies for member in members),
            members=tuple(members),
        )

    def _members(self, rows: Sequence[int]) -> tuple[Member, ...]:
        found = [
            self._problems.all[place].member(self._similarity[row]) for row in rows for place in self._problems.rows[row]
        ]
        return tuple(sorted(found, key=lambda member: (member.report, member.n)))

    def _near_misses(self, ids: Sequence[str]) -> list[tuple[NearMiss, ...]]:
        """For each key point the distinct statements nearest to it among those that stand elsewhere."""
        found: list[list[tuple[float, int]]] = [[] for _ in ids]
        nearest, assigned = self._points.nearest, self._points.assigned
        for row in range(len(assigned)):
            out = assigned[row] == NONE
            point = int(nearest.first[row] if out else nearest.second[row])
            if point != NONE:
                found[point].append((float((nearest.first_similarity if out else nearest.second_similarity)[row]), row))
        return [tuple(self._near_miss(row, near, ids) for near, row in self._closest(some)) for some in found]

    def _closest(self, some: Sequence[tuple[float, int]]) -> list[tuple[float, int]]:
        return sorted(some, key=lambda one: (-one[0], one[1]))[: self._settings.near_misses]

    def _near_miss(self, row: int, similarity: float, ids: Sequence[str]) -> NearMiss:
        went_to = int(self._points.assigned[row])
        first = self._problems.all[self._problems.rows[row][0]]
        return NearMiss(first.member(similarity), ids[went_to] if went_to != NONE else None)


def _categories(problems: Statements, reports: Reports) -> Iterator[CategoryCount]:
    """How often each category occurs, the most agencies first."""
    stated: defaultdict[str, set[int]] = defaultdict(set)
    for problem in problems.all:
        for code in problem.categories:
            stated[code].add(problem.report)
    names = _category_names()
    for code in sorted(stated, key=lambda code: (-len(reports.agencies(stated[code])), code)):
        n_agencies = len(reports.agencies(stated[code]))
        share = round(n_agencies / reports.scope.n_agencies, 6)
        yield CategoryCount(
            code, names.get(code, code), n_agencies, len(stated[code]), share, reports.splits(stated[code])
        )


def _category_names() -> Mapping[str, str]:
    return {row["code"]: row["name"] for row in load_toml("categories.toml")["category"]}


def _settings_hash() -> str:
    return hashlib.sha256(config_path("summary.toml").read_bytes()).hexdigest()
