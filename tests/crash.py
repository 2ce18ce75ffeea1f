"""Crash safety, measured: processes of a batch run are killed at random until enough were, then the bytes are compared.

    python -m tests.crash --kills 200 --documents 2000 --engine local

Every kill is SIGKILL, to the run itself (with it all its workers end) or to one of its workers (with `--engine ray` to an
actor, its worker, or a whole node of a cluster of three). The folder must in the end be that of an undisturbed run, byte
for byte: nothing lost, nothing doubled. Prints one JSON line; exit status 1 when the bytes differ.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import psutil

from tests.conftest import ROOT
from tests.nlp.batch.making import archive, bytes_of

SHARD = 20


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--documents", type=int, default=2000)
    parser.add_argument("--engine", choices=("local", "ray"), default="local")
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
    quiet = {"cwd": ROOT, "env": {**os.environ, "PYTHONPATH": str(ROOT)}, "stderr": subprocess.PIPE}
    began = time.monotonic()
    subprocess.run([*words, str(folder / "calm")], check=False, **quiet)
    seconds = time.monotonic() - began
    rng, killed, out, n_runs = random.Random(arguments.seed), Counter[str](), folder / "out", 0
    while killed.total() < arguments.kills:
        process = subprocess.Popen([*words, str(out), "--engine", arguments.engine], **quiet)
        n_runs += 1
        while process.poll() is None and killed.total() < arguments.kills:
            time.sleep(rng.uniform(0, 2))
            victim = rng.choice([psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)] or [None])
            try:
                victim.send_signal(signal.SIGKILL)
            except psutil.Error:
                continue
            killed["run" if victim.pid == process.pid else "worker"] += 1
        process.wait()
        if n_runs % 10 == 0 or process.returncode == 1:  # finished, or far on: begin anew, else there is nothing to disturb
            same = _finished(words, out, quiet, arguments.engine) == bytes_of(folder / "calm")
            if not same:
                return {"identical": False, "killed": dict(killed), "runs": n_runs}
            subprocess.run(["rm", "-r", str(out)], check=True)
    same = not out.exists() or _finished(words, out, quiet, arguments.engine) == bytes_of(folder / "calm")
    return {"identical": same, "killed": dict(killed), "runs": n_runs, "undisturbed_seconds": round(seconds, 1)}


def _finished(words: list[str], out: Path, quiet: dict[str, object], engine: str) -> dict[str, bytes]:
    """The folder after an undisturbed run, and one over what two kills in a row have made a failure."""
    for further in ([], ["--retry-failed"]):
        subprocess.run([*words, str(out), "--engine", engine, *further], check=False, **quiet)
    return bytes_of(out)


if __name__ == "__main__":
    sys.exit(main())
