"""The plan: every document of the sources in order, with its content hash and its shard; a document seen before is a
duplicate, reported once and not read again.

The plan only grows: sources that are new, or changed, make a further part with shards of its own, so that what is
committed never moves.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from nlp.batch.folder import PLAN, Folder
from nlp.batch.settings import BatchSettings
from nlp.errors import StoreError
from nlp.ingest.raw import RawSource
from nlp.ingest.read import document_id

_SCHEMA = pa.schema(
    [
        ("number", pa.int64()),
        ("shard", pa.int64()),
        ("path", pa.string()),
        ("member", pa.string()),
        ("sha256", pa.string()),
        ("bytes", pa.int64()),
        ("duplicate_of", pa.int64()),
    ]
)
_ROWS = 10_000


class Entry(NamedTuple):
    """A document of the plan. `shard` is None for a duplicate, `duplicate_of` the number of the one seen first."""

    number: int
    shard: int | None
    path: str
    member: str | None
    sha256: str
    bytes: int
    duplicate_of: int | None


@dataclass
class Plan:
    """What is to be read, kept small: some 300 bytes a document.

    `numbers`: of each content's hash; `places`: digests of path, member and hash of all documents, duplicates among
    them; `shards`: the numbers of each shard's documents, ascending.
    """

    numbers: dict[bytes, int] = field(default_factory=dict)
    places: set[bytes] = field(default_factory=set)
    shards: list[list[int]] = field(default_factory=list)

    @property
    def n_documents(self) -> int:
        """Documents to be read, each content once."""
        return sum(len(numbers) for numbers in self.shards)

    @property
    def n_duplicates(self) -> int:
        """Documents whose content was planned before."""
        return len(self.places) - len(self.numbers)

    def add(self, entry: Entry) -> None:
        """Add the next entry."""
        self.places.add(_place(entry.path, entry.member, entry.sha256))
        if entry.shard is None:
            return
        self.numbers[bytes.fromhex(entry.sha256)] = entry.number
        if entry.shard == len(self.shards):
            self.shards.append([])
        shard = self.shards[entry.shard]
        if not shard or entry.number > shard[-1]:  # else its bytes, which could not be had when it was planned
            shard.append(entry.number)

    def find(self, sha256: str) -> tuple[int, int] | None:
        """Shard and number of the document with this content; None for one that is not planned."""
        number = self.numbers.get(bytes.fromhex(sha256))
        if number is None:
            return None
        return bisect_right(self.shards, number, key=lambda numbers: numbers[0]) - 1, number


def read_plan(folder: Folder) -> Plan:
    """The plan of a folder as it stands; empty for a new one. Raises StoreError when a part is damaged."""
    plan = Plan()
    for entry in _all_entries(folder):
        plan.add(entry)
    return plan


def extend_plan(folder: Folder, plan: Plan, sources: Iterable[RawSource], settings: BatchSettings) -> int:
    """Add to the plan what it does not hold, and write that as a further part; returns how many documents are new.

    A part is written whole or not at all, so a run killed here begins its planning anew.
    """
    sink = io.BytesIO()
    n_before, n_places = plan.n_documents, len(plan.places)
    with pq.ParquetWriter(sink, _SCHEMA, compression="zstd") as parquet:
        for rows in batched(_new_entries(plan, sources, settings), _ROWS):
            parquet.write_table(pa.Table.from_pylist([entry._asdict() for entry in rows], _SCHEMA))
    if len(plan.places) > n_places:
        folder.put(f"{PLAN}/{len(folder.names(PLAN, '.parquet')):03}.parquet", sink.getvalue())
    return plan.n_documents - n_before


def read_entries(folder: Folder, numbers: Collection[int]) -> dict[int, Entry]:
    """Entries of the plan by their numbers."""
    return {entry.number: entry for entry in _all_entries(folder) if entry.number in numbers}


def _all_entries(folder: Folder) -> Iterator[Entry]:
    for name in folder.names(PLAN, ".parquet"):
        data = folder.get(f"{PLAN}/{name}") or b""
        try:
            for batch in pq.ParquetFile(io.BytesIO(data)).iter_batches():
                yield from (Entry(**row) for row in batch.to_pylist())
        except (pa.ArrowInvalid, TypeError) as error:
            raise StoreError(f"{folder.url}/{PLAN}/{name} is damaged ({error}); begin a new output folder") from error


def _new_entries(plan: Plan, sources: Iterable[RawSource], settings: BatchSettings) -> Iterator[Entry]:
    shard, n_bytes, n_documents = len(plan.shards) - 1, 0, settings.shard_documents  # the first one opens a shard
    for number, (raw, sha256) in enumerate(_unseen(plan, sources), len(plan.places)):
        size = len(raw.data or b"")
        known = plan.numbers.get(bytes.fromhex(sha256))
        planned = plan.find(_unread(raw)) if known is None else None
        if planned is not None:
            entry = Entry(planned[1], planned[0], raw.source.path, raw.source.member, sha256, size, None)
            plan.add(entry)
            yield entry
            continue
        if known is None:
            if n_documents >= settings.shard_documents or n_bytes + size > settings.shard_bytes:
                shard, n_bytes, n_documents = shard + 1, 0, 0
            n_bytes, n_documents = n_bytes + size, n_documents + 1
        entry = Entry(number, shard if known is None else None, raw.source.path, raw.source.member, sha256, size, known)
        plan.add(entry)
        yield entry


def _unseen(plan: Plan, sources: Iterable[RawSource]) -> Iterator[tuple[RawSource, str]]:
    for raw in sources:
        sha256 = document_id(raw)
        if _place(raw.source.path, raw.source.member, sha256) not in plan.places:
            yield raw, sha256


def _unread(raw: RawSource) -> str:
    """The hash under which a source was planned if its bytes could not be had then, for a limit perhaps."""
    return document_id(dataclasses.replace(raw, data=None, beside=()))


def _place(path: str, member: str | None, sha256: str) -> bytes:
    return hashlib.blake2b(f"{path}\0{member or ''}\0{sha256}".encode("utf-8", "replace"), digest_size=16).digest()


def batched(entries: Iterable[Entry], size: int) -> Iterator[list[Entry]]:
    """Lists of `size` entries; the last may be shorter (itertools.batched, of Python 3.12)."""
    iterator = iter(entries)
    while rows := list(islice(iterator, size)):
        yield rows
