"""Where the article of a page lies: what is hidden or chrome is left out, then the smallest element that holds the rest.

A data table is never left out and never outside the body: the report's statistics are in it.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from lxml.html import HtmlElement

from nlp.ingest.grid import cells_of, row_groups
from nlp.ingest.render import inline_text, shown, walk
from nlp.settings import load_toml

_UNSEEN_TAGS = frozenset(
    ("script", "style", "noscript", "template", "head", "title", "meta", "link", "object", "embed")
)
_UNSEEN_TAGS |= {
    "applet",
    "iframe",
    "svg",
    "math",
    "canvas",
    "video",
    "audio",
    "select",
    "option",
    "optgroup",
    "textarea",
}
_UNSEEN_TAGS |= {"button", "input", "datalist", "frame", "frameset", "noframes"}
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_CONTAINERS = frozenset(
    ("body", "div", "section", "article", "main", "form", "center", "table", "tbody", "tr", "td", "span", "font")
)
_BODY_SHARE = 0.85  # of the text that a child must hold to be taken for the body in its parent's place
_CHROME_SHARE = 0.3  # an element that holds more of the text is kept, however it is named
_LINK_SHARE = 0.6  # a block with more of its text in links is a list of links
_NESTED_SHARE = 0.3  # a table whose nested tables hold more of its text only lays the page out
_LINKS = 3  # fewer links are no list of them
_LONG_CELL = 600
_AROUND = 300  # characters
_DATA_ROWS = 3  # a table with fewer may be a piece of one, or a bar of the page


@dataclass(slots=True)
class Page:
    """A parsed page: its body element and what to leave out of it."""

    root: HtmlElement
    body: HtmlElement
    skipped: set[HtmlElement] = field(default_factory=set)
    grids: set[HtmlElement] = field(default_factory=set)
    label_tables: list[HtmlElement] = field(default_factory=list)

    def is_skipped(self, element: HtmlElement) -> bool:
        """Whether the element is hidden, chrome, or never shown."""
        return element in self.skipped

    def is_grid(self, element: HtmlElement) -> bool:
        """Whether the element is a table of data, not of layout."""
        return element in self.grids


@dataclass(slots=True)
class _Measure:
    text: dict[HtmlElement, int] = field(default_factory=dict)
    links: dict[HtmlElement, int] = field(default_factory=dict)


def find_page(root: HtmlElement, show_hidden: bool = False) -> Page:
    """The page with its article found. `show_hidden` keeps what a script would unhide."""
    skipped = {element for element in root.iter() if _is_unseen(element, show_hidden)}
    top = next(root.iter("body"), root)
    measure = _measured(top, skipped)
    page = Page(root, top, skipped)
    for table in top.iter("table"):
        if is_inside(table, skipped):
            continue
        if _is_label_table(table):
            page.label_tables.append(table)
            skipped.add(table)
            _subtract(table, measure)
        elif not _is_layout(table, measure):
            page.grids.add(table)
    page.grids = {table for table in page.grids if not is_inside(table, page.grids)}
    data = [table for table in page.grids if _is_data(table, measure)]
    held = Counter(holder for table in data for holder in (table, *table.iterancestors()))
    _skip_chrome(page, measure, held)
    page.body = _descend(page, measure, held)
    return page


def text_of(element: HtmlElement, page: Page) -> str:
    """The shown text of an element on one line."""
    return inline_text(element, page.is_skipped)


def is_inside(element: HtmlElement, elements: set[HtmlElement]) -> bool:
    """Whether one of `elements` holds the element."""
    return any(ancestor in elements for ancestor in element.iterancestors())


def _is_unseen(element: HtmlElement, show_hidden: bool) -> bool:
    if not isinstance(element.tag, str) or element.tag in _UNSEEN_TAGS:
        return True
    if show_hidden:
        return False
    return element.get("hidden") is not None or _HIDDEN.search(element.get("style") or "") is not None


def _measured(top: HtmlElement, skipped: set[HtmlElement]) -> _Measure:
    """Characters of shown text in each element, and those of them in links."""
    measure = _Measure()
    for element in reversed(list(top.iter())):
        if element in skipped:
            continue
        own = _size(element.text)
        text, links = own, 0
        for child in element:
            tail = _size(child.tail)
            text += measure.text.get(child, 0) + tail
            links += measure.links.get(child, 0)
        measure.text[element] = text
        measure.links[element] = text if element.tag == "a" else links
    return measure


def _size(text: str | None) -> int:
    return len("".join(text.split())) if text else 0


def _is_layout(table: HtmlElement, measure: _Measure) -> bool:
    """Whether a table only lays the page out: one column, cells of page length, or other tables as its content."""
    if table.get("role") == "presentation":
        return True
    rows = [row for group in row_groups(table) for row in group]
    nested = {inner for inner in table.iter("table") if inner is not table}
    if nested:
        inside = sum(measure.text.get(inner, 0) for inner in nested if not is_inside(inner, nested))
        shares_out = inside > _NESTED_SHARE * max(measure.text.get(table, 0), 1)
        return shares_out or (len(rows) < _DATA_ROWS and any(_n_columns(inner) > 1 for inner in nested))
    return _n_columns(table) < 2 or any(
        measure.text.get(cell, 0) > _LONG_CELL for row in rows for cell in cells_of(row)
    )


def _n_columns(table: HtmlElement) -> int:
    return max((len(cells_of(row)) for group in row_groups(table) for row in group), default=0)


def _is_data(table: HtmlElement, measure: _Measure) -> bool:
    n_rows = sum(len(group) for group in row_groups(table))
    return n_rows >= _DATA_ROWS and measure.links.get(table, 0) <= _LINK_SHARE * measure.text.get(table, 0)


def _is_label_table(table: HtmlElement) -> bool:
    """The box of `索引号`, `发布机构`, `成文日期` … above an article."""
    labels = set(load_toml("ingest.toml")["page"]["labels"])
    n_cells = n_labels = 0
    for cell in table.iter("td", "th"):
        if n_cells > 60:
            return False
        n_cells += 1
        n_labels += re.sub(r"[\s:：【】\[\]]", "", "".join(cell.itertext())[:40]) in labels
    return n_labels >= 3 and n_labels >= 0.25 * n_cells


def _skip_chrome(page: Page, measure: _Measure, held: Counter[HtmlElement]) -> None:
    """Leave out what is named as chrome and blocks of links, unless it holds data or a large part of the text."""
    total = measure.text.get(page.body, 0)
    gone = set(page.skipped)
    for element in page.body.iter():
        if element in gone or element.getparent() in gone:
            gone.add(element)
            continue
        if element in held or element is page.body:
            continue
        text, links = measure.text.get(element, 0), measure.links.get(element, 0)
        n_links = sum(1 for _ in element.iter("a")) if links > _LINK_SHARE * text else 0
        is_list = element.tag in ("ul", "div", "dl") and n_links >= _LINKS
        is_chrome = element.tag in ("nav", "footer") or is_list or _named(element)
        if is_chrome and text <= _CHROME_SHARE * total:
            page.skipped.add(element)
            gone.add(element)
            _subtract(element, measure)


def _subtract(element: HtmlElement, measure: _Measure) -> None:
    """Take what is left out off the measures of all that holds it."""
    text, links = measure.text.get(element, 0), measure.links.get(element, 0)
    for ancestor in element.iterancestors():
        if ancestor in measure.text:
            measure.text[ancestor] -= text
            measure.links[ancestor] -= links


def _named(element: HtmlElement) -> bool:
    if element.tag in ("p", "tr", "td", "h1", "h2", "h3"):
        return False
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    return names != " " and _is_chrome_name(names.lower())


@lru_cache(maxsize=4096)
def _is_chrome_name(names: str) -> bool:
    table: dict[str, Any] = load_toml("ingest.toml")["page"]
    words = names.split()
    if not set(table["body_names"]).isdisjoint(words):
        return False
    parts = {part for word in words for part in (word, *re.split(r"[-_]|\d+", word))}
    return not parts.isdisjoint(table["chrome_names"])


def _descend(page: Page, measure: _Measure, held: Counter[HtmlElement]) -> HtmlElement:
    """Down to the smallest element that has nearly all of the text, and all of the data tables."""
    node = page.body
    while True:
        children = [child for child in node if child not in page.skipped and child.tag in _CONTAINERS]
        best = max(children, key=lambda child: measure.text.get(child, 0), default=None)
        if best is None or best in page.grids:
            return node
        if measure.text.get(best, 0) < _BODY_SHARE * measure.text.get(node, 0):
            return node
        if held[best] < held[page.body]:
            return node
        node = best


def around_body(page: Page) -> tuple[str, str]:
    """The shown text right before and right behind the body, where a page states its date and source."""
    pieces: list[list[str]] = [[], []]
    behind = 0
    for event, node, _ in walk(page.root, "", lambda node: node is page.body or node.tag in _UNSEEN_TAGS):
        behind = 1 if node is page.body else behind
        pieces[behind].append((node.text if event == "start" else node.tail) or "")
    return shown(" ".join(pieces[0]))[-_AROUND:], shown(" ".join(pieces[1]))[:_AROUND]
