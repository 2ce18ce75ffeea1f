"""What bytes and decoded text are, by content; a name's ending is never asked."""

from __future__ import annotations

import json
import re
import tarfile

_HTML = re.compile(r"<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>]|<frameset[\s>]", re.IGNORECASE)
_TAG = re.compile(
    r"</?(?:div|p|table|tbody|tr|td|th|span|br|a|font|meta|h[1-6]|ul|li|script|style|img|center|strong)\b[^<>]*>", re.I
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x19\x1b-\x1f]")
_HEAD = 4096

# Beginnings of formats that are recognised and not read (yet), and what a person would call them.
_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF-", "application/pdf", "PDF"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/msword", "DOC or XLS (old Office)"),
    (b"{\\rtf", "application/rtf", "RTF"),
    (b"\x89PNG\r\n\x1a\n", "image/png", "PNG image"),
    (b"\xff\xd8\xff", "image/jpeg", "JPEG image"),
    (b"GIF8", "image/gif", "GIF image"),
    (b"BM", "image/bmp", "BMP image"),
    (b"II*\0", "image/tiff", "TIFF image"),
    (b"MM\0*", "image/tiff", "TIFF image"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed", "7z archive"),
    (b"Rar!\x1a\x07", "application/vnd.rar", "RAR archive"),
    (b"\xfd7zXZ\0", "application/x-xz", "XZ archive"),
    (b"BZh", "application/x-bzip2", "bzip2 archive"),
    (b"PAR1", "application/vnd.apache.parquet", "Parquet file"),
    (b"SQLite format 3\0", "application/vnd.sqlite3", "SQLite file"),
    (b"WARC/", "application/warc", "WARC archive"),
    (b"MZ\x90\0", "application/x-msdownload", "Windows program"),
    (b"\x7fELF", "application/x-executable", "program"),
)
_OFFICE = (
    (b"word/document.xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "DOCX"),
    (b"xl/workbook", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "XLSX"),
    (b"ppt/presentation.xml", "application/vnd.openxmlformats-officedocument.presentationml.presentation", "PPTX"),
    (b"OFD.xml", "application/ofd", "OFD"),
    (b"application/vnd.oasis.opendocument", "application/vnd.oasis.opendocument", "OpenDocument"),
)
# The names with which ZIP files of office programs begin; an archive of reports begins with none of them.
_OFFICE_FIRST = (
    b"[Content_Types].xml",
    b"_rels/",
    b"docProps/",
    b"word/",
    b"xl/",
    b"ppt/",
    b"OFD.xml",
    b"Doc_0/",
    b"mimetype",
)

_CONTAINERS = (
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"WARC/", "warc"),
    (b"PAR1", "parquet"),
)
_BZIP2_BLOCK, _BZIP2_END = bytes.fromhex("314159265359"), bytes.fromhex("177245385090")  # after `BZh` and a digit
_JSON_OBJECT = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"')
_FIELD = re.compile(rb"^([A-Za-z][A-Za-z-]*):[ \t\r\n]", re.MULTILINE)
_MIME_FIELDS = {b"mime-version", b"message-id", b"received", b"return-path", b"snapshot-content-location"}
_MAIL_FIELDS = {b"from", b"to", b"subject", b"date", b"content-type"}


def binary_format(data: bytes) -> tuple[str, str] | None:
    """Media type and plain name of a known binary format; None for text, and for what is not known."""
    found = next(((media, name) for magic, media, name in _MAGIC if data.startswith(magic)), None)
    if found and not (found[1] == "BMP image" and not _is_bitmap(data)):
        return found
    if is_office(data):
        office = next(((media, name) for part, media, name in _OFFICE if part in data), None)
        return office or ("application/zip", "office document")
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "application/zip", "ZIP archive"
    if data.startswith(b"\x1f\x8b"):
        return "application/gzip", "gzip archive"
    if data[257:262] == b"ustar":
        return "application/x-tar", "TAR archive"
    return None


def container_format(head: bytes) -> str | None:
    """What holds documents, by its first bytes (4,096 tell it): `gzip`, `bzip2`, `xz`, `zip`, `tar`, `7z`, `rar`, `warc`,
    `mail`, `parquet` or `jsonl`; None for a document. `jsonl` is a guess until its first line is read.
    """
    found = next((kind for magic, kind in _CONTAINERS if head.startswith(magic)), None)
    if found == "zip":
        return None if is_office(head) else "zip"
    if found == "bzip2":
        return found if head[4:10] in (_BZIP2_BLOCK, _BZIP2_END) else None
    if found:
        return found
    if is_tar(head):
        return "tar"
    return "mail" if is_mail(head) else "jsonl" if _JSON_OBJECT.match(head) else None


def is_tar(head: bytes) -> bool:
    """Whether a file that begins with `head` (512 bytes or more) is a TAR archive."""
    try:
        return len(head) >= 512 and bool(tarfile.TarInfo.frombuf(head[:512], "utf-8", "surrogateescape").name)
    except (tarfile.TarError, ValueError):
        return False


def is_mail(head: bytes) -> bool:
    """Whether a file begins with the header of a mail or of a saved page (MHTML)."""
    block = re.split(rb"\r?\n\r?\n", head.lstrip(b"\xef\xbb\xbf \t\r\n"), maxsplit=1)[0]
    if not _FIELD.match(block):
        return False
    names = {name.lower() for name in _FIELD.findall(block)}
    return bool(names & _MIME_FIELDS) or len(names & _MAIL_FIELDS) >= 3


def is_office(data: bytes) -> bool:
    """Whether a ZIP (its beginning is enough) is a document of an office program rather than an archive of files."""
    return data.startswith(b"PK\x03\x04") and data[30:].startswith(_OFFICE_FIRST)


def text_format(text: str) -> tuple[str, str]:
    """Media type and plain name of decoded text: HTML by its tags; XML, JSON and mail by their structure; else plain."""
    head = text[:_HEAD].lstrip()
    if re.match(r"(?:From:|MIME-Version:|Received:|Content-Type:\s*multipart)", head, re.I) and "MIME-Version:" in head:
        return "multipart/related", "MHTML or mail"
    if _HTML.search(head) or len(_TAG.findall(text[: 16 * _HEAD])) >= 3:
        return "text/html", "HTML"
    if head.startswith("<?xml") or re.match(r"<!DOCTYPE\s+\w+", head):
        return "application/xml", "XML"
    if head[:1] in ("{", "[") and _is_json(text):
        return "application/json", "JSON"
    return "text/plain", "text"


def is_fragment(text: str) -> bool:
    """Whether text is a part of a page, with fewer tags than `text_format` asks of text that nothing is known of."""
    return _TAG.search(text) is not None and text_format(text)[0] == "text/plain"


def is_garbage(text: str) -> bool:
    """Whether decoded "text" is binary after all: over 5 % control characters, or over 20 % that no encoding fitted."""
    sample = text[:100_000]
    n_control = len(_CONTROL.findall(sample))
    return n_control > 0.05 * len(sample) or sample.count("\ufffd") > 0.2 * len(sample)


def _is_bitmap(data: bytes) -> bool:
    return len(data) > 26 and data[6:10] == b"\0\0\0\0"


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
