"""Guarded workers that several callers share: who is urgent goes first, the others in the order in which they came."""

from __future__ import annotations

import heapq
import os
import threading
from itertools import count

from nlp.batch.guard import Answer, Guard, StoppedError
from nlp.batch.settings import BatchSettings
from nlp.ingest.raw import RawSource
from nlp.settings import Settings


class Pool:
    """As many guarded workers as the batch settings say, each with a model of its own and its share of threads."""

    def __init__(self, settings: Settings, batch: BatchSettings) -> None:
        self.settings, self.batch = settings, batch
        self.guards = _guards(settings, batch)
        self._idle = list(self.guards)
        self._waiting: list[tuple[bool, int]] = []
        self._numbers = count()
        self._changed = threading.Condition()
        self._stopped = False

    def read(self, raw: RawSource, *, urgent: bool = False) -> Answer:
        """What a worker makes of a source; waits for one. Raises what `Guard.read` does, StoppedError after `stop`."""
        guard = self._take(urgent)
        try:
            return guard.read(raw)
        finally:
            self._give_back(guard)

    def use(self, settings: Settings) -> None:
        """Read with other settings from now on; a worker that reads a document ends when it has read it."""
        with self._changed:
            idle, self.settings, self.guards = self._idle, settings, _guards(settings, self.batch)
            self._idle = list(self.guards)
            self._changed.notify_all()
        for guard in idle:
            guard.stop()

    def stop(self) -> None:
        """End all workers; who waits gets a StoppedError."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        for guard in self.guards:
            guard.stop()

    def _give_back(self, guard: Guard) -> None:
        with self._changed:
            is_ours = guard in self.guards
            if is_ours:
                self._idle.append(guard)
            self._changed.notify_all()
        if not is_ours:
            guard.stop()

    def _take(self, urgent: bool) -> Guard:
        with self._changed:
            ticket = (not urgent, next(self._numbers))
            heapq.heappush(self._waiting, ticket)
            self._changed.wait_for(lambda: self._stopped or (self._idle and self._waiting[0] == ticket))
            if self._stopped:
                raise StoppedError("the service is being stopped")
            heapq.heappop(self._waiting)
            self._changed.notify_all()
            return self._idle.pop()


def _guards(settings: Settings, batch: BatchSettings) -> list[Guard]:
    threads = settings.threads or max(1, len(os.sched_getaffinity(0)) // batch.n_workers)
    own = settings.model_copy(update={"threads": threads})
    return [Guard(own, batch) for _ in range(batch.n_workers)]
