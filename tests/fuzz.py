"""Robustness, measured: documents of every format, broken at random, through guarded workers.

    python -m tests.fuzz --documents 200000 --out fuzz.json              an hour on two cores
    python -m tests.fuzz --documents 5000 --first N                      on from mutant N, which the file names as `next`
    python -m tests.fuzz --only NUMBER                                   one mutant again

Sources are the golden files of every format but scans, and the sample archive. Formats share the time alike: of one that
costs ten times as much to read there are a tenth as many mutants. A run passes when no worker died, none was stopped at its
time or memory limit, and the program itself failed on none; whatever else becomes of a document is a record. The summary is
JSON: what became of each format's mutants, its slowest one, and the numbers of those that broke something.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
import zipfile
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from io import BytesIO
from pathlib import Path
from queue import SimpleQueue

from rich.progress import MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from nlp.batch.guard import Answer, Guard
from nlp.batch.settings import load_batch_settings
from nlp.document import Source
from nlp.ingest.raw import RawSource
from nlp.settings import load_settings
from tests.conftest import ROOT

Mutation = Callable[[bytes, random.Random], bytes]
Originals = dict[str, list[tuple[str, bytes]]]
SECONDS = 60.0  # that a mutant may take, and half of it LibreOffice
CHUNK = 500  # mutants between two summaries
COST = {".doc": 1500, ".xls": 1500, ".pdf": 210, ".rtf": 70, ".docx": 50, ".xlsx": 40}  # ms of a CPU, as measured; others take 6
TROUBLE = ("<", ">", "|", "\0", "\ufeff", "　", "0" * 300, "一、" * 500, "<table>" * 300, "{\\rtf", "%PDF-1.7", "\r\n", "年年年")


@dataclass
class Tally:
    """What became of a format's mutants. `slowest`: seconds, and the number of the mutant that took them."""

    mutants: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    slowest: tuple[float, int] = (0.0, 0)

    def add(self, number: int, outcome: str, seconds: float) -> None:
        """Count one more."""
        self.mutants += 1
        self.outcomes[outcome] += 1
        self.slowest = max(self.slowest, (round(seconds, 2), number))


@dataclass
class Figures:
    """What a run has found so far; `next` is the first number that it has not read."""

    next: int
    formats: defaultdict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    broken: list[dict[str, object]] = field(default_factory=list)

    def add(self, number: int, name: str, outcome: str, seconds: float) -> None:
        """Count one more."""
        self.formats[Path(name).suffix].add(number, outcome, seconds)
        if outcome not in ("complete", "partial", "failed"):
            self.broken.append({"number": number, "name": name, "outcome": outcome})

    def to_json(self) -> str:
        """The summary."""
        total = sum((tally.outcomes for tally in self.formats.values()), Counter[str]())
        return json.dumps({"mutants": total.total(), "outcomes": dict(total), **asdict(self)}, ensure_ascii=False)


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=200_000)
    parser.add_argument("--first", type=int, default=10_000_000, help="number of the first mutant; other numbers, other mutants")
    parser.add_argument("--only", type=int, metavar="NUMBER", help="one mutant again, by its number in a summary")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, help="where to write the summary, again and again as the run goes on")
    arguments = parser.parse_args()
    numbers = range(arguments.first, arguments.first + arguments.documents) if arguments.only is None else [arguments.only]
    figures = fuzz(numbers, arguments.workers, arguments.out)
    print(figures.to_json())
    return 1 if figures.broken else 0


def fuzz(numbers: Sequence[int], workers: int = 1, out: Path | None = None) -> Figures:
    """Read the mutants of these numbers; each number always gives the same mutant."""
    originals = by_format(documents())
    guards: SimpleQueue[Guard] = SimpleQueue()
    for _ in range(workers):
        guards.put(guard())

    def read(number: int) -> tuple[int, str, str, float]:
        name, data = mutant(originals, number)
        one = guards.get()
        began = time.monotonic()
        try:
            answer = one.read(RawSource(Source(name), data))
        finally:
            guards.put(one)
        return number, name, outcome_of(answer), time.monotonic() - began

    figures = Figures(numbers[0])
    shown = (TextColumn("mutants"), MofNCompleteColumn(), TaskProgressColumn(show_speed=True), TimeRemainingColumn(),
             TextColumn("{task.fields[broken]} broken"))
    with Progress(*shown, transient=True) as bar, ThreadPoolExecutor(workers) as pool:
        task = bar.add_task("", total=len(numbers), broken=0)
        for at in range(0, len(numbers), CHUNK):
            for said in pool.map(read, numbers[at : at + CHUNK]):
                figures.add(*said)
                bar.update(task, advance=1, broken=len(figures.broken))
            figures.next = numbers[min(at + CHUNK, len(numbers)) - 1] + 1
            if out is not None:
                out.write_text(figures.to_json(), encoding="utf-8")
    while not guards.empty():
        guards.get().close()
    return figures


def guard() -> Guard:
    """A guarded worker without the labeller, which sees no bytes of a document."""
    settings = load_settings()
    limits = settings.limits.model_copy(update={"max_seconds": SECONDS / 2})
    settings = settings.model_copy(update={"labeller": False, "threads": 1, "limits": limits})
    return Guard(settings, load_batch_settings().model_copy(update={"seconds": SECONDS, "memory": 2 << 30}))


def outcome_of(answer: Answer) -> str:
    """The worst status of a document's records, or what broke."""
    if answer.broken:
        return answer.broken.code
    if any(b'"code":"internal_error"' in record for _, record in answer.records):
        return "internal_error"
    return max((status for status, _ in answer.records), key=("complete", "partial", "failed").index)


def documents() -> Iterator[tuple[str, bytes]]:
    """Golden sources of every format but scans, which are too slow to read often, and the samples; a name and the bytes."""
    for path in sorted((ROOT / "tests" / "golden").glob("*/sources/*")):
        if path.parent.parent.name != "ocr":
            yield path.name, path.read_bytes()
    with zipfile.ZipFile(ROOT / "tests" / "samples" / "reports.zip") as packed:
        for name in packed.namelist():
            yield Path(name).name, packed.read(name)


def by_format(some: Iterator[tuple[str, bytes]]) -> Originals:
    """Documents by the ending of their names."""
    found: Originals = defaultdict(list)
    for name, data in some:
        found[Path(name).suffix].append((name, data))
    return dict(sorted(found.items()))


def mutant(originals: Originals, number: int) -> tuple[str, bytes]:
    """The name and bytes of a mutant: an original of a format drawn first, changed once to four times."""
    rng = random.Random(number)
    (kind,) = rng.choices(list(originals), [1 / COST.get(kind, 6) for kind in originals])
    name, data = rng.choice(originals[kind])
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


def splice(originals: Originals) -> Mutation:
    """The beginning of one document and the end of another."""

    def spliced(data: bytes, rng: random.Random) -> bytes:
        other = rng.choice(originals[rng.choice(list(originals))])[1]
        return data[: rng.randint(0, len(data))] + other[rng.randint(0, len(other)) :]

    return spliced


def inside_zip(change: Mutation) -> Mutation:
    """The change in a member of an office document, packed again, so that the change comes through to the reader."""

    def changed(data: bytes, rng: random.Random) -> bytes:
        out = BytesIO()
        try:
            with zipfile.ZipFile(BytesIO(data)) as packed, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as again:
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
