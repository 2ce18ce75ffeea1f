"""Figures that an agency reports unchanged year after year: cells of the official tables, and counts of the prose.

Zero and blank are left out: nothing happening twice is no sign of copying.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nlp import store
from nlp.summary.reports import one_a_year

# What an agency states for a year. A count is named by what was counted, where, and in which unit; shares are left out
# (100 % in time, every year), and so is a count that a report states with two values.
_STATED = f"""
WITH chosen AS ({one_a_year()}), stated AS (
  SELECT r.agency, r.year, r.id, 'cell' AS source, c.path AS figure, c.value
  FROM chosen AS r JOIN cells AS c USING (id) WHERE c.value > 0
  UNION ALL
  SELECT r.agency, r.year, r.id, 'count', concat_ws(' · ', c.kind, c.channel, c.item, c.unit) AS figure, any_value(c.value)
  FROM chosen AS r JOIN counts AS c USING (id)
  WHERE c.value > 0 AND c.item IS NOT NULL AND c.kind <> 'share' AND coalesce(c.period, r.year) = r.year
  GROUP BY r.agency, r.year, r.id, figure HAVING count(DISTINCT c.value) = 1
)
"""  # noqa: S608  # nothing from outside stands in it

_RUNS = """, islands AS (
  SELECT *, year - row_number() OVER (PARTITION BY agency, source, figure, value ORDER BY year) AS island FROM stated
)
SELECT agency, source, figure, value, min(year), max(year), list(id ORDER BY year)
FROM islands GROUP BY agency, source, figure, value, island HAVING count(*) >= 2
ORDER BY count(*) DESC, value DESC, agency, source, figure, min(year)
"""

_PAIRS = """
SELECT a.agency, a.year, before.id, a.id, count(*), count(*) FILTER (WHERE before.value = a.value)
FROM stated AS a JOIN stated AS before
  ON before.agency = a.agency AND before.source = a.source AND before.figure = a.figure AND before.year = a.year - 1
GROUP BY a.agency, a.year, before.id, a.id ORDER BY a.agency, a.year
"""


@dataclass(frozen=True, slots=True)
class EqualFigure:
    """`figure` was `value` in every year from `first_year` to `last_year` (both included), of which there are two or more.

    `figure` is a cell's path below `statistics`, or a count's kind, outlet, item and unit. `reports` are the records' ids.
    """

    agency: str
    source: Literal["cell", "count"]
    figure: str
    value: float
    first_year: int
    last_year: int
    reports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EqualYears:
    """Of `compared` figures that a report and that of the year before both state, `equal` have the same value."""

    agency: str
    year: int
    before_id: str
    id: str
    compared: int
    equal: int


def equal_figures(database: Path) -> list[EqualFigure]:
    """Figures equal in two or more years on end, the longest runs first, then the largest values. Raises StoreError."""
    rows = store.query(database, _STATED + _RUNS).rows
    return [
        EqualFigure(agency, source, figure, value, first, last, tuple(reports))
        for agency, source, figure, value, first, last, reports in rows
    ]


def equal_years(database: Path) -> list[EqualYears]:
    """Each report beside that of the year before, by agency and year. Raises StoreError."""
    return [EqualYears(*row) for row in store.query(database, _STATED + _PAIRS).rows]
