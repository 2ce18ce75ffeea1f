"""Bytes of one source → Document: recognised by content, decoded, handed to the reader of its format."""

from __future__ import annotations

import dataclasses
import hashlib
import logging
from collections.abc import Callable
from importlib import import_module

from nlp.document import Document, Issue, Source
from nlp.ingest.assemble import assemble
from nlp.ingest.dates import iso_date
from nlp.ingest.encoding import decode
from nlp.ingest.html import read_html
from nlp.ingest.raw import RawSource, problem, too_large
from nlp.ingest.recognise import binary_format, is_garbage, text_format
from nlp.ingest.text import read_plain
from nlp.ingest.volumes import volumes
from nlp.settings import Limits

_LOG = logging.getLogger(__name__)
Reader = Callable[[str, Source, str, tuple[Issue, ...]], Document]
BytesReader = Callable[[bytes, Source, str, tuple[Issue, ...], Limits], Document]
_UNKNOWN = "application/octet-stream"
_OOXML = "application/vnd.openxmlformats-officedocument"
READERS: dict[str, Reader] = {"text/html": read_html, "text/plain": read_plain}
# Module and function of the readers of bytes; their libraries wait until a source needs them.
BYTES_READERS = {
    "application/pdf": ("pdf.read", "read_pdf"),
    f"{_OOXML}.wordprocessingml.document": ("office.docx", "read_docx"),
    f"{_OOXML}.spreadsheetml.sheet": ("office.xlsx", "read_xlsx"),
    "application/msword": ("office.doc", "read_doc"),
    "application/vnd.oasis.opendocument": ("office.doc", "read_opendocument"),
    "application/rtf": ("office.rtf", "read_rtf"),
    **{f"image/{kind}": ("ocr.read", "read_image") for kind in ("png", "jpeg", "tiff", "bmp", "gif")},
}


def read_all(raw: RawSource, limits: Limits | None = None) -> list[Document]:
    """The reports of a source: mostly one; several of a collected volume; a page and its attachment as one."""
    try:
        documents = [read(one, limits) for one in (raw, *raw.beside)]
        return [part for document in assemble(documents) for part in volumes(document)]
    except Exception as error:  # noqa: BLE001  # logged and kept in the record: what breaks a reader must not end the run
        _LOG.exception("%s", raw.source.path)
        message = f"the program failed on this source ({type(error).__name__}: {error}); please report it"
        source = dataclasses.replace(raw.source, media_type=_media_type(raw.data or b""), bytes=len(raw.data or b""))
        return [Document(document_id(raw), source, "", issues=(*raw.issues, problem("internal_error", message)))]


def read(raw: RawSource, limits: Limits | None = None) -> Document:
    """The Document of a source. Never raises on bad bytes: what cannot be read has an empty text and an issue `error`.

    `Document.id` is the SHA-256 of the bytes; of path and member where the bytes could not be had.
    """
    source, data, identity = raw.source, raw.data, document_id(dataclasses.replace(raw, beside=()))
    if data is None:
        return Document(identity, dataclasses.replace(source, media_type=_UNKNOWN), "", issues=raw.issues)
    source = dataclasses.replace(source, bytes=len(data))
    bounds = limits or Limits()  # type: ignore[call-arg]  # every field has a default
    unreadable, media_type = _unreadable(data, bounds), _media_type(data)
    if unreadable is not None:
        source = dataclasses.replace(source, media_type=media_type)
        return Document(identity, source, "", issues=(*raw.issues, unreadable))
    if media_type in BYTES_READERS:
        source = dataclasses.replace(source, media_type=media_type)
        document = _bytes_reader(*BYTES_READERS[media_type])(data, source, identity, raw.issues, bounds)
    else:
        document = _read_text(data, source, identity, raw.issues)
    return _bounded(_as_stated(document, raw), bounds)


def document_id(raw: RawSource) -> str:
    """SHA-256 of a source's bytes (with those beside it); of path and member where the bytes could not be had."""
    if raw.beside:
        return _hash("+".join(document_id(one) for one in (dataclasses.replace(raw, beside=()), *raw.beside)).encode())
    if raw.data is None:
        return _hash(f"{raw.source.path}\0{raw.source.member or ''}".encode("utf-8", "replace"))
    return _hash(raw.data)


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
        issue = problem("binary_content", "the bytes are neither text nor a known format; check that the file is whole")
        source = dataclasses.replace(source, media_type=_UNKNOWN)
        return Document(document_id, source, "", issues=(*issues, issue))
    source = dataclasses.replace(source, encoding=decoded.encoding)
    return _read_decoded(decoded.text, source, document_id, (*issues, *decoded.issues))


def _read_decoded(text: str, source: Source, document_id: str, issues: tuple[Issue, ...]) -> Document:
    media_type, name = text_format(text)
    source = dataclasses.replace(source, media_type=media_type)
    if media_type not in READERS:
        return Document(document_id, source, "", issues=(*issues, _unsupported(name)))
    document = READERS[media_type](text, source, document_id, issues)
    if document.text.replace("\0", "").replace("\ufeff", "").strip() or any(
        issue.severity == "error" for issue in document.issues
    ):
        return document
    issue = problem("empty", "the source holds no text; fetch it again or leave it out")
    return dataclasses.replace(document, issues=(*document.issues, issue))


def _bounded(document: Document, limits: Limits) -> Document:
    """The document, emptied if its text is longer than any report: reading it would take minutes and mean nothing."""
    if len(document.text) <= limits.max_characters:
        return document
    message = f"{len(document.text)} characters of text, over the limit of {limits.max_characters}"
    issue = problem("too_large", f"{message}; split the file, or raise limits.max_characters in the settings")
    return Document(document.id, document.source, "", issues=(*document.issues, issue))


def _unreadable(data: bytes, limits: Limits) -> Issue | None:
    if not data:
        return problem("empty", "the file has no bytes; fetch it again or leave it out")
    if len(data) > limits.max_bytes:
        return too_large(str(len(data)), limits)
    known = binary_format(data)
    return _unsupported(known[1]) if known and known[0] not in BYTES_READERS else None


def _media_type(data: bytes) -> str:
    return (binary_format(data) or (_UNKNOWN, ""))[0]


def _bytes_reader(module: str, function: str) -> BytesReader:
    reader: BytesReader = getattr(import_module(f"nlp.ingest.{module}"), function)
    return reader


def _as_stated(document: Document, raw: RawSource) -> Document:
    """What the container states about a document holds where the document itself states nothing."""
    published = document.published or (iso_date(raw.published) if raw.published else None)
    return dataclasses.replace(document, title=document.title or raw.title, published=published)


def _unsupported(name: str) -> Issue:
    return problem(
        "unsupported_format", f"the source is a {name} file, read in a later version; convert to HTML or text"
    )


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
