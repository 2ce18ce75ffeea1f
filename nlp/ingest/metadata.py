"""What a page states about itself: title, date of publication, site, source, address.

By the names of `<meta>` that the State Council prescribes for government sites, then by what the page shows. Not by
trafilatura 2.3: where a page states no date it takes one from the licence number or the copyright line of the footer.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml.html import HtmlElement

from nlp.fold import fold
from nlp.ingest.chrome import chrome_spans, stated_date, words
from nlp.ingest.dates import iso_date
from nlp.ingest.header import field_of
from nlp.ingest.page import Page, around_body, is_inside, text_of
from nlp.settings import load_toml

_HEAD = 600  # characters of the body in which a page still speaks about itself
_HEAD_LINES = 8
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


def stated(page: Page, text: str) -> Stated:
    """Metadata by the State Council's names first, then what the page shows: label table, headings, date line.

    `text` is the text of the page's body.
    """
    meta = _meta(page.root)
    labels = dict(_labels(page))
    head = fold(text[:_HEAD]).text
    around = [fold(part).text for part in around_body(page)]
    shown = [*around, *(head[slice(*span)] for span in chrome_spans(head))]
    title, element = _title(page, meta.get("title") or labels.get("title"), text[:_HEAD].split("\n"))
    return Stated(
        title=title,
        title_element=element,
        published=iso_date(meta.get("published", "")) or iso_date(labels.get("published", "")) or stated_date(shown),
        site=meta.get("site") or labels.get("site") or _site(page.root, title),
        author=meta.get("author") or labels.get("author") or _source(shown),
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
    found = {target: next((values[name] for name in known if name in values), "") for target, known in names.items()}
    return {target: value for target, value in found.items() if value}


def _labels(page: Page) -> Iterator[tuple[str, str]]:
    """Pairs of the boxes above an article: `发布机构 | …`."""
    for table in page.label_tables:
        cells = [" ".join("".join(cell.itertext()).split()) for cell in table.iter("td", "th")]
        for label, value in itertools.pairwise(cells):
            target = field_of().get(re.sub(r"[\s:：【】\[\]]", "", fold(label).text))
            if target and target != "other" and value:
                yield target, value


def _title(page: Page, known: str | None, lines: list[str]) -> tuple[str | None, HtmlElement | None]:
    """The title and the element that shows it: as stated, a heading, a line of the body's head, the `<title>`."""
    if known:
        return known, _showing(page, known)
    headings = [(text_of(element, page), element) for element in page.root.iter("h1", "h2", "h3")]
    heading = next((pair for pair in headings if _is_title(pair[0])), None)
    if heading:
        return heading
    line = next((line for line in lines[:_HEAD_LINES] if _is_title(line)), None)
    if line and not line[0].isdigit():
        return line, None
    pieces = _title_pieces(page.root)
    piece = next((piece for piece in pieces if _is_title(piece)), None) or line
    if piece:
        return piece, _showing(page, piece)
    h1 = next((pair for pair in headings if pair[0] and pair[1].tag == "h1"), None)
    return h1 or (pieces[0] if pieces else None, None)


def _title_pieces(root: HtmlElement) -> list[str]:
    """The `<title>` in the pieces that site names are set off by; last of all the words of one that only has blanks."""
    element = next(root.iter("title"), None)
    whole = " ".join("".join(element.itertext()).split()) if element is not None else ""
    pieces = [piece for piece in re.split(load_toml("ingest.toml")["page"]["site_separators"], whole) if piece]
    return [*reversed(whole.split(" ")), *pieces] if len(pieces) == 1 and " " in whole else pieces


def _site(root: HtmlElement, title: str | None) -> str | None:
    """What the `<title>` says beside the title itself (`…年度报告_云溪县人民政府`): the site's name."""
    pieces = _title_pieces(root)
    named = re.compile(load_toml("ingest.toml")["page"]["site"])
    others = [piece for piece in pieces if piece != title and named.fullmatch(fold(piece).text)]
    return others[-1] if others and title in pieces else None


def _is_title(text: str) -> bool:
    return len(text) >= 8 and words().title.fullmatch(fold(text).text) is not None


def _showing(page: Page, title: str) -> HtmlElement | None:
    """The first element that shows exactly the title."""
    wanted = "".join(title.split())
    for element in page.root.iter("h1", "h2", "h3", "h4", "div", "p", "td", "span", "strong", "b", "font", "center"):
        shown = "".join(list(itertools.islice(element.itertext(), 12)))
        if wanted == "".join(shown.split()) and not page.is_skipped(element) and not is_inside(element, page.skipped):
            return element
    return None


def _source(texts: list[str]) -> str | None:
    for text in texts:
        match = _SOURCE.search(text.replace("：", ":"))
        if match:
            return match[1]
    return None
