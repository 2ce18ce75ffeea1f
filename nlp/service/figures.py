"""Figures over all records: the DuckDB store and the summary, made anew in a process of their own when records have changed.

The records that changed since the last time are written as a further Parquet segment; the store is built from all segments,
the newest first, so that of a record the newest version counts. Readers have the last whole answer meanwhile.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import msgspec

from nlp import store, summary
from nlp.errors import GongkaiError
from nlp.output import whole_file, writer
from nlp.record import Record
from nlp.service.corrections import Corrections
from nlp.service.database import Database
from nlp.service.errors import NotReadyError
from nlp.service.records import Records
from nlp.settings import Settings

_LOG = logging.getLogger(__name__)
STORE, SUMMARY, REPORT, STATE = "gongkai.duckdb", "summary.json", "summary.html", "state.json"
_MOST_SEGMENTS = 16
_QUIET = 3.0  # seconds without a change after which figures are made anew
_LONGEST_WAIT = 60.0  # seconds after which they are made also while records still come
_FIRST_WAIT = 5.0  # seconds that the first reader waits for the first answer


class Made(msgspec.Struct, frozen=True):
    """What the figures were made of: the number of the last change, and the segments, the oldest first."""

    changed: int = 0
    segments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """The last whole summary; `is_current` tells whether no record has changed since."""

    summary: summary.Summary
    is_current: bool


class Figures:
    """Watches the records, and makes the figures anew."""

    def __init__(self, folder: Path, database: Database, settings: Settings) -> None:
        self._folder, self._database, self._settings = folder, database, settings
        self._wanted = threading.Event()
        self._stopping = threading.Event()
        self._process: multiprocessing.process.BaseProcess | None = None
        self._thread = threading.Thread(target=self._watch, name="figures")

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """End; figures half made are dropped."""
        self._stopping.set()
        self._wanted.set()
        if self._process is not None and self._process.is_alive():
            self._process.kill()
        self._thread.join()

    def answer(self) -> Answer:
        """The summary. Raises NotReadyError while the first one is being made."""
        deadline = time.monotonic() + _FIRST_WAIT
        while not (self._folder / SUMMARY).is_file():
            self._wanted.set()
            if time.monotonic() > deadline or self._stopping.is_set():
                raise NotReadyError("the first summary is being made; come again", retry_after=10)
            time.sleep(0.1)
        file = self._folder / SUMMARY
        return Answer(_read(file, file.stat().st_mtime_ns), read_made(self._folder).changed == last_change(self._database))

    @property
    def report(self) -> Path:
        """The summary as a page, which leads to the records' pages; there is one once there is a summary."""
        return self._folder / REPORT

    @property
    def store(self) -> Path:
        """The DuckDB store behind the summary; there is one once there is a summary."""
        return self._folder / STORE

    def _watch(self) -> None:
        stale_since, seen, seen_at = 0.0, -1, 0.0
        while not self._stopping.is_set():
            changed, now = last_change(self._database), time.monotonic()
            if changed != seen:
                seen, seen_at, stale_since = changed, now, stale_since or now
            made = read_made(self._folder)
            is_stale = changed != made.changed or not (self._folder / SUMMARY).is_file()
            if is_stale and (self._wanted.is_set() or now - seen_at > _QUIET or now - stale_since > _LONGEST_WAIT):
                self._make()
                stale_since = 0.0
            self._wanted.clear()
            self._wanted.wait(1)

    def _make(self) -> None:
        context = multiprocessing.get_context("spawn")
        given = (self._folder, self._database.path, self._settings, os.getpid())
        self._process = context.Process(target=_refresh, args=given, daemon=True)
        self._process.start()
        self._process.join()
        if self._process.exitcode and not self._stopping.is_set():
            _LOG.error("figures could not be made (exit code %s); they are tried again", self._process.exitcode)
            self._stopping.wait(10)


def read_made(folder: Path) -> Made:
    """What the figures in a folder were made of."""
    file = folder / STATE
    return msgspec.json.decode(file.read_bytes(), type=Made) if file.is_file() else Made()


def last_change(database: Database) -> int:
    """The number of the last change of any record; 0 when there is none."""
    number: int = database.reading.execute("SELECT coalesce(max(changed), 0) FROM records").fetchone()[0]
    return number


def refresh(folder: Path, database: Database, settings: Settings) -> None:
    """Bring store and summary to the present state of the records. Safe to kill: each file appears whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    made, changed = read_made(folder), last_change(database)
    if changed > made.changed or not made.segments:
        begin_anew = len(made.segments) >= _MOST_SEGMENTS
        after, older = (0, ()) if begin_anew else (made.changed, made.segments)
        name = f"{after + 1:012}-{changed:012}.parquet"
        records = Records(database)
        corrected = Corrections(database, records).corrected
        _segment(folder / name, map(corrected, records.changed(after, changed)))
        made = Made(changed, (*older, name))
    store.build([folder / name for name in reversed(made.segments)], folder / STORE)
    _summarize(folder, settings)
    with whole_file(folder / STATE) as stream:
        stream.write(msgspec.json.encode(made))
    for file in folder.glob("*.parquet"):
        if file.name[0].isdigit() and file.name not in made.segments:
            file.unlink()


def _segment(file: Path, records: Iterator[Record]) -> None:
    with writer(file, "parquet") as put:
        for record in records:
            put(record)


def _summarize(folder: Path, settings: Settings) -> None:
    from nlp.narrative.release import model_folder
    from nlp.summary.report.page import html
    from nlp.summary.vectors import Encoder

    earlier = folder / SUMMARY
    previous = summary.from_json(earlier.read_bytes()) if earlier.is_file() else None
    options = summary.Options(previous=previous, cache=folder / "vectors.parquet", index=folder / "copies.duckdb")
    answer = summary.summarize(folder / STORE, options, Encoder(model_folder(settings.model)))
    with whole_file(folder / REPORT) as stream:
        stream.write(html(answer, {one.id: f"/records/{one.id}" for one in answer.reports}, framed=True).encode())
    with whole_file(earlier) as stream:
        stream.write(summary.to_json(answer))


def _refresh(folder: Path, database: Path, settings: Settings, parent: int) -> None:
    """The life of the process that makes figures: it ends with its parent."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    os.nice(10)  # whoever waits for a report or a page goes first
    try:
        refresh(folder, Database(database), settings)
    except GongkaiError as error:
        _LOG.error("figures: %s", error)
        raise SystemExit(1) from error


@lru_cache(maxsize=1)
def _read(file: Path, written: int) -> summary.Summary:
    """The summary of a file; `written` tells one version of it from the next."""
    return summary.from_json(file.read_bytes())
