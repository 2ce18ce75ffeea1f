"""A batch run: plan, read what is not committed, say what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from nlp.batch.folder import LIMITS, RUN, Folder
from nlp.batch.plan import Plan, extend_plan, read_entries, read_plan
from nlp.batch.settings import BatchSettings
from nlp.batch.shards import Commit, Task, letters, parquet_name, read_commit, remove_letter
from nlp.document import Source
from nlp.errors import StoreError
from nlp.ingest.raw import RawSource, problem
from nlp.ingest.read import document_id
from nlp.ingest.sources import sources
from nlp.pipeline import Extractor
from nlp.record import Producer
from nlp.settings import Settings

Listed = Callable[[int], None]
Seen = Callable[[Counter[str]], None]


@dataclass(frozen=True)
class Job:
    """What to read, where to put it, and how. `since`: files changed before this time (seconds of the epoch) are left out."""

    paths: Sequence[str]
    folder: Folder
    settings: Settings
    batch: BatchSettings
    since: float | None = None
    retry_failed: bool = False


class Engine(Protocol):
    """Reads tasks, many at a time; gives their commits as they come."""

    def __call__(self, tasks: Iterator[Task], job: Job, producer: Producer, seen: Seen) -> Generator[Commit, None, None]:
        """One commit a task, in any order. `seen` is told what has been read meanwhile."""


@dataclass
class Summary:
    """What a folder holds after a run: documents by status, duplicates, and what was not among the sources given."""

    counts: Counter[str] = field(default_factory=Counter)
    n_duplicates: int = 0
    n_pending: int = 0

    @property
    def n_documents(self) -> int:
        """Documents with a record, a failed one perhaps."""
        return sum(self.counts.values())


def run(job: Job, engine: Engine, planned: Listed, seen: Seen) -> Summary:
    """Plan, read and commit; safe to kill at any time and to call again, which does only what is left.

    `planned` is told how many documents are to be read now, `seen` how many `documents` have been and `failed`. Raises SourceError for
    a path that does not exist, StoreError when the folder was begun with another program, model or settings or cannot be
    written, ModelError when the labeller cannot be loaded.
    """
    producer = Extractor(job.settings).producer
    _claim(job, producer)
    plan = read_plan(job.folder)
    extend_plan(job.folder, plan, _sources(job), job.batch)
    committed = {shard: commit for shard in range(len(plan.shards)) if (commit := read_commit(job.folder, shard))}
    open_numbers, failed = _open_numbers(plan, committed), letters(job.folder)
    for number in open_numbers & failed:  # of a run that was killed between letter and commit
        remove_letter(job.folder, number)
    wanted = open_numbers | failed if job.retry_failed else open_numbers
    planned(len(wanted))
    summary = Summary()
    tasks = _tasks(job, plan, wanted, frozenset(committed))
    with closing(engine(tasks, job, producer, seen)) as commits:
        for commit in commits:
            committed[commit.shard] = commit
    for commit in committed.values():
        summary.counts += commit.counts
    summary.n_duplicates = plan.n_duplicates
    summary.n_pending = plan.n_documents - summary.n_documents
    return summary


def shard_files(folder: Folder) -> list[Path]:
    """The Parquet files of the committed shards of a local folder, in order."""
    assert folder.local is not None  # who asks has looked
    n_shards = len(read_plan(folder).shards)
    return [folder.local / parquet_name(shard) for shard in range(n_shards) if read_commit(folder, shard)]


def _claim(job: Job, producer: Producer) -> None:
    """Begin the folder, or make sure that it was begun alike.

    Limits may differ: they refuse a document or let it through, and change no record of one within them. Each record has the
    hash of the settings that it was read with, and `limits/` what that hash stands for.
    """
    sizes = job.batch.model_dump(include={"shard_documents", "shard_bytes"})
    settings = job.settings.model_dump(exclude={"limits", "threads", "model"})
    ours = {"gongkai": producer.version, "model": producer.model, "model_sha256": producer.model_sha256, **settings, **sizes}
    theirs = job.folder.get_json(RUN)
    if theirs is None:
        job.folder.put_json(RUN, ours)
    elif theirs != ours:
        other = ", ".join(f"{key} {theirs.get(key)} (now {value})" for key, value in ours.items() if theirs.get(key) != value)
        remedy = "give the same ones, or another --out folder: records of two kinds in one folder could not be compared"
        raise StoreError(f"{job.folder.url} was begun with {other}; {remedy}")
    name = f"{LIMITS}/{producer.settings_sha256}.json"
    if job.folder.get(name) is None:
        job.folder.put_json(name, job.settings.limits.model_dump())


def _sources(job: Job) -> Iterator[RawSource]:
    return sources(job.paths, job.settings.limits, job.since)


def _open_numbers(plan: Plan, committed: Collection[int]) -> set[int]:
    return {number for shard, numbers in enumerate(plan.shards) if shard not in committed for number in numbers}


def _tasks(job: Job, plan: Plan, wanted: set[int], committed: Collection[int]) -> Iterator[Task]:
    """Shards as soon as all their wanted documents have come by; at the end those of which only some have."""
    n_wanted = Counter(shard for shard, numbers in enumerate(plan.shards) for number in numbers if number in wanted)
    waiting: dict[int, dict[int, RawSource]] = {}
    taken: set[int] = set()
    for raw in _sources(job) if wanted else ():
        shard, number = plan.find(document_id(raw)) or (0, -1)
        if number not in wanted or number in taken:
            continue
        taken.add(number)
        waiting.setdefault(shard, {})[number] = raw
        if len(waiting[shard]) == n_wanted[shard]:
            yield _task(shard, waiting.pop(shard), committed)
    for shard, found in waiting.items():
        if shard not in committed:
            found |= _gone(job.folder, set(plan.shards[shard]) & wanted - found.keys())
        yield _task(shard, found, committed)


def _task(shard: int, found: dict[int, RawSource], committed: Collection[int]) -> Task:
    return Task(shard, sorted(found.items()), again=shard in committed)


def _gone(folder: Folder, numbers: set[int]) -> dict[int, RawSource]:
    """Documents that were planned and are no more; their records say so."""
    message = "planned, and gone or changed when it was to be read; give it again with --retry-failed"
    issue = problem("source_gone", message)
    return {n: RawSource(Source(e.path, e.member), None, (issue,)) for n, e in read_entries(folder, numbers).items()}
