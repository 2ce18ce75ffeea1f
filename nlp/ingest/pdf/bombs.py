"""What the streams of a PDF unpack to, found out before a program unpacks them for good."""

from __future__ import annotations

import re
import zlib

from nlp.ingest.raw import UnreadableError
from nlp.settings import Limits

_STREAM = re.compile(rb"\bstream\r?\n")
_PIECE = 1 << 16  # bytes fed at a time
_MAX_LAYERS = 4  # of compression around one stream
_ROOM = 4  # times max_bytes that the streams of a small file may unpack to; a page scanned in colour has 25 MB


def check_streams(data: bytes, limits: Limits) -> None:
    """Raise UnreadableError where compressed streams unpack to more than any report does, as those of an archive bomb do.

    More is: over 4 × `max_bytes` for one stream, or for all of them if that is `max_ratio` times the file's own size too.
    """
    most = _ROOM * limits.max_bytes
    in_all = max(most, int(limits.max_ratio * len(data)))
    for match in _STREAM.finditer(data):
        n_bytes = _unpacked(memoryview(data)[match.end() :], min(most, in_all))
        in_all -= n_bytes
        if n_bytes > most or in_all < 0:
            message = "its streams unpack to more than any report, as an archive bomb does; fetch the file anew"
            raise UnreadableError("compression_ratio", message)


def _unpacked(stream: memoryview, most: int) -> int:
    """Bytes that a stream and the streams in it unpack to; counting ends soon after `most`."""
    layer = _Layer(_MAX_LAYERS)
    for start in range(0, len(stream), _PIECE):
        if layer.ended or layer.n_bytes > most:
            break
        layer.feed(bytes(stream[start : start + _PIECE]), most)
    return layer.n_bytes


class _Layer:
    """A zlib stream being unpacked, and the one that it may unpack to."""

    def __init__(self, layers: int) -> None:
        self._unpacker, self._layers = zlib.decompressobj(), layers
        self._inner: _Layer | None = None
        self._n_own = 0
        self.ended = False

    @property
    def n_bytes(self) -> int:
        """Bytes unpacked so far, inside and outside."""
        return self._n_own + (self._inner.n_bytes if self._inner else 0)

    def feed(self, packed: bytes, most: int) -> None:
        """Unpack what follows. What is no zlib stream has ended."""
        while packed and not self.ended and self.n_bytes <= most:
            try:
                piece = self._unpacker.decompress(packed, 16 * _PIECE)
            except zlib.error:
                self.ended = True
                return
            packed, self.ended = self._unpacker.unconsumed_tail, self._unpacker.eof
            if not self._n_own and self._layers > 1:
                self._inner = _Layer(self._layers - 1)
            self._n_own += len(piece)
            if self._inner is not None and not self._inner.ended:
                self._inner.feed(piece, most)
