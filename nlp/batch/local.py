"""The engine of one machine: guarded workers, as many as cores, each with a model of its own and its share of threads."""

from __future__ import annotations

import os
import queue
from collections import Counter, deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from nlp.batch.guard import Answer, Guard
from nlp.batch.run import Job, Seen
from nlp.batch.shards import Commit, Task, commit_shard
from nlp.ingest.raw import RawSource
from nlp.record import Producer

_AHEAD = 2  # shards under way beside the one that is waited for, so that no worker waits for a slow document

Answers = list[Future[Answer]]


def run_locally(tasks: Iterator[Task], job: Job, producer: Producer, seen: Seen) -> Generator[Commit, None, None]:
    """Commits in the order of the tasks. When the caller has seen enough, or something raises, all workers are ended."""
    n_workers = job.batch.n_workers
    threads = job.settings.threads or max(1, len(os.sched_getaffinity(0)) // n_workers)
    settings = job.settings.model_copy(update={"threads": threads})
    guards = [Guard(settings, job.batch) for _ in range(n_workers)]
    idle: queue.SimpleQueue[Guard] = queue.SimpleQueue()
    for guard in guards:
        idle.put(guard)

    def read(raw: RawSource) -> Answer:
        guard = idle.get()
        try:
            return guard.read(raw)
        finally:
            idle.put(guard)

    def finish(task: Task, answers: Answers) -> Commit:
        said = []
        for answer in answers:
            said.append(answer.result())
            seen(Counter(documents=1, failed=said[-1].has_failed))
        return commit_shard(task, said, job.folder, producer)

    pool = ThreadPoolExecutor(n_workers)
    under_way: deque[tuple[Task, Answers]] = deque()
    try:
        for task in tasks:
            under_way.append((task, [pool.submit(read, raw) for _, raw in task.documents]))
            if len(under_way) > _AHEAD:
                yield finish(*under_way.popleft())
        while under_way:
            yield finish(*under_way.popleft())
    finally:
        for guard in guards:
            guard.stop()
        pool.shutdown(cancel_futures=True)
