"""Records in files: exact round trips, atomic writing."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import duckdb
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp import output
from nlp.errors import RecordError, StoreError
from nlp.record import Cell, Record
from tests.nlp.handmade import failed_record, make_record, old_record

RECORDS = [make_record(), old_record(), failed_record(), make_record("白石县人民政府", 2019, "2019")]


@pytest.mark.parametrize("format", output.FORMATS)
def test_round_trip_is_exact_and_bytes_repeat(tmp_path: Path, format: output.Format) -> None:
    files = [tmp_path / f"{name}.{format}" for name in "ab"]
    for file in files:
        assert output.write(iter(RECORDS), file, format) == len(RECORDS)
    assert files[0].read_bytes() == files[1].read_bytes()
    assert list(output.read(files[0])) == RECORDS
    assert sorted(tmp_path.iterdir()) == files


@pytest.mark.parametrize("format", output.FORMATS)
def test_no_records_make_a_valid_empty_file(tmp_path: Path, format: output.Format) -> None:
    output.write([], tmp_path / "none", format)
    assert list(output.read(tmp_path / "none")) == []


@pytest.mark.parametrize("format", output.FORMATS)
def test_an_interrupted_write_leaves_the_old_file(tmp_path: Path, format: output.Format) -> None:
    def broken() -> Iterator[Record]:
        yield make_record()
        raise KeyboardInterrupt

    target = tmp_path / "records"
    target.write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt):
        output.write(broken(), target, format)
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("format", output.FORMATS)
def test_standard_output_gets_the_same_bytes(
    tmp_path: Path, format: output.Format, monkeypatch: pytest.MonkeyPatch
) -> None:
    output.write(RECORDS, tmp_path / "file", format)
    stdout = io.TextIOWrapper(io.BytesIO())
    monkeypatch.setattr("sys.stdout", stdout)
    output.write(RECORDS, "-", format)
    assert stdout.buffer.getvalue() == (tmp_path / "file").read_bytes()  # type: ignore[attr-defined]


def test_a_link_is_written_through_and_a_device_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "real.jsonl")
    output.write(RECORDS, tmp_path / "link", "jsonl")
    assert (tmp_path / "link").is_symlink() and (tmp_path / "real.jsonl").is_file()
    output.write(RECORDS, Path("/dev/null"), "jsonl")
    assert not Path("/dev/null").is_file()


def test_bad_targets_and_formats_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="choose one of jsonl, json, parquet"):
        output.write([], tmp_path / "x", "csv")  # type: ignore[arg-type]
    with pytest.raises(StoreError, match="is a folder"):
        output.write([], tmp_path, "jsonl")
    with pytest.raises(StoreError, match="No such file"):
        output.write([], tmp_path / "no" / "x.jsonl", "jsonl")


def test_a_file_of_something_else_is_named_with_the_record(tmp_path: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    output.write([make_record()], bad, "jsonl")
    bad.write_bytes(bad.read_bytes() + b'{"id": 3}\n')
    with pytest.raises(RecordError, match=r"bad\.jsonl, record 2"):
        list(output.read(bad))
    with pytest.raises(StoreError, match=r"none\.jsonl"):
        list(output.read(tmp_path / "none.jsonl"))


def test_a_pretty_printed_record_is_read(tmp_path: Path) -> None:
    file = tmp_path / "one.json"
    file.write_bytes(msgspec.json.format(msgspec.json.encode(make_record())))
    assert list(output.read(file)) == [make_record()]


def test_parquet_answers_questions_without_a_store(tmp_path: Path) -> None:
    file = tmp_path / "records.parquet"
    output.write(RECORDS, file, "parquet")
    found = duckdb.sql(
        f"SELECT cell.raw, cell.value FROM (SELECT agency, unnest(cells) AS cell FROM '{file}') "
        "WHERE agency = '青湾市水务局' AND cell.path = 'applications.new.total'"
    ).fetchall()
    assert found == [("3", 3.0)]


@given(
    value=st.none() | st.integers(-(2**40), 2**60) | st.floats(allow_nan=False, allow_infinity=False),
    raw=st.none() | st.text(alphabet=st.characters(exclude_categories=["Cs"])),
)
def test_any_cell_survives_parquet(
    tmp_path_factory: pytest.TempPathFactory, value: float | None, raw: str | None
) -> None:
    record = make_record()
    record.statistics.applications["new"]["total"] = Cell(raw, value)
    file = tmp_path_factory.mktemp("cells") / "x.parquet"
    output.write([record], file, "parquet")
    (back,) = output.read(file)
    cell = back.statistics.applications["new"]["total"]
    assert cell == Cell(raw, value)
    assert type(cell.value) is type(value)
