"""The store: questions asked in SQL, and clear answers to wrong ones."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from nlp import output, store
from nlp.errors import StoreError
from nlp.forms import load_forms
from nlp.record import from_json
from tests.nlp.handmade import failed_record, make_record, old_record

BEFORE = make_record("白石县人民政府", 2021, "2021", (0, 1))
AFTER = make_record("白石县人民政府", 2022, "2021", (2, 0))
EARLY = make_record("白石县人民政府", 2020, "2019", (0, 0))
RECORDS = [make_record(), BEFORE, AFTER, EARLY, old_record(), failed_record(), make_record()]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("store")
    output.write(RECORDS[:3], folder / "a.parquet", "parquet")
    output.write(RECORDS[3:], folder / "b.parquet", "parquet")
    store.build([folder / "a.parquet", folder / "b.parquet"], folder / "reports.duckdb")
    for shard in ("a.parquet", "b.parquet"):
        (folder / shard).unlink()
    assert [path.name for path in folder.iterdir()] == ["reports.duckdb"]
    return folder / "reports.duckdb"


def rows(database: Path, sql: str) -> list[tuple[object, ...]]:
    return list(store.query(database, sql).rows)


def test_records_stand_in_order_and_copies_once(database: Path) -> None:
    found = rows(database, "SELECT agency, year, status, copies FROM records")
    assert found == [(r.agency.name, r.year, r.status, 2 if r is RECORDS[0] else 1) for r in RECORDS[:-1]]


def test_stored_json_is_the_record(database: Path) -> None:
    assert [from_json(line) for line in store.records(database)] == RECORDS[:-1]
    assert [from_json(line) for line in store.records(database, BEFORE.id[:12])] == [BEFORE]


def test_every_cell_is_there_with_labels_and_its_place(database: Path) -> None:
    for record in (BEFORE, EARLY):
        found = rows(database, f"SELECT path, raw, span_start, span_end FROM cells WHERE id = '{record.id}'")
        n_official = rows(
            database, f"SELECT count(*) FROM form_cells WHERE form = '{record.statistics.forms['disclosure']}'"
        )
        assert len(found) == n_official[0][0]
        assert all(raw is None or record.text[start:end] == raw for _, raw, start, end in found)  # type: ignore[misc]
    sql = f"SELECT DISTINCT row_label FROM cells WHERE id = '{BEFORE.id}' AND row_key = 'new'"
    assert rows(database, sql) == [("一、本年新收政府信息公开申请数量",)]


def test_states_keep_blank_apart_from_zero(database: Path) -> None:
    sql = f"SELECT state, count(*), count(value) FROM cells WHERE id = '{BEFORE.id}' GROUP BY state ORDER BY state"
    assert rows(database, sql) == [("blank", 1, 0), ("printed", 196, 196), ("recovered", 2, 2), ("unreadable", 1, 0)]


def test_views_of_the_official_tables(database: Path) -> None:
    sql = f"SELECT normative_in_force, coercion_decisions, fees_amount_yuan FROM disclosure_2021 WHERE id = '{BEFORE.id}'"
    assert rows(database, sql) == [(4, None, 125000)]
    assert rows(database, "SELECT agency, procurement_projects, procurement_amount_yuan FROM disclosure_2019") == [
        ("白石县人民政府", 4, 125000)
    ]
    keys = [row.key for row in load_forms()["2021"].applications.rows]
    matrix = rows(
        database, f"SELECT row_key, natural_person, commercial, total FROM applications WHERE id = '{AFTER.id}'"
    )
    assert [row[0] for row in matrix] == keys
    assert matrix[1] == ("carried_in", 2, 0, 2)
    assert rows(database, f"SELECT \"new\", carried_in, granted FROM application_totals WHERE id = '{AFTER.id}'") == [
        (3, 2, 2)
    ]
    assert rows(database, f"SELECT block, total FROM review_litigation WHERE id = '{AFTER.id}'") == [
        ("review", 0), ("litigation_direct", 0), ("litigation_after_review", 0)
    ]  # fmt: skip


def test_facts_and_links(database: Path) -> None:
    one = f"WHERE id = '{BEFORE.id}'"
    assert rows(database, f"SELECT role, name, title FROM group_people {one}") == [
        ("组长", "柳望川", "局长"), ("成员", None, "各科室负责人")
    ]  # fmt: skip
    assert rows(database, f"SELECT item, value, unit, approximate FROM counts {one}") == [("政府信息", 600, "条", True)]
    sql = (
        "SELECT p.text, r.status FROM problems p JOIN links l ON l.id = p.id AND l.problem_n = p.n "
        f"JOIN remedies r ON r.id = p.id AND r.n = l.remedy_n WHERE p.id = '{BEFORE.id}'"
    )
    assert rows(database, sql) == [("更新不够及时", "planned")]
    assert rows(database, f"SELECT rule, cells[1] FROM checks {one} AND status = 'fail'") == [
        ("R3", "applications.new.total")
    ]
    assert rows(database, "SELECT label, value FROM indicators")[1] == ("其中：网站公开数", 4)
    assert rows(database, f"SELECT count(*) FROM mentions {one}") == [(len(BEFORE.narrative.mentions),)]
    assert rows(database, "SELECT code FROM issues WHERE severity = 'error'") == [("binary",)]


def test_years_of_one_agency_are_compared(database: Path) -> None:
    sql = (
        "SELECT place, expected, found, status FROM checks_across_years "
        "WHERE rule = 'R5' AND year = 2022 AND place IN ('total', 'research') ORDER BY place"
    )
    assert rows(database, sql) == [("research", 0, 0, "pass"), ("total", 1, 2, "fail")]
    statuses = rows(
        database, "SELECT rule, place, status FROM checks_across_years WHERE rule IN ('R6', 'R7') ORDER BY ALL"
    )
    assert statuses == [("R6", "normative", "pass"), ("R6", "regulations", "pass")]


def test_every_column_has_a_comment(database: Path) -> None:
    sql = "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal AND comment IS NULL"
    assert rows(database, sql) == []


def test_wrong_questions_get_the_nearest_name(database: Path) -> None:
    with pytest.raises(StoreError, match="no table 'recrods'; did you mean 'records'"):
        store.query(database, "SELECT * FROM recrods")
    with pytest.raises(StoreError, match="agency"):
        store.query(database, "SELECT agncy FROM records")
    with pytest.raises(StoreError, match="cannot be answered"):
        store.query(database, "SELEKT 1")


def test_a_query_changes_nothing_and_reaches_no_file(database: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("a\n1\n")
    for sql in (
        "DELETE FROM records",
        f"SELECT * FROM '{tmp_path}/secret.csv'",
        f"COPY records TO '{tmp_path}/out.csv'",
    ):
        with pytest.raises(StoreError):
            store.query(database, sql)
    assert not (tmp_path / "out.csv").exists()


def test_missing_or_foreign_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no store at"):
        store.query(tmp_path / "none.duckdb", "SELECT 1")
    (tmp_path / "text.duckdb").write_text("text")
    with pytest.raises(StoreError, match="not a store"):
        store.query(tmp_path / "text.duckdb", "SELECT 1")
    with pytest.raises(StoreError, match="no Parquet file"):
        store.build(tmp_path / "none.parquet", tmp_path / "x.duckdb")
    duckdb.sql("SELECT 1 AS a").write_parquet(str(tmp_path / "other.parquet"))
    with pytest.raises(StoreError, match="cannot build the store"):
        store.build(tmp_path / "other.parquet", tmp_path / "x.duckdb")
    assert not (tmp_path / "x.duckdb").exists()
