"""Comparing variants: what a difference is worth, and that runs are made once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("torch", reason="training needs the extra `train`")

from tests.training import tiny
from training.compare import as_markdown, bootstrap, compare, rows, sampled
from training.scores import f1
from training.settings import CompareSettings


def counts(right: int, n_seeds: int = 3, n_documents: int = 20) -> np.ndarray:
    """Documents with ten found and ten wanted spans each."""
    table = np.full((n_seeds, n_documents, 3), 10)
    table[..., 0] = right
    return table


def both(written: np.ndarray, changed: np.ndarray) -> np.ndarray:
    """Counts of documents as written and as changed."""
    return np.stack([written, changed], axis=1)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10), st.integers(0, 10))
def test_equal_documents_leave_no_doubt(left: int, right: int) -> None:
    (_, row) = rows({"a": both(counts(left), counts(0)), "b": both(counts(right), counts(0))})
    assert row["written"]["f1"] == right / 10
    assert row["written"]["interval"] == pytest.approx([(right - left) / 10] * 2, abs=1e-4)
    assert row["changed"] == {"f1": 0.0, "deviation": 0.0, "difference": 0.0, "interval": [0.0, 0.0]}


def test_a_variant_of_fewer_seeds_is_compared_with_the_runs_of_those_seeds() -> None:
    first = np.concatenate([counts(8, 2), counts(2, 3)])
    (_, row) = rows({"a": both(first, first), "b": both(counts(9, 2), counts(9, 2))})
    assert row["changed"]["difference"] == pytest.approx(0.1)


def test_noise_is_within_the_interval_and_a_gain_is_not() -> None:
    rng = np.random.default_rng(1)
    some, same, better = (counts(0, 5, 60) for _ in range(3))
    for table, skill in ((some, 0.7), (same, 0.7), (better, 0.85)):
        table[..., 0] = rng.binomial(10, skill, size=table.shape[:2])
    low, high = np.quantile(bootstrap(same, some), (0.025, 0.975))
    assert low < 0 < high
    assert np.quantile(bootstrap(better, some), 0.025) > 0.05


def test_f1_of_nothing_is_nothing() -> None:
    assert f1(np.zeros((2, 3), dtype=np.int64)).tolist() == [0.0, 0.0]


def test_the_sample_is_spread_over_the_corpus(tmp_path: Path) -> None:
    corpus = tiny.corpus(tmp_path / "corpus", 9)
    names = [path.stem for path in sorted(sampled(corpus, tmp_path / "sample", 3).glob("train/*/*.txt"))]
    assert names == ["d0", "d3", "d6"]


def test_every_variant_runs_over_every_seed_once(tmp_path: Path) -> None:
    corpus, start = tiny.corpus(tmp_path / "corpus"), tiny.encoder(tmp_path / "encoder")
    variants = {"plain": {}, "taught": {"teachers": "plain", "seeds": 1}, "no numbers": {"settings": {"augment": {"numbers": 0.0}}}}
    few = CompareSettings(documents=3, epochs=1, seeds=3, average=0.5, tokens_a_step=512, head_learning_rate=0.01, variants=variants)
    chosen = tiny.settings().model_copy(update={"compare": few})
    table = compare(corpus, start, tmp_path / "out", chosen)
    made = sorted(str(path.relative_to(tmp_path / "out").parent) for path in (tmp_path / "out").glob("*/*/vocab.txt"))
    assert made == [f"no-numbers/{n}" for n in (1, 2, 3)] + [f"plain/{n}" for n in (1, 2, 3)] + ["taught/1"]
    times = [path.stat().st_mtime_ns for path in sorted((tmp_path / "out").glob("*/*/model.safetensors"))]
    assert compare(corpus, start, tmp_path / "out", chosen) == table
    assert [path.stat().st_mtime_ns for path in sorted((tmp_path / "out").glob("*/*/model.safetensors"))] == times
    assert as_markdown(table).splitlines()[2].startswith("| plain | ")
