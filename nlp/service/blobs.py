"""Files given in, kept by the hash of their content, outside any folder that is served."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from nlp.errors import StoreError

_HASH_LENGTH = 64
_CHUNK = 1 << 20


class Blobs:
    """A folder of files named by their SHA-256 (or by a document's id, which is one)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._aside = folder / "aside"
        try:
            self._aside.mkdir(parents=True, exist_ok=True)
            for left in self._aside.iterdir():  # of a process that was killed
                left.unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(f"cannot use {folder} for uploads: {error.strerror}") from error

    def add(self, chunks: Iterable[bytes]) -> str:
        """Keep a file; returns its hash. The same content is kept once. Raises StoreError when it cannot be written."""
        digest = hashlib.sha256()
        try:
            with self._new() as file:
                for chunk in chunks:
                    digest.update(chunk)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            self._place(Path(file.name), digest.hexdigest())
        except OSError as error:
            raise StoreError(f"cannot keep the file that was given in: {error.strerror}; is the disk full?") from error
        return digest.hexdigest()

    def put(self, name: str, data: bytes) -> None:
        """Keep bytes under a hash that is known, if they are not there yet."""
        if self.path(name).is_file():
            return
        try:
            with self._new() as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            self._place(Path(file.name), name)
        except OSError as error:
            raise StoreError(f"cannot keep a document: {error.strerror}; is the disk full?") from error

    def path(self, name: str) -> Path:
        """Where a file lies. Raises StoreError for a name that is no hash."""
        if len(name) != _HASH_LENGTH or not set(name) <= set("0123456789abcdef"):
            raise StoreError("no such file: its name is no SHA-256")
        return self._folder / name[:2] / name

    def get(self, name: str) -> bytes | None:
        """The bytes of a file; None where there is none."""
        path = self.path(name)
        return path.read_bytes() if path.is_file() else None

    @contextmanager
    def _new(self) -> Iterator[IO[bytes]]:
        """A file aside, gone when writing it fails: a full disk must not get fuller."""
        with tempfile.NamedTemporaryFile(dir=self._aside, delete=False) as file:
            try:
                yield file
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise

    def _place(self, beside: Path, name: str) -> None:
        target = self.path(name)
        target.parent.mkdir(exist_ok=True)
        beside.replace(target)
