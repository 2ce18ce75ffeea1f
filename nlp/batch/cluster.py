"""The engine of a Ray cluster: actors with a guarded worker each, that read whole shards and commit them themselves.

Nodes may come and go: a shard whose actor was lost is read again by another one. Every node must see the output folder.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Generator, Iterator
from typing import Any

import ray
from ray.exceptions import RayActorError

from nlp.batch.folder import Folder
from nlp.batch.guard import Guard
from nlp.batch.run import Job, Seen
from nlp.batch.settings import BatchSettings
from nlp.batch.shards import Commit, Task, commit_shard
from nlp.errors import SettingsError
from nlp.record import Producer
from nlp.settings import Settings

_AHEAD = 2  # shards given to an actor, so that it need not wait for the next


class ShardReader:
    """What an actor does: read a shard's documents, commit it."""

    def __init__(self, settings: Settings, limits: BatchSettings, url: str, producer: Producer) -> None:
        self._guard = Guard(settings, limits)
        self._folder, self._producer = Folder(url), producer

    def read(self, task: Task) -> Commit:
        """The commit of a shard."""
        return commit_shard(task, [self._guard.read(raw) for _, raw in task.documents], self._folder, self._producer)


def run_on_ray(tasks: Iterator[Task], job: Job, producer: Producer, seen: Seen) -> Generator[Commit, None, None]:
    """Commits as they come. The cluster is the one that `RAY_ADDRESS` names, else one of this machine's cores.

    Raises SettingsError when there is no such cluster.
    """
    try:
        ray.init(ignore_reinit_error=True, log_to_driver=False, logging_level=logging.ERROR)
    except (ConnectionError, RuntimeError) as error:
        raise SettingsError(f"no Ray cluster: {error}; start one with `ray start --head`, or unset RAY_ADDRESS") from error
    pool = _Pool(job, producer)
    try:
        for task in tasks:
            while pool.is_full:
                yield from _told(pool.results(), seen)
            pool.submit(task)
        while pool.is_busy:
            yield from _told(pool.results(), seen)
    finally:
        pool.close()


def _told(commits: Iterator[Commit], seen: Seen) -> Iterator[Commit]:
    for commit in commits:
        seen(Counter(documents=len(commit.documents), failed=commit.counts["failed"]))
        yield commit


class _Pool:
    """Actors, and which shard each is reading; a lost actor's shards go to a new one, up to `_TRIES` times."""

    _TRIES = 5

    def __init__(self, job: Job, producer: Producer) -> None:
        settings = job.settings.model_copy(update={"threads": job.settings.threads or 1})
        reader = ray.remote(num_cpus=1, max_restarts=0)(ShardReader)
        self._new: Any = lambda: reader.remote(settings, job.batch, job.folder.url, producer)
        n_actors = job.batch.workers or int(ray.cluster_resources().get("CPU", 1))  # type: ignore[no-untyped-call]
        self._actors: list[Any] = [self._new() for _ in range(n_actors)]
        self._under_way: dict[Any, tuple[Task, int, int]] = {}  # the shard, its actor's place, how often it was tried

    @property
    def is_busy(self) -> bool:
        """Whether a shard is being read."""
        return bool(self._under_way)

    @property
    def is_full(self) -> bool:
        """Whether every actor has work and more."""
        return len(self._under_way) >= _AHEAD * len(self._actors)

    def submit(self, task: Task, n_tries: int = 1) -> None:
        """Give a shard to the actor that has the least to do."""
        load = Counter(place for _, place, _ in self._under_way.values())
        place = min(range(len(self._actors)), key=lambda one: load[one])
        self._under_way[self._actors[place].read.remote(task)] = task, place, n_tries

    def results(self) -> Iterator[Commit]:
        """The shards that are done next; those of a lost actor are given out again."""
        done, _ = ray.wait(list(self._under_way), num_returns=1)
        for reference in done:
            task, place, n_tries = self._under_way.pop(reference)
            try:
                yield ray.get(reference)
            except RayActorError:
                if n_tries == self._TRIES:
                    raise
                self._replace(place)
                self.submit(task, n_tries + 1)

    def close(self) -> None:
        """End all actors."""
        for actor in self._actors:
            ray.kill(actor)

    def _replace(self, place: int) -> None:
        """A new actor in the place of a lost one, unless another of its shards has seen to that."""
        actor = self._actors[place]
        try:
            ray.get(actor.__ray_ready__.remote(), timeout=5)
        except Exception:  # noqa: BLE001  # whatever is wrong with it, it is not ready
            self._actors[place] = self._new()
