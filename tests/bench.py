"""`make bench`: how long a report takes, and how the labeller compares with other runtimes and with LAC.

Reports are those of ../shared/gold/text where they are at hand, else the samples; ratios hold for one machine and one run.
"""

from __future__ import annotations

import os
import statistics
import time
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

from nlp.ingest.read import read_bytes
from nlp.narrative.tagger import Tagger
from nlp.pipeline import Extractor
from nlp.settings import Settings
from tests.bench_runtimes import bench_runtimes

ROOT = Path(__file__).resolve().parent.parent
GOLD = ROOT.parent / "shared" / "gold" / "text"
ROUNDS = 5
LONGEST = 20_000


def samples(suffix: str) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(ROOT / "tests/samples/reports.zip") as packed:
        return [(name, packed.read(name)) for name in packed.namelist() if name.endswith(suffix)]


def fastest(run: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Seconds of the fastest of several rounds: what else the machine does only ever adds."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def bench_reports(title: str, reports: Sequence[tuple[str, bytes]]) -> None:
    extractor = Extractor(Settings(labeller=False))
    times = [1000 * fastest(lambda d=data, n=name: extractor.record(read_bytes(d, n))) for name, data in reports]  # type: ignore[misc]
    median, slowest = statistics.median(times), max(times)
    print(f"{title}: median {median:.1f} ms, slowest {slowest:.1f} ms ({len(times)} reports, one core, no labeller)")


def bench_whole(reports: Sequence[tuple[str, bytes]]) -> None:
    extractor = Extractor(Settings(), Tagger.load())
    seconds = fastest(lambda: [extractor.record(read_bytes(data, name)) for name, data in reports], 2)
    print(f"everything: {len(reports) / seconds:.1f} reports/s in one process, {1000 * seconds / len(reports):.0f} ms a report")


def main() -> None:
    text = [(path.name, path.read_bytes()) for path in sorted(GOLD.glob("*.txt"))] or samples(".txt")
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    bench_reports("text", text)
    bench_reports("HTML", samples(".html"))
    os.sched_setaffinity(0, cores)
    bench_runtimes("\n".join(data.decode("utf-8-sig") for _, data in text)[:LONGEST])
    bench_whole(text)


if __name__ == "__main__":
    main()
