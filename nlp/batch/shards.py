"""A shard: its documents through a guarded worker, its records into one Parquet file, its commit."""

from __future__ import annotations

import dataclasses
import hashlib
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import msgspec

from nlp.batch.folder import DEAD, SHARDS, Folder
from nlp.batch.guard import Answer
from nlp.document import Document, Issue
from nlp.ingest.raw import RawSource
from nlp.ingest.read import document_id
from nlp.merge import EMPTY, merge
from nlp.output import parquet_bytes, read_parquet
from nlp.record import Producer, Record, from_json


@dataclass(frozen=True)
class Task:
    """A shard to be read: its number, and its documents with their numbers in the plan.

    `again`: the documents are some of a committed shard, whose other records stay.
    """

    shard: int
    documents: Sequence[tuple[int, RawSource]]
    again: bool = False


class Outcome(msgspec.Struct, frozen=True):
    """What became of a document: its number in the plan, ids of its records (a volume has several), the worst status."""

    number: int
    ids: list[str]
    status: str


class Commit(msgspec.Struct, frozen=True):
    """A shard that is done: the hash of its Parquet file, and what became of its documents, in order."""

    shard: int
    sha256: str
    documents: list[Outcome]

    @property
    def counts(self) -> Counter[str]:
        """Documents by status."""
        return Counter(one.status for one in self.documents)


def commit_shard(task: Task, answers: Iterable[Answer], folder: Folder, producer: Producer) -> Commit:
    """Commit a shard of which all documents have been read: dead letters, then the Parquet file, then the commit.

    `answers`: what the workers gave for each document, in order. Whoever does this a second time, after a kill at any place,
    writes the same bytes. Raises StoreError when the folder cannot be written.
    """
    records: dict[int, list[Record]] = {}
    for (number, raw), answer in zip(task.documents, answers, strict=True):
        read = [from_json(line) for _, line in answer.records]
        records[number] = read if answer.broken is None else [failed_record(raw, answer.broken, producer)]
    if task.again:
        for number in records:
            remove_letter(folder, number)
        records = {**_committed(task.shard, folder), **records}
    return _commit(task.shard, dict(sorted(records.items())), folder)


def read_commit(folder: Folder, shard: int) -> Commit | None:
    """A shard's commit; None where it is not committed."""
    data = folder.get(f"{SHARDS}/{shard:06}.json")
    return None if data is None else msgspec.json.decode(data, type=Commit)


def failed_record(raw: RawSource, issue: Issue, producer: Producer) -> Record:
    """The record of a document that could not be read."""
    document = Document(document_id(raw), raw.source, "", issues=(*raw.issues, issue))
    source = dataclasses.replace(raw.source, bytes=len(raw.data or b""), media_type="application/octet-stream")
    return merge(dataclasses.replace(document, source=source), EMPTY, producer)


def parquet_name(shard: int) -> str:
    """The name of a shard's records below the output folder."""
    return f"{SHARDS}/{shard:06}.parquet"


def letters(folder: Folder) -> set[int]:
    """Numbers of the documents that have a dead letter."""
    return {int(name.removesuffix(".json")) for name in folder.names(DEAD, ".json")}


def remove_letter(folder: Folder, number: int) -> None:
    """Remove a document's dead letter if it has one."""
    folder.remove(_letter(number))


def _commit(shard: int, records: Mapping[int, list[Record]], folder: Folder) -> Commit:
    for number, some in records.items():
        failed = [record for record in some if record.status == "failed"]
        if failed:
            folder.put_json(_letter(number), _failure(shard, number, failed[0]))
    data = parquet_bytes(record for some in records.values() for record in some)
    folder.put(parquet_name(shard), data)
    outcomes = [Outcome(number, [one.id for one in some], _worst(some)) for number, some in records.items()]
    commit = Commit(shard, hashlib.sha256(data).hexdigest(), outcomes)
    folder.put(f"{SHARDS}/{shard:06}.json", msgspec.json.format(msgspec.json.encode(commit), indent=1) + b"\n")
    return commit


def _letter(number: int) -> str:
    return f"{DEAD}/{number:08}.json"


def _failure(shard: int, number: int, record: Record) -> dict[str, object]:
    issue = next(one for one in record.issues if one.severity == "error")
    where = {"shard": shard, "number": number, "path": record.source.path, "member": record.source.member}
    return {**where, "id": record.id, "stage": issue.stage, "code": issue.code, "message": issue.message}


def _worst(records: Sequence[Record]) -> str:
    return max((record.status for record in records), key=("complete", "partial", "failed").index)


def _committed(shard: int, folder: Folder) -> dict[int, list[Record]]:
    commit, data = read_commit(folder, shard), folder.get(parquet_name(shard))
    assert commit is not None and data is not None  # only a committed shard is read again
    records = read_parquet(io.BytesIO(data))
    return {one.number: list(islice(records, len(one.ids))) for one in commit.documents}
