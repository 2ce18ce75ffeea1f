"""The output folder: on a path or any fsspec URL; a file is there whole or not at all.

    run.json                what the folder was begun with; a run with another program, model or settings is refused
    limits/<hash>.json      limits of the settings that records name by this hash
    plan/000.parquet        documents in order, a part for each time that sources were added
    shards/000000.parquet   records of a shard, in the order of the plan
    shards/000000.json      its commit: hash of the Parquet, and what became of each document
    dead-letter/00000000.json  a document that gave no record: where it is, stage, code, message
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fsspec
import msgspec

from nlp.errors import StoreError
from nlp.output import aside

RUN, LIMITS, PLAN, SHARDS, DEAD = "run.json", "limits", "plan", "shards", "dead-letter"


class Folder:
    """Reads and writes whole files below one place."""

    def __init__(self, url: str) -> None:
        self.url = url
        try:
            self._files, self._root = fsspec.core.url_to_fs(url)
        except (ImportError, ValueError, OSError) as error:
            raise StoreError(f"cannot use {url} as an output folder: {error}") from error
        self.local = Path(self._root) if "file" in _protocols(self._files) else None

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep other runs on this machine out, and clear away what a killed one was writing.

        Raises StoreError when another run is in the folder. On an object store nothing is locked: there two runs at once
        do the work twice, and write the same bytes.
        """
        if self.local is None:
            yield
            return
        try:
            self.local.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.local, os.O_RDONLY)
        except OSError as error:
            raise StoreError(f"cannot use {self.local} as an output folder: {error.strerror}") from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for part in self.local.glob("**/.*.part*"):  # a store in the making has a log beside it, `.part.wal`
                part.unlink()
            yield
        except BlockingIOError as error:
            raise StoreError(f"another run is writing to {self.local}; wait for its end, or give another --out") from error
        finally:
            os.close(handle)

    def put(self, name: str, data: bytes) -> None:
        """Write a file so that it appears whole: locally aside, synced and renamed; elsewhere in one request.

        Raises StoreError when it cannot be written; what stood there before is then untouched.
        """
        try:
            if self.local is None:
                self._files.pipe_file(self._path(name), data)
            else:
                _put_locally(self.local / name, data)
        except OSError as error:
            remedy = "run the same command again when there is room; what is committed stays"
            raise StoreError(f"cannot write {self._path(name)}: {error.strerror or error}; {remedy}") from error

    def get(self, name: str) -> bytes | None:
        """The bytes of a file; None where there is none."""
        try:
            data: bytes = self._files.cat_file(self._path(name))
        except FileNotFoundError:
            return None
        return data

    def remove(self, name: str) -> None:
        """Remove a file if it is there."""
        if self._files.exists(self._path(name)):
            self._files.rm_file(self._path(name))

    def names(self, folder: str, ending: str) -> list[str]:
        """Names of the files in a folder below this one, sorted, without what is still being written."""
        self._files.invalidate_cache()
        where = self._path(folder)
        if not self._files.isdir(where):
            return []
        found = [path.rsplit("/", 1)[-1] for path in self._files.ls(where, detail=False)]
        return sorted(name for name in found if name.endswith(ending) and not name.startswith("."))

    def get_json(self, name: str) -> Any:
        """A JSON file's content; None where there is none. Raises StoreError when it is no JSON."""
        data = self.get(name)
        try:
            return None if data is None else msgspec.json.decode(data)
        except msgspec.DecodeError as error:
            raise StoreError(f"{self._path(name)} is damaged ({error}); remove it and run again") from error

    def put_json(self, name: str, value: Any) -> None:
        """Write a JSON file; the same value gives the same bytes."""
        self.put(name, msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n")

    def _path(self, name: str) -> str:
        return f"{self._root.rstrip('/')}/{name}"


def _put_locally(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = aside(path)
    try:
        with beside.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)  # the new name is on disk only when its folder is
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _protocols(files: Any) -> tuple[str, ...]:
    return (files.protocol,) if isinstance(files.protocol, str) else tuple(files.protocol)
