"""Mails with attachments (EML) and web pages saved in one file (MHTML), both MIME: RFC 2045, RFC 2557."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from email import errors, message_from_bytes
from email.header import Header, decode_header
from email.message import Message
from fnmatch import fnmatch
from pathlib import PurePosixPath
from typing import IO, Any, TypeAlias
from urllib.parse import unquote, urlsplit

from nlp.document import Issue, Source
from nlp.ingest.encoding import decode
from nlp.ingest.raw import (
    Budget,
    RawSource,
    eight_bit,
    inside,
    is_junk,
    printable,
    problem,
    repaired,
    too_large,
    unsafe,
)
from nlp.ingest.recognise import binary_format
from nlp.settings import load_toml

_MAX_PARTS = 2_000  # boundaries of one mail; each level of nesting costs a pass over the whole
_LITTLE = 200  # characters; a saved page with less text shows that of a frame
_BOUNDARY = re.compile(rb"boundary\s*=", re.IGNORECASE)
_MARKUP = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>|\s+", re.IGNORECASE | re.DOTALL)
_SENT = ("To", "Received", "Delivered-To", "Message-ID", "Cc")
_BROKEN = (errors.MessageError, LookupError, ValueError, TypeError, AttributeError, RecursionError)
_LONG_FIELD = re.compile(rb"^[A-Za-z-]+:(?:[^\n]|\n[ \t]){65536}", re.MULTILINE)  # minutes of work for `email`
_BARE = re.compile("[\udc80-\udcff]")  # how Python spells bytes that are no ASCII
_NAME = re.compile(r"name\s*=\s*\"?([^\";\r\n]+)", re.IGNORECASE)
_CUT_OFF = {
    errors.CloseBoundaryNotFoundDefect, errors.StartBoundaryNotFoundDefect, errors.NoBoundaryInMultipartDefect,
    errors.MultipartInvariantViolationDefect,
}  # fmt: skip
_Mail: TypeAlias = "Message[str, str]"


def mail_members(file: IO[bytes], source: Source, budget: Budget) -> Iterator[RawSource]:
    """The page of an MHTML file under the file's own name, or a mail's text (if it is more than a cover) and attachments."""
    data = file.read(budget.limits.max_bytes + 1)
    if len(data) > budget.limits.max_bytes:
        yield RawSource(source, None, (too_large(f"more than {budget.limits.max_bytes}", budget.limits),))
        return
    try:
        if len(_BOUNDARY.findall(data)) > _MAX_PARTS:
            raise ValueError(f"more than {_MAX_PARTS} parts in parts")
        if _LONG_FIELD.search(data):
            raise ValueError("a header field of more than 64 KiB")
        found = list(_documents(message_from_bytes(data.lstrip()), source, budget))
    except _BROKEN as error:
        message = f"the mail or saved page cannot be taken apart ({type(error).__name__}: {error}); save it again"
        found = [RawSource(source, None, (problem("damaged_archive", message),))]
    for raw in found:
        budget.n_members += 1
        budget.n_bytes += len(raw.data or b"")
        excess = budget.excess()
        yield raw if excess is None else RawSource(raw.source, None, (excess,))
        if excess is not None:
            return


def _documents(mail: _Mail, source: Source, budget: Budget) -> Iterator[RawSource]:
    leaves = list(_leaves(mail))
    pages = [leaf for leaf in mail.walk() if leaf.get_content_type() in ("text/html", "application/xhtml+xml")]
    issues = _cut_off(mail)
    if pages and _is_saved_page(mail):
        page = _main_page(pages)
        url = next((u for u in (mail["Snapshot-Content-Location"], page["Content-Location"]) if u), None)
        place = dataclasses.replace(source, url=_web(url) or source.url)
        files = list(_saved_files(mail, source))
        if files:  # then the page is one of several members, side by side
            place = inside(place, PurePosixPath(unquote(urlsplit(place.url or "").path)).name or "index.html", place.url)
        yield from (RawSource(place, _bytes(page), issues), *files)
        return
    attached = [leaf for leaf in leaves if _is_attachment(leaf)]
    cover: tuple[Issue, ...] = ()
    for number, leaf in enumerate(leaves, start=1):
        data = _bytes(leaf)
        is_text = leaf not in attached
        if is_text and attached and len(_plain(data)) < load_toml("ingest.toml")["mail"]["cover"]:
            cover = (problem("cover_left_out", "the text of the mail is a cover of its attachments and was left out", "info"),)
            continue
        name = _name(leaf) or (f"{number}.html" if leaf.get_content_subtype() == "html" else f"{number}.txt")
        if not is_junk(name):
            title = _header(mail["Subject"]) if is_text else None
            yield RawSource(inside(source, name), data, (*unsafe(name), *cover, *issues), title)


def _saved_files(mail: _Mail, source: Source) -> Iterator[RawSource]:
    """Documents that were saved with a page, as Word and some browsers do; pictures belong to the page."""
    for number, part in enumerate((part for part in mail.walk() if not part.is_multipart()), start=1):
        if part.get_content_maintype() in ("text", "image"):
            continue
        data = _bytes(part)
        known = binary_format(data)
        if known is None or known[0].startswith("image/"):
            continue
        url = _web(part["Content-Location"])
        name = _name(part) or PurePosixPath(unquote(urlsplit(url or "").path)).name or f"{number}"
        if not is_junk(name):
            yield RawSource(inside(source, name, url), data, unsafe(name))


def _leaves(part: _Mail) -> Iterator[_Mail]:
    """The parts that may be documents: of alternatives the richest, of a page with its images the page."""
    kind, children = part.get_content_type(), part.get_payload()
    if kind == "message/rfc822" or not isinstance(children, list):
        if not _is_skipped(part):
            yield part
        return
    parts: list[_Mail] = [child for child in children if isinstance(child, Message)]
    if kind == "multipart/alternative" and parts:
        rich = [p for p in parts if p.get_content_type() in ("text/html", "multipart/related", "multipart/mixed")]
        parts = (rich or parts)[-1:]
    elif kind == "multipart/related":
        parts = [*parts[:1], *(p for p in parts[1:] if p.get_content_disposition() == "attachment")]
    for child in parts:
        yield from _leaves(child)


def _is_skipped(part: _Mail) -> bool:
    kind = part.get_content_type()
    decoration = part.get_content_maintype() == "image" and part.get_content_disposition() != "attachment"
    return decoration or any(fnmatch(kind, skipped) for skipped in load_toml("ingest.toml")["mail"]["skipped"])


def _is_attachment(part: _Mail) -> bool:
    named = part.get_content_disposition() == "attachment" or part.get_filename() is not None
    return named or part.get_content_maintype() != "text"


def _is_saved_page(mail: _Mail) -> bool:
    """Whether nobody ever sent it: browsers and Word write no recipient, and say where each part was found."""
    sent = any(mail[name] for name in _SENT)
    located = mail["Snapshot-Content-Location"] or any(part["Content-Location"] for part in mail.walk())
    return bool(located) and not sent


def _main_page(pages: list[_Mail]) -> _Mail:
    """The saved page itself; where it shows next to nothing of its own, the frame with the most text."""
    if len(pages) == 1 or len(_plain(_bytes(pages[0]))) >= _LITTLE:
        return pages[0]
    return max(pages, key=lambda page: len(_plain(_bytes(page))))


def _bytes(part: _Mail) -> bytes:
    if part.get_content_type() == "message/rfc822":
        inner: Any = part.get_payload(0) if part.is_multipart() else part
        return bytes(inner.as_bytes())
    data = part.get_payload(decode=True)
    content = data if isinstance(data, bytes) else b""
    return eight_bit(content, part.get_content_charset()) if part.get_content_maintype() == "text" else content


def _plain(data: bytes) -> str:
    return _MARKUP.sub("", decode(data).text)


def _web(url: str | None) -> str | None:
    clean = printable("".join(str(url or "").split()))
    return clean if clean.startswith(("http:", "https:")) else None


def _cut_off(mail: _Mail) -> tuple[Issue, ...]:
    defects = {type(defect) for part in mail.walk() for defect in part.defects}
    if defects.isdisjoint(_CUT_OFF):
        return ()
    message = "the mail or saved page is cut off; save it again if text is missing"
    return (problem("truncated_mail", message, "warning"),)


def _name(part: _Mail) -> str | None:
    """The attachment's name: encoded words, RFC 2231, percent signs, or bare bytes of any encoding."""
    name = _bare_name(part) or _header(part.get_filename())
    return unquote(name) if name and re.search("%[0-9A-Fa-f]{2}", name) else name


def _bare_name(part: _Mail) -> str | None:
    """The name in a header of bare bytes, which `email` would replace by question marks."""
    for field, value in part.raw_items():
        if field.lower() in ("content-disposition", "content-type") and _BARE.search(value):
            match = _NAME.search(value)
            return repaired(match.group(1).strip().encode("utf-8", "surrogateescape")) if match else None
    return None


def _header(value: str | Header | None) -> str | None:
    if value is None:
        return None
    words: list[tuple[Any, str | None]] = list(decode_header(value))
    text = "".join(_word(word, charset) for word, charset in words)
    return printable("".join(text.splitlines())).strip() or None


def _word(word: bytes | str, charset: str | None) -> str:
    raw = word if isinstance(word, bytes) else word.encode("utf-8", "surrogateescape")
    try:
        return raw.decode(charset) if charset and charset != "unknown-8bit" else repaired(raw)
    except (LookupError, UnicodeDecodeError):
        return repaired(raw)
