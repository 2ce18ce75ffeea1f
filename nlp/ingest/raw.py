"""What the containers share: the bytes of one document as found, names made printable, and what an archive may cost."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import PurePosixPath
from typing import Any

from nlp.document import Issue, Severity, Source
from nlp.errors import GongkaiError
from nlp.ingest.encoding import decode
from nlp.settings import Limits, load_toml

_LOG = logging.getLogger(__name__)
_SMALL = 1 << 20  # bytes; below it no ratio is held against an archive
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class UnreadableError(GongkaiError):
    """A file that cannot be read at all: code and message of the issue that its document gets. Never leaves a reader."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class RawSource:
    """One document's bytes as found. `data` is None where they could not be had; `issues` then say why.

    `title` and `published` (as printed) are what the container states about the document: columns of a table of pages,
    the subject of a mail. `beside`: files that may belong to the same report.
    """

    source: Source
    data: bytes | None
    issues: tuple[Issue, ...] = ()
    title: str | None = None
    published: str | None = None
    beside: tuple[RawSource, ...] = ()


@dataclass(slots=True)
class Budget:
    """What an archive and all archives inside it have cost so far, against the limits. `size`: its own bytes."""

    limits: Limits
    size: int
    n_bytes: int = 0
    n_members: int = 0

    def excess(self) -> Issue | None:
        """The limit that is overstepped, as the issue that ends the reading of the archive."""
        if self.n_members > self.limits.max_members:
            return problem("too_many_members", f"the archive holds more than {self.limits.max_members} files; split it")
        if self.n_bytes > max(_SMALL, self.limits.max_ratio * self.size):
            message = (
                f"the archive unpacks to more than {self.limits.max_ratio:g} times its size, as an archive bomb does"
            )
            return problem("compression_ratio", f"{message}; the rest was not read")
        return None

    def allowance(self) -> int:
        """Bytes that one more member may unpack to: never more than a document may have, nor than the ratio leaves."""
        ratio = max(_SMALL, int(self.limits.max_ratio * self.size)) - self.n_bytes
        return max(0, min(self.limits.max_bytes, ratio))


def problem(code: str, message: str, severity: Severity = "error") -> Issue:
    """An issue of the stage `ingest`."""
    return Issue("ingest", code, severity, message)


def failed(path: str, member: str | None, code: str, message: str) -> RawSource:
    """A source whose bytes could not be had, and why."""
    return RawSource(Source(path, member), None, (problem(code, message),))


def too_large(size: str, limits: Limits) -> Issue:
    """The issue of a document above the limit of bytes; `size` in words."""
    message = f"{size} bytes, over the limit of {limits.max_bytes}; raise limits.max_bytes in the settings"
    return problem("too_large", message)


def inside(source: Source, name: str, url: str | None = None) -> Source:
    """The source of a member `name` of the container `source`: `outer.zip!/inner.tar!/report.html`."""
    return Source(source.path, f"{source.member}!/{name}" if source.member else name, url)


def eight_bit(data: bytes, charset: str | None) -> bytes:
    """Text in UTF-8 where a header declares one of the encodings that look like ASCII (HZ, ISO-2022, UTF-7).

    All other encodings are told by the bytes, whatever a header declares.
    """
    name = (charset or "").strip(" \"'").lower()
    if not data.isascii() or not name.startswith(("hz", "iso-2022-", "utf-7", "utf7")):
        return data
    try:
        return data.decode(name).encode()
    except (LookupError, UnicodeError):
        return data


def is_junk(name: str) -> bool:
    """Whether a name is that of a file which macOS or Windows leaves behind; such files are no sources."""
    table: dict[str, Any] = load_toml("ingest.toml")["files"]
    junk = any(fnmatch(part, pattern) for part in PurePosixPath(name).parts for pattern in table["junk"])
    if junk:
        _LOG.info("skipped %s: left behind by an operating system", name)
    return junk


def printable(name: str) -> str:
    """A name without control characters and lone surrogates, so that it can stand in a record: `a\\x0ab`."""
    return _CONTROL.sub(lambda match: match.group().encode("unicode_escape").decode("ascii"), name)


def repaired(raw: bytes) -> str:
    """A member's name from its bytes, UTF-8 or one of the Chinese encodings."""
    return printable(decode(raw).text)


def unsafe(name: str) -> tuple[Issue, ...]:
    """A warning for a name that would leave the folder it is unpacked into; nothing is ever unpacked to disk here."""
    parts = re.split(r"[/\\]", name.rsplit("!/", 1)[-1])
    if ".." in parts or parts[0] == "" or re.match(r"[A-Za-z]:", name):
        return (
            problem("unsafe_name", "the member's name points outside the archive; read, never unpacked", "warning"),
        )
    return ()
