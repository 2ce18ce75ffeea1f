"""The engine of a Ray cluster: actors with a guarded worker each, that read whole shards and commit them themselves.

Nodes may come and go: a shard whose actor was lost is read again by another one. Every node must see the output folder.
"""

from __future__ import annotations

import logging
import os
import socket
from collections import Counter, deque
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

_AHEAD = 2  # shards that an actor has at most: one to read, and the next one


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
    _connect()
    pool = _Pool(job, producer)
    try:
        for task in tasks:
            while not pool.has_room:
                yield from _told(pool.step(), seen)
            pool.give(task)
        while pool.is_busy:
            yield from _told(pool.step(), seen)
    finally:
        pool.close()


def _connect() -> None:
    address = os.environ.get("RAY_ADDRESS", "")
    host, _, port = address.rpartition(":")
    try:
        if host and port.isdigit():  # Ray itself ends the whole program where nobody answers
            socket.create_connection((host, int(port)), timeout=10).close()
        ray.init(ignore_reinit_error=True, log_to_driver=False, logging_level=logging.ERROR)
    except (OSError, RuntimeError) as error:
        remedy = "start one with `ray start --head`, or unset RAY_ADDRESS to use this machine's cores"
        raise SettingsError(f"no Ray cluster at {address or 'this machine'}: {error}; {remedy}") from error


def _told(commits: list[Commit], seen: Seen) -> Iterator[Commit]:
    for commit in commits:
        seen(Counter(documents=len(commit.documents), failed=commit.counts["failed"]))
        yield commit


class _Pool:
    """Actors that are ready, those that are on their way, and who reads which shard.

    A lost actor's shards wait for whoever has room; its replacement gets none before it is ready, which on a cluster that
    lost a node may be never.
    """

    def __init__(self, job: Job, producer: Producer) -> None:
        settings = job.settings.model_copy(update={"threads": job.settings.threads or 1})
        reader = ray.remote(num_cpus=1)(ShardReader)
        self._new: Any = lambda: reader.remote(settings, job.batch, job.folder.url, producer)
        self._load: dict[Any, int] = {}
        self._coming: dict[Any, Any] = {}
        self._under_way: dict[Any, tuple[Task, Any]] = {}
        self._waiting: deque[Task] = deque()
        n_actors = job.batch.workers or int(ray.cluster_resources().get("CPU", 1))  # type: ignore[no-untyped-call]
        for _ in range(n_actors):
            self._call_for_one()

    @property
    def is_busy(self) -> bool:
        """Whether some shard is not read yet."""
        return bool(self._under_way or self._waiting)

    @property
    def has_room(self) -> bool:
        """Whether an actor has nothing to do, or soon will."""
        return not self._waiting and any(load < _AHEAD for load in self._load.values())

    def give(self, task: Task) -> None:
        """Have a shard read."""
        self._waiting.append(task)
        self._deal()

    def _deal(self) -> None:
        """Give what waits to whoever has room: after every change of either."""
        while self._waiting and self._load and min(self._load.values()) < _AHEAD:
            actor = min(self._load, key=lambda one: self._load[one])
            self._load[actor] += 1
            task = self._waiting.popleft()
            self._under_way[actor.read.remote(task)] = task, actor

    def step(self) -> list[Commit]:
        """Wait for what happens next; the commits that it brings."""
        (reference,), _ = ray.wait([*self._under_way, *self._coming], num_returns=1)
        if reference in self._coming:
            self._join(reference)
            return []
        task, actor = self._under_way.pop(reference)
        try:
            commit: Commit = ray.get(reference)
        except RayActorError:
            if self._load.pop(actor, None) is not None:
                self._call_for_one()
            self.give(task)
            return []
        self._load[actor] -= 1
        self._deal()
        return [commit]

    def close(self) -> None:
        """End all actors."""
        for actor in [*self._load, *self._coming.values()]:
            ray.kill(actor)

    def _call_for_one(self) -> None:
        actor = self._new()
        self._coming[actor.__ray_ready__.remote()] = actor

    def _join(self, reference: Any) -> None:
        actor = self._coming.pop(reference)
        try:
            ray.get(reference)
        except RayActorError:
            self._call_for_one()
        else:
            self._load[actor] = 0
            self._deal()
