"""What a page states about itself: title, date of publication, site, source, address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml.html import HtmlElement

from nlp.fold import fold
from nlp.ingest.chrome import words
from nlp.ingest.dates import iso_date
from nlp.ingest.header import field_of
from nlp.ingest.page import Page, outside_text, text_of
from nlp.settings import load_toml

_SOURCE = re.compile(r"(?:信息|文章|稿件)?来源\s*:\s*([^\s:|【\[(]{2,30})")


@dataclass(frozen=True, slots=True)
class Stated:
    """What the page says; `title_element` is the element that shows the title, None where only metadata has it."""

    title: str | None = None
    title_element: HtmlElement | None = None
    published: str | None = None
    site: str | None = None
    author: str | None = None
    url: str | None = None


def stated(page: Page) -> Stated:
    """Metadata by the State Council's names first, then what the page shows: headings, date line, label table."""
    meta = _meta(page.root)
    labels = dict(_labels(page))
    outside = fold(outside_text(page)).text
    head = " ".join(text for text in (child.text_content() for child in page.body) if text)[:600]
    line = fold(head).text
    title, element = _title(page, meta.get("title") or labels.get("title"))
    return Stated(
        title=title,
        title_element=element,
        published=iso_date(meta.get("published", "")) or iso_date(labels.get("published", "")) or _dated(outside, line),
        site=meta.get("site") or labels.get("site"),
        author=meta.get("author") or labels.get("author") or _source(outside, line),
        url=meta.get("url"),
    )


def _meta(root: HtmlElement) -> dict[str, str]:
    names: dict[str, list[str]] = load_toml("ingest.toml")["page"]["meta"]
    values: dict[str, str] = {}
    for element in root.iter("meta"):
        name = (element.get("name") or element.get("property") or "").strip().lower()
        content = " ".join((element.get("content") or "").split())
        if name and content:
            values.setdefault(name, content)
    found = {
        target: next((values[name] for name in known if name in values), "") for target, known in names.items()
    }
    return {target: value for target, value in found.items() if value}


def _labels(page: Page) -> Iterator[tuple[str, str]]:
    """Pairs of the boxes above an article: `发布机构 | …`."""
    for table in page.label_tables:
        cells = [" ".join("".join(cell.itertext()).split()) for cell in table.iter("td", "th")]
        for label, value in zip(cells, cells[1:], strict=False):
            target = field_of().get(re.sub(r"[\s:：【】\[\]]", "", fold(label).text))
            if target and target != "other" and value:
                yield target, value


def _title(page: Page, known: str | None) -> tuple[str | None, HtmlElement | None]:
    """The title and the element that shows it; a heading, or else the `<title>` without the site's name."""
    headings = [(element, text_of(element, page)) for element in page.root.iter("h1", "h2", "h3")]
    headings = [(element, text) for element, text in headings if text]
    if known:
        shown = next((element for element, text in headings if _same(text, known)), None)
        return known, shown if shown is not None else _showing(page, known)
    for element, text in headings:
        if words().title.fullmatch(fold(text).text):
            return text, element
    whole = " ".join((page.root.findtext(".//title") or "").split())
    pieces = [piece for piece in re.split(load_toml("ingest.toml")["page"]["site_separators"], whole) if piece]
    best = next((piece for piece in pieces if words().title.fullmatch(fold(piece).text)), None)
    if best is None:
        h1 = next(((text, element) for element, text in headings if element.tag == "h1"), None)
        return h1 or (pieces[0] if pieces else None, None)
    return best, _showing(page, best)


def _showing(page: Page, title: str) -> HtmlElement | None:
    """The smallest element outside the head that shows exactly the title."""
    wanted = "".join(title.split())
    for element in page.root.iter("h1", "h2", "h3", "h4", "div", "p", "td", "span", "strong", "b", "font", "center"):
        first = (element.text or "").strip()
        if first and wanted.startswith("".join(first.split())[:4]) and _same("".join(element.itertext()), title):
            return element
    return None


def _same(text: str, title: str) -> bool:
    return "".join(text.split()) == "".join(title.split())


def _dated(*texts: str) -> str | None:
    """The date of the page's own date line; one that says when it was published before one that does not."""
    for text in texts:
        found = [match.group() for match in words().dated.finditer(text) if iso_date(match.group())]
        first = next((date for date in found if date.startswith(("发布", "公开"))), found[0] if found else None)
        if first:
            return iso_date(first)
    return None


def _source(*texts: str) -> str | None:
    for text in texts:
        match = _SOURCE.search(text.replace("：", ":"))
        if match:
            return match[1]
    return None
