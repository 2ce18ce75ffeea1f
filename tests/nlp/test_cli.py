"""The command line: what it prints, where, and with which exit status."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from nlp import __version__, output, store
from nlp.cli import main
from nlp.forms import load_forms
from nlp.record import from_json, to_json
from tests.conftest import ROOT
from tests.nlp.handmade import failed_record, make_record, old_record


def _row(label: str, *values: object) -> str:
    return " | ".join([label, *map(str, values)]) + "\n"


def _report() -> str:
    """A report in the 2021 form, a row of a table on each line."""
    form = load_forms()["2021"]
    text = "青湾市水务局2021年政府信息公开工作年度报告\n一、总体情况\n2021年，本局主动公开政府信息600余条。\n"
    text += "二、主动公开政府信息情况\n"
    for table in form.disclosure:
        text += table.caption + "\n" + _row("信息内容", *(column.label for column in table.columns))
        text += "".join(_row(row.label, *range(7, 7 + len(table.columns))) for row in table.rows)
    text += "三、收到和处理政府信息公开申请情况\n" + _row(
        "申请人情况", *(column.label for column in form.applications.columns)
    )
    for row in form.applications.rows:
        value = 5 if row.key in ("new", "granted", "result_total") else 0
        text += _row(row.label, value, 0, 0, 0, 0, 0, value)
    return text


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "青湾.txt"
    path.write_text(_report(), encoding="utf-8")
    return path


@pytest.fixture
def records(tmp_path: Path) -> Path:
    path = tmp_path / "records.jsonl"
    output.write([make_record(), old_record(), failed_record()], path, "jsonl")
    return path


@pytest.fixture
def database(tmp_path: Path) -> Path:
    output.write([make_record(), old_record()], tmp_path / "records.parquet", "parquet")
    store.build(tmp_path / "records.parquet", tmp_path / "reports.duckdb")
    return tmp_path / "reports.duckdb"


def test_extract_writes_a_record_a_line(report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["extract", str(report), "--no-labeller"]) == 0
    out, err = capsys.readouterr()
    record = from_json(out)
    assert out.count("\n") == 1 and err == ""
    cell = record.statistics.disclosure["art20_1"]["normative"]["in_force"]
    assert cell.value == 9 and cell.span and record.text[slice(*cell.span)] == "9"
    assert record.statistics.applications["new"]["total"].value == 5


def test_extract_to_files_and_a_store(report: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("r.jsonl", "r.json", "r.parquet"):
        database = tmp_path / f"{name}.duckdb"
        command = ["extract", str(report), "--no-labeller", "-o", str(tmp_path / name), "--store", str(database)]
        assert main(command) == 0
        (record,) = output.read(tmp_path / name)
        assert list(store.records(database)) == [to_json(record).decode()]
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".duckdb"] * 3 + [
        ".json",
        ".jsonl",
        ".parquet",
        ".txt",
    ]
    assert capsys.readouterr().out == ""


def test_a_failed_source_gives_status_one_and_a_line(
    report: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "empty.txt"
    empty.write_bytes(b"")
    assert main(["extract", str(empty), str(report), "--no-labeller", "--summary"]) == 1
    out, err = capsys.readouterr()
    assert [json.loads(line)["status"] == "failed" for line in out.splitlines()] == [True, False]
    assert err.splitlines()[0].startswith(f"gongkai: failed: {empty}: ")
    assert "青湾市水务局" in err and "失败 1" in err


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ([], "required"),
        (["extrakt"], "invalid choice"),
        (["extract"], "PATH"),
        (["extract", "x", "--workers", "0"], "give 1 or more"),
        (["extract", "x", "--format", "csv"], "invalid choice"),
    ],
)
def test_wrong_use_is_one_line_and_status_two(
    command: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(command)
    err = capsys.readouterr().err
    assert stop.value.code == 2 and err.startswith("gongkai: error: ") and err.count("\n") == 1 and message in err


def test_what_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = str(tmp_path / "none")
    bad_settings = tmp_path / "bad.toml"
    bad_settings.write_text("labeler = true\n")
    for command in (
        ["extract", missing, "-o", str(tmp_path / "out.jsonl")],
        ["extract", str(bad_settings), "--settings", str(bad_settings)],
        ["show", missing],
        ["show", missing + ".jsonl"],
        ["query", missing, "SELECT 1"],
    ):
        assert main(command) == 2
        out, err = capsys.readouterr()
        assert out == "" and err.startswith("gongkai: error: ") and err.count("\n") == 1
        assert "none" in err or "'labeller'" in err
    assert [path.name for path in tmp_path.iterdir()] == ["bad.toml"]


def test_show_makes_one_page(records: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "page.html"
    assert main(["show", str(records), "--n", "2", "-o", str(target)]) == 0
    assert capsys.readouterr().out == f"{target}\n"
    assert "东礁镇" in target.read_text(encoding="utf-8")
    assert main(["show", str(records), "--id", make_record().id[:10], "-o", "-"]) == 0
    assert "青湾市水务局" in capsys.readouterr().out


def test_show_reads_a_report_and_names_the_page_after_it(
    report: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["show", str(report), "--no-labeller"]) == 0
    assert capsys.readouterr().out == "青湾.html\n"
    assert "行政规范性文件" in (tmp_path / "青湾.html").read_text(encoding="utf-8")


def test_show_makes_a_folder_of_pages(
    records: Path, database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for source, n_pages in ((records, 3), (database, 2)):
        folder = tmp_path / f"pages-{n_pages}"
        assert main(["show", str(source), "-o", f"{folder}/"]) == 0
        assert capsys.readouterr().out == f"{folder / 'index.html'}\n"
        assert len(list(folder.iterdir())) == n_pages + 1


def test_show_asks_which_record_and_reports_failed_ones(
    records: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", str(records)]) == 2
    assert "several records" in capsys.readouterr().err
    assert main(["show", str(records), "--n", "9"]) == 2
    assert "no such record" in capsys.readouterr().err
    assert main(["show", str(records), "--n", "3", "-o", str(tmp_path / "failed.html")]) == 1
    assert "gongkai: failed: 坏<b>.bin" in capsys.readouterr().err


def test_query_prints_tables_csv_and_json(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sql = "SELECT agency, year, total FROM applications WHERE row_key = 'new'"
    assert main(["query", str(database), sql]) == 0
    assert "│ 青湾市水务局 │ 2021 │     3 │" in capsys.readouterr().out
    assert main(["query", str(database), sql, "--format", "csv"]) == 0
    assert list(csv.reader(io.StringIO(capsys.readouterr().out))) == [
        ["agency", "year", "total"],
        ["青湾市水务局", "2021", "3"],
    ]
    assert main(["query", str(database), sql, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == [{"agency": "青湾市水务局", "year": 2021, "total": 3}]


def test_query_without_sql_lists_the_tables_and_dash_reads_it(
    database: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["query", str(database)]) == 0
    assert {"records", "cells", "disclosure_2021", "checks_across_years"} <= set(capsys.readouterr().out.split())
    monkeypatch.setattr("sys.stdin", io.StringIO("SELECT count(*) AS n FROM records"))
    assert main(["query", str(database), "-", "--format", "csv"]) == 0
    assert capsys.readouterr().out == "n\n2\n"
    assert main(["query", str(database), "SELECT * FROM cels"]) == 2
    assert "did you mean 'cells'?" in capsys.readouterr().err


def test_schema_describes_every_record(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    for record in (make_record(), old_record(), failed_record()):
        jsonschema.validate(json.loads(to_json(record)), schema)


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"gongkai {__version__}\n"
    for command in ("extract", "show", "query", "schema"):
        with pytest.raises(SystemExit) as stop:
            main([command, "--help"])
        assert stop.value.code == 0 and "example" in capsys.readouterr().out


def test_help_loads_no_heavy_library() -> None:
    heavy = {"spacy", "duckdb", "pyarrow", "rich", "numpy", "jionlp", "lxml", "torch"}
    code = f"import sys, nlp.cli; print({heavy} & set(sys.modules))"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout
        == "set()\n"
    )


def test_a_reader_that_goes_away_is_no_error(database: Path) -> None:
    sql = "SELECT repeat('x', 9000000) AS long"  # more than a pipe holds
    command = f'{sys.executable} -m nlp.cli query {database} "{sql}" --format csv | head -n 1; echo ${{PIPESTATUS[0]}}'
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True, cwd=ROOT)
    assert (done.stdout, done.stderr) == ("long\n141\n", "")


def test_interrupting_leaves_the_old_file(report: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    target = tmp_path / "r.jsonl"
    target.write_text("old")
    monkeypatch.setattr("nlp.extract_many", interrupted)
    assert main(["extract", str(report), "-o", str(target)]) == 130
    monkeypatch.setattr("nlp.extract_many", lambda *_: (interrupted() for _ in "1"))
    assert main(["extract", str(report), "-o", str(target), "--store", str(tmp_path / "s.duckdb")]) == 130
    assert target.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r.jsonl", "青湾.txt"]
