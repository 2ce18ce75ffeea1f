"""Figures that stay equal: runs of years, without zeros and blanks."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlp.record import Cell, Statistics
from nlp.summary.figures import equal_figures, equal_years
from tests.nlp.summary.making import report, store_of

PATH = "applications.new.natural_person"


def reported(agency: str, year: int, value: int | None, other: int = 0) -> object:
    cells = {"natural_person": Cell(str(value), value), "total": Cell(str(other), other)}
    return report(agency, year, f"{agency}{year}", Statistics(applications={"new": cells}))


@pytest.fixture
def database(tmp_path: Path) -> Path:
    steady = [reported("甲乡人民政府", year, 7) for year in (2019, 2020, 2021)] + [reported("甲乡人民政府", 2023, 7)]
    moving = [reported("乙乡人民政府", 2020, 3, 5), reported("乙乡人民政府", 2021, 4, 5), reported("乙乡人民政府", 2022, None)]
    return store_of([*steady, *moving], tmp_path)  # type: ignore[list-item]


def test_runs_end_where_a_year_is_missing(database: Path) -> None:
    found = [(f.agency[0], f.source, f.figure, f.value, f.first_year, f.last_year, len(f.reports)) for f in equal_figures(database)]
    assert found == [
        ("甲", "cell", PATH, 7, 2019, 2021, 3),
        ("乙", "cell", "applications.new.total", 5, 2020, 2021, 2),
    ]


def test_a_year_beside_the_last(database: Path) -> None:
    found = [(y.agency[0], y.year, y.compared, y.equal) for y in equal_years(database)]
    assert found == [("乙", 2021, 2, 1), ("甲", 2020, 1, 1), ("甲", 2021, 1, 1)]
