"""What is kept between runs, in Parquet files beside the store: vectors, so that only new statements go through the network, and the
ids of key points, so that they stay when reports are added."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from nlp.errors import StoreError
from nlp.output import aside
from nlp.summary.naming import Key
from nlp.summary.vectors import Bytes, Encoder

_MODEL = b"model_sha256"
_IDS = {"record": pa.string(), "n": pa.int32(), "id": pa.string()}


def cached_vectors(texts: Sequence[str], encoder: Encoder, file: Path | None) -> Bytes:
    """Vectors of distinct plain statements; those in `file` are taken from it, the others made and added to it.

    A file of another model is begun anew. Raises StoreError when it is no such file or cannot be written.
    """
    known = _read(file, encoder) if file else {}
    keys = [_key(text) for text in texts]
    new = [place for place, key in enumerate(keys) if key not in known]
    made = encoder([texts[place] for place in new])
    known.update((keys[place], made[row].tobytes()) for row, place in enumerate(new))
    if file and new:
        _write(file, known, encoder)
    joined = b"".join(known[key] for key in keys)
    return np.frombuffer(joined, np.int8).reshape(len(texts), encoder.width)


def read_ids(file: Path | None) -> dict[Key, str]:
    """The ids that problems' key points had in the last run; none where there is no file. Raises StoreError for another file."""
    if file is None or not file.exists():
        return {}
    try:
        table = pq.read_table(file)
        return {(record, n): identity for record, n, identity in zip(*(table[name].to_pylist() for name in _IDS), strict=True)}
    except (OSError, pa.ArrowException, KeyError) as error:
        raise StoreError(f"{file} keeps no ids of a summary: {error}; remove it or name another") from error


def write_ids(file: Path, ids: Mapping[Key, str]) -> None:
    """Keep the ids for the next run. Raises StoreError."""
    rows = sorted((record, n, identity) for (record, n), identity in ids.items())
    columns = zip(*rows, strict=True) if rows else ((), (), ())
    _put(pa.table([pa.array(column, kind) for column, kind in zip(columns, _IDS.values(), strict=True)], names=list(_IDS)), file)


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _read(file: Path, encoder: Encoder) -> dict[bytes, bytes]:
    if not file.exists():
        return {}
    try:
        table = pq.read_table(file)
        if (table.schema.metadata or {}).get(_MODEL) != encoder.sha256.encode():
            return {}
        return dict(zip(table["key"].to_pylist(), table["vector"].to_pylist(), strict=True))
    except (OSError, pa.ArrowException, KeyError) as error:
        raise StoreError(f"{file} keeps no vectors of a summary: {error}; remove it or name another") from error


def _write(file: Path, known: dict[bytes, bytes], encoder: Encoder) -> None:
    schema = pa.schema(
        {"key": pa.binary(16), "vector": pa.binary(encoder.width)}, metadata={_MODEL: encoder.sha256.encode()}
    )
    keys = sorted(known)
    table = pa.table([pa.array(keys, pa.binary(16)), pa.array([known[key] for key in keys], pa.binary(encoder.width))], schema=schema)
    _put(table, file)


def _put(table: pa.Table, file: Path) -> None:
    beside = aside(file)
    try:
        pq.write_table(table, beside, compression="zstd")
        beside.replace(file)
    except OSError as error:
        raise StoreError(f"cannot write {file}: {error.strerror or error}") from error
    finally:
        beside.unlink(missing_ok=True)
