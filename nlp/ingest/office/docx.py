"""A DOCX → Document: paragraphs with the labels of their lists, tables with merged cells, text boxes; no headers, no revisions.

ECMA-376 part 1, WordprocessingML. What was deleted under revision marks is left out, what was inserted is kept.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from nlp.document import Document, Issue, Source
from nlp.ingest.office.docx_lists import Lists
from nlp.ingest.office.docx_styles import WORD, Styles, number, value
from nlp.ingest.office.docx_text import Inline
from nlp.ingest.office.ooxml import Package
from nlp.ingest.office.shown import Cell, Shown, read_shown, table_html
from nlp.ingest.raw import UnreadableError, problem
from nlp.settings import Limits

_MAIN = "word/document.xml"
_PARAGRAPH, _TABLE, _ROW, _CELL = (f"{WORD}{name}" for name in ("p", "tbl", "tr", "tc"))
# Elements around blocks, rows or cells that show what they hold.
_WRAPPERS = frozenset(f"{WORD}{name}" for name in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag"))
_MAX_SPAN = 1000  # columns; a larger gridSpan is damage


def read_docx(data: bytes, source: Source, document_id: str, issues: tuple[Issue, ...], limits: Limits) -> Document:
    """The Document of a DOCX file. What cannot be read has an empty text and an issue of severity error."""
    return read_shown(lambda: _shown(data, limits), source, document_id, issues)


def _shown(data: bytes, limits: Limits) -> Shown:
    package = Package(data, limits)
    main = package.main(_MAIN)
    root, is_whole = package.xml(main)
    body = root.find(f"{WORD}body") if root is not None else None
    if root is None or body is None:
        raise UnreadableError(
            "damaged_file", f"the file has no readable {main}; fetch it again, or save it anew from Word"
        )
    styles, lists = (_part(package, main, kind) for kind in ("styles", "numbering"))
    reader = _Body(Styles(styles), Lists(lists))
    blocks = list(reader.blocks(body))
    problems = []
    if not is_whole:
        message = f"{main} is damaged; the file was read as far as it goes; fetch it again"
        problems.append(problem("damaged_part", message, "warning"))
    if next(root.iter(f"{WORD}altChunk"), None) is not None:
        message = "part of the file is embedded in another format and was not read; open it in Word and save it anew"
        problems.append(problem("embedded_part", message, "warning"))
    return Shown(blocks, problems)


def _part(package: Package, main: str, kind: str) -> etree._Element | None:
    targets = package.targets(main, kind)
    return package.xml(next(iter(targets.values()), f"word/{kind}.xml"))[0]


class _Body:
    """The blocks of a document in order; keeps what one paragraph leaves to the next: list counters, fields, merged text."""

    def __init__(self, styles: Styles, lists: Lists) -> None:
        self._styles, self._lists = styles, lists
        self._inline = Inline()
        self._carried = ""

    def blocks(self, container: etree._Element) -> Iterator[str]:
        """HTML of the blocks in `container`."""
        for node in _within(container, {_PARAGRAPH, _TABLE}):
            if node.tag == _PARAGRAPH:
                yield from self._paragraph(node)
            else:
                yield self._table(node)

    def _paragraph(self, node: etree._Element) -> Iterator[str]:
        text, boxes = self._inline.read(node)
        text, self._carried = self._carried + text, ""
        properties = node.find(f"{WORD}pPr")
        if _mark_is_deleted(properties):  # what stands before a deleted mark is shown in the next paragraph
            self._carried = text
        else:
            label = self._lists.label(*self._styles.numbered(properties))
            if text.strip():
                level = self._styles.level(properties)
                tag = "p" if level is None else f"h{min(level + 1, 6)}"
                yield f"<{tag}>{label}{text}</{tag}>"
        for box in boxes:
            yield from self.blocks(box)

    def _table(self, table: etree._Element) -> str:
        rows = []
        for row in _within(table, {_ROW}):
            properties = row.find(f"{WORD}trPr")
            if properties is None or properties.find(f"{WORD}del") is None:
                rows.append(self._row(row, properties))
        return table_html(rows)

    def _row(self, row: etree._Element, properties: etree._Element | None) -> list[Cell]:
        cells: list[Cell] = []
        column = min(number(properties, "gridBefore"), _MAX_SPAN)
        for node in _within(row, {_CELL}):
            inside = node.find(f"{WORD}tcPr")
            width = max(1, min(number(inside, "gridSpan", 1), _MAX_SPAN))
            html = "\n".join(self.blocks(node))
            if cells and _continues(inside, "hMerge"):
                cells[-1] = cells[-1]._replace(width=cells[-1].width + width)
            else:
                cells.append(Cell(html, column, width, _continues(inside, "vMerge")))
            column += width
        return cells


def _within(container: etree._Element, tags: set[str]) -> Iterator[etree._Element]:
    """The elements of these names in `container` and in the wrappers inside it, in order."""
    stack = list(reversed(container))
    while stack:
        node = stack.pop()
        if node.tag in tags:
            yield node
        elif node.tag in _WRAPPERS:
            stack.extend(reversed(node))


def _continues(properties: etree._Element | None, name: str) -> bool:
    """Whether a cell is merged into the one before it: `vMerge` or `hMerge` that does not say `restart`."""
    merge = properties.find(f"{WORD}{name}") if properties is not None else None
    return merge is not None and value(merge) != "restart"


def _mark_is_deleted(properties: etree._Element | None) -> bool:
    return properties is not None and properties.find(f"{WORD}rPr/{WORD}del") is not None
