"""Records in files: JSON lines, a JSON array, Parquet; written aside and renamed, so never half there.

Parquet has one row a record: typed columns that mirror the record (cells and facts as lists of structs, so that
`SELECT unnest(cells) FROM 'x.parquet'` works in DuckDB) and the column `record` with the whole record as JSON, from
which it is read back exactly.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Literal

import msgspec

from nlp.errors import RecordError, StoreError
from nlp.record import Record, from_json, to_json

Format = Literal["jsonl", "json", "parquet"]
Target = Path | Literal["-"]
Put = Callable[[Record], None]

FORMATS: tuple[Format, ...] = ("jsonl", "json", "parquet")
# A row group holds this many records: about 10 MB of JSON, so that a writer's memory stays flat.
_ROW_GROUP = 256
_PARQUET_MAGIC = b"PAR1"


def write(records: Iterable[Record], target: Target, format: Format) -> int:
    """Write all records to a file, or to standard output for `-`; returns how many.

    The same records give the same bytes. Raises StoreError when the target cannot be written; then, and when
    `records` raises, a file that stood there before is untouched.
    """
    n_records = 0
    with writer(target, format) as put:
        for record in records:
            put(record)
            n_records += 1
    return n_records


@contextmanager
def writer(target: Target, format: Format) -> Iterator[Put]:
    """A function that takes record after record; the file appears when the block ends without an exception."""
    sinks = {"jsonl": _jsonl, "json": _json_array, "parquet": _parquet}
    if format not in sinks:
        raise StoreError(f"unknown output format {format!r}; choose one of {', '.join(FORMATS)}")
    with whole_file(target) as stream, sinks[format](stream) as put:
        yield put


def parquet_bytes(records: Iterable[Record]) -> bytes:
    """The Parquet file of the records, in memory; the same records give the same bytes."""
    stream = io.BytesIO()
    with _parquet_rows(stream) as put:
        for record in records:
            put(record)
    return stream.getvalue()


def read(path: Path) -> Iterator[Record]:
    """The records of a file that this module wrote, in order; its content tells the format.

    Raises StoreError when the file cannot be read, RecordError (with the line) when it holds something else.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(4)
            stream.seek(0)
            yield from read_parquet(path) if head == _PARQUET_MAGIC else _read_json(path, stream)
    except OSError as error:
        raise StoreError(f"cannot read records from {path}: {error.strerror or error}") from error


def aside(path: Path) -> Path:
    """Where to write what will be renamed to `path` once it is whole."""
    return path.with_name(f".{path.name}.{os.getpid()}.part")


@contextmanager
def whole_file(target: Target) -> Iterator[IO[bytes]]:
    """A stream to a file that appears, or replaces an older one, when the block ends without an exception."""
    if target == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = Path(os.path.realpath(target))
    if path.exists() and not path.is_file():  # a pipe or /dev/null must not be renamed over
        if path.is_dir():
            raise StoreError(f"cannot write {target}: it is a folder; name a file in it")
        with path.open("wb") as stream:
            yield stream
        return
    beside = aside(path)
    try:
        with beside.open("wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(path)
    except OSError as error:
        raise StoreError(f"cannot write {target}: {error.strerror or error}") from error
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def _jsonl(stream: IO[bytes]) -> Iterator[Put]:
    def put(record: Record) -> None:
        stream.write(to_json(record) + b"\n")

    yield put


@contextmanager
def _json_array(stream: IO[bytes]) -> Iterator[Put]:
    separator = b"[\n"

    def put(record: Record) -> None:
        nonlocal separator
        stream.write(separator + to_json(record))
        separator = b",\n"

    yield put
    stream.write(b"[]\n" if separator == b"[\n" else b"\n]\n")


@contextmanager
def _parquet(stream: IO[bytes]) -> Iterator[Put]:
    # Parquet needs to know its position, which a pipe does not: write to a file first, then copy.
    with tempfile.TemporaryFile() as file:
        with _parquet_rows(file) as put:
            yield put
        file.seek(0)
        shutil.copyfileobj(file, stream)


@contextmanager
def _parquet_rows(file: IO[bytes]) -> Iterator[Put]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from nlp.columns import SCHEMA, row

    rows: list[dict[str, object]] = []
    with pq.ParquetWriter(file, SCHEMA, compression="zstd") as parquet:

        def flush() -> None:
            parquet.write_table(pa.Table.from_pylist(rows, SCHEMA))
            rows.clear()

        def put(record: Record) -> None:
            rows.append(row(record))
            if len(rows) == _ROW_GROUP:
                flush()

        yield put
        if rows:
            flush()


def _read_json(path: Path, stream: IO[bytes]) -> Iterator[Record]:
    first = stream.readline()
    stream.seek(0)
    if first.lstrip().startswith(b"["):
        try:
            lines: Iterable[bytes] = msgspec.json.decode(stream.read(), type=list[msgspec.Raw])
        except msgspec.DecodeError as error:
            raise RecordError(f"{path}: not a JSON array of records: {error}") from error
    elif first.strip() == b"{":  # one record, printed over several lines
        lines = [stream.read()]
    else:
        lines = stream
    for number, line in enumerate(lines, 1):
        if bytes(line).strip():
            try:
                yield from_json(bytes(line))
            except RecordError as error:
                raise RecordError(f"{path}, record {number}: {error}") from error


def read_parquet(path: Path | IO[bytes]) -> Iterator[Record]:
    """The records of a Parquet file that this module wrote, in order. Raises RecordError when it holds something else."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        batches: Iterator[pa.RecordBatch] = pq.ParquetFile(path).iter_batches(batch_size=_ROW_GROUP, columns=["record"])
        for batch in batches:
            for value in batch.column("record"):
                yield from_json(value.as_py())
    except (pa.ArrowInvalid, KeyError, IndexError) as error:
        raise RecordError(f"{path}: not a Parquet file of gongkai records: {error}") from error
