"""Jobs: archives given in, read by a batch run each, one after the other; the queue and its states are on disk.

A job is safe to kill at any moment: its batch folder keeps what is committed, its records are kept shard by shard, and at the
next start the job goes on. `n_read` never falls.
"""

from __future__ import annotations

import hashlib
import io
import logging
import shutil
import sqlite3
import threading
import zlib
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from nlp.batch.folder import Folder
from nlp.batch.guard import StoppedError
from nlp.batch.local import run_on
from nlp.batch.plan import read_entries, read_plan
from nlp.batch.pool import Pool
from nlp.batch.run import Job as Run
from nlp.batch.run import run
from nlp.batch.shards import Commit, Task, parquet_name, read_commit
from nlp.errors import GongkaiError
from nlp.ingest.read import document_id
from nlp.output import read_parquet
from nlp.record import Issue, Producer
from nlp.service.blobs import Blobs
from nlp.service.database import Database, now
from nlp.service.errors import ConflictError, NotFoundError, TooManyError
from nlp.service.records import Records

_LOG = logging.getLogger(__name__)
_ID_LENGTH = 24
_PARTS = 1_000_000  # more than the reports that one document, a volume, can hold
OPEN = ("queued", "running", "cancelling")


@dataclass(frozen=True)
class Given:
    """A file of a job: the caller's name for it, and the blob that holds it."""

    name: str
    blob: str


@dataclass(frozen=True)
class JobLine:
    """A job: `state` is queued, running, cancelling, done, failed or cancelled; counts are of documents."""

    id: str
    name: str
    state: str
    created: str
    started: str | None
    finished: str | None
    n_documents: int | None
    n_read: int
    n_complete: int
    n_partial: int
    n_failed: int
    n_duplicates: int
    message: str | None


@dataclass(frozen=True)
class Outcome:
    """What became of a document of a job; `code` and `message` are the first error of one that is not complete."""

    number: int
    record_id: str
    agency: str | None
    year: int | None
    title: str | None
    status: str
    path: str
    member: str | None
    code: str | None
    message: str | None


class _Reasons(msgspec.Struct):
    """Of a record's JSON, what was wrong."""

    issues: list[Issue]


class Jobs:
    """The queue: one thread runs job after job on the shared workers."""

    def __init__(self, folder: Path, database: Database, blobs: Blobs, pool: Pool, n_waiting: int) -> None:
        """`folder`: where the batch folders of jobs under way are; `n_waiting`: jobs that may wait."""
        self._folder, self._database, self._blobs, self._pool, self._n_waiting = folder, database, blobs, pool, n_waiting
        self._records = Records(database)
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="jobs")

    def start(self) -> None:
        """Begin to work, with what a stopped or killed service left."""
        self._take_up()
        self._thread.start()

    def stop(self) -> None:
        """Leave the job under way as it stands, for the next start, and end the thread. The workers must be stopped first."""
        self._stopping.set()
        self._wake.set()
        self._thread.join()

    def add(self, given: Sequence[Given], by_key: str | None) -> tuple[JobLine, bool]:
        """Accept a job; returns it, and whether it is new. It is on disk then.

        The same files given again to the same model are the same job. A job that failed or was cancelled is begun again.
        Raises TooManyError when too many wait.
        """
        identity = _identity(given, Path(self._pool.settings.model).name)
        with self._database.writing() as connection:
            known = connection.execute("SELECT state FROM jobs WHERE id = ?", (identity,)).fetchone()
            waiting = connection.execute("SELECT count(*) FROM jobs WHERE state = 'queued'").fetchone()[0]
            if known is None and waiting >= self._n_waiting:
                raise TooManyError(f"{waiting} jobs wait already; come again later", retry_after=60)
            if known is None:
                name = given[0].name if len(given) == 1 else f"{given[0].name} 等 {len(given)} 个文件"
                row = (identity, name, now(), by_key)
                connection.execute("INSERT INTO jobs (id, name, state, created, by_key) VALUES (?, ?, 'queued', ?, ?)", row)
                sources = [(identity, n, one.name, one.blob) for n, one in enumerate(given)]
                connection.executemany("INSERT INTO job_sources VALUES (?, ?, ?, ?)", sources)
            elif known["state"] in ("failed", "cancelled"):
                again = "UPDATE jobs SET state = 'queued', finished = NULL, message = NULL WHERE id = ?"
                connection.execute(again, (identity,))
        self._wake.set()
        return self.get(identity), known is None

    def cancel(self, identity: str) -> JobLine:
        """Stop a job; what it has read is kept. Raises NotFoundError, ConflictError for one that is over."""
        state = self.get(identity).state
        if state not in OPEN:
            raise ConflictError(f"the job is {state}; only one that waits or runs can be stopped")
        with self._database.writing() as connection:
            ended = "UPDATE jobs SET state = 'cancelled', finished = ? WHERE id = ? AND state = 'queued'"
            connection.execute(ended, (now(), identity))
            connection.execute("UPDATE jobs SET state = 'cancelling' WHERE id = ? AND state = 'running'", (identity,))
        return self.get(identity)

    def get(self, identity: str) -> JobLine:
        """A job. Raises NotFoundError."""
        row = self._database.reading.execute("SELECT * FROM jobs WHERE id = ?", (identity,)).fetchone()
        if row is None:
            raise NotFoundError(f"there is no job {identity[:64]!r}; GET /v1/jobs lists them")
        return _line(row)

    def all(self, size: int, before: int | None = None) -> tuple[list[JobLine], int | None]:
        """Jobs, the newest first, and where those after them begin (None at the end)."""
        question = "SELECT * FROM jobs WHERE n < ? ORDER BY n DESC LIMIT ?"
        rows = self._database.reading.execute(question, (before or 1 << 62, size + 1)).fetchall()
        return [_line(row) for row in rows[:size]], rows[size - 1]["n"] if len(rows) > size else None

    def outcomes(self, identity: str, size: int, after: int = -1, *, failed: bool = False) -> tuple[list[Outcome], int | None]:
        """What became of the documents of a job that are read, in their order, and the `after` of the next ones."""
        question = f"""
            SELECT number, part, record_id, agency, year, title, status, path, member,
                   CASE WHEN status <> 'complete' THEN record END AS record
            FROM job_records JOIN records ON records.id = record_id
            WHERE job_id = ? AND (number, part) > (?, ?) {"AND status = 'failed'" if failed else ""} ORDER BY number, part LIMIT ?"""  # noqa: S608
        rows = self._database.reading.execute(question, (self.get(identity).id, *divmod(after, _PARTS), size + 1)).fetchall()
        following = rows[size - 1]["number"] * _PARTS + rows[size - 1]["part"] if len(rows) > size else None
        return [_outcome(dict(row)) for row in rows[:size]], following

    def counts(self) -> dict[str, int]:
        """How many jobs are in each state."""
        rows = self._database.reading.execute("SELECT state, count(*) FROM jobs GROUP BY state")
        return dict(rows.fetchall())

    def _work(self) -> None:
        is_lost = False  # whether a job stands as running that is not
        while not self._stopping.is_set():
            try:
                if is_lost:
                    self._take_up()
                is_idle, is_lost = not self._run_next(), False
            except sqlite3.Error:  # a full disk must not end the queue; the job is taken up again
                _LOG.exception("the queue cannot use the service's state; it tries again")
                is_idle = is_lost = True
            if is_idle and not self._stopping.is_set():
                self._wake.wait(60)
                self._wake.clear()

    def _take_up(self) -> None:
        with self._database.writing() as connection:
            connection.execute("UPDATE jobs SET state = 'queued' WHERE state = 'running'")

    def _run_next(self) -> bool:
        """Run the job that is next; whether there was one."""
        question = "SELECT id FROM jobs WHERE state IN ('queued', 'cancelling') ORDER BY n"
        row = self._database.reading.execute(question).fetchone()
        if row is not None:
            self._run(row["id"])
        return row is not None

    def _run(self, identity: str) -> None:
        with self._database.writing() as connection:
            connection.execute("UPDATE jobs SET started = coalesce(started, ?) WHERE id = ?", (now(), identity))
            connection.execute("UPDATE jobs SET state = 'running' WHERE id = ? AND state = 'queued'", (identity,))
        try:
            _JobRun(self, identity)()
        except (_CancelledError, StoppedError) as stopped:
            if self._stopping.is_set() or isinstance(stopped, StoppedError):
                return  # goes on at the next start
            self._end(identity, "cancelled", None)
        except GongkaiError as error:
            self._end(identity, "failed", str(error))
        except Exception as error:  # noqa: BLE001  # logged and kept in the job: one job must not end the queue
            _LOG.exception("job %s", identity)
            self._end(identity, "failed", f"the program failed ({type(error).__name__}: {error}); please report it")
        else:
            self._end(identity, "done", None)

    def _end(self, identity: str, state: str, message: str | None) -> None:
        with self._database.writing() as connection:
            end = "UPDATE jobs SET state = ?, finished = ?, message = ? WHERE id = ?"
            connection.execute(end, (state, now(), message, identity))
        if state == "done":
            shutil.rmtree(self._folder / identity, ignore_errors=True)  # its records are in the state


class _CancelledError(Exception):
    """The job was cancelled, or the service is being stopped."""


class _JobRun:
    """One run of one job."""

    def __init__(self, jobs: Jobs, identity: str) -> None:
        self._jobs, self._id = jobs, identity
        self._database, self._records = jobs._database, jobs._records
        self._folder = Folder(str(jobs._folder / identity))
        rows = self._database.reading.execute("SELECT * FROM job_sources WHERE job_id = ? ORDER BY n", (identity,))
        self._names = {str(jobs._blobs.path(row["blob"])): row["name"] for row in rows}
        self._n_before = 0
        self._n_seen = 0

    def __call__(self) -> None:
        """Read what is not committed, and keep every record. Raises _CancelledError, StoppedError, GongkaiError."""
        jobs = self._jobs
        with self._folder.lock():
            job = Run(list(self._names), self._folder, jobs._pool.settings, jobs._pool.batch)
            summary = run(job, self._engine, self._planned, self._seen)
            with self._database.writing() as connection:
                counts = [summary.counts[status] for status in ("complete", "partial", "failed")]
                row = (summary.n_documents, summary.n_documents, *counts, summary.n_duplicates, self._id)
                columns = "n_documents = ?, n_read = ?, n_complete = ?, n_partial = ?, n_failed = ?, n_duplicates = ?"
                connection.execute(f"UPDATE jobs SET {columns} WHERE id = ?", row)  # noqa: S608  columns are ours

    def _planned(self, n_documents: int) -> None:
        n_done = 0
        for shard in range(len(read_plan(self._folder).shards)):
            commit = read_commit(self._folder, shard)
            if commit is not None:
                self._keep(commit)
                n_done += len(commit.documents)
        self._n_before = n_done
        with self._database.writing() as connection:
            plan = "UPDATE jobs SET n_documents = ?, n_read = max(n_read, ?) WHERE id = ?"
            connection.execute(plan, (n_done + n_documents, n_done, self._id))

    def _seen(self, counts: Counter[str]) -> None:
        self._n_seen += counts["documents"]
        if self._jobs._stopping.is_set():
            raise _CancelledError
        with self._database.writing() as connection:
            row = connection.execute("SELECT state FROM jobs WHERE id = ?", (self._id,)).fetchone()
            if row["state"] == "cancelling":
                raise _CancelledError
            connection.execute("UPDATE jobs SET n_read = max(n_read, ?) WHERE id = ?", (self._n_before + self._n_seen, self._id))

    def _engine(self, tasks: Iterator[Task], job: Run, producer: Producer, seen: Any) -> Generator[Commit, None, None]:
        """The shared workers, with documents kept by hash and called by the names that their givers know."""
        for commit in run_on(self._jobs._pool, self._named(tasks), job, producer, seen):
            self._keep(commit)
            yield commit

    def _named(self, tasks: Iterator[Task]) -> Iterator[Task]:
        for task in tasks:
            documents = []
            for number, raw in task.documents:
                if raw.data is not None:
                    self._jobs._blobs.put(document_id(raw), raw.data)
                name = self._names.get(raw.source.path, raw.source.path)
                documents.append((number, replace(raw, source=replace(raw.source, path=name))))
            yield replace(task, documents=documents)

    def _keep(self, commit: Commit) -> None:
        """Keep the records of a committed shard, once, whatever happened in between."""
        known = "SELECT 1 FROM job_shards WHERE job_id = ? AND shard = ?"
        if self._database.reading.execute(known, (self._id, commit.shard)).fetchone():
            return
        entries = read_entries(self._folder, {one.number for one in commit.documents})
        records = read_parquet(io.BytesIO(self._folder.get(parquet_name(commit.shard)) or b""))
        with self._database.writing() as connection:
            for one in commit.documents:
                for part, record in enumerate(islice(records, len(one.ids))):
                    self._records.add(connection, record, entries[one.number].sha256)
                    row = (self._id, one.number, part, record.id)
                    connection.execute("INSERT OR REPLACE INTO job_records VALUES (?, ?, ?, ?)", row)
            connection.execute("INSERT INTO job_shards VALUES (?, ?)", (self._id, commit.shard))
            for status, number in commit.counts.items():
                connection.execute(f"UPDATE jobs SET n_{status} = n_{status} + ? WHERE id = ?", (number, self._id))  # noqa: S608


def _identity(given: Sequence[Given], model: str) -> str:
    """The same files under the same names are the same job, until another model reads."""
    told = "\n".join([*sorted(f"{one.blob} {one.name}" for one in given), *([model] if model else [])])
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:_ID_LENGTH]


def _outcome(row: dict[str, Any]) -> Outcome:
    """A document's outcome; the first error of the record, if it is not complete, says why."""
    packed, _ = row.pop("record"), row.pop("part")
    issues = msgspec.json.decode(zlib.decompress(packed), type=_Reasons).issues if packed else []
    first = next((issue for issue in issues if issue.severity == "error"), None)
    return Outcome(**row, code=first.code if first else None, message=first.message if first else None)


def _line(row: sqlite3.Row) -> JobLine:
    return JobLine(**{field.name: row[field.name] for field in fields(JobLine)})
