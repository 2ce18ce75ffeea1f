"""`gongkai summarize`: a store or a batch folder in, a file of the wanted form out."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlp.cli import main
from nlp.summary import from_json
from tests.nlp.summary.making import store_of
from tests.nlp.summary.stating import PROBLEMS, Stated, stating


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("run")
    late = [Stated(text, ("timeliness",)) for text in PROBLEMS["late"]]
    store_of([stating(f"白石市第{n}局", 2020 + n % 2, [late[n]]) for n in range(4)], made, "gongkai")
    return made


def test_json_of_a_batch_folder_and_ids_kept(folder: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    assert main(["summarize", str(folder), "-o", str(first), "--by", "year", "--no-copies", "--threads", "1"]) == 0
    assert (folder / "gongkai.vectors.parquet").is_file()
    words = ["summarize", str(folder / "gongkai.duckdb"), "-o", str(second), "--by", "year", "--no-copies"]
    assert main([*words, "--previous", str(first)]) == 0
    assert second.read_bytes() == first.read_bytes()
    summary = from_json(first.read_bytes())
    assert [one.key for one in summary.dimensions] == ["year"]
    assert sum(point.n_reports for point in summary.key_points) + len(summary.remainder) == 4


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-o", "x.pdf"], "x.pdf: a summary is written as .json, .html, .xlsx or .md"),
        (["--by", "colour"], "cannot split by 'colour'"),
        (["--previous", "missing.json"], "cannot read the earlier summary missing.json"),
    ],
)
def test_wrong_use_is_told(folder: Path, words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["summarize", str(folder), "--no-cache", *words]) == 2
    assert message in capsys.readouterr().err
