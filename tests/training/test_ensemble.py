"""Several runs become one network: by the mean of their weights, or by teaching another."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs the extra `train`")
from safetensors.torch import load_file

from nlp.errors import SettingsError
from nlp.narrative.codec import Codec
from tests.training import tiny
from training.average import average
from training.distil import LENGTH, Teachers, unlabelled
from training.documents import load_documents
from training.examples import Cutter, Example
from training.network import CATEGORY_FILE, collate, open_network, tag_loss
from training.runs import RUNS
from training.train import Task, category_codes, epoch_examples, train

WEIGHTS = "model.safetensors"


@pytest.fixture(scope="module")
def runs(start: Path, corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two runs from one start, with seeds of their own."""
    out = tmp_path_factory.mktemp("runs")
    for seed in (1, 2):
        train(Task((corpus,), start, out / str(seed), tiny.settings(seed=seed, epochs=1)))
    return [out / "1", out / "2"]


@pytest.fixture(scope="module")
def examples(corpus: Path, runs: list[Path]) -> list[Example]:
    settings, rows = tiny.settings(), load_documents([corpus], category_codes())["train"]
    cutter = Cutter(Codec.read(runs[0] / "vocab.txt"), settings)
    return epoch_examples(list(rows), cutter, settings, random.Random(0))


def test_the_mean_network_is_the_mean(runs: list[Path], tmp_path: Path) -> None:
    average(runs, tmp_path)
    for name in (WEIGHTS, CATEGORY_FILE):
        mean, *parts = (load_file(folder / name) for folder in (tmp_path, *runs))
        for key, value in mean.items():
            assert torch.allclose(value, (parts[0][key] + parts[1][key]) / 2, atol=1e-6)
    facts = json.loads((tmp_path / RUNS).read_text(encoding="utf-8"))
    assert [run["settings"]["train"]["seed"] for run in facts] == [1, 2]


def test_runs_from_other_starts_are_not_averaged(runs: list[Path], corpus: Path, tmp_path: Path) -> None:
    train(Task((corpus,), runs[0], tmp_path / "later", tiny.settings(epochs=1)))
    with pytest.raises(SettingsError, match="only differ in seed"):
        average([runs[0], tmp_path / "later"], tmp_path / "mean")


def test_teachers_say_the_log_of_their_mean_probability(runs: list[Path], examples: list[Example]) -> None:
    taught = Teachers(runs)(examples[:3])
    alone = [Teachers([folder])(examples[:3]) for folder in runs]
    for number, one in enumerate(taught):
        assert one.taught is not None
        assert one.taught.shape[0] == len(one.ids)
        shares = np.exp(one.taught.astype(np.float64))
        assert np.allclose(shares.sum(axis=1), 1, atol=5e-3)
        parts = [np.exp(some[number].taught.astype(np.float64)) for some in alone]  # type: ignore[union-attr]
        assert np.allclose(shares, sum(parts) / 2, atol=5e-3)


def test_a_student_that_thinks_as_its_teachers_loses_least(runs: list[Path], examples: list[Example]) -> None:
    batch = collate(Teachers(runs[:1])(examples[:3]), category_codes())
    losses = []
    for folder in runs:
        with torch.no_grad():
            logits, _ = open_network(folder).states(batch.ids, batch.mask)
        said = logits.log_softmax(-1)
        annotated = tag_loss(said, replace(batch, taught=None))
        losses.append(float(tag_loss(said, batch) - annotated / 2))  # what is left comes of the teachers
    assert losses[0] < losses[1]


def test_a_student_learns_from_unlabelled_text_too(runs: list[Path], corpus: Path, tmp_path: Path) -> None:
    further = unlabelled(["本年工作平稳。" * LENGTH], 2, seed=1)
    assert [row["labels"] for row in further] == [[], []]
    run = train(Task((corpus,), runs[0], tmp_path, tiny.settings(epochs=1), Teachers(runs), further=further))
    assert run.curve[0]["loss"] > 0
    assert (tmp_path / WEIGHTS).read_bytes() != (runs[0] / WEIGHTS).read_bytes()
