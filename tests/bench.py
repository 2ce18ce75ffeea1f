"""`make bench`: how long a report takes, and how the labeller's runtime compares with plain ONNX Runtime in the same run.

Reports are those of ../shared/gold/text where they are at hand, else the samples; ratios hold for one machine and one run.
"""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
import time
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from nlp.ingest.read import read_bytes
from nlp.narrative.release import NETWORK, WEIGHTS, open_release
from nlp.narrative.runtime import Ids, available_cores, open_runtime
from nlp.narrative.tagger import Tagger
from nlp.pipeline import Extractor
from nlp.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
GOLD = ROOT.parent / "shared" / "gold" / "text"
ROUNDS = 5
N_WINDOWS, WINDOW = 64, 384


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


def plain_onnx(folder: Path) -> Callable[[Sequence[Ids]], None]:
    """The same network in ONNX Runtime: fp32 weights (the casts from fp16 folded once), no graph optimisation, all cores."""
    import onnxruntime as ort

    with tempfile.TemporaryDirectory() as name:
        for file in (NETWORK, WEIGHTS):
            shutil.copy(folder / file, name)
        options = ort.SessionOptions()
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.optimized_model_filepath = str(Path(name) / "folded.onnx")
        ort.InferenceSession(str(Path(name) / NETWORK), options, providers=["CPUExecutionProvider"])
        options = ort.SessionOptions()
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.intra_op_num_threads = available_cores()
        session = ort.InferenceSession(str(Path(name) / "folded.onnx"), options, providers=["CPUExecutionProvider"])

    def run(windows: Sequence[Ids]) -> None:
        for ids in windows:
            session.run(None, {"ids": ids[None], "mask": np.ones_like(ids)[None]})

    return run


def bench_labeller() -> None:
    release = open_release()
    rng = np.random.default_rng(0)
    windows = [rng.integers(5, 5000, WINDOW) for _ in range(N_WINDOWS)]
    runtime, plain = open_runtime(release.folder / NETWORK), plain_onnx(release.folder)
    ours, theirs = fastest(lambda: runtime(windows), 3), fastest(lambda: plain(windows), 3)
    n_tokens = N_WINDOWS * WINDOW
    print(f"labeller, {available_cores()} cores: {runtime.name} {n_tokens / ours:,.0f} characters/s, "
          f"ONNX Runtime fp32 without graph optimisation {n_tokens / theirs:,.0f}, ratio {theirs / ours:.1f}")


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
    bench_labeller()
    bench_whole(text)


if __name__ == "__main__":
    main()
