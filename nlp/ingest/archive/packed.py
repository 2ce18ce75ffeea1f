"""The one stream that gzip, bzip2 or xz packed into a file, unpacked as it is read."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable
from typing import IO, Any

from nlp.document import Source
from nlp.ingest.raw import Budget, RawSource, failed, too_large

BROKEN = (zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, MemoryError)
_CHUNK = 1 << 16
_PIECE = 256
_MAX_DICTIONARY = 256 << 20  # bytes that xz may ask for; `xz -9` needs 65 MiB


def unpacked(kind: str, file: IO[bytes]) -> IO[bytes]:
    """A stream of what `kind` (`gzip`, `bzip2`, `xz`) packed into `file`, from its beginning. Reading raises `BROKEN`."""
    file.seek(0)
    if kind == "gzip":
        return gzip.GzipFile(fileobj=file, mode="rb")  # type: ignore[return-value]
    return io.BufferedReader(_Unpacked(file, _DECOMPRESSORS[kind]))


def peeked(kind: str, file: IO[bytes], size: int) -> bytes:
    """The first bytes of what is packed; what comes before a damage, where there is one."""
    found = b""
    try:
        stream = unpacked(kind, file)
        while len(found) < size and (piece := stream.read(_PIECE)):
            found += piece
    except BROKEN:
        return found  # whoever reads on meets the damage again and says so
    return found


def single_file(kind: str, file: IO[bytes], source: Source, budget: Budget) -> RawSource:
    """The packed file as one source."""
    budget.n_members += 1
    try:
        data = unpacked(kind, file).read(budget.allowance() + 1)
    except BROKEN as error:
        message = f"the {kind} file is cut off or damaged ({error}); fetch it again"
        return failed(source.path, source.member, "damaged_archive", message)
    budget.n_bytes += len(data)
    excess = budget.excess()
    if excess is None and len(data) > budget.limits.max_bytes:
        excess = too_large(f"more than {budget.limits.max_bytes}", budget.limits)
    return RawSource(source, None, (excess,)) if excess else RawSource(source, data)


class _Unpacked(io.RawIOBase):
    """What `bz2.BZ2File` and `lzma.LZMAFile` do, with a bound on the memory that a header may ask for."""

    def __init__(self, file: IO[bytes], fresh: Callable[[], Any]) -> None:
        self._file, self._fresh, self._decompressor = file, fresh, fresh()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        data = self._some(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def _some(self, size: int) -> bytes:
        while True:
            if self._decompressor.eof:
                rest = (self._decompressor.unused_data or self._file.read(_CHUNK)).lstrip(b"\0")  # xz pads streams
                if not rest:
                    return b""
                self._decompressor = self._fresh()
            else:
                rest = self._file.read(_CHUNK) if self._decompressor.needs_input else b""
                if not rest and self._decompressor.needs_input:
                    raise EOFError("it ends before its end mark")
            data: bytes = self._decompressor.decompress(rest, size)
            if data:
                return data


_DECOMPRESSORS: dict[str, Callable[[], Any]] = {
    "bzip2": bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MAX_DICTIONARY),
}
