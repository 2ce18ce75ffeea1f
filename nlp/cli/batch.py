"""Read an archive of any size into a folder of Parquet shards and a store; safe to kill and to run again.

Exit status 1 when some document failed: `dead-letter/` says which and why.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from nlp.cli.messages import console, tell
from nlp.cli.reading import add_reading_arguments, chosen_settings
from nlp.errors import SourceError

if TYPE_CHECKING:
    from nlp.batch.run import Engine, Job, Summary

EXAMPLES = """examples:
  gongkai batch archive/ more.zip --out run/           read, commit shard by shard, build run/gongkai.duckdb
  gongkai batch archive/ more.zip --out run/           again: only what is new or was not committed
  gongkai batch archive/ --out run/ --since 2026-11-01 only files changed since then are looked at
  gongkai batch archive/ --out run/ --retry-failed     the documents of run/dead-letter/ once more
  gongkai batch s3://bucket/archive --out s3://bucket/run --engine ray

exit status: 0 every document gave a record, 1 some failed, 2 wrong use
"""
STORE = "gongkai.duckdb"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("sources", nargs="+", metavar="SOURCE", help="file, folder, archive, or fsspec URL (s3://…)")
    parser.add_argument("--out", required=True, metavar="DIR", help="output folder, a path or fsspec URL; may be a finished one")
    parser.add_argument("--workers", type=int, metavar="N", help="processes (default: one a core); the output is the same")
    parser.add_argument("--engine", choices=("local", "ray"), default="local", help="this machine, or a Ray cluster")
    parser.add_argument("--batch-settings", type=Path, metavar="FILE", help="TOML with other values than configs/batch.toml")
    parser.add_argument("--since", type=_time, metavar="DATE", help="leave out files not changed since (2026-11-01, 2026-11-01T08:00)")
    parser.add_argument("--retry-failed", action="store_true", help="read the documents of the dead letters once more")
    parser.add_argument("--json-log", action="store_true", help="progress and summary as JSON lines on standard error")
    add_reading_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Read; see the module."""
    from nlp.batch.folder import Folder
    from nlp.batch.run import Job, run, shard_files
    from nlp.batch.settings import load_batch_settings
    from nlp.store import build

    batch = load_batch_settings(arguments.batch_settings)
    if arguments.workers is not None:
        batch = batch.model_copy(update={"workers": arguments.workers})
    folder = Folder(arguments.out)
    job = Job(arguments.sources, folder, chosen_settings(arguments), batch, arguments.since, arguments.retry_failed)
    if "-" in arguments.sources:
        raise SourceError("batch reads its sources twice, so not from standard input; write them to a file first")
    with folder.lock():
        with _log(arguments.json_log) as log:
            summary = run(job, _engine(arguments.engine), log.planned, log.seen)
        shards = shard_files(folder) if folder.local else []
        if folder.local and shards:
            build(shards, folder.local / STORE)
    _report(summary, job, arguments.json_log)
    return 1 if summary.counts["failed"] or summary.n_pending else 0


def _engine(name: str) -> Engine:
    if name == "ray":
        from nlp.batch.cluster import run_on_ray

        return run_on_ray
    from nlp.batch.local import run_locally

    return run_locally


def _time(text: str) -> float:
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write 2026-11-01 or 2026-11-01T08:00") from error


class _Silent:
    """Says nothing until the summary."""

    def planned(self, n_documents: int) -> None:
        """How many documents are to be read."""

    def seen(self, counts: Counter[str]) -> None:
        """How many `documents` were read meanwhile, and how many of them `failed`."""


class _Lines(_Silent):
    """A JSON line every so many documents, for machines."""

    EVERY = 100

    def __init__(self) -> None:
        self._planned, self._counts = 0, Counter[str]()

    def planned(self, n_documents: int) -> None:
        self._planned = n_documents
        _json_line(event="planned", documents=n_documents)

    def seen(self, counts: Counter[str]) -> None:
        before = self._counts["documents"] // self.EVERY
        self._counts += counts
        n_read = self._counts["documents"]
        if n_read // self.EVERY > before or n_read == self._planned:
            _json_line(event="progress", documents=n_read, of=self._planned, failed=self._counts["failed"])


class _Bar(_Silent):
    """A bar with rate, remaining time and failures, on a terminal."""

    def __init__(self, bar: object) -> None:
        self._bar, self._failed = bar, 0
        self._task = bar.add_task("planning", total=None, failed=0)  # type: ignore[attr-defined]

    def planned(self, n_documents: int) -> None:
        self._bar.update(self._task, description="reading", total=n_documents)  # type: ignore[attr-defined]

    def seen(self, counts: Counter[str]) -> None:
        self._failed += counts["failed"]
        self._bar.update(self._task, advance=counts["documents"], failed=self._failed)  # type: ignore[attr-defined]


@contextmanager
def _log(as_json: bool) -> Iterator[_Silent]:
    if as_json or not sys.stderr.isatty():
        yield _Lines() if as_json else _Silent()
        return
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    shown = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TaskProgressColumn(show_speed=True),
             TimeRemainingColumn(), TextColumn("{task.fields[failed]} failed"))
    with Progress(*shown, console=console(sys.stderr), transient=True) as bar:
        yield _Bar(bar)


def _report(summary: Summary, job: Job, as_json: bool) -> None:
    counts = {status: summary.counts[status] for status in ("complete", "partial", "failed")}
    if as_json:
        _json_line(event="summary", **counts, duplicates=summary.n_duplicates, pending=summary.n_pending)
        return
    said = ", ".join(f"{number} {status}" for status, number in counts.items())
    tell(f"{summary.n_documents} documents: {said}; {summary.n_duplicates} duplicates of them were not read again")
    if summary.counts["failed"]:
        tell(f"why they failed: {job.folder.url}/dead-letter/; after a remedy run again with --retry-failed")
    if summary.n_pending:
        tell(f"{summary.n_pending} planned documents were not among the sources given; give those too to finish")
    where = f"{job.folder.url}/shards/*.parquet"
    store = f"; store: {job.folder.local / STORE} (gongkai query)" if job.folder.local else ""
    tell(f"records: {where}{store}")


def _json_line(**values: object) -> None:
    print(json.dumps(values, ensure_ascii=False), file=sys.stderr, flush=True)
