"""Robustness, measured: documents of every format, broken at random, through guarded workers.

    python -m tests.fuzz --documents 200000 --seed 1

Sources are the golden files of every format but scans, and the sample archive. A run passes when no worker died, none was
stopped at its time or memory limit, and the program itself failed on none; whatever else becomes of a document is a
record. Prints one JSON line: documents by format and outcome, and the numbers of the mutants that broke something
(`--only NUMBER` reads one again).
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import zipfile
import zlib
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from queue import SimpleQueue

from nlp.batch.guard import Guard
from nlp.batch.settings import load_batch_settings
from nlp.document import Source
from nlp.ingest.raw import RawSource
from nlp.settings import load_settings
from tests.conftest import ROOT

Mutation = Callable[[bytes, random.Random], bytes]
SECONDS = 60.0
TROUBLE = ("<", ">", "|", "\0", "\ufeff", "　", "0" * 300, "一、" * 500, "<table>" * 300, "{\\rtf", "%PDF-1.7", "\r\n", "年年年")


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


def fuzz(numbers: Sequence[int], workers: int = 1) -> dict[str, object]:
    """Read the mutants of these numbers; each number always gives the same mutant."""
    originals = list(documents())
    settings = load_settings().model_copy(update={"labeller": False, "threads": 1})
    limits = load_batch_settings().model_copy(update={"seconds": SECONDS})
    guards: SimpleQueue[Guard] = SimpleQueue()
    for _ in range(workers):
        guards.put(Guard(settings, limits))

    counts: Counter[str] = Counter()
    broken: list[dict[str, object]] = []

    def read(number: int) -> None:
        name, data = mutant(originals, number)
        guard = guards.get()
        try:
            answer = guard.read(RawSource(Source(name), data))
        finally:
            guards.put(guard)
        outcome = answer.broken.code if answer.broken else "failed" if answer.has_failed else "read"
        if any(b'"code":"internal_error"' in record for _, record in answer.records):
            outcome = "internal_error"
        counts[f"{Path(name).suffix or 'none'} {outcome}"] += 1
        if outcome not in ("failed", "read"):
            broken.append({"number": number, "name": name, "outcome": outcome})

    with ThreadPoolExecutor(workers) as pool:
        for some in (numbers[at : at + 1000] for at in range(0, len(numbers), 1000)):
            deque(pool.map(read, some), maxlen=0)
    while not guards.empty():
        guards.get().close()
    return {"documents": counts.total(), "outcomes": dict(sorted(counts.items())), "broken": broken}


def documents() -> Iterator[tuple[str, bytes]]:
    """Golden sources of every format but scans, which are too slow to read often, and the samples; a name and the bytes."""
    for path in sorted((ROOT / "tests" / "golden").glob("*/sources/*")):
        if path.parent.parent.name != "ocr":
            yield path.name, path.read_bytes()
    with zipfile.ZipFile(ROOT / "tests" / "samples" / "reports.zip") as packed:
        for name in packed.namelist():
            yield Path(name).name, packed.read(name)


def mutant(originals: list[tuple[str, bytes]], number: int) -> tuple[str, bytes]:
    """The name and bytes of a mutant: an original of a format drawn first, changed once to four times."""
    rng = random.Random(number)
    by_format: dict[str, list[tuple[str, bytes]]] = {}
    for name, data in originals:
        by_format.setdefault(Path(name).suffix, []).append((name, data))
    some = by_format[rng.choice(sorted(by_format))]
    name, data = rng.choice(some)
    for _ in range(rng.randint(1, 4)):
        change = rng.choice((flip, cut, double, move, insert, splice(originals)))
        data = inside_zip(change)(data, rng) if data.startswith(b"PK\x03\x04") and rng.random() < 0.7 else change(data, rng)
    return name, data


def flip(data: bytes, rng: random.Random) -> bytes:
    """Some bytes become others."""
    some = bytearray(data)
    for _ in range(rng.choice((1, 4, 30)) if some else 0):
        some[rng.randrange(len(some))] = rng.randrange(256)
    return bytes(some)


def cut(data: bytes, rng: random.Random) -> bytes:
    """A stretch is lost, often the end."""
    start, end = _stretch(data, rng)
    return data[:start] if rng.random() < 0.4 else data[:start] + data[end:]


def double(data: bytes, rng: random.Random) -> bytes:
    """A stretch is there several times."""
    start, end = _stretch(data, rng)
    return data[:end] + data[start:end] * rng.choice((1, 2, 20)) + data[end:] if end - start < 20_000 else data


def move(data: bytes, rng: random.Random) -> bytes:
    """A stretch stands elsewhere."""
    start, end = _stretch(data, rng)
    rest = data[:start] + data[end:]
    at = rng.randint(0, len(rest))
    return rest[:at] + data[start:end] + rest[at:]


def insert(data: bytes, rng: random.Random) -> bytes:
    """Something that means much to some reader is put in."""
    at = rng.randint(0, len(data))
    return data[:at] + rng.choice(TROUBLE).encode(rng.choice(("utf-8", "gb18030", "utf-16-le"))) + data[at:]


def splice(originals: list[tuple[str, bytes]]) -> Mutation:
    """The beginning of one document and the end of another."""

    def spliced(data: bytes, rng: random.Random) -> bytes:
        other = rng.choice(originals)[1]
        return data[: rng.randint(0, len(data))] + other[rng.randint(0, len(other)) :]

    return spliced


def inside_zip(change: Mutation) -> Mutation:
    """The change in a member of an office document, packed again, so that the change comes through to the reader."""

    def changed(data: bytes, rng: random.Random) -> bytes:
        out = BytesIO()
        try:
            with zipfile.ZipFile(BytesIO(data)) as packed, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as again:
                names = packed.namelist()
                chosen = rng.choice(names)
                for name in names:
                    part = packed.read(name)
                    again.writestr(name, change(part, rng) if name == chosen else part)
        except (zipfile.BadZipFile, ValueError, IndexError, OSError, NotImplementedError, EOFError, zlib.error, RuntimeError):
            return change(data, rng)  # an earlier change has broken the ZIP itself
        return out.getvalue()

    return changed


def _stretch(data: bytes, rng: random.Random) -> tuple[int, int]:
    start = rng.randint(0, len(data))
    return start, min(len(data), start + rng.choice((1, 10, 300, 5000)))


if __name__ == "__main__":
    sys.exit(main())
