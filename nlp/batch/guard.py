"""A guarded worker: one process that reads documents one after the other, watched from outside.

A document that takes too long, holds too much memory or ends its process is tried once more in a fresh process, alone;
what breaks that one too is a failure that says so, and the next document finds a fresh process.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import NamedTuple

import psutil

from nlp.batch.settings import BatchSettings
from nlp.document import Issue
from nlp.errors import GongkaiError, ModelError
from nlp.ingest.raw import RawSource
from nlp.settings import Settings

_TRIES = 2
_STARTS = 10
_TICK = 0.1  # seconds between two looks at a worker that has not answered
_START = 300.0  # seconds in which a worker must have loaded its model
Serve = Callable[[Connection, Settings, int], None]


class Answer(NamedTuple):
    """What a worker gave: status and JSON of each record; or no record, and the issue that says what broke it."""

    records: list[tuple[str, bytes]]
    broken: Issue | None = None

    @property
    def has_failed(self) -> bool:
        """Whether the document gave no record, or one that failed."""
        return self.broken is not None or any(status == "failed" for status, _ in self.records)


class Guard:
    """Reads documents in a process of its own, which it watches, ends and starts again as needed."""

    def __init__(self, settings: Settings, limits: BatchSettings, serve: Serve | None = None) -> None:
        """`serve`: what the process does, given its end of the pipe, the settings and this process's id."""
        self._settings, self._limits, self._serve = settings, limits, serve or serve_records
        self._worker: _Worker | None = None
        self._stopped = threading.Event()

    def read(self, raw: RawSource) -> Answer:
        """The records of a document; when it broke its worker twice, the issue that says how.

        Raises ModelError when the labeller cannot be loaded, StoppedError after `stop`.
        """
        for left in reversed(range(_TRIES)):
            answer = self._ask(raw)
            if answer.broken is None:
                return answer
            self.close()
            if not left:
                return answer
        raise AssertionError  # _TRIES is at least one

    def stop(self) -> None:
        """End the process now, from any thread; a document under way is lost."""
        self._stopped.set()
        self.close()

    def close(self) -> None:
        """End the process."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.end()

    def _ask(self, raw: RawSource) -> Answer:
        worker = self._ready()
        try:
            worker.connection.send(raw)
        except OSError:
            return _crashed(worker)
        return self._answer(worker)

    def _ready(self) -> _Worker:
        if self._worker is not None and self._worker.n_documents >= self._limits.recycle:
            self.close()
        if self._stopped.is_set():
            raise StoppedError
        if self._worker is None:
            self._worker = self._start()
        self._worker.n_documents += 1
        return self._worker

    def _start(self) -> _Worker:
        """A worker; one that is killed while it loads is no fault of the model, so others are tried."""
        for _ in range(_STARTS):
            worker = _Worker.start(self._serve, self._settings)
            if worker is not None:
                return worker
        n_workers = self._limits.n_workers
        raise ModelError(f"{_STARTS} workers were killed while they loaded the model; is there memory for {n_workers}?")

    def _answer(self, worker: _Worker) -> Answer:
        began = time.monotonic()
        while not worker.connection.poll(_TICK):
            if self._stopped.is_set():
                raise StoppedError
            if time.monotonic() - began > self._limits.seconds:
                message = f"reading took more than {self._limits.seconds:g} s; raise `seconds` in the batch settings"
                return _broken("timeout", message)
            if worker.memory() > self._limits.memory:
                message = f"reading needed more than {self._limits.memory >> 20} MiB; raise `memory` in the batch settings"
                return _broken("out_of_memory", message)
        try:
            answer = Answer(worker.connection.recv())
        except (EOFError, OSError):
            if self._stopped.is_set():
                raise StoppedError from None
            return _crashed(worker)
        return answer


class StoppedError(GongkaiError):
    """The run was stopped while this document was read."""


class _Worker:
    """The process and the pipe to it."""

    def __init__(self, process: multiprocessing.process.BaseProcess, connection: Connection) -> None:
        self.process, self.connection, self.n_documents = process, connection, 0
        self._watched = psutil.Process(process.pid)

    @classmethod
    def start(cls, serve: Serve, settings: Settings) -> _Worker | None:
        """A process that has loaded its model; None when it was killed meanwhile. Raises ModelError when it cannot."""
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=serve, args=(theirs, settings, os.getpid()), daemon=True)
        process.start()
        theirs.close()
        worker = cls(process, ours)
        try:
            said = ours.recv() if ours.poll(_START) else f"no answer in {_START:g} s"
        except (EOFError, OSError):
            worker.end()
            return None
        if said != "ready":
            worker.end()
            raise ModelError(f"a worker cannot start: {said}")
        return worker

    def memory(self) -> int:
        """Bytes that the process holds; 0 when it is gone."""
        try:
            size: int = self._watched.memory_info().rss
        except psutil.Error:
            return 0
        return size

    def end(self) -> None:
        """Kill the process and what it has started (LibreOffice), and wait for its end."""
        try:
            started = self._watched.children(recursive=True)
        except psutil.Error:
            started = []
        self.process.kill()
        for one in started:
            try:
                one.kill()
            except psutil.NoSuchProcess:
                continue
        self.process.join()
        self.connection.close()


def _broken(code: str, message: str) -> Answer:
    return Answer([], Issue("batch", code, "error", message))


def _crashed(worker: _Worker) -> Answer:
    worker.process.join(1)
    code = worker.process.exitcode
    how = signal.Signals(-code).name if code is not None and code < 0 else f"exit code {code}"
    return _broken("crashed", f"reading ended the worker's process ({how}); please report this document")


def serve_records(connection: Connection, settings: Settings, parent: int) -> None:
    """A worker's life: load, then document in, record out, until the pipe ends."""
    logging.basicConfig(handlers=[logging.NullHandler()])  # what a user needs to know stands in the records
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent ends its workers
    threading.Thread(target=_watch_parent, args=(parent,), daemon=True).start()
    from nlp.pipeline import Extractor
    from nlp.record import to_json

    try:
        extractor = Extractor(settings)
        _ = extractor.producer  # loads the model
    except GongkaiError as error:
        connection.send(str(error))
        return
    connection.send("ready")
    try:
        while True:
            raw: RawSource = connection.recv()
            connection.send([(record.status, to_json(record)) for record in extractor(raw)])
    except (EOFError, BrokenPipeError):
        return  # the parent has had enough, or was killed


def _watch_parent(parent: int) -> None:
    """End the process when its parent was killed, also in the middle of a document."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)
