"""Members of a TAR archive, plain or compressed with gzip, read as a stream and never unpacked to disk."""

from __future__ import annotations

import gzip
import io
import tarfile
import zlib
from collections.abc import Iterator
from typing import IO

from nlp.document import Source
from nlp.ingest.raw import Budget, RawSource, failed, is_junk, repaired, too_large, unsafe

_BROKEN = (tarfile.TarError, zlib.error, EOFError, OSError, ValueError, MemoryError)
_HEADERS = 4 << 20  # bytes that may lie between two members (long names, extended headers, padding)
_CHUNK = 1 << 16


class _Guarded(io.RawIOBase):
    """A stream that refuses to give more bytes than were granted, whatever a header claims."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.n_left = _HEADERS

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(min(size, _CHUNK) if size >= 0 else _CHUNK)
        self.n_left -= len(data)
        if self.n_left < 0:
            raise tarfile.ReadError("a header is larger than 4 MiB")
        return data


def is_tar(head: bytes) -> bool:
    """Whether a file that begins with `head` (512 bytes or more) is a TAR archive."""
    try:
        return bool(tarfile.TarInfo.frombuf(head[:512], "utf-8", "surrogateescape").name)
    except (tarfile.TarError, ValueError):
        return False


def tar_members(file: IO[bytes], path: str, prefix: str, budget: Budget) -> Iterator[RawSource]:
    """The files of a TAR in its own order. What cannot be read is a source with an issue."""
    guarded = _Guarded(file)
    try:
        with tarfile.open(fileobj=guarded, mode="r|", encoding="utf-8", errors="surrogateescape") as archive:
            for info in archive:
                guarded.n_left = info.size + _HEADERS
                name = prefix + repaired(info.name.encode("utf-8", "surrogateescape"))
                if info.isdir() or is_junk(name):
                    continue
                budget.n_members += 1
                raw = _member(archive, info, Source(path, name), budget)
                excess = budget.excess()
                yield raw if excess is None else RawSource(Source(path, name), None, (excess,))
                if excess is not None:
                    return
    except _BROKEN as error:
        message = f"the TAR archive is cut off or damaged ({error}); fetch it again"
        yield failed(path, prefix.rstrip("!/") or None, "damaged_archive", message)


def unzipped(file: IO[bytes]) -> IO[bytes]:
    """A stream of what gzip packed into `file`."""
    return gzip.GzipFile(fileobj=file, mode="rb")  # type: ignore[return-value]


def single_file(file: IO[bytes], source: Source, budget: Budget) -> RawSource:
    """The one file that gzip packed into `file`."""
    budget.n_members += 1
    try:
        data = file.read(budget.allowance() + 1)
    except _BROKEN as error:
        return failed(
            source.path,
            source.member,
            "damaged_archive",
            f"the gzip file is cut off or damaged ({error}); fetch it again",
        )
    budget.n_bytes += len(data)
    excess = budget.excess()
    if excess is None and len(data) > budget.limits.max_bytes:
        excess = too_large(f"more than {budget.limits.max_bytes}", budget.limits)
    return RawSource(source, None, (excess,)) if excess else RawSource(source, data)


def _member(archive: tarfile.TarFile, info: tarfile.TarInfo, source: Source, budget: Budget) -> RawSource:
    if not info.isreg():
        return failed(
            source.path,
            source.member,
            "not_a_file",
            "the member is a link or a device, not a file; leave it out of the archive",
        )
    if info.size > budget.limits.max_bytes:
        return RawSource(source, None, (too_large(str(info.size), budget.limits),))
    member = archive.extractfile(info)
    data = member.read() if member else b""
    budget.n_bytes += len(data)
    return RawSource(source, data, unsafe(source.member or ""))
