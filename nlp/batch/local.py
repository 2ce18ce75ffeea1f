"""The engine of one machine: guarded workers, as many as cores, each with a model of its own and its share of threads."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from nlp.batch.guard import Answer
from nlp.batch.pool import Pool
from nlp.batch.run import Job, Seen
from nlp.batch.shards import Commit, Task, commit_shard
from nlp.record import Producer

_AHEAD = 2  # shards under way beside the one that is waited for, so that no worker waits for a slow document

Answers = list[Future[Answer]]


def run_locally(tasks: Iterator[Task], job: Job, producer: Producer, seen: Seen) -> Generator[Commit, None, None]:
    """Commits in the order of the tasks. When the caller has seen enough, or something raises, all workers are ended."""
    pool = Pool(job.settings, job.batch)
    try:
        yield from run_on(pool, tasks, job, producer, seen)
    finally:
        pool.stop()


def run_on(pool: Pool, tasks: Iterator[Task], job: Job, producer: Producer, seen: Seen) -> Generator[Commit, None, None]:
    """The same with workers that go on; what is under way when the caller has seen enough is read to its end."""

    def finish(task: Task, answers: Answers) -> Commit:
        said = []
        for answer in answers:
            said.append(answer.result())
            seen(Counter(documents=1, failed=said[-1].has_failed))
        return commit_shard(task, said, job.folder, producer)

    threads = ThreadPoolExecutor(len(pool.guards))
    under_way: deque[tuple[Task, Answers]] = deque()
    try:
        for task in tasks:
            under_way.append((task, [threads.submit(pool.read, raw) for _, raw in task.documents]))
            if len(under_way) > _AHEAD:
                yield finish(*under_way.popleft())
        while under_way:
            yield finish(*under_way.popleft())
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
