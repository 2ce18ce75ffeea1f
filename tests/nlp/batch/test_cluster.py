"""The Ray engine on a real cluster of three nodes, one of which is killed in the run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from nlp.batch.local import run_locally
from nlp.batch.run import run
from tests.conftest import ROOT
from tests.nlp.batch.making import archive, bytes_of, job

ray = pytest.importorskip("ray", reason="the extra `ray` is not installed")

from ray.cluster_utils import Cluster


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    before = dict(os.environ)
    os.environ["PYTHONPATH"] = str(ROOT)
    nodes = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    os.environ["RAY_ADDRESS"] = nodes.address
    yield nodes
    ray.shutdown()
    nodes.shutdown()
    os.environ.clear()
    os.environ.update(before)


def test_a_cluster_that_loses_a_node_writes_the_same_bytes(cluster: Cluster, tmp_path: Path):
    from nlp.batch.cluster import run_on_ray

    source = archive(tmp_path / "archive", 60)
    run(job(source, tmp_path / "alone"), run_locally, lambda n: None, lambda counts: None)
    doomed = cluster.add_node(num_cpus=1)
    cluster.add_node(num_cpus=1)
    read: list[int] = []

    def lose_it(counts: Counter[str]) -> None:
        if not read:  # one shard is done, others are being read
            cluster.remove_node(doomed, allow_graceful=False)
        read.append(counts["documents"])

    summary = run(job(source, tmp_path / "out"), run_on_ray, lambda n: None, lose_it)
    assert len(read) > 2 and summary.n_pending == 0
    assert bytes_of(tmp_path / "out") == bytes_of(tmp_path / "alone")


def test_no_cluster_is_said(tmp_path: Path):
    source = archive(tmp_path / "a", 3)
    words = [sys.executable, "-m", "nlp.cli", "batch", str(source), "--out", str(tmp_path / "o"), "--engine", "ray"]
    environment = {**os.environ, "RAY_ADDRESS": "127.0.0.1:1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([*words, "--no-labeller"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2 and "no Ray cluster at 127.0.0.1:1" in done.stderr and "Traceback" not in done.stderr
