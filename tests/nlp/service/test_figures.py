"""Summary, statistics, exports and the pages over them, of a service that has read some samples with the labeller."""

import csv
import io
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import openpyxl
import pytest
from fastapi.testclient import TestClient

from nlp import summary
from nlp.output import read_parquet
from nlp.service.app import create_app
from nlp.service.figures import last_change, read_made
from nlp.service.settings import load_service_settings
from nlp.service.state import State
from nlp.settings import load_settings
from tests.conftest import ROOT

N_SAMPLES = 8


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    state = State(tmp_path_factory.mktemp("figures") / "data", load_settings(), load_service_settings())
    _, text = state.keys.add("test", ["admin"])
    with TestClient(create_app(state), headers={"Authorization": f"Bearer {text}"}, base_url="http://localhost") as client:
        with zipfile.ZipFile(ROOT / "tests" / "samples" / "reports.zip") as archive:
            for name in [name for name in archive.namelist() if name.endswith(".txt")][:N_SAMPLES]:
                assert client.post("/v1/extract", files={"file": (Path(name).name, archive.read(name))}).status_code == 200
        client.post("/sign-in", data={"key": text})
        yield client


def current(served: TestClient, path: str):
    """The answer once it is of the present records."""
    until = time.monotonic() + 90
    while True:
        answer = served.get(path)
        if answer.status_code == 200 and answer.headers["x-gongkai-current"] == "true":
            return answer
        assert answer.status_code in (200, 503), answer.text
        assert time.monotonic() < until
        time.sleep(0.3)


def test_the_summary_counts_the_records(served: TestClient) -> None:
    found = summary.from_json(current(served, "/v1/summary").content)
    assert found.scope.n_records == served.get("/v1/records").json()["total"]
    assert found.key_points
    for report in found.reports:
        assert served.get(f"/v1/records/{report.id}").status_code == 200


def test_a_key_point_leads_to_its_members(served: TestClient) -> None:
    points = current(served, "/v1/summary/key-points").json()
    assert points[0]["members"] == []
    point = served.get(f"/v1/summary/key-points/{points[0]['id']}").json()
    assert len({member["report"] for member in point["members"]}) == point["n_reports"] == points[0]["n_reports"]
    reports = summary.from_json(served.get("/v1/summary").content).reports
    for member in point["members"]:
        text = served.get(f"/v1/records/{reports[member['report']].id}").json()["text"]
        assert text[member["start"] : member["end"]] == member["text"]
    assert served.get("/v1/summary/key-points/none").status_code == 404


def test_other_forms_of_the_summary(served: TestClient) -> None:
    current(served, "/v1/summary")
    assert served.get("/v1/summary", params={"format": "html"}).text.startswith("<!doctype html>")
    book = openpyxl.load_workbook(io.BytesIO(served.get("/v1/summary", params={"format": "xlsx"}).content), read_only=True)
    assert len(book.sheetnames) > 5
    assert served.get("/v1/summary", params={"format": "md"}).text.startswith("#")
    assert served.get("/v1/stats").json()["measures"]
    assert {one["rule"] for one in served.get("/v1/stats/quality").json()} >= {"R1"}
    for path in ("remedies", "copies"):
        assert served.get(f"/v1/summary/{path}").status_code == 200


def test_a_correction_reaches_the_figures(served: TestClient) -> None:
    state: State = served.app.state.gongkai
    line = next(line for line in served.get("/v1/records").json()["records"] if "2021" in line["forms"])
    body = {"kind": "cell", "target": "applications.new.total", "new": 123_456}
    assert served.put(f"/v1/records/{line['id']}/corrections", json=body).status_code == 200
    current(served, "/v1/summary")
    with duckdb.connect(str(state.figures.store), read_only=True) as store:
        (value,) = store.execute("SELECT value FROM cells WHERE id = ? AND path = 'applications.new.total'", [line["id"]]).fetchone()
        (n_records,) = store.execute("SELECT count(*) FROM records").fetchone()
    assert value == 123_456
    assert n_records == state.records.count()
    assert read_made(state.folder / "figures").changed == last_change(state.database)


def test_exports_hold_every_record_with_its_corrections(served: TestClient) -> None:
    total = served.get("/v1/records").json()["total"]
    records = list(read_parquet(io.BytesIO(served.get("/v1/export").content)))
    assert len(records) == total
    text = served.get("/v1/export", params={"format": "csv", "table": "cells"}).text
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert len({row["id"] for row in rows}) > 1
    assert any(row["value"] == "123456.0" for row in rows)
    machine = served.get("/v1/export", params={"format": "csv", "table": "cells", "corrected": False}).text
    assert "123456" not in machine
    book = openpyxl.load_workbook(io.BytesIO(served.get("/v1/export", params={"format": "xlsx"}).content))
    assert book["报告"].max_row == total + 1
    assert book["单元格"].max_row == len(rows) + 1


def test_text_that_a_spreadsheet_would_run_is_harmless(served: TestClient) -> None:
    report = "云岭县第9小学2019年政府信息公开工作年度报告\n一、总体情况\n本校主动公开信息9条。\n"
    served.post("/v1/extract", files={"file": ("=HYPERLINK(1).txt", report.encode())})
    text = served.get("/v1/export", params={"format": "csv"}).text
    assert ",'=HYPERLINK(1).txt" in text
    book = openpyxl.load_workbook(io.BytesIO(served.get("/v1/export", params={"format": "xlsx"}).content))
    assert all(cell.data_type != "f" for row in book["报告"] for cell in row)


def test_the_page_shows_the_report_and_leads_to_records(served: TestClient) -> None:
    current(served, "/v1/summary")
    page = served.get("/summary")
    assert '<iframe src="/summary/report"' in page.text
    report = served.get("/summary/report")
    assert "frame-ancestors 'self'" in report.headers["content-security-policy"]
    linked = next(report for report in summary.from_json(served.get("/v1/summary").content).reports)
    assert f'href="/records/{linked.id}#' in report.text
    assert 'target="_top"' in report.text
