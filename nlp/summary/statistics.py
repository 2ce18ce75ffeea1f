"""Statistics of the official tables from the store: which cells each measure needs, their values, their sums by dimension.

The measures are data (`configs/summary.toml`), the cells are those of the form that each report follows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nlp import store
from nlp.errors import SettingsError, StoreError
from nlp.forms import Form, load_forms
from nlp.settings import config_path, load_toml
from nlp.summary.measures import (
    Breakdown,
    Codes,
    Figure,
    GroupFigures,
    League,
    Measure,
    Statistics,
    Values,
    add_up,
    league,
    number,
)
from nlp.summary.model import Dimension, ReportFacts

# A value counts where every cell that the report's own form has for the measure holds a number that is not negative.
_VALUES = """
SELECT wanted.report, needed.measure, sum(cells.value)
FROM cells JOIN wanted USING (id) JOIN needed ON needed.form = cells.form AND needed.path = cells.path
WHERE cells.value >= 0 GROUP BY wanted.report, needed.measure, needed.n HAVING count(*) = needed.n
"""
_MEMBERS = "SELECT agency, year, id, path, raw, value, state FROM cells WHERE path IN ({paths}) ORDER BY agency, year, id, path"


class _Definition(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    name: str
    about: str = ""
    cells: tuple[str, ...]
    of: str | None = None
    reasons: bool = False
    headline: bool = False
    league: bool = False


class StatisticsSettings(BaseModel):
    """What is measured, and from how many cases on a share is ranked; `configs/summary.toml` says what each is for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    confidence: float = Field(gt=0, lt=1)
    least_cases: int = Field(ge=1)
    agencies: bool
    measures: tuple[_Definition, ...]


@cache
def load_statistics_settings() -> StatisticsSettings:
    """The table `statistics` of `configs/summary.toml`. Raises SettingsError with the place."""
    try:
        return StatisticsSettings(**load_toml("summary.toml")["statistics"])
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"{config_path('summary.toml')}: statistics.{where}: {first['msg']}") from error


def statistics(database: Path, reports: Sequence[ReportFacts], dimensions: Sequence[Dimension]) -> Statistics:
    """The measures over `reports`, in all and by each dimension; by agency as well where the settings say so.

    By agency only the headline measures and what they are shares of are given. Raises StoreError.
    """
    settings = load_statistics_settings()
    measures = load_measures()
    values = _read(database, [report.id for report in reports], measures)
    (total,) = add_up(values, measures, np.zeros(len(values), np.int64), 1, settings.confidence)
    by = [_breakdown(values, measures, reports, dimension) for dimension in dimensions]
    agencies = _agencies(values, measures, reports)
    leagues = tuple(_leagues([*by, agencies], measures, total, settings.least_cases))
    return Statistics(
        settings.confidence,
        measures,
        tuple(tuple(None if np.isnan(value) else number(value) for value in row) for row in values),
        total,
        (*by, agencies) if settings.agencies else tuple(by),
        leagues,
    )


@cache
def load_measures() -> tuple[Measure, ...]:
    """The measures of the settings, each reason after the measure that it belongs to.

    Raises SettingsError when a measure names no cell of any form, or is a share of one that is not there.
    """
    found = [measure for definition in load_statistics_settings().measures for measure in _measures(definition)]
    keys = {measure.key for measure in found}
    for measure in found:
        if not measure.cells or (measure.of is not None and measure.of not in keys):
            raise SettingsError(
                f"{config_path('summary.toml')}: statistics.measures {measure.key!r}: give `cells` that a form has and `of` a measure"
            )
    return tuple(found)


def _measures(definition: _Definition) -> Iterator[Measure]:
    labels = {path: label for form in load_forms().values() for path, label in _paths(form).items()}
    cells = tuple(path for path in labels if any(fnmatchcase(path, pattern) for pattern in definition.cells))
    yield Measure(
        definition.key, definition.name, definition.about, cells, _query(cells), definition.of,
        headline=definition.headline, league=definition.league,
    )  # fmt: skip
    if definition.reasons:
        for path in cells:
            row, name = path.split(".")[1], labels[path].split(".", 1)[-1]
            yield Measure(row, name, "", (path,), _query([path]), definition.of, parent=definition.key)


def _query(cells: Sequence[str]) -> str:
    return _MEMBERS.format(paths=", ".join(f"'{path}'" for path in cells))


@cache
def _form_paths() -> dict[str, dict[str, str]]:
    return {name: _paths(form) for name, form in load_forms().items()}


def _paths(form: Form) -> dict[str, str]:
    """Path → label of the row (of the block in section four) of every cell of the matrix and of section four."""
    matrix = form.applications
    paths = {f"applications.{row.key}.{column.key}": row.label for row in matrix.rows for column in matrix.columns}
    for block in form.review_litigation:
        paths |= {f"review_litigation.{block.key}.{column.key}": block.label for column in block.columns}
    return paths


def _read(database: Path, ids: Sequence[str], measures: Sequence[Measure]) -> Values:
    needed = [
        {"measure": n, "form": form, "path": path, "n": len(own)}
        for n, measure in enumerate(measures)
        for form, paths in _form_paths().items()
        for own in [[path for path in measure.cells if path in paths]]
        for path in own
    ]
    values = np.full((len(ids), len(measures)), np.nan)
    with store.open(database) as connection:
        connection.register("needed", pa.Table.from_pylist(needed))
        connection.register("wanted", pa.table({"id": pa.array(ids, pa.string()), "report": np.arange(len(ids))}))
        try:
            found = connection.execute(_VALUES).fetchnumpy()
        except duckdb.Error as error:
            raise StoreError(f"cannot read the tables of {database}: {error}") from error
    reports, columns, sums = found.values()
    values[reports, columns] = sums
    return values


def _breakdown(
    values: Values, measures: Sequence[Measure], reports: Sequence[ReportFacts], dimension: Dimension
) -> Breakdown:
    names = {group.key: group.name for group in dimension.groups}
    place = {key: n for n, key in enumerate(names)}
    codes = np.array([place.get(report.groups.get(dimension.key, ""), -1) for report in reports], np.int64)
    return Breakdown(dimension.key, dimension.name, _groups(values, measures, codes, names))


def _agencies(values: Values, measures: Sequence[Measure], reports: Sequence[ReportFacts]) -> Breakdown:
    kept = [n for n, measure in enumerate(measures) if measure.headline or any(measure.key == m.of for m in measures)]
    names = {agency: agency for agency in sorted({report.agency for report in reports})}
    place = {agency: n for n, agency in enumerate(names)}
    codes = np.array([place[report.agency] for report in reports], np.int64)
    return Breakdown("agency", "机关", _groups(values[:, kept], [measures[n] for n in kept], codes, names))


def _groups(values: Values, measures: Sequence[Measure], codes: Codes, names: dict[str, str]) -> tuple[GroupFigures, ...]:
    members: list[list[int]] = [[] for _ in names]
    for report, code in enumerate(codes.tolist()):
        if code >= 0:
            members[code].append(report)
    figures = add_up(values, measures, codes, len(names), load_statistics_settings().confidence)
    return tuple(
        GroupFigures(key, name, tuple(own), added)
        for (key, name), own, added in zip(names.items(), members, figures, strict=True)
    )


def _leagues(
    breakdowns: Sequence[Breakdown], measures: Sequence[Measure], total: Sequence[Figure], least_cases: int
) -> Iterator[League]:
    """Years are no competitors: their table is the trend."""
    for measure, figure in zip(measures, total, strict=True):
        if measure.league and figure.share is not None:
            for breakdown in breakdowns:
                if breakdown.key != "year":
                    yield league(measure, breakdown, figure.share, least_cases)
