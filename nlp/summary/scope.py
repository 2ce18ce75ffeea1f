"""What a summary counts: one report an agency and year, and the groups that each falls into."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import duckdb

from nlp.errors import SettingsError
from nlp.settings import load_toml
from nlp.summary.model import Dimension, Group, ReportFacts, Scope, Split, Splits

DIMENSIONS = {"region": "地区", "level": "层级", "year": "年份", "agency-kind": "机关类别"}
_LEVELS = {
    "province": "省级", "city": "市级", "county": "县级", "township": "乡镇街道", "department": "部门", "other": "其他",
}  # fmt: skip

# As in nlp/summary/reports.py, and beside it the reports whose year is not known, each for itself.
_CHOSEN = """
SELECT id, coalesce(agency, id), year, title, path, member, url, level, province, city, county, agency IS NULL
FROM records WHERE status <> 'failed'
QUALIFY row_number() OVER (PARTITION BY coalesce(agency, id), coalesce(CAST(year AS VARCHAR), id)
                           ORDER BY status = 'complete' DESC, length(text) DESC, id) = 1
ORDER BY coalesce(agency, id), year NULLS LAST, id
"""


class Reports:
    """The reports in scope, in order of agency, year and id, with the groups of each dimension."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, by: Sequence[str]) -> None:
        """Read them. Raises SettingsError for an unknown dimension."""
        for dimension in by:
            if dimension not in DIMENSIONS:
                raise SettingsError(f"cannot split by {dimension!r}; choose from {', '.join(DIMENSIONS)}")
        rows = connection.execute(_CHOSEN).fetchall()
        place = _telling_place([row[8:11] for row in rows])
        self.facts = tuple(_facts(row, place, by) for row in rows)
        self.scope = self._scope(connection, sum(row[11] for row in rows))
        self.dimensions = tuple(self._dimension(key) for key in DIMENSIONS if key in by)

    def agencies(self, reports: Iterable[int]) -> set[str]:
        """The agencies of some reports."""
        return {self.facts[report].agency for report in reports}

    def splits(self, reports: Collection[int]) -> Splits:
        """How the distinct `reports` fall into the groups of every dimension."""
        found: Splits = {}
        for dimension in self.dimensions:
            within = self._by_group(dimension.key, reports)
            found[dimension.key] = tuple(
                Split(
                    group.key, len(self.agencies(within[group.key])), len(within[group.key]), group.n_agencies, group.n_reports
                )
                for group in dimension.groups
                if group.key in within
            )
        return found

    def _by_group(self, dimension: str, reports: Iterable[int]) -> dict[str, set[int]]:
        within: defaultdict[str, set[int]] = defaultdict(set)
        for report in reports:
            group = self.facts[report].groups.get(dimension)
            if group is not None:
                within[group].add(report)
        return dict(within)

    def _dimension(self, key: str) -> Dimension:
        within = self._by_group(key, range(len(self.facts)))
        names = _names(key)
        order = [name for name in names if name in within] + sorted(name for name in within if name not in names)
        groups = tuple(
            Group(name, names.get(name, name), len(self.agencies(within[name])), len(within[name])) for name in order
        )
        return Dimension(key, DIMENSIONS[key], groups)

    def _scope(self, connection: duckdb.DuckDBPyConnection, n_without_agency: int) -> Scope:
        counted = connection.execute("SELECT count(*), count(*) FILTER (WHERE status = 'failed') FROM records").fetchone()
        n_records, n_failed = counted or (0, 0)
        years = [report.year for report in self.facts if report.year is not None]
        return Scope(
            n_records, len(self.facts), len(self.agencies(range(len(self.facts)))), min(years, default=None),
            max(years, default=None), n_failed, n_records - n_failed - len(self.facts), n_without_agency,
        )  # fmt: skip


def agency_kind(name: str) -> str:
    """What an agency is for, by its name: the first kind of `configs/summary.toml` whose pattern fits."""
    return next((key for key, pattern in _kinds() if pattern.search(name)), "other")


def _facts(row: Sequence[Any], place: int, by: Sequence[str]) -> ReportFacts:
    identity, agency, year, title, path, member, url = row[:7]
    groups = {key: group for key, group in _groups(row, place).items() if key in by}
    return ReportFacts(identity, agency, year, title, path, member, url, groups)


def _groups(row: Sequence[object], place: int) -> Mapping[str, str]:
    """Dimension → group of a row of `_CHOSEN`; what the report does not tell is left out."""
    region, level, year = row[8 + place], row[7], row[2]
    kind = None if row[11] else agency_kind(str(row[1]))
    told = {"region": region, "level": level, "year": year, "agency-kind": kind}
    return {dimension: str(group) for dimension, group in told.items() if group is not None}


def _telling_place(places: Iterable[Sequence[str | None]]) -> int:
    """Which of province, city, county to split by: the widest of which there are several; province when none has."""
    columns = list(zip(*places, strict=True))
    return next((n for n, column in enumerate(columns) if len({one for one in column if one}) > 1), 0)


def _names(dimension: str) -> dict[str, str]:
    """Group → its Chinese name in display order, for dimensions whose groups are known beforehand."""
    if dimension == "level":
        return _LEVELS
    if dimension == "agency-kind":
        return {row["key"]: row["name"] for row in load_toml("summary.toml")["kind"]}
    return {}


@cache
def _kinds() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((row["key"], re.compile(row["pattern"])) for row in load_toml("summary.toml")["kind"])
