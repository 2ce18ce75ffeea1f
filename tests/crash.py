"""Crash safety, measured: processes of a batch run are killed at random until enough were, then the bytes are compared.

    python -m tests.crash --kills 200 --documents 2000 --engine local

Every kill is SIGKILL, to the run itself (with it all its workers end) or to one of its workers (with `--engine ray` to an
actor, its worker, or a whole node of a cluster of three). The folder must in the end be that of an undisturbed run, byte
for byte: nothing lost, nothing doubled; that is compared whenever a run comes to its end, and after the last kill. The cluster
stays up while runs are killed, and only a killed node is started again. Prints a line a kill on standard error and one JSON
line at the end; exit status 1 when the bytes differ.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from tests.conftest import ROOT
from tests.nlp.batch.making import archive, bytes_of

SHARD = 20
PACE = {"local": 2.0, "ray": 6.0}


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--documents", type=int, default=2000)
    parser.add_argument("--engine", choices=("local", "ray"), default="local")
    parser.add_argument("--pace", type=float, help="seconds between two kills at most (default 2, on Ray 6: actors start slowly)")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = crash(Path(folder), arguments)
    print(json.dumps(figures))
    return 0 if figures["identical"] else 1


def crash(folder: Path, arguments: argparse.Namespace) -> dict[str, object]:
    """Kill, go on, compare."""
    source = archive(folder / "archive", arguments.documents)
    settings = folder / "batch.toml"
    settings.write_text(f"workers = 2\nshard_documents = {SHARD}\n", encoding="utf-8")
    words = [sys.executable, "-m", "nlp.cli", "batch", str(source), "--no-labeller", "--batch-settings", str(settings), "--out"]
    began = time.monotonic()
    _run([*words, str(folder / "calm")])
    seconds = time.monotonic() - began
    rng, killed, out, n_runs, n_compared, identical = (
        random.Random(arguments.seed), Counter[str](), folder / "out", 0, 0, True)
    with _cluster(arguments.engine) as nodes:
        words += [str(out), "--engine", arguments.engine]
        while killed.total() < arguments.kills and identical:
            n_runs += 1
            _disturb(words, rng, killed, arguments, nodes)
            if (out / "gongkai.duckdb").exists() or killed.total() >= arguments.kills:
                n_compared += 1
                for further in ([], ["--retry-failed"]):  # a document that was under way in two kills is a failure
                    _run([*words, *further])
                identical = bytes_of(out) == bytes_of(folder / "calm")
                if not identical:
                    _say_what_differs(bytes_of(out), bytes_of(folder / "calm"))
                    shutil.copytree(out, "/tmp/crash-differs", dirs_exist_ok=True)
                shutil.rmtree(out)
    return {"identical": identical, "engine": arguments.engine, "documents": arguments.documents, "kills": killed.total(),
            "killed": dict(killed), "runs": n_runs, "comparisons": n_compared, "undisturbed_seconds": round(seconds, 1),
            "seconds": round(time.monotonic() - began, 1)}


def _say_what_differs(found: dict[str, bytes], wanted: dict[str, bytes]) -> None:
    names = sorted(name for name in found.keys() | wanted.keys() if found.get(name) != wanted.get(name))
    print("differ:", *names[:20], file=sys.stderr)


def _run(words: list[str]) -> None:
    done = subprocess.run(words, cwd=ROOT, env=_environment(), stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode > 1:
        print(done.stderr, file=sys.stderr)


def _disturb(words: list[str], rng: random.Random, killed: Counter[str], arguments: argparse.Namespace, nodes: Nodes) -> None:
    """One run, with kills until it is over."""
    process = subprocess.Popen(words, cwd=ROOT, env=_environment(), stderr=subprocess.DEVNULL)
    n_kills = arguments.kills
    while process.poll() is None and killed.total() < n_kills:
        time.sleep(rng.uniform(0, arguments.pace or PACE[arguments.engine]))
        if nodes.cluster and rng.random() < 0.1:
            nodes.lose_one(rng)
            _count(killed, "node", n_kills)
            continue
        victims = [one for one in _children(psutil.Process(process.pid)) if "spawn_main" in _words_of(one)]
        victim = rng.choice([psutil.Process(process.pid), *victims, *nodes.actors()])
        if victim.is_running() and victim.status() != psutil.STATUS_ZOMBIE:
            what = _kind(victim, process)
            victim.kill()
            _count(killed, what, n_kills)
            if victim.pid == process.pid:
                break
    process.wait()


def _kind(victim: psutil.Process, run: subprocess.Popen[bytes]) -> str:
    if victim.pid == run.pid:
        return "run"
    return "actor" if "ShardReader" in _words_of(victim) else "worker"


def _count(killed: Counter[str], what: str, n_kills: int) -> None:
    killed[what] += 1
    print(f"{time.strftime('%H:%M:%S')} kill {killed.total()} of {n_kills}: {what}", file=sys.stderr, flush=True)


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.Error:
        return []


def _words_of(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


class Nodes:
    """A Ray cluster on this machine: a head, and two nodes that may be lost."""

    def __init__(self, cluster: Any = None) -> None:
        self.cluster = cluster
        self._nodes = [cluster.add_node(num_cpus=1) for _ in range(2)] if cluster else []

    def lose_one(self, rng: random.Random) -> None:
        """Kill a node with all that runs on it; another one joins."""
        lost = self._nodes.pop(rng.randrange(2))
        self.cluster.remove_node(lost, allow_graceful=False)
        self._nodes.append(self.cluster.add_node(num_cpus=1))

    def actors(self) -> list[psutil.Process]:
        """Actors of this cluster's nodes, and their workers."""
        actors = [one for one in _children(psutil.Process()) if "ShardReader" in _words_of(one)]
        return [*actors, *(child for one in actors for child in _children(one) if "spawn_main" in _words_of(child))]


@contextmanager
def _cluster(engine: str) -> Iterator[Nodes]:
    if engine == "local":
        yield Nodes()
        return
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    os.environ["RAY_ADDRESS"] = cluster.address
    try:
        yield Nodes(cluster)
    finally:
        cluster.shutdown()


if __name__ == "__main__":
    sys.exit(main())
