"""Documents over several processes: results in the order of the sources, a bounded number under way.

Each worker loads the model once. Workers are started afresh (`spawn`), so that no thread of the parent is copied.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor

from nlp.ingest.raw import RawSource
from nlp.pipeline import Extractor
from nlp.record import Record
from nlp.settings import Settings

_AHEAD = 8  # documents a worker may be ahead of the slowest one
_extractor: Extractor | None = None  # one a worker process, set by its initializer


def extract_all(sources: Iterable[RawSource], settings: Settings, workers: int = 1) -> Iterator[Record]:
    """The records of the sources, in order. `workers` 1 reads in this process; more share the cores among them."""
    if workers <= 1:
        extractor = Extractor(settings)
        yield from (record for raw in sources for record in extractor(raw))
        return
    threads = settings.threads or max(1, (multiprocessing.cpu_count() or 1) // workers)
    shared = settings.model_copy(update={"threads": threads})
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_start, initargs=(shared,)) as pool:
        under_way: deque[Future[list[Record]]] = deque()
        try:
            for raw in sources:
                under_way.append(pool.submit(_extract, raw))
                if len(under_way) >= workers * _AHEAD:
                    yield from under_way.popleft().result()
            while under_way:
                yield from under_way.popleft().result()
        finally:  # after Ctrl-C, or when the caller has seen enough, what has not begun is not begun
            pool.shutdown(wait=True, cancel_futures=True)


def _start(settings: Settings) -> None:
    global _extractor
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent ends the workers
    _extractor = Extractor(settings)


def _extract(raw: RawSource) -> list[Record]:
    assert _extractor is not None  # the initializer ran before the first task
    return _extractor(raw)
