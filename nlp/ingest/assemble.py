"""One report in several files (a page and its attachment) → one Document.

Two documents belong together where they lie side by side in one folder, mail or crawled site, the one names the other,
and nothing else there is named by it. Two kinds are joined: a page that only announces a report, and the report; a report
without tables, and a spreadsheet that holds nothing but tables. Whatever is less certain is only said.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from nlp.document import Block, Document, Issue, Span, Table
from nlp.fold import fold
from nlp.ingest.raw import problem
from nlp.ingest.volumes import ENOUGH, n_headings

_WINDOW = 64  # neighbours looked at together; a page and its attachment are seldom far apart
_SHORT = 600  # characters; a longer page says more than that there is a report
_MIN_NAME = 5  # characters of a file's name that can tell it from another
_MIN_TITLE, _MAX_TITLE = 20, 80  # characters of a title that names its agency; `2021年度政府信息公开工作年度报告` has 18
_SHEET = "spreadsheet"


def assemble(documents: Iterable[Document]) -> Iterator[Document]:
    """The documents in their order, those that belong together as one (issue `merged_attachment`, info).

    Looks at 64 neighbours of one folder at a time. Give it documents in the order in which their archive holds them.
    """
    for _, neighbours in groupby(documents, key=_folder):
        while window := list(islice(neighbours, _WINDOW)):
            yield from _joined(window)


def _folder(document: Document) -> tuple[str, str]:
    """What neighbours share: the folder on disk or in the archive; of a crawl the archive and the site."""
    source = document.source
    if source.member is None:
        return str(PurePosixPath(source.path).parent), ""
    if source.url and source.member.startswith(source.url):
        return source.path, urlsplit(source.url).netloc
    return source.path, str(PurePosixPath(source.member).parent)


def _joined(window: Sequence[Document]) -> Iterator[Document]:
    counts = [n_headings(document.text) for document in window]
    partners: dict[int, list[int]] = {}
    for index, document in enumerate(window):
        others = _candidates(index, window, counts)
        partners[index] = [other for other in others if _names(document, window[other])]
    taken = [other for found in partners.values() for other in found]
    merged: dict[int, Document] = {}
    dropped: set[int] = set()
    for index, found in partners.items():
        if len(found) == 1 and taken.count(found[0]) == 1:
            merged[found[0] if counts[index] == 0 else index] = _merge(window[index], window[found[0]], counts[index])
            dropped.add(index if counts[index] == 0 else found[0])
        elif found:
            merged[index] = _doubtful(window[index], [window[other] for other in found])
    for index, document in enumerate(window):
        if index not in dropped:
            yield merged.get(index, document)


def _candidates(index: int, window: Sequence[Document], counts: Sequence[int]) -> list[int]:
    """Those that could complete a document by what they hold: a report for an announcement, a sheet for a report."""
    document = window[index]
    if counts[index] == 0 and not document.tables and len(document.text) <= _SHORT:
        return [i for i, n in enumerate(counts) if i != index and n >= ENOUGH]
    if counts[index] >= ENOUGH and not document.tables:
        return [
            i for i, n in enumerate(counts) if n == 0 and _SHEET in window[i].source.media_type and window[i].tables
        ]
    return []


def _names(document: Document, other: Document) -> bool:
    """Whether a document's text names the other by its file's name or by its title."""
    text = _squeezed(f"{document.title or ''}\n{document.text}\n{_attachments(document)}")
    place = other.source.url or other.source.member or other.source.path
    stem = _squeezed(PurePosixPath(unquote(urlsplit(place).path if other.source.url else place)).stem)
    titles = (_squeezed(title) for title in (other.title or "", other.text.strip().split("\n", 1)[0][:_MAX_TITLE]))
    return (len(stem) >= _MIN_NAME and stem in text) or any(len(t) >= _MIN_TITLE and t in text for t in titles)


def _attachments(document: Document) -> str:
    """What the reader of the page says of the files that it links to."""
    return unquote(" ".join(issue.message for issue in document.issues if issue.code == "attachment_only"))


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", fold(text).text)


def _merge(page: Document, attachment: Document, n_of_page: int) -> Document:
    if n_of_page == 0:
        message = f"the report is the attachment of a page ({_called(page)}), which stated title, date and address"
        return dataclasses.replace(
            attachment,
            source=dataclasses.replace(attachment.source, url=attachment.source.url or page.source.url),
            title=attachment.title or page.title,
            published=page.published or attachment.published,
            site=attachment.site or page.site,
            author=attachment.author or page.author,
            issues=(*attachment.issues, _said(message)),
        )
    message = (
        f"the tables are those of an attachment ({_called(attachment)}); its text was added to the end of the report's"
    )
    offset = len(page.text) + 1
    return dataclasses.replace(
        page,
        id=hashlib.sha256(f"{page.id}+{attachment.id}".encode()).hexdigest(),
        text=f"{page.text}\n{attachment.text}",
        blocks=(*page.blocks, *(_moved_block(block, offset) for block in attachment.blocks)),
        tables=(*page.tables, *(_moved_table(table, offset) for table in attachment.tables)),
        issues=(*page.issues, *(_moved_issue(issue, offset) for issue in attachment.issues), _said(message)),
    )


def _doubtful(document: Document, others: Sequence[Document]) -> Document:
    names = ", ".join(_called(other) for other in others[:5])
    message = f"the page may belong to {len(others)} of the files beside it ({names}); read on its own"
    return dataclasses.replace(document, issues=(*document.issues, problem("possible_attachment", message, "info")))


def _said(message: str) -> Issue:
    return problem("merged_attachment", message, "info")


def _called(document: Document) -> str:
    return document.source.member or document.source.path


def _moved(span: Span, offset: int) -> Span:
    return Span(span.start + offset, span.end + offset)


def _moved_block(block: Block, offset: int) -> Block:
    return dataclasses.replace(block, span=_moved(block.span, offset))


def _moved_table(table: Table, offset: int) -> Table:
    cells = tuple(dataclasses.replace(cell, span=_moved(cell.span, offset)) for cell in table.cells)
    return Table(_moved(table.span, offset), cells)


def _moved_issue(issue: Issue, offset: int) -> Issue:
    return issue if issue.span is None else dataclasses.replace(issue, span=_moved(issue.span, offset))
