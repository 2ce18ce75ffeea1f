"""What HTTP wraps around a page (chunks, compression: RFC 9110, RFC 9112), undone within a limit of bytes."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from typing import Protocol

from fastwarc.stream_io import BrotliReader, ChunkedReader, GzipReader, ZstdReader

_PIECE = 4096


class Readable(Protocol):
    """What can be read piece by piece."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end."""


def pieces(stream: Readable, limit: int) -> bytes:
    """Up to `limit` bytes of a stream; what came before a damage, where there is one."""
    found = bytearray()
    try:
        while len(found) < limit and (piece := stream.read(min(_PIECE, limit - len(found)))):
            found += piece
    except (OSError, EOFError, zlib.error):
        return bytes(found)  # the caller compares with what was announced
    return bytes(found)


def decoded(body: bytes, encoding: str, limit: int) -> bytes:
    """`body` without one encoding, at most `limit` + 1 bytes; unchanged if the encoding is unknown or was not applied.

    Crawlers often keep the header of an encoding that they have undone.
    """
    unwrap = _READERS.get(encoding)
    if unwrap is None:
        return body
    return pieces(unwrap(body), limit + 1) or body


class _Deflated:
    """`deflate` as servers send it: with the header of zlib, or bare."""

    def __init__(self, data: bytes) -> None:
        wrapped = len(data) > 1 and data[0] & 15 == 8 and int.from_bytes(data[:2], "big") % 31 == 0
        self._rest, self._inflate = data, zlib.decompressobj(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)

    def read(self, size: int, /) -> bytes:
        data = self._inflate.decompress(self._rest, size)
        self._rest = self._inflate.unconsumed_tail
        return data


_READERS: dict[str, Callable[[bytes], Readable]] = {
    "chunked": lambda data: ChunkedReader(io.BytesIO(data)),
    "gzip": lambda data: GzipReader(io.BytesIO(data)),
    "x-gzip": lambda data: GzipReader(io.BytesIO(data)),
    "deflate": _Deflated,
    "br": lambda data: BrotliReader(io.BytesIO(data)),
    "zstd": lambda data: ZstdReader(io.BytesIO(data)),
}
