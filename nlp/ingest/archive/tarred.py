"""Members of a TAR archive, read as a stream and never unpacked to disk."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from typing import IO

from nlp.document import Source
from nlp.ingest.archive.packed import BROKEN
from nlp.ingest.raw import Budget, RawSource, failed, inside, is_junk, repaired, too_large, unsafe

_BROKEN = (tarfile.TarError, *BROKEN)
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


def tar_members(file: IO[bytes], source: Source, budget: Budget) -> Iterator[RawSource]:
    """The files of a TAR in its own order. What cannot be read is a source with an issue."""
    guarded = _Guarded(file)
    try:
        with tarfile.open(fileobj=guarded, mode="r|", encoding="utf-8", errors="surrogateescape") as archive:
            for info in archive:
                guarded.n_left = info.size + _HEADERS
                name = repaired(info.name.encode("utf-8", "surrogateescape"))
                if info.isdir() or is_junk(name):
                    continue
                budget.n_members += 1
                place = inside(source, name)
                raw = _member(archive, info, place, budget)
                excess = budget.excess()
                yield raw if excess is None else RawSource(place, None, (excess,))
                if excess is not None:
                    return
    except _BROKEN as error:
        message = f"the TAR archive is cut off or damaged ({error}); fetch it again"
        yield failed(source.path, source.member, "damaged_archive", message)


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
