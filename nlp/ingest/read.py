"""Bytes of one source → Document: recognised by content, decoded, handed to the reader of its format."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable

from nlp.document import Document, Issue, Source
from nlp.ingest.archive import RawSource
from nlp.ingest.encoding import decode
from nlp.ingest.html import read_html
from nlp.ingest.recognise import binary_format, is_garbage, text_format
from nlp.ingest.text import read_plain
from nlp.settings import Limits

Reader = Callable[[str, Source, str, tuple[Issue, ...]], Document]
READERS: dict[str, Reader] = {"text/html": read_html, "text/plain": read_plain}


def read(raw: RawSource, limits: Limits | None = None) -> Document:
    """The Document of a source. Never raises on bad bytes: what cannot be read has an empty text and an issue `error`.

    `Document.id` is the SHA-256 of the bytes; of path and member where the bytes could not be had.
    """
    source, data = raw.source, raw.data
    if data is None:
        return Document(_hash(f"{source.path}\0{source.member or ''}".encode("utf-8", "replace")), source, "", issues=raw.issues)
    document_id = _hash(data)
    source = dataclasses.replace(source, bytes=len(data))
    problem = _unreadable(data, limits or Limits())  # type: ignore[call-arg]  # every field has a default
    if problem is not None:
        media_type = (binary_format(data) or ("application/octet-stream", ""))[0]
        source = dataclasses.replace(source, media_type=media_type)
        return Document(document_id, source, "", issues=(*raw.issues, problem))
    return _read_text(data, source, document_id, raw.issues)


def read_bytes(data: bytes, path: str = "<bytes>", limits: Limits | None = None) -> Document:
    """The Document of bytes in memory; `path` is only what the record will call them."""
    return read(RawSource(Source(path), data), limits)


def read_text(text: str, path: str = "<text>") -> Document:
    """The Document of text that is already decoded (plain or HTML); offsets are those of `text` where it is plain.

    A lone surrogate, which no file can hold, becomes U+FFFD.
    """
    clean = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    data = clean.encode()
    source = Source(path, encoding="utf-8", bytes=len(data))
    return _read_decoded(clean, source, _hash(data), ())


def _read_text(data: bytes, source: Source, document_id: str, issues: tuple[Issue, ...]) -> Document:
    decoded = decode(data)
    if is_garbage(decoded.text):
        problem = _error("binary_content", "the bytes are neither text nor a known format; check that the file is whole")
        source = dataclasses.replace(source, media_type="application/octet-stream")
        return Document(document_id, source, "", issues=(*issues, problem))
    source = dataclasses.replace(source, encoding=decoded.encoding)
    return _read_decoded(decoded.text, source, document_id, (*issues, *decoded.issues))


def _read_decoded(text: str, source: Source, document_id: str, issues: tuple[Issue, ...]) -> Document:
    media_type, name = text_format(text)
    source = dataclasses.replace(source, media_type=media_type)
    if media_type not in READERS:
        return Document(document_id, source, "", issues=(*issues, _unsupported(name)))
    document = READERS[media_type](text, source, document_id, issues)
    if document.text.strip("\ufeff\0 \t\r\n\u3000") or any(issue.severity == "error" for issue in document.issues):
        return document
    problem = _error("empty", "the source holds no text; fetch it again or leave it out")
    return dataclasses.replace(document, issues=(*document.issues, problem))


def _unreadable(data: bytes, limits: Limits) -> Issue | None:
    if not data:
        return _error("empty", "the file has no bytes; fetch it again or leave it out")
    if len(data) > limits.max_bytes:
        return too_large(len(data), limits)
    known = binary_format(data)
    return _unsupported(known[1]) if known else None


def too_large(size: int, limits: Limits) -> Issue:
    """The issue of a document of `size` bytes, above the limit."""
    return _error(
        "too_large", f"{size} bytes are more than the limit of {limits.max_bytes}; raise limits.max_bytes in the settings"
    )


def _unsupported(name: str) -> Issue:
    return _error("unsupported_format", f"the source is a {name} file, read in a later version; convert to HTML or text")


def _error(code: str, message: str) -> Issue:
    return Issue("ingest", code, "error", message)


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
