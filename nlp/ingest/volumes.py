"""One file with several reports (a city's collected volume) → a Document each.

A report begins at a line that is a title naming an agency and a year, and holds at least three of the six headings of
the official form. A file is split only where two or more such titles differ; whatever is less certain is only said.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from nlp.document import Block, Document, GridCell, Issue, Span, Table
from nlp.fold import fold
from nlp.ingest.raw import inside, problem
from nlp.settings import load_toml

ENOUGH = 3  # kinds of headings of a report; an announcement or a table of contents has fewer to a title
_LINE = re.compile(r"[^\r\n]+")
_NUMBERED = r"(?:第?[一二三四五六七八九十][、.．，部]|[(（][一二三四五六七八九十][)）]|\d{1,2}[、.．])\S{0,14}?"
_LEADERS = re.compile(r"[.…·\d]*$")  # of a table of contents: dots and a page number
_SHORTEST = (
    400  # characters of a report from its first heading to its last; between those of a table of contents are 100
)
_MAX_HEADING = 45  # characters of a line that is a heading


@dataclass(frozen=True, slots=True)
class _Title:
    """A line that is a report's title: where the report begins, the title as printed, what tells it from others."""

    start: int
    printed: str
    key: str


def volumes(document: Document) -> tuple[Document, ...]:
    """The reports in a document, `(document,)` itself where it is one; a part's text is a slice of the whole.

    A part has the id of the whole and its number, hashed; its own title; `Source.member` ends in `report 2`.
    What stands before the first title (a cover, a table of contents) belongs to no report.
    """
    lines = list(_lines(document))
    parts = [part for part in _parts(document, lines) if n_headings(document.text[slice(*part[1])]) >= ENOUGH]
    if len(parts) < 2:
        restarts = _restarts(lines)
        if restarts < 2:
            return (document,)
        return (
            _doubtful(document, f"the headings of a report begin {restarts} times, under titles that do not differ"),
        )
    if any(table.span.start < span.start < table.span.end for _, span in parts for table in document.tables):
        return (_doubtful(document, f"{len(parts)} titles of reports stand inside tables"),)
    return tuple(
        _part(document, title, span, number, len(parts)) for number, (title, span) in enumerate(parts, start=1)
    )


def n_headings(text: str) -> int:
    """How many of the six kinds of section headings stand in a text, each on a line of its own."""
    plain = [_squeezed(line) for line in _LINE.findall(text)]
    return len({kind for line in plain if (kind := _heading(line)) is not None})


def _parts(document: Document, lines: Sequence[tuple[Span, str]]) -> Iterator[tuple[_Title, Span]]:
    titles: list[_Title] = []
    for index, (span, plain) in enumerate(lines):
        title = _title(document, span, plain, lines[index - 1] if index else None)
        if title is not None and not (titles and titles[-1].key == title.key):  # a running head repeats its title
            titles.append(title)
    ends = [*(title.start for title in titles[1:]), len(document.text)]
    for title, end in zip(titles, ends, strict=False):  # without a title there is an end and nothing else
        yield title, Span(title.start, end)


def _title(document: Document, span: Span, plain: str, above: tuple[Span, str] | None) -> _Title | None:
    title, never, name = _patterns()
    core = _LEADERS.sub("", plain)
    match = title.fullmatch(core)
    if match is None or never.search(core):
        return None
    if match["name"] or match["rest"]:
        return _Title(span.start, "".join(document.text[slice(*span)].split()), core)
    if above is None or not name.fullmatch(above[1]) or _heading(above[1]) is not None:
        return None
    start = above[0].start
    return _Title(start, "".join(document.text[start : span.end].split()), above[1] + core)


def _lines(document: Document) -> Iterator[tuple[Span, str]]:
    """The lines that are not blank nor chrome, with their simplified text without white space."""
    chrome, at = sorted(block.span for block in document.blocks if block.kind == "chrome"), 0
    for match in _LINE.finditer(document.text):
        while at < len(chrome) and chrome[at].end <= match.start():
            at += 1
        is_chrome = at < len(chrome) and chrome[at].start <= match.start()
        plain = _squeezed(match.group()) if len(match.group()) <= 4 * _MAX_HEADING else ""
        if plain and not is_chrome:
            yield Span(*match.span()), plain


def _squeezed(line: str) -> str:
    return "".join(fold(line).text.split()) if len(line) <= 4 * _MAX_HEADING else ""


def _heading(plain: str) -> int | None:
    """Which of the six kinds of headings a line is."""
    if len(plain) > _MAX_HEADING:
        return None
    return next((kind for kind, pattern in enumerate(_headings()) if pattern.match(plain)), None)


def _restarts(lines: Sequence[tuple[Span, str]]) -> int:
    """How many times the first heading is followed, after a report's length of text, by the last."""
    first, last = 0, len(_headings()) - 1
    n_found, begun = 0, None
    for span, plain in lines:
        kind = _heading(plain)
        if kind == first:
            begun = span.start
        elif kind == last and begun is not None:
            n_found += span.start - begun >= _SHORTEST
            begun = None
    return n_found


def _doubtful(document: Document, why: str) -> Document:
    message = f"the file may hold several reports ({why}); read as one, split the file if it holds more"
    return dataclasses.replace(
        document, issues=(*document.issues, problem("possible_several_reports", message, "info"))
    )


def _part(document: Document, title: _Title, span: Span, number: int, n_parts: int) -> Document:
    message = f"report {number} of {n_parts} in one file, from its title to the next one"
    issues = [moved for issue in document.issues if (moved := _moved_issue(issue, span)) is not None]
    return dataclasses.replace(
        document,
        id=hashlib.sha256(f"{document.id}#{number}".encode()).hexdigest(),
        source=dataclasses.replace(document.source, member=inside(document.source, f"report {number}").member),
        text=document.text[slice(*span)],
        blocks=tuple(
            _moved_block(b, span) for b in document.blocks if b.span.start < span.end and b.span.end > span.start
        ),
        tables=tuple(
            _moved_table(t, span) for t in document.tables if span.start <= t.span.start and t.span.end <= span.end
        ),
        title=title.printed,
        issues=(*issues, problem("several_reports", message, "info")),
    )


def _moved(span: Span, whole: Span) -> Span:
    return Span(max(span.start, whole.start) - whole.start, min(span.end, whole.end) - whole.start)


def _moved_block(block: Block, whole: Span) -> Block:
    return dataclasses.replace(block, span=_moved(block.span, whole))


def _moved_table(table: Table, whole: Span) -> Table:
    cells = tuple(_moved_cell(cell, whole) for cell in table.cells)
    return Table(_moved(table.span, whole), cells)


def _moved_cell(cell: GridCell, whole: Span) -> GridCell:
    return dataclasses.replace(cell, span=_moved(cell.span, whole))


def _moved_issue(issue: Issue, whole: Span) -> Issue | None:
    if issue.span is None:
        return issue
    inside_it = whole.start <= issue.span.start and issue.span.end <= whole.end
    return dataclasses.replace(issue, span=_moved(issue.span, whole)) if inside_it else None


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    config = load_toml("ingest.toml")["volumes"]
    return re.compile(config["title"]), re.compile(config["never"]), re.compile(config["name"])


@cache
def _headings() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(f"{_NUMBERED}(?:{words})") for words in load_toml("ingest.toml")["volumes"]["headings"])
