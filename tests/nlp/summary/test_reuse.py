"""Copies in a store: the last report, clusters with their origin, and nothing that depends on the order of storing."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nlp.errors import StoreError
from nlp.record import Record
from nlp.summary.reuse import Cluster, open_archive
from nlp.summary.settings import load_reuse_settings
from tests.nlp.summary.making import BRIDGE, ORCHARD, SCHOOL, SEAWALL, report, store_of

ORIGIN = report("渔港镇人民政府", 2019, SEAWALL + SCHOOL)
AGAIN = report("渔港镇人民政府", 2021, SEAWALL + SCHOOL + BRIDGE)
COPY = report("果园乡人民政府", 2020, ORCHARD + SEAWALL + SCHOOL)
COPY_OF_COPY = report("石桥乡人民政府", 2021, ORCHARD + "其余各项工作均由各村自行安排，镇里只管汇总，不再另行布置任务。")
ALONE = report("高山乡人民政府", 2020, "牧民转场以前，乡里派人骑马把牧道上的水点、险路、兽情一处处记下，念给各户听，听完再签字。")
RECORDS = [ORIGIN, AGAIN, COPY, COPY_OF_COPY, ALONE]


def clusters(records: list[Record], folder: Path, index: Path | None = None, name: str = "reports") -> list[Cluster]:
    with open_archive(store_of(records, folder, name), index) as archive:
        return archive.clusters()


def test_a_report_beside_its_last_one(tmp_path: Path) -> None:
    with open_archive(store_of(RECORDS, tmp_path)) as archive:
        (copy,) = archive.against_last()
    assert (copy.older.year, copy.newer.year) == (2019, 2021)
    assert copy.share == copy.reused / copy.characters
    texts = {(ORIGIN.text[p.a_start : p.a_end], AGAIN.text[p.b_start : p.b_end]) for p in copy.passages}
    assert texts == {((SEAWALL + SCHOOL).rstrip("。"), (SEAWALL + SCHOOL).rstrip("。"))}


def test_a_cluster_has_its_origin_and_who_copied_whom(tmp_path: Path) -> None:
    (cluster,) = clusters(RECORDS, tmp_path)
    assert cluster.origin.id == cluster.id == ORIGIN.id
    assert [r.agency[:2] for r in cluster.reports] == ["渔港", "果园", "渔港", "石桥"]
    sources = {copy.newer.id: copy.older.id for copy in cluster.copies}
    assert sources == {COPY.id: ORIGIN.id, COPY_OF_COPY.id: COPY.id, AGAIN.id: COPY.id}


@given(st.permutations(RECORDS))
@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_order_of_storing_changes_nothing(tmp_path: Path, order: list[Record]) -> None:
    assert clusters(order, tmp_path) == clusters(RECORDS, tmp_path, name="other")


def test_a_crowd_is_found_through_its_first_and_its_neighbours(tmp_path: Path) -> None:
    crowd = [report(f"第{n}号镇人民政府", 2020, SEAWALL + SCHOOL + f"本镇有村{n}个。") for n in range(12)]
    few = load_reuse_settings().model_copy(update={"crowd": 3})
    with open_archive(store_of(crowd, tmp_path), settings=few) as archive:
        n_pairs = len(list(archive.copies()))
        (cluster,) = archive.clusters()
    assert len(cluster.reports) == len(crowd)
    assert n_pairs < 2 * len(crowd)


def test_known_reports_are_not_read_again(tmp_path: Path) -> None:
    index = tmp_path / "copies.duckdb"
    first = clusters(RECORDS[:3], tmp_path, index)
    with duckdb.connect(str(index)) as connection:
        before = connection.execute("SELECT * FROM known ORDER BY number").fetchall()
        connection.execute("UPDATE hashes SET hash = 8 * number WHERE number >= 0")  # what is kept is used, right or wrong
    assert len(before) == 3
    assert clusters(RECORDS[:3], tmp_path, index) != first
    clusters(RECORDS, tmp_path, index)
    with duckdb.connect(str(index)) as connection:
        after = connection.execute("SELECT * FROM known ORDER BY number").fetchall()
    assert after[:3] == before
    assert len(after) == len(RECORDS)


def test_an_index_of_other_shingles_is_begun_anew(tmp_path: Path) -> None:
    index, database = tmp_path / "copies.duckdb", store_of(RECORDS, tmp_path)
    with open_archive(database, index, load_reuse_settings().model_copy(update={"gram": 6})) as archive:
        short = archive.clusters()
    assert clusters(RECORDS, tmp_path, index) == clusters(RECORDS, tmp_path) == short


def test_no_store_is_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no store at"), open_archive(tmp_path / "none.duckdb"):
        pass
