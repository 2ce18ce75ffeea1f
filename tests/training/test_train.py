"""Training: what a seed fixes, what a killed run becomes, when a run ends, several processes, labels of one's own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs the extra `train`")
from safetensors.torch import load_file

from nlp.narrative.labels import LABELS, TagScheme
from tests.conftest import ROOT
from tests.training import tiny
from training.examples import IGNORE, Example
from training.network import collate, new_network, tag_loss
from training.runs import CHECKPOINT, RUNS
from training.train import Task, category_codes, train

WEIGHTS = "model.safetensors"


@pytest.fixture(scope="module")
def whole(start: Path, corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that nothing disturbed."""
    out = tmp_path_factory.mktemp("whole")
    train(Task((corpus,), start, out, tiny.settings()))
    return out


def test_a_seed_fixes_every_byte(whole: Path, start: Path, corpus: Path, tmp_path: Path) -> None:
    train(Task((corpus,), start, tmp_path / "again", tiny.settings()))
    train(Task((corpus,), start, tmp_path / "other", tiny.settings(seed=2)))
    weights = (whole / WEIGHTS).read_bytes()
    assert (tmp_path / "again" / WEIGHTS).read_bytes() == weights
    assert (tmp_path / "other" / WEIGHTS).read_bytes() != weights


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.training import tiny
from training.runs import CHECKPOINT
from training.train import Task, train
corpus, start, out = map(Path, sys.argv[1:])
def teach(group):
    if (out / CHECKPOINT).exists():  # the first epoch is done, the second has begun
        os.kill(os.getpid(), signal.SIGKILL)
    return group
train(Task((corpus,), start, out, tiny.settings(), teach))
"""


def test_a_killed_run_goes_on_and_ends_as_it_would_have(whole: Path, start: Path, corpus: Path, tmp_path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, corpus, start, tmp_path], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert len(json.loads((tmp_path / RUNS).read_text())[-1]["curve"]) == 1
    run = train(Task((corpus,), start, tmp_path, tiny.settings()))
    assert [entry["epoch"] for entry in run.curve] == [1, 2, 3]
    assert (tmp_path / WEIGHTS).read_bytes() == (whole / WEIGHTS).read_bytes()
    assert not (tmp_path / CHECKPOINT).exists()


def test_two_processes_train_one_network(start: Path, corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text('[train]\nepochs = 2\ntokens_a_step = 512\nwindow = 64\naverage = 0.5\n')
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2", "-m", "training.train"]
    words = ["--corpus", corpus, "--pretrained", start, "--settings", tmp_path / "my.toml", "--out", tmp_path / "out"]
    env = {**os.environ, "ACCELERATE_USE_CPU": "true", "OMP_NUM_THREADS": "1"}
    done = subprocess.run([*launch, *map(str, words)], cwd=ROOT, env=env, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert [entry["epoch"] for entry in json.loads((tmp_path / "out" / RUNS).read_text())[-1]["curve"]] == [1, 2]
    assert (tmp_path / "out" / WEIGHTS).exists()


def test_a_label_of_ones_own_keeps_what_the_others_learned(whole: Path) -> None:
    scheme = TagScheme((*LABELS, "DOCUMENT"))
    network = new_network(whole, scheme, len(category_codes()), 0.0)
    old = load_file(whole / WEIGHTS)
    known = len(TagScheme(LABELS).tags)
    assert torch.equal(network.tagger.classifier.weight[:known], old["classifier.weight"])
    assert torch.equal(network.tagger.classifier.bias[:known], old["classifier.bias"])
    assert len(network.tagger.classifier.bias) == known + 4


def test_documents_of_one_label_say_nothing_of_the_others() -> None:
    scheme = TagScheme((*LABELS, "DOCUMENT"))
    tags = np.array([IGNORE, 0, scheme.ids["B-DOCUMENT"], scheme.ids["E-DOCUMENT"], 0, IGNORE])
    batch = collate([Example(np.arange(6), tags, [], ("DOCUMENT",))], (), scheme)
    logits = torch.randn(1, 6, len(scheme.tags), generator=torch.Generator().manual_seed(0), requires_grad=True)
    tag_loss(logits.log_softmax(-1), batch).backward()
    slope = logits.grad[0]
    core = slope[:, : scheme.columns("DOCUMENT").start]
    shares = logits[0, :, : core.shape[1]].softmax(-1).detach()
    for token in (1, 4):  # unmarked: all core tags move alike, by their own share, so none gains on another
        assert torch.allclose(core[token], shares[token] * core[token].sum(), atol=1e-6)
        assert core[token].sum() < 0 < slope[token, scheme.columns("DOCUMENT")].min()
    assert slope[2, scheme.ids["B-DOCUMENT"]] < 0 < core[2].min()


def test_documents_of_all_labels_teach_that_unmarked_is_outside() -> None:
    batch = collate([Example(np.arange(3), np.array([IGNORE, 0, IGNORE]), [])], ())
    logits = torch.zeros(1, 3, len(TagScheme().tags), requires_grad=True)
    tag_loss(logits.log_softmax(-1), batch).backward()
    assert logits.grad[0, 1, 0] < 0 < logits.grad[0, 1, 1:].min()


def test_partly_annotated_documents_train(start: Path, tmp_path: Path) -> None:
    data = tiny.corpus(tmp_path / "data", 2)
    tiny.document(data / "train" / "own", "o1", "依据{DOCUMENT:《公开条例》}第三条，公开三条。", "DOCUMENT")
    train(Task((data,), start, tmp_path / "out", tiny.settings(("DOCUMENT",), epochs=1)))
    assert json.loads((tmp_path / "out" / RUNS).read_text())[-1]["labels"] == [*LABELS, "DOCUMENT"]
    assert load_file(tmp_path / "out" / WEIGHTS)["classifier.bias"].shape == (1 + 4 * 12,)
