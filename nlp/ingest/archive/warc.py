"""Pages of a web archive (WARC 1.0 and 1.1, plain or gzip; ISO 28500), one by one, read as a stream."""

from __future__ import annotations

import logging
import re
from collections.abc import Generator, Iterator
from fnmatch import fnmatch
from typing import IO

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from nlp.document import Issue, Source
from nlp.ingest.archive.transfer import decoded, pieces
from nlp.ingest.raw import Budget, RawSource, eight_bit, failed, inside, printable, problem, too_large
from nlp.ingest.recognise import binary_format
from nlp.settings import load_toml

_LOG = logging.getLogger(__name__)
_WANTED = WarcRecordType.response | WarcRecordType.resource
_MAX_DAMAGES = 100  # places at which the reading starts again before an archive is given up
_CHUNK = 1 << 20
_RECORD = re.compile(rb"WARC/\d\.\d+\r?\n(?=[A-Za-z-]+:)")
_MEMBER = re.compile(rb"\x1f\x8b\x08[\x00\x04]")  # a gzip member, also with the extra field that some crawlers write


def warc_members(file: IO[bytes], source: Source, budget: Budget) -> Iterator[RawSource]:
    """The documents among the responses (2xx) of a WARC; a member is named `<URL>@<WARC-Date>`, its url is the URL.

    Where the archive is damaged, an issue says so and the reading goes on at the next record.
    """
    position: int | None = 0
    for _ in range(_MAX_DAMAGES):
        position = yield from _until_damage(file, position or 0, source, budget)
        if position is None:
            return
    message = f"the web archive is damaged in {_MAX_DAMAGES} places; the rest was not read, fetch it again"
    yield failed(source.path, source.member, "damaged_archive", message)


def _until_damage(
    file: IO[bytes], position: int, source: Source, budget: Budget
) -> Generator[RawSource, None, int | None]:
    """The documents from `position` on. Returns where the first record after a damage begins; None at the end."""
    file.seek(position)
    last, is_new = position, position == 0
    try:
        for record in ArchiveIterator(file, parse_http=False):
            last, is_new = record.stream_pos, True
            raw, swallows = _document(record, source, budget)
            if raw is not None:
                excess = budget.excess()
                yield raw if excess is None else RawSource(raw.source, None, (excess,))
                if excess is not None:
                    return None
            if swallows:
                return _next_record(file, last + 1)
    except (OSError, ValueError, EOFError) as error:
        if is_new:  # else this is the damage that was told already
            message = f"the web archive is damaged after the record at byte {last} ({error}); read on at the next whole one"
            place = inside(source, f"byte {last}")
            yield failed(place.path, place.member, "damaged_record", f"{message}; fetch the archive again")
        return _next_record(file, last + 1)
    return None


def _next_record(file: IO[bytes], start: int) -> int | None:
    """The place of the next record (plain) or gzip member at or after `start`."""
    file.seek(0)
    pattern = _MEMBER if file.read(2) == b"\x1f\x8b" else _RECORD
    file.seek(start)
    buffer, offset = b"", start
    while block := file.read(_CHUNK):
        buffer += block
        match = pattern.search(buffer)
        if match:
            return offset + match.start()
        offset += max(0, len(buffer) - 16)
        buffer = buffer[-16:]
    return None


def _document(record: WarcRecord, source: Source, budget: Budget) -> tuple[RawSource | None, bool]:
    """The document of a record, None where it holds none; and whether the record runs into the next one (cut off)."""
    url = (record.headers.get("WARC-Target-URI") or "").strip("<> ")
    if not record.record_type & _WANTED or not (url or "http:").startswith(("http:", "https:")):
        return None, False
    declared = record.headers.get("Content-Type") or ""
    if declared.startswith("application/http"):
        record.parse_http(strict_mode=False)
        if not 200 <= (record.http_headers.status_code or 0) < 300:
            _LOG.info("skipped %s: status %s", url, record.http_headers.status_code)
            return None, False
        declared = record.http_content_type or ""
    name = f"{url or f'byte {record.stream_pos}'}@{record.headers.get('WARC-Date') or ''}"
    place = inside(source, printable(name), printable(url) or None)
    if _is_skipped(declared):
        return None, False
    budget.n_members += 1
    body, issues, swallows = _body(record, budget.limits.max_bytes)
    if len(body) > budget.limits.max_bytes:
        return RawSource(place, None, (too_large(str(record.content_length), budget.limits),)), False
    data = _content(record, body, budget)
    budget.n_bytes += len(data)
    if len(data) > budget.limits.max_bytes:
        return RawSource(place, None, (too_large(f"more than {budget.limits.max_bytes}", budget.limits),)), swallows
    if _is_skipped((binary_format(data) or ("",))[0]):
        return None, swallows
    return RawSource(place, data, issues), swallows


def _body(record: WarcRecord, limit: int) -> tuple[bytes, tuple[Issue, ...], bool]:
    """What the record holds below its headers, an issue if that is cut off, and whether the next record lies in it."""
    body = pieces(record.reader, limit + 1)
    follower = _RECORD.search(body)
    n_missing = 0 if len(body) > limit else record.content_length - len(body)
    if follower is None and n_missing <= 0 and not record.headers.get("WARC-Truncated"):
        return body, (), False
    message = "the record is cut off; what there is of the page was read; fetch the page again if text is missing"
    whole = body if follower is None else body[: follower.start()].rstrip(b"\r\n")
    return whole, (problem("truncated_record", message, "warning"),), follower is not None


def _content(record: WarcRecord, body: bytes, budget: Budget) -> bytes:
    """The page as a browser would have had it: transfer and content encoding undone, never more than is allowed."""
    if not record.is_http_parsed:
        return body
    headers = record.http_headers
    if "chunked" in (headers.get("Transfer-Encoding") or "").lower():
        body = decoded(body, "chunked", budget.allowance())
    for encoding in reversed((headers.get("Content-Encoding") or "").lower().split(",")):
        body = decoded(body, encoding.strip(), budget.allowance())
    return eight_bit(body, record.http_charset)


def _is_skipped(media_type: str) -> bool:
    patterns: list[str] = load_toml("ingest.toml")["crawl"]["skipped"]
    return any(fnmatch(media_type.strip().lower(), pattern) for pattern in patterns)
