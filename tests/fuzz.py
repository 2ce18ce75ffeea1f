"""Robustness, measured: documents of every format, broken at random, through guarded workers.

    python -m tests.fuzz --documents 200000 --seed 1

Sources are the golden files of every format and the sample archive. A run passes when no worker died and none was
stopped at its time or memory limit; whatever else becomes of a document must be a record. Prints one JSON line: documents
by format and outcome, and the seeds of those that broke a worker (`--only SEED` reads one again).
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from queue import SimpleQueue

from nlp.batch.guard import BROKEN, Guard
from nlp.batch.settings import load_batch_settings
from nlp.document import Source
from nlp.ingest.raw import RawSource
from nlp.settings import load_settings
from tests.conftest import ROOT

Mutation = Callable[[bytearray, random.Random], bytearray]
SECONDS = 60.0


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="the name of one mutant, as a run printed it")
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    first = arguments.seed * 10_000_000
    numbers = [int(arguments.only)] if arguments.only else range(first, first + arguments.documents)
    figures = fuzz(numbers, arguments.workers)
    print(json.dumps(figures, ensure_ascii=False))
    return 1 if figures["broken"] else 0


def fuzz(numbers: list[int] | range, workers: int = 1) -> dict[str, object]:
    """Read the mutants of these numbers; each number always gives the same mutant."""
    originals = list(documents())
    settings = load_settings().model_copy(update={"labeller": False, "threads": 1})
    limits = load_batch_settings().model_copy(update={"seconds": SECONDS})
    guards: SimpleQueue[Guard] = SimpleQueue()
    for _ in range(workers):
        guards.put(Guard(settings, limits))

    def read(number: int) -> tuple[int, str, str]:
        name, data = mutant(originals, number)
        guard = guards.get()
        try:
            answer = guard.read(RawSource(Source(name), data))
        finally:
            guards.put(guard)
        return number, name, answer.said.code if answer.status == BROKEN else answer.status  # type: ignore[union-attr]

    counts: Counter[str] = Counter()
    broken = []
    with ThreadPoolExecutor(workers) as pool:
        for number, name, outcome in pool.map(read, numbers, buffersize=100) if sys.version_info >= (3, 14) else map(read, numbers):
            counts[f"{Path(name).suffix or 'none'} {outcome}"] += 1
            if outcome not in ("complete", "partial", "failed"):
                broken.append({"number": number, "name": name, "outcome": outcome})
    while not guards.empty():
        guards.get().close()
    return {"documents": counts.total(), "outcomes": dict(sorted(counts.items())), "broken": broken}
