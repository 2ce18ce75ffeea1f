"""What a reader makes of a source: text that never changes, and spans that point into it.

All spans are half-open `[start, end)` in Unicode code points of `Document.text`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

SectionKind = Literal[
    "preamble", "overview", "disclosure", "applications", "review_litigation", "problems", "other"
]
BlockKind = Literal["heading", "paragraph", "table", "chrome"]
Severity = Literal["error", "warning", "info"]


class Span(NamedTuple):
    """A stretch `[start, end)` of a document's text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Issue:
    """Something a person should know: what (`message`), where (`span`), at which stage, how grave."""

    stage: str
    code: str
    severity: Severity
    message: str
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Where the bytes came from. `member` is the name inside an archive; `bytes` their number."""

    path: str
    member: str | None = None
    url: str | None = None
    media_type: str = "text/plain"
    encoding: str | None = None
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of layout: its span, its kind, and where the reader found it (`path`: element path or page)."""

    span: Span
    kind: BlockKind
    path: str | None = None
    page: int | None = None
    box: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class GridCell:
    """A cell of a real grid: its text's span (white space trimmed) and the rows and columns it covers."""

    span: Span
    row: int
    column: int
    rowspan: int = 1
    colspan: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """A real grid as a reader found it (`<table>`, a PDF or Word table); cells in row-major order."""

    span: Span
    cells: tuple[GridCell, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a report: kind, heading as printed, and the span from its heading to the next."""

    kind: SectionKind
    title: str
    span: Span
    title_span: Span


@dataclass(frozen=True, slots=True)
class Document:
    """One report as read. `id` is the SHA-256 of the source bytes.

    `title`, `published` (ISO date), `site` and `author` are what the page states about itself (metadata, a header line);
    None where it states nothing. `blocks` may be empty for plain text. Text of kind `chrome` is not part of the report.
    """

    id: str
    source: Source
    text: str
    blocks: tuple[Block, ...] = ()
    tables: tuple[Table, ...] = ()
    title: str | None = None
    published: str | None = None
    site: str | None = None
    author: str | None = None
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class Folded:
    """A copy of a text made easier to read by rules, with the way back.

    `offsets[i]` is the offset in the original of character `i` of `text`; `offsets[len(text)]` is the original's length.
    """

    text: str
    offsets: Sequence[int] = field(repr=False)

    def original(self, start: int, end: int) -> Span:
        """The span of the original that stands behind `text[start:end]`; an empty span stays empty."""
        if start == end:
            return Span(self.offsets[start], self.offsets[start])
        return Span(self.offsets[start], self.offsets[end - 1] + 1)
