"""What a batch run costs, everything included: `python -m tests.bench_batch --reports 1000 10000`.

Reports are the samples in text and HTML over and over, each with a line of its own so that none is a duplicate; with
`--short` reports of 0.3 KB, for memory and cost over a long run (`--reports 1000 10000 100000 --short`). Printed for each
number of reports: reports a second, CPU seconds a report, largest memory of each worker and of the run itself, seconds of
each tenth of the run (a flat line is a constant cost), bytes of the shards. Before that the share of each stage; with
`--against` also the reports a second of a 12-layer 768-wide network asked once per label, as UIE is, with random weights
(needs torch).
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import threading
import time
import zipfile
from collections import Counter
from itertools import pairwise
from pathlib import Path

import psutil

from nlp.batch.folder import Folder
from nlp.batch.local import run_locally
from nlp.batch.run import Job, run
from nlp.batch.settings import load_batch_settings
from nlp.narrative.tagger import Tagger
from nlp.output import parquet_bytes
from nlp.pipeline import Extractor
from nlp.record import from_json, to_json
from nlp.settings import Settings
from tests.bench import samples
from tests.nlp.batch.making import report as short_report

NETWORK = "narrative network"
STAGES = {"read_all": "read", "fold": "sections", "split": "sections", "identify": "sections", "read_tables": "tables",
          "check": "tables", "find_passages": "facts", "read_narrative": "facts", "merge": "merge"}
BROKEN = ("损坏", "空文件", "座谈会")  # samples that are no reports


def reports() -> list[tuple[str, bytes]]:
    """The sample reports in text and HTML."""
    return [(name, data) for name, data in samples(".txt") + samples(".html") if not any(word in name for word in BROKEN)]


def archive(path: Path, n_reports: int, are_short: bool) -> Path:
    """A ZIP of so many different reports, written member by member; short ones take 0.3 KB each."""
    some = [("短.txt", short_report(number).encode()) for number in range(10)] if are_short else reports()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for number in range(n_reports):
            name, data = some[number % len(some)]
            mark = f"\n<!-- {number} -->" if name.endswith(".html") else f"\n第{number}号"
            packed.writestr(f"{number:07}-{Path(name).name}", data + mark.encode())
    return path


class Watch:
    """Largest memory of this process and of each of its workers, looked at every half second."""

    def __init__(self) -> None:
        self.own, self.workers = 0, dict[int, int]()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """The end of the run."""
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        me = psutil.Process()
        while not self._ended.wait(0.5):
            self.own = max(self.own, me.memory_info().rss)
            for child in me.children(recursive=True):
                try:
                    self.workers[child.pid] = max(self.workers.get(child.pid, 0), child.memory_info().rss)
                except psutil.Error:
                    continue


def bench_run(n_reports: int, workers: int, are_short: bool) -> None:
    """Read an archive of so many reports and print what it cost."""
    with tempfile.TemporaryDirectory() as folder:
        source, out = archive(Path(folder) / "a.zip", n_reports, are_short), Path(folder) / "out"
        batch = load_batch_settings().model_copy(update={"workers": workers})
        job = Job([str(source)], Folder(str(out)), Settings(), batch)  # type: ignore[call-arg]
        ends: list[float] = []
        watch = Watch()
        processor = _processor_seconds()

        def seen(counts: Counter[str]) -> None:
            ends.append(time.perf_counter())

        began = time.perf_counter()
        summary = run(job, run_locally, lambda n: None, seen)
        seconds = time.perf_counter() - began
        watch.stop()
        processor = _processor_seconds() - processor
        size = sum(path.stat().st_size for path in out.glob("shards/*.parquet"))
    tenth = max(1, len(ends) // 10)
    marks = [began, *ends[tenth - 1 :: tenth]]
    spent = ", ".join(f"{b - a:.1f}" for a, b in pairwise(marks))
    held = ", ".join(str(size >> 20) for size in watch.workers.values() if size >> 20 > 32)  # smaller ones only track resources
    print(f"{n_reports}{' short' if are_short else ''} reports, {workers} workers: {summary.n_documents / seconds:.1f} reports/s; "
          f"{processor / n_reports:.4f} CPU seconds a report; largest memory in MiB: workers {held}; run {watch.own >> 20}; "
          f"tenths in s: {spent}; {size / n_reports / 1024:.2f} KiB a report in Parquet", flush=True)


def _processor_seconds() -> float:
    """Seconds of a processor that this process, and those of its workers that have ended, have used."""
    return sum(used.ru_utime + used.ru_stime for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


def bench_stages() -> None:
    """Print the share of each stage in one process, over the samples."""
    from nlp import pipeline

    times: Counter[str] = Counter()
    for name, stage in STAGES.items():
        setattr(pipeline, name, _timed(getattr(pipeline, name), stage, times))
    setattr(Tagger, "__call__", _timed(Tagger.__call__, NETWORK, times))  # noqa: B010  # mypy takes no assignment to a method
    extractor, some = Extractor(Settings(threads=1)), reports()  # type: ignore[call-arg]
    from nlp.document import Source
    from nlp.ingest.sources import RawSource

    lines = [to_json(record) for name, data in some for record in extractor(RawSource(Source(name), data))]
    times["facts"] -= times[NETWORK]  # which is called from within
    began = time.perf_counter()
    records = [from_json(to_json(from_json(line))) for line in lines]
    parquet_bytes(records)
    times["write"] += time.perf_counter() - began
    total = sum(times.values())
    n_narrative = sum(span.end - span.start for record in records for span in (s.span for s in record.sections)) / len(records)
    shares = ", ".join(f"{name} {seconds / total:.0%}" for name, seconds in times.most_common())
    each = f"{n_narrative:.0f} characters in sections, {1000 * total / len(some):.0f} ms each"
    print(f"stages of {len(some)} reports, {each}: {shares}", flush=True)


def _timed(function, name: str, times: Counter[str]):  # type: ignore[no-untyped-def]
    def timed(*arguments, **named):  # type: ignore[no-untyped-def]
        began = time.perf_counter()
        try:
            return function(*arguments, **named)
        finally:
            times[name] += time.perf_counter() - began

    return timed


def bench_against(n_labels: int = 11, characters: int = 2000) -> None:
    """Print the reports a second of a network of UIE's shape, asked for each label over windows of 512 tokens."""
    import torch
    from transformers import BertConfig, BertModel

    model = BertModel(BertConfig(hidden_size=768, num_hidden_layers=12, num_attention_heads=12, vocab_size=40000)).eval()
    question = 12  # tokens of the label's words and the separators, beside which a window holds 500 of the text
    windows = -(-characters // (512 - question))
    ids = torch.randint(40000, (windows, 512))
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        model(ids)
        began = time.perf_counter()
        for _ in range(2):
            model(ids)
        seconds = (time.perf_counter() - began) / 2 * n_labels
    asked = f"12 layers, 768 wide, asked for {n_labels} labels, {characters} characters, torch bf16"
    print(f"{asked}: {1 / seconds:.2f} reports/s", flush=True)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", type=int, nargs="+", default=[500])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--short", action="store_true", help="reports of 0.3 KB instead of the samples")
    parser.add_argument("--against", action="store_true")
    arguments = parser.parse_args()
    bench_stages()
    for n_reports in arguments.reports:
        bench_run(n_reports, arguments.workers, arguments.short)
    if arguments.against:
        bench_against()


if __name__ == "__main__":
    main()
