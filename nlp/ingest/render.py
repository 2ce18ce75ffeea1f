"""A part of an HTML tree → text, blocks and tables: a line a block element, a line a table row, white space as shown."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from lxml.html import HtmlElement

from nlp.document import Block, BlockKind, GridCell, Span, Table
from nlp.ingest.grid import Place, places

CELL_SEPARATOR = " | "
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
BLOCK_TAGS = HEADINGS | {
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "caption",
    "center",
    "dd",
    "details",
    "dialog",
    "dir",
}
BLOCK_TAGS |= {
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "frameset",
    "header",
    "hr",
    "html",
    "legend",
}
BLOCK_TAGS |= {
    "li",
    "main",
    "menu",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
}
BLOCK_TAGS |= {"tr", "ul"}
_WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f“”‘’—…"
# A line end between two wide characters shows no space (CSS Text 3, 4.1.3); any other white space shows one.
_WIDE_BREAK = re.compile(rf"(?<=[{_WIDE}])[ \t\r\f]*\n[ \t\r\n\f]*(?=[{_WIDE}])")
_SPACE = re.compile(r"\s+")
_INVISIBLE = re.compile(r"[\u200b\u200c\u200d\ufeff\u2060\xad\x00]")


@dataclass(slots=True)
class Rendered:
    """Text in pieces with the blocks and tables found so far; offsets are of the joined text."""

    pieces: list[str] = field(default_factory=list)
    length: int = 0
    blocks: list[Block] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text without its last line end."""
        return "".join(self.pieces).rstrip("\n")

    def line(self, text: str, kind: BlockKind, path: str) -> None:
        """Add a line as a block of its own."""
        self.blocks.append(Block(Span(self.length, self.length + len(text)), kind, path))
        self.add(text + "\n")

    def add(self, text: str) -> Span:
        """Add text; its span."""
        start = self.length
        self.pieces.append(text)
        self.length += len(text)
        return Span(start, self.length)


def shown(text: str) -> str:
    """White space as a browser shows it, `&nbsp;` like any other; trimmed; invisible characters out."""
    return _SPACE.sub(" ", _WIDE_BREAK.sub("", _INVISIBLE.sub("", text))).strip()


def render(
    element: HtmlElement,
    path: str,
    skipped: Callable[[HtmlElement], bool],
    is_grid: Callable[[HtmlElement], bool],
    to: Rendered,
) -> None:
    """Render `element` (found at `path`) into `to`, leaving `skipped` elements out, tables that are no grid as blocks."""
    buffer: list[str] = []
    owners: list[tuple[str, str]] = [(str(element.tag), path)]

    def flush() -> None:
        for text in "".join(buffer).split("\v"):
            content = shown(text)
            if content:
                tag, owner = next((o for o in reversed(owners) if o[0] in HEADINGS), owners[-1])
                to.line(content, "heading" if tag in HEADINGS else "paragraph", owner)
        buffer.clear()

    for event, node, node_path in walk(element, path, lambda node: skipped(node) or is_grid(node)):
        tag = node.tag
        if event == "skip" and not skipped(node):
            flush()
            _render_grid(node, node_path, skipped, to)
        elif event == "start":
            if tag in BLOCK_TAGS:
                flush()
                owners.append((tag, node_path))
            buffer.append("\v" if tag == "br" else node.text or "")
        elif event == "end" and tag in BLOCK_TAGS:
            flush()
            owners.pop()
        if event != "start" and node is not element:
            buffer.append(node.tail or "")
    flush()


def inline_text(element: HtmlElement, skipped: Callable[[HtmlElement], bool]) -> str:
    """The text of a table cell as one line; a break inside a word of Chinese (`予以<br>公开`) leaves no space."""
    parts: list[str] = []
    for event, node, _ in walk(element, "", skipped):
        if event != "skip" and (node.tag in BLOCK_TAGS or node.tag == "br"):
            parts.append("\n")
        if event == "start":
            parts.append(node.text or "")
        elif node is not element:
            parts.append(node.tail or "")
    return shown("".join(parts))


def _render_grid(table: HtmlElement, path: str, skipped: Callable[[HtmlElement], bool], to: Rendered) -> None:
    rows: dict[int, list[tuple[Place, str]]] = {}
    for place in places(table):
        if not skipped(place.element) and not skipped(place.element.getparent()):
            rows.setdefault(place.row, []).append((place, inline_text(place.element, skipped)))
    caption = next((child for child in table if child.tag == "caption" and not skipped(child)), None)
    if caption is not None and (text := inline_text(caption, skipped)):
        to.line(text, "paragraph", path + "/caption")
    start, cells = to.length, []
    for row in rows.values():
        if not any(text for _, text in row):
            continue
        for index, (place, text) in enumerate(row):
            if index:
                to.add(CELL_SEPARATOR)
            cells.append(GridCell(to.add(text), place.row, place.column, place.rowspan, place.colspan))
        to.add("\n")
    if cells:
        span = Span(start, to.length - 1)
        to.tables.append(Table(span, tuple(cells)))
        to.blocks.append(Block(span, "table", path))


def walk(root: HtmlElement, path: str, stop: Callable[[HtmlElement], bool]) -> Iterator[tuple[str, HtmlElement, str]]:
    """Depth first without recursion (pages nest deeper than Python may): start and end of each element, `skip` at a stop.

    With it the element's path; without a `path` of the root none is made.
    """
    stack: list[tuple[str, HtmlElement, str]] = [("start", root, path)]
    while stack:
        event, node, node_path = stack.pop()
        if event == "start" and node is not root and stop(node):
            yield "skip", node, node_path
            continue
        yield event, node, node_path
        if event == "start":
            stack.append(("end", node, node_path))
            children = [child for child in node if isinstance(child.tag, str)]
            paths = _paths(children, node_path) if node_path else [""] * len(children)
            stack.extend(zip(["start"] * len(children), reversed(children), reversed(paths), strict=True))


def _paths(children: list[HtmlElement], path: str) -> list[str]:
    """XPath of each child: numbered where its parent has several of its name."""
    if len(children) == 1:
        return [f"{path}/{children[0].tag}"]
    totals = Counter([child.tag for child in children])
    seen: dict[str, int] = {}
    paths = []
    for child in children:
        number = seen[child.tag] = seen.get(child.tag, 0) + 1
        paths.append(f"{path}/{child.tag}[{number}]" if totals[child.tag] > 1 else f"{path}/{child.tag}")
    return paths
