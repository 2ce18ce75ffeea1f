"""Single reports read while the caller waits, by the guarded workers that jobs use too."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from nlp.batch.pool import Pool
from nlp.batch.shards import failed_record
from nlp.document import Source
from nlp.ingest.archive.containers import container
from nlp.ingest.raw import RawSource, printable, too_large
from nlp.ingest.read import document_id
from nlp.record import Producer, Record, from_json
from nlp.service.blobs import Blobs
from nlp.service.database import Database
from nlp.service.errors import TooLargeError, TooManyError, UnusableError
from nlp.service.records import Records

_NAME_LENGTH = 200


class Reader:
    """Reads one document at a time for each caller; the same document is read once."""

    def __init__(self, pool: Pool, database: Database, blobs: Blobs, producer: Producer, n_waiting: int) -> None:
        self._pool, self._database, self._blobs = pool, database, blobs
        self._producer = producer
        self._records = Records(database)
        self._free = threading.BoundedSemaphore(n_waiting)

    def use(self, producer: Producer) -> None:
        """What the workers are from now on."""
        self._producer = producer

    def read(self, blob: str, name: str) -> Record:
        """The record of a file given in; of a volume the first, all are kept.

        Raises TooLargeError, UnusableError for an archive, TooManyError when too many wait.
        """
        raw, producer = self._source(blob, name), self._producer
        if self._records.has(blob, msgspec.json.encode(producer).decode()):
            return self._records.get(blob)
        with self._place():
            answer = self._pool.read(raw, urgent=True)
        records = [from_json(line) for _, line in answer.records]
        if answer.broken is not None:
            records = [failed_record(raw, answer.broken, producer)]
        with self._database.writing() as connection:
            for record in records:
                self._records.add(connection, record, blob)
        return records[0]

    def _source(self, blob: str, name: str) -> RawSource:
        path, limits = self._blobs.path(blob), self._pool.settings.limits
        with path.open("rb") as stream:
            if container(stream) is not None:
                raise UnusableError("this is an archive; give it to POST /v1/jobs, which reads all its reports")
        size = path.stat().st_size
        if size > limits.max_bytes:
            raise TooLargeError(too_large(str(size), limits).message)
        raw = RawSource(Source(shown_name(name)), path.read_bytes())
        assert document_id(raw) == blob  # the id of a record is the hash of its document
        return raw

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._free.acquire(blocking=False):
            remedy = "come again, or give them as one archive to POST /v1/jobs"
            raise TooManyError(f"too many reports are being read; {remedy}", retry_after=2)
        try:
            yield
        finally:
            self._free.release()


def shown_name(name: str) -> str:
    """A file's name as it stands in records: the last part only, printable, not too long."""
    return printable(Path(name.replace("\\", "/")).name)[-_NAME_LENGTH:] or "无名"
