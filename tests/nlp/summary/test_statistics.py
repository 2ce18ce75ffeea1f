"""Statistics of the tables: every sum equals its members, blank is left out, intervals hold."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nlp
from nlp import output, store
from nlp.record import Cell, Record
from nlp.settings import load_settings
from nlp.summary.measures import Figure, Measure, Statistics, add_up, wilson
from nlp.summary.model import Dimension, Group, ReportFacts
from nlp.summary.statistics import load_measures, statistics
from tests.nlp.handmade import make_record, old_record


def with_cells(record: Record, cells: dict[str, int | None]) -> Record:
    """The record with other values in the cells named `row.column` of the matrix or `block.column` of section four."""
    tables = record.statistics
    matrix = {key: dict(row) for key, row in tables.applications.items()}
    blocks = {key: dict(row) for key, row in tables.review_litigation.items()}
    for path, value in cells.items():
        row, column = path.split(".")
        cell = Cell("/", None, state="blank") if value is None else Cell(str(value), value)
        (matrix if row in matrix else blocks)[row][column] = cell
    return replace(record, statistics=replace(tables, applications=matrix, review_litigation=blocks))


BUSY = with_cells(make_record("白石县人民政府", 2022), {
    "new.total": 60, "carried_in.total": 0, "result_total.total": 50, "granted.total": 40, "partial.total": 4, "denied_4.total": 6,
    "refused_3.total": 0, "carried_out.total": 10, "litigation_direct.upheld": 3, "litigation_direct.corrected": 1,
    "litigation_after_review.corrected": 2,
})  # fmt: skip
BLANK = with_cells(make_record("青湾市水务局", 2022), {"granted.total": None, "new.total": 7})
WRONG = with_cells(make_record("桐花镇人民政府", 2023), {"granted.total": 9, "result_total.total": 2})
OLD_FORM = with_cells(make_record("白石县人民政府", 2020, "2019"), {"other.total": 5, "result_total.total": 40})
RECORDS = [BUSY, BLANK, WRONG, OLD_FORM, old_record()]
FACTS = [
    ReportFacts(r.id, r.agency.name or r.id, r.year, r.title, "x", None, None, {"year": str(r.year)}) for r in RECORDS
]
YEARS = Dimension("year", "年度", tuple(Group(str(y), f"{y} 年", 1, 1) for y in (2011, 2020, 2022, 2023)))


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("statistics")
    output.write(RECORDS, folder / "a.parquet", "parquet")
    store.build(folder / "a.parquet", folder / "reports.duckdb")
    return folder / "reports.duckdb"


@pytest.fixture(scope="module")
def found(database: Path) -> Statistics:
    return statistics(database, FACTS, [YEARS])


def figure(figures: Sequence[Figure], key: str) -> Figure:
    return next(figure for figure in figures if figure.measure == key)


def test_sums_and_shares(found: Statistics) -> None:
    received = figure(found.total, "received")
    assert (received.value, received.n_reports, received.n_left_out) == (60 + 7 + 3 + 3, 4, 1)
    granted = figure(found.total, "granted")
    assert (granted.value, granted.n_reports, granted.n_left_out) == (40 + 9 + 2, 3, 2)
    assert granted.share is not None
    # the report whose part exceeds its whole counts for no share
    assert (granted.share.part, granted.share.whole, granted.share.n_reports) == (42, 90, 2)


def test_blank_and_unreadable_cells_leave_a_report_out(found: Statistics) -> None:
    column = [measure.key for measure in found.measures].index("granted")
    assert [row[column] for row in found.values] == [40, None, 9, 2, None]
    column = [measure.key for measure in found.measures].index("refused")  # refused_3 is unreadable in handmade records
    assert [row[column] for row in found.values] == [0, None, None, None, None]


def test_each_form_has_its_own_cells(found: Statistics) -> None:
    column = [measure.key for measure in found.measures].index("other")
    assert [row[column] for row in found.values] == [0, 0, 0, 5, None]


def test_lawsuits_lost_are_those_of_both_ways(found: Statistics) -> None:
    lost = figure(found.total, "lawsuits_lost")
    assert lost.value == 3
    assert lost.share is not None
    assert (lost.share.part, lost.share.whole) == (3, 6)


def test_every_figure_is_the_sum_of_its_members(found: Statistics) -> None:
    column = {measure.key: n for n, measure in enumerate(found.measures)}
    for breakdown in found.by:
        for group in breakdown.groups:
            for each in group.figures:
                values = [found.values[report][column[each.measure]] for report in group.reports]
                told = [value for value in values if value is not None]
                assert each.value == (sum(told) if told else None)
                assert (each.n_reports, each.n_left_out) == (len(told), len(values) - len(told))


def test_members_can_be_asked_of_the_store(database: Path, found: Statistics) -> None:
    for n, measure in enumerate(found.measures):
        answer = store.query(database, measure.query)
        rows = [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]
        for report, values in zip(FACTS, found.values, strict=True):
            own = [row["value"] for row in rows if row["id"] == report.id]
            assert (sum(own) if own and None not in own else None) == values[n]


def test_league_tables_want_cases(found: Statistics) -> None:
    league = next(league for league in found.leagues if (league.measure, league.dimension) == ("granted", "agency"))
    assert [(place.name, place.share.whole) for place in league.places] == [("白石县人民政府", 90)]
    assert league.n_too_few == 0
    assert not [league for league in found.leagues if league.dimension == "year"]


def test_order_of_reports_changes_no_figure(database: Path, found: Statistics) -> None:
    turned = statistics(database, FACTS[::-1], [YEARS])
    assert turned.total == found.total
    assert [[group.figures for group in b.groups] for b in turned.by] == [[g.figures for g in b.groups] for b in found.by]


def test_no_reports_no_figures(database: Path) -> None:
    assert {figure.value for figure in statistics(database, [], []).total} == {None}


def test_measures_are_named_by_the_form() -> None:
    names = {measure.key: measure.name for measure in load_measures()}
    assert names["denied_1"] == "属于国家秘密"
    assert [m.parent for m in load_measures() if m.key.startswith("refused")] == [None] + ["refused"] * 5


def test_wilson_as_published() -> None:
    # Newcombe, Stat. Med. 17 (1998) 857–872, table I, method 3
    for part, whole, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)):
        assert wilson(part, whole, 0.95) == pytest.approx((low, high), abs=5e-5)


@given(st.lists(st.tuples(st.integers(-1, 3), st.none() | st.integers(0, 99), st.none() | st.integers(0, 99)), max_size=30))
def test_groups_add_up(rows: list[tuple[int, int | None, int | None]]) -> None:
    measures = [Measure("whole", "", "", ("a",), ""), Measure("part", "", "", ("b",), "", of="whole")]
    values = np.array([[np.nan if v is None else v for v in row[1:]] for row in rows], float).reshape(-1, 2)
    groups = list(add_up(values, measures, np.array([row[0] for row in rows], np.int64), 4, 0.95))
    for group, (whole, part) in enumerate(groups):
        mine = [row for row in rows if row[0] == group]
        told = [row[1] for row in mine if row[1] is not None]
        assert (whole.value, whole.n_left_out) == (sum(told) if told else None, len(mine) - len(told))
        both = [(row[2], row[1]) for row in mine if row[1] is not None and row[2] is not None and row[2] <= row[1]]
        if sum(row[1] for row in both):
            assert part.share is not None
            assert (part.share.part, part.share.whole) == (sum(b[0] for b in both), sum(b[1] for b in both))
            assert part.share.low <= part.share.value <= part.share.high
        else:
            assert part.share is None


def test_the_sample_archive_adds_up_to_the_numbers_chosen_when_it_was_written(samples: Path, tmp_path: Path) -> None:
    records = nlp.extract_many([samples / "reports.zip"], load_settings().model_copy(update={"labeller": False}))
    kept = {record.source.member: record for record in records if record.status != "failed"}
    output.write(kept.values(), tmp_path / "a.parquet", "parquet")
    store.build(tmp_path / "a.parquet", tmp_path / "reports.duckdb")
    facts = [ReportFacts(r.id, r.agency.name or r.id, r.year, r.title, "x", member, None, {}) for member, r in kept.items()]
    found = statistics(tmp_path / "reports.duckdb", facts, [])
    column = {measure.key: n for n, measure in enumerate(found.measures)}
    chosen = [json.loads(file.read_text(encoding="utf-8")) for file in sorted((samples / "expected").glob("*.json"))]
    values = dict(zip(kept, found.values, strict=True))
    sums = dict.fromkeys(("new", "granted", "partial", "result_total"), 0)
    for want in chosen:
        rows = want.get("statistics", {}).get("applications", {})
        unread = "applications" in want.get("unreadable", [])
        for key in sums if rows and not unread else ():
            cell = rows[key]["total"]
            value = cell["value"] if isinstance(cell, dict) else cell
            measure = {"new": "received", "result_total": "results"}.get(key, key)
            assert values[want["file"]][column[measure]] == value
            sums[key] += value or 0
    assert figure(found.total, "received").value == sums["new"] > 0
