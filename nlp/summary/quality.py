"""Data quality: every failed check of the reports, inside one (R1–R4, R8–R14), across years (R5–R7), across an area (R12)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from nlp import store
from nlp.errors import StoreError
from nlp.settings import load_toml

# One row a check: the reports that it names (the later, or the area's, first) and the cells, each beside its report.
_CHECKS = """
CREATE TEMP TABLE found AS
SELECT rule, status, [w.report] AS reports, [{'report': w.report, 'cells': cells}] AS places, expected, found, message
FROM checks JOIN wanted AS w USING (id)
UNION ALL BY NAME
SELECT rule, status, [w.report, b.report] AS reports,
       [{'report': w.report, 'cells': c.cells}, {'report': b.report, 'cells': c.cells_before}] AS places,
       c.expected::VARCHAR AS expected, c.found::VARCHAR AS found, '' AS message
FROM checks_across_years AS c JOIN wanted AS w ON w.id = c.id JOIN wanted AS b ON b.id = c.id_before
UNION ALL BY NAME
SELECT any_value(rule) AS rule, any_value(status) AS status,
       list_prepend(w.report, list(u.report ORDER BY u.report)) AS reports,
       list_prepend({'report': w.report, 'cells': [c.place]},
                    list({'report': u.report, 'cells': [c.place]} ORDER BY u.report)) AS places,
       any_value(expected)::VARCHAR AS expected, any_value(found)::VARCHAR AS found, '' AS message
FROM (SELECT *, unnest(units) AS unit FROM checks_across_areas) AS c
JOIN wanted AS w ON w.id = c.id JOIN wanted AS u ON u.id = c.unit
GROUP BY w.report, c.place HAVING count(*) = len(any_value(c.units))
"""
_COUNTS = """
SELECT rule, count(*) FILTER (WHERE status = 'pass'), count(*) FILTER (WHERE status = 'unknown'),
       count(DISTINCT reports[1]) FILTER (WHERE status = 'fail') FROM found GROUP BY rule
"""
_FAILURES = """
SELECT rule, reports, places, expected, found, message FROM found WHERE status = 'fail' ORDER BY reports, places::VARCHAR, found
"""
_VIEWS = {"R5": "checks_across_years", "R6": "checks_across_years", "R7": "checks_across_years", "R12": "checks_across_areas"}


@dataclass(frozen=True, slots=True)
class CheckedCells:
    """Cells, by their paths, of report `Summary.reports[report]`."""

    report: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """A check that failed: its reports (the one at fault first) with the cells, what should be and what is."""

    places: tuple[CheckedCells, ...]
    expected: str | None
    found: str | None
    message: str


@dataclass(frozen=True, slots=True)
class RuleQuality:
    """How the reports fare with one rule; `n_reports` have at least one of `failures`. `query` gives all its checks."""

    rule: str
    name: str
    n_pass: int
    n_unknown: int
    n_reports: int
    failures: tuple[Failure, ...]
    query: str


def quality(database: Path, ids: Sequence[str]) -> tuple[RuleQuality, ...]:
    """The rules in their order, over the reports `ids`; a check across reports counts where all of them are among these.

    Raises StoreError.
    """
    with store.open(database) as connection:
        connection.register("wanted", pa.table({"id": pa.array(ids, pa.string()), "report": pa.array(range(len(ids)))}))
        try:
            connection.execute(_CHECKS)
            counts = connection.execute(_COUNTS).fetchall()
            failures = connection.execute(_FAILURES).fetchall()
        except duckdb.Error as error:
            raise StoreError(f"cannot read the checks of {database}: {error}; was the store made by this version?") from error
    failed: dict[str, list[Failure]] = {}
    for rule, _, places, *said in failures:
        failed.setdefault(rule, []).append(_failure(places, *said))
    names = load_toml("labels.toml")["checks"]
    return tuple(
        RuleQuality(rule, names.get(rule, rule), n_pass, n_unknown, n_reports, tuple(failed.get(rule, ())), _query(rule))
        for rule, n_pass, n_unknown, n_reports in sorted(counts, key=lambda row: (len(row[0]), row[0]))
    )


def _failure(places: list[dict[str, Any]], expected: str | None, found: str | None, message: str) -> Failure:
    cells = tuple(CheckedCells(place["report"], tuple(place["cells"])) for place in places)
    return Failure(cells, _plain(expected), _plain(found), message)


def _plain(value: str | None) -> str | None:
    """A whole number without its decimals."""
    return value.removesuffix(".0") if value else value


def _query(rule: str) -> str:
    return f"SELECT * FROM {_VIEWS.get(rule, 'checks')} WHERE rule = '{rule}'"  # noqa: S608  # a rule's name is ours
