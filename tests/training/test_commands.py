"""`gongkai train` and `gongkai evaluate` from end to end on a tiny start, and what they refuse."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="training needs the extra `train`")

import training.train
from nlp.cli import main
from nlp.narrative.labels import LABELS
from nlp.narrative.release import open_release
from tests.conftest import ROOT
from tests.training import tiny
from training import finetune
from training.cases import markup_cases

MY = '[train]\nepochs = 1\ntokens_a_step = 512\nwindow = 64\n'


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return tiny.corpus(tmp_path / "own")


def test_one_command_writes_a_model_that_reads_and_says_how_well(
    own: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny.document(own / "train" / "more", "x1", "依据{DOCUMENT:《公开条例》}第三条，公开三条。", "DOCUMENT")
    (tmp_path / "my.toml").write_text('labels = ["DOCUMENT"]\n' + MY)
    start, out = tiny.encoder(tmp_path / "start"), tmp_path / "my-model"
    words = [own, "-o", out, "--start", start, "--settings", tmp_path / "my.toml", "--no-replay"]
    assert main(["train", *map(str, words)]) == 0
    table = capsys.readouterr().out
    assert "strict F1" in table
    assert "QUANTITY" in table
    assert open_release(out).scheme.labels == (*LABELS, "DOCUMENT")
    assert not (tmp_path / "my-model.run").exists()
    assert main(["evaluate", str(own), "--model", str(out), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["documents"] == 2
    assert found["strict"]["QUANTITY"]["gold"] == 2 * 4
    assert 0 <= found["calibration"]["expected_calibration_error"] <= 1
    assert main(["train", *map(str, words)]) == 2
    assert "is there already" in capsys.readouterr().err


KILLED = """
import os, signal, sys
from nlp.cli import main
from training import export, finetune
def kill(*_):
    os.kill(os.getpid(), signal.SIGKILL)
module, name, *words = sys.argv[1:]
setattr({"export": export, "finetune": finetune}[module], name, kill)
main(words)
"""


@pytest.mark.parametrize(("module", "name"), [("export", "write_spacy_files"), ("finetune", "move")])
def test_a_run_killed_in_its_export_is_exported_and_not_trained_again(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, name: str
) -> None:
    (tmp_path / "my.toml").write_text(MY)
    start = tiny.encoder(tmp_path / "start")

    def words(folder: str) -> list[str]:
        more = ["-o", tmp_path / folder / "my-model", "--start", start, "--settings", tmp_path / "my.toml", "--no-replay"]
        return ["train", *map(str, [own, *more])]

    program = [sys.executable, "-c", KILLED, module, name, *words("killed")]
    killed = subprocess.run(program, cwd=ROOT, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()[-2000:]
    assert main(words("whole")) == 0

    def trains(*_: object) -> None:
        raise AssertionError("it trains again")

    monkeypatch.setattr(training.train, "fit", trains)
    assert main(words("killed")) == 0
    assert told(tmp_path / "killed") == told(tmp_path / "whole")
    assert [path.name for path in (tmp_path / "killed").iterdir()] == ["my-model"]


def told(folder: Path) -> dict[str, Any]:
    """Every file of a model, and its manifest without how long its training took."""
    files = {path.name: path.read_bytes() for path in (folder / "my-model").iterdir()}
    manifest = json.loads(files.pop("manifest.json"))
    for run in manifest["runs"]:
        for epoch in run["curve"]:
            del epoch["seconds"]
    return {**files, "manifest.json": manifest}


def test_wrong_markup_is_told_before_anything_is_trained(own: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tiny.document(own / "train" / "more", "x1", "公开{ITEM:信息}{NUMBER:三条}。")
    tiny.document(own / "train" / "more", "x2", "公开{QUANTITY:若干}。")
    start = tiny.encoder(tmp_path / "start")
    assert main(["train", str(own), "-o", str(tmp_path / "out"), "--start", str(start)]) == 2
    told = capsys.readouterr().err
    assert "x1.txt" in told
    assert "unknown label NUMBER" in told
    assert "x2.txt" in told
    assert not (tmp_path / "out").exists()


def test_without_replay_there_must_be_problems_and_remedies(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(2):
        tiny.document(tmp_path / "own" / "a", f"d{number}", "公开{ITEM:信息}{QUANTITY:三条}。")
    start = tiny.encoder(tmp_path / "start")
    words = [tmp_path / "own", "-o", tmp_path / "out", "--start", start, "--no-replay"]
    assert main(["train", *map(str, words)]) == 2
    assert "leave --no-replay out" in capsys.readouterr().err


def test_an_absent_corpus_is_told(
    own: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finetune, "CORPUS", tmp_path / "nowhere")
    start = tiny.encoder(tmp_path / "start")
    assert main(["train", str(own), "-o", str(tmp_path / "out"), "--start", str(start)]) == 2
    assert "corpus is not installed" in capsys.readouterr().err


def test_a_fifth_is_held_out_and_every_document_is_somewhere(tmp_path: Path) -> None:
    for number in range(11):
        tiny.document(tmp_path / "own" / "a", f"d{number}", "公开{ITEM:信息}{QUANTITY:三条}。")
    files = finetune.held_out(tmp_path / "own")
    assert {split: len(some) for split, some in files.items()} == {"train": 8, "dev": 3, "test": 0}
    assert len({path for some in files.values() for path in some}) == 11


def test_replay_takes_a_share_of_every_split_but_test(own: Path, tmp_path: Path) -> None:
    tiny.document(own / "test" / "family", "t1", "公开{ITEM:信息}{QUANTITY:三条}。")
    taken = finetune.replayed(own, 0.5, tmp_path / "replay")
    assert len(list(taken.glob("train/*/*.txt"))) == 3
    assert len(list(taken.glob("dev/*/*.txt"))) == 1
    assert not (taken / "test").exists()


def test_the_guide_has_forty_passages_of_each_side() -> None:
    guide = Path(finetune.__file__).parent / "guide" / "document"
    for split in ("train", "test"):
        cases = markup_cases(guide, (*LABELS, "DOCUMENT"), split)
        assert len(cases) == 40
        assert all(case.labels == ("DOCUMENT",) for case in cases)


def test_few_documents_are_repeated_so_that_replay_does_not_drown_them(own: Path, tmp_path: Path) -> None:
    for number in range(20):
        tiny.document(tmp_path / "replay" / "train" / "a", f"d{number}", "公开三条。")
    assert finetune.repeats(own, tmp_path / "replay") == 3  # 6 and 20
    assert finetune.repeats(tmp_path / "replay", own) == 1
