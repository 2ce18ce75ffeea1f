"""What a run notes of itself, when it is over, and whose checkpoint it takes up."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="training needs the extra `train`")

from nlp.errors import SettingsError
from tests.training import tiny
from training.documents import data_hash
from training.runs import CHECKPOINT, RUNS, VERSIONED, Run


def begun(start: Path, corpus: Path, out: Path, **train: object) -> Run:
    return Run.begin(out, [corpus], start, tiny.settings(**train))


def noted(run: Run, *scores: float) -> list[bool]:
    return [run.note({"f1": score}) for score in scores]


def test_it_ends_when_no_epoch_of_the_last_few_was_better(start: Path, corpus: Path, tmp_path: Path) -> None:
    run = begun(start, corpus, tmp_path, epochs=10, patience=2)
    assert noted(run, 0.1, 0.5, 0.4) == [True, True, False]
    assert not run.over
    assert noted(run, 0.5) == [False]  # as good is not better
    assert run.over


def test_it_does_not_end_early_while_nothing_is_right_yet(start: Path, corpus: Path, tmp_path: Path) -> None:
    run = begun(start, corpus, tmp_path, epochs=10, patience=2)
    noted(run, 0.0, 0.0, 0.0, 0.0)
    assert not run.over


def test_it_ends_after_the_last_epoch(start: Path, corpus: Path, tmp_path: Path) -> None:
    run = begun(start, corpus, tmp_path, epochs=2, patience=5)
    noted(run, 0.1, 0.2)
    assert run.over


def test_it_notes_all_that_made_the_network(start: Path, corpus: Path, tmp_path: Path) -> None:
    run = begun(start, corpus, tmp_path)
    noted(run, 0.25, 0.5)
    (entry,) = json.loads((tmp_path / RUNS).read_text())
    assert entry["data"] == data_hash([corpus])
    assert entry["start"] == hashlib.sha256((start / "model.safetensors").read_bytes()).hexdigest()
    assert entry["settings"]["train"] == tiny.settings().train.model_dump()
    assert entry["settings"]["augment"]["slips"] == tiny.settings().augment.slips
    assert set(entry["versions"]) == set(VERSIONED)
    assert [(one["epoch"], one["f1"]) for one in entry["curve"]] == [(1, 0.25), (2, 0.5)]


def test_it_lists_the_runs_of_its_start_first(start: Path, corpus: Path, tmp_path: Path) -> None:
    earlier = tmp_path / "earlier"
    noted(begun(start, corpus, earlier), 0.25)
    (earlier / "model.safetensors").write_bytes((start / "model.safetensors").read_bytes())
    noted(begun(earlier, corpus, tmp_path / "later"), 0.5)
    both = json.loads((tmp_path / "later" / RUNS).read_text())
    assert [one["curve"][0]["f1"] for one in both] == [0.25, 0.5]


def test_it_refuses_the_checkpoint_of_another_run(start: Path, corpus: Path, tmp_path: Path) -> None:
    parts = {"network": torch.nn.Linear(2, 2)}
    run = begun(start, corpus, tmp_path)
    noted(run, 0.5)
    run.keep(parts, True)
    other = begun(start, corpus, tmp_path, seed=2)
    with pytest.raises(SettingsError, match="unfinished run with other data, start, settings or versions"):
        other.restore(parts)
    same = begun(start, corpus, tmp_path)
    same.restore({"network": torch.nn.Linear(2, 2)})
    assert (same.epoch, same.best) == (1, 0.5)


def test_the_checkpoint_goes_when_the_run_is_over(start: Path, corpus: Path, tmp_path: Path) -> None:
    run = begun(start, corpus, tmp_path, epochs=2)
    for score in (0.1, 0.2):
        noted(run, score)
        run.keep({"network": torch.nn.Linear(2, 2)}, True)
        assert (tmp_path / CHECKPOINT).exists() == (score == 0.1)


def test_it_draws_curves_for_tensorboard_when_asked(start: Path, corpus: Path, tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    run = Run.begin(tmp_path / "out", [corpus], start, tiny.settings(), tmp_path / "curves")
    noted(run, 0.25, 0.5)
    drawn = EventAccumulator(str(tmp_path / "curves")).Reload().Scalars("f1")
    assert [(one.step, one.value) for one in drawn] == [(1, 0.25), (2, 0.5)]


def test_a_finished_run_is_over_at_once(start: Path, corpus: Path, tmp_path: Path) -> None:
    run = begun(start, corpus, tmp_path, epochs=2)
    parts = {"network": torch.nn.Linear(2, 2)}
    for score in (0.5, 0.25):
        noted(run, score)
        assert json.loads((tmp_path / RUNS).read_text())[-1]["finished"] is False  # its network may not be saved yet
        run.keep(parts, True)
    same, taught, other = (begun(start, corpus, tmp_path, epochs=2, seed=seed) for seed in (1, 1, 2))
    same.restore(parts)
    taught.restore(parts, taught=True)
    other.restore(parts)
    assert (same.over, same.curve) == (True, run.curve)
    assert (taught.epoch, other.epoch) == (0, 0)
