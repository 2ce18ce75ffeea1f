"""`gongkai compare`: two reports of a store side by side, by ids or by agency and years."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from nlp.cli import main
from nlp.record import Record
from nlp.summary.compare import Comparison
from tests.nlp.summary.making import store_of
from tests.nlp.summary.stating import PROBLEMS, Stated, stating

REPORTS = [
    stating("白石市水务局", 2021, [Stated(PROBLEMS["late"][0]), Stated(PROBLEMS["staff"][0])]),
    stating("白石市水务局", 2022, [Stated(PROBLEMS["late"][0]), Stated(PROBLEMS["training"][0])]),
    stating("白石市财政局", 2022, [Stated(PROBLEMS["awareness"][0])]),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("run")
    store_of(REPORTS, made, "gongkai")
    return made


def compared(records: tuple[Record, Record], file: Path) -> Comparison:
    found = msgspec.json.decode(file.read_bytes(), type=Comparison)
    assert (found.before.id, found.after.id) == tuple(record.id for record in records)
    for record, statements in (
        (records[0], [*found.solved, *(pair.before for pair in found.repeated)]),
        (records[1], [*found.new, *(pair.after for pair in found.repeated)]),
    ):
        assert all(record.text[s.start : s.end] == s.text for s in statements)
        assert sorted(s.n for s in statements) == list(range(len(record.narrative.problems)))
    return found


def test_two_years_of_an_agency_of_a_batch_folder(folder: Path, tmp_path: Path) -> None:
    years = tmp_path / "years.json"
    assert main(["compare", str(folder), "--agency", "白石市水务局", "--years", "2021", "2022", "-o", str(years)]) == 0
    found = compared((REPORTS[0], REPORTS[1]), years)
    assert [s.text for s in found.solved] == [PROBLEMS["staff"][0]]
    assert [s.text for s in found.new] == [PROBLEMS["training"][0]]


def test_two_records_by_the_starts_of_their_ids(folder: Path, tmp_path: Path) -> None:
    both = tmp_path / "both.json"
    words = ["compare", str(folder / "gongkai.duckdb"), REPORTS[0].id[:12], REPORTS[2].id[:12], "-o", str(both)]
    assert main(words) == 0
    compared((REPORTS[0], REPORTS[2]), both)


def test_without_a_file_tables_are_printed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", str(folder), "--agency", "白石市水务局", "--years", "2021", "2022"]) == 0
    printed = capsys.readouterr().out
    assert all(PROBLEMS[topic][0] in printed for topic in ("late", "staff", "training"))
    place = REPORTS[0].narrative.problems[1].span
    assert f"第 {place.start}–{place.end} 字" in printed


@pytest.mark.parametrize("name", ["a.html", "a.md"])
def test_for_people(folder: Path, tmp_path: Path, name: str) -> None:
    assert main(["compare", str(folder), REPORTS[0].id, REPORTS[1].id, "-o", str(tmp_path / name)]) == 0
    assert PROBLEMS["training"][0] in (tmp_path / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "say which two reports"),
        (["a", "b", "--agency", "白石市水务局"], "say which two reports"),
        (["", "b"], "several ids"),
        (["xyz", "b"], "no record whose id starts with 'xyz'"),
        (["--agency", "白石市水务局", "--years", "2021", "2023"], "no report of 白石市水务局 for 2023; it has 2021, 2022"),
        (["--agency", "白石市水利局", "--years", "2021", "2022"], "like it: 白石市水务局"),
        (["a", "b", "-o", "x.pdf"], "x.pdf: a comparison is written as .html, .md or .json"),
    ],
)
def test_wrong_use_is_told(folder: Path, words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", str(folder), *words]) == 2
    assert message in capsys.readouterr().err
