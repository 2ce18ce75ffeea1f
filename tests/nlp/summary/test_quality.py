"""Failed checks with their reports and cells: inside a report, across years, across an area."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from nlp import output, store
from nlp.record import Agency, Record, Region
from nlp.summary.quality import CheckedCells, RuleQuality, quality
from tests.nlp.handmade import make_record
from tests.nlp.summary.test_statistics import with_cells


def placed(record: Record, level: str, county: str | None, city: str | None = "青湾市") -> Record:
    region = Region("青湾省", city, county, None)
    return replace(record, agency=Agency(record.agency.name, level, region))  # type: ignore[arg-type]  # levels written here


AREA = placed(with_cells(make_record("白石县人民政府", 2022), {"new.total": 5, "granted.total": 2}), "county", "白石县")
UNITS = [
    placed(with_cells(make_record("白石县水务局", 2022), {"new.total": 4, "granted.total": 2}), "department", "白石县"),
    placed(with_cells(make_record("柳沟镇人民政府", 2022), {"new.total": 3, "granted.total": 0}), "township", "白石县"),
]
ELSEWHERE = placed(make_record("东礁县水务局", 2022), "department", "东礁县")
BEFORE = placed(make_record("白石县人民政府", 2021, carried=(0, 4)), "county", "白石县")
RECORDS = [AREA, *UNITS, ELSEWHERE, BEFORE]
IDS = [record.id for record in RECORDS]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("quality")
    output.write(RECORDS, folder / "a.parquet", "parquet")
    store.build(folder / "a.parquet", folder / "reports.duckdb")
    return folder / "reports.duckdb"


@pytest.fixture(scope="module")
def rules(database: Path) -> dict[str, RuleQuality]:
    return {rule.rule: rule for rule in quality(database, IDS)}


def test_inside_a_report(rules: dict[str, RuleQuality]) -> None:
    rule = rules["R3"]
    assert (rule.n_pass, rule.n_unknown, rule.n_reports) == (0, 0, len(RECORDS))
    assert [failure.places[0].report for failure in rule.failures] == [0, 1, 2, 3, 4]
    assert rule.failures[0].places[0].cells[0] == "applications.new.total"
    assert (rule.failures[0].expected, rule.failures[0].found) == ("3", "2")
    assert (rules["R1"].n_pass, rules["R1"].failures) == (len(RECORDS), ())


def test_across_years(rules: dict[str, RuleQuality]) -> None:
    failures = {failure.places[0].cells[0]: failure for failure in rules["R5"].failures}
    total = failures["applications.carried_in.total"]
    assert total.places == (
        CheckedCells(0, ("applications.carried_in.total",)), CheckedCells(4, ("applications.carried_out.total",))
    )  # fmt: skip
    assert (total.expected, total.found) == ("4", "0")
    assert rules["R5"].n_reports == 1


def test_across_an_area(rules: dict[str, RuleQuality]) -> None:
    (new,) = [f for f in rules["R12"].failures if f.places[0].cells == ("applications.new.total",)]
    assert [place.report for place in new.places] == [0, 1, 2]
    assert (new.expected, new.found) == ("7", "5")
    assert "applications.granted.total" not in {f.places[0].cells[0] for f in rules["R12"].failures}


def test_every_failure_can_be_asked_of_the_store(database: Path, rules: dict[str, RuleQuality]) -> None:
    for rule in rules.values():
        answer = store.query(database, rule.query)
        rows = [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]
        assert len([row for row in rows if row["status"] == "fail"]) == len(rule.failures)
        assert len([row for row in rows if row["status"] == "pass"]) == rule.n_pass
        assert {IDS[f.places[0].report] for f in rule.failures} == {row["id"] for row in rows if row["status"] == "fail"}


def test_reports_out_of_scope_are_not_told(database: Path) -> None:
    rules = {rule.rule: rule for rule in quality(database, IDS[:2])}
    assert rules["R3"].n_reports == 2
    assert "R5" not in rules
    assert "R12" not in rules  # a unit is out of scope
    assert quality(database, []) == ()
