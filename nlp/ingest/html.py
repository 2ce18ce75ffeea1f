"""An HTML page as government sites publish it → Document: article text, tables as grids, title, date, site, source."""

from __future__ import annotations

import dataclasses
import re

from lxml import etree
from lxml import html as lxml_html
from lxml.html import HtmlElement

from nlp.document import Block, Document, Issue, Source, Span
from nlp.fold import fold
from nlp.ingest.chrome import chrome_spans
from nlp.ingest.metadata import Stated, stated
from nlp.ingest.page import Page, find_page, is_inside, text_of
from nlp.ingest.raw import problem
from nlp.ingest.render import Rendered, render
from nlp.settings import load_toml

_HEAD = 400  # characters in which an article repeats the page's title
_SHORT_PAGE = 200  # characters; a page with less text than this may hold its report elsewhere
_INLINE = re.compile(
    r"</?(?:a|b|big|del|em|font|i|ins|o:p|s|small|span|st1:\w+|strong|sub|sup|u)\b[^<>]*>|data:[\w/;,+=.-]{1000,}",
    re.IGNORECASE,
)
_BOXES = re.compile(r"</?(?:article|center|div|fieldset|form|main|section)\b[^<>]*>", re.IGNORECASE)
_DOCTYPE = re.compile(r"<!DOCTYPE\s", re.IGNORECASE)
_SUBSET = re.compile(r"""[^<>\[\]]*\[((?:[^\]"']|"[^"]*"|'[^']*')*)\]\s*>""")
_ENTITY = re.compile(r"<!ENTITY\s+([\w.:-]+)\s")
_ENCODING_LINE = re.compile(r"^\s*<\?xml[^>]*\?>")


def read_html(text: str, source: Source, document_id: str, issues: tuple[Issue, ...] = ()) -> Document:
    """The Document of a decoded page. A page without a report's text says why in an issue: frames, script, attachment."""
    root, problems = _parsed(text)
    if root is None:
        return Document(document_id, source, "", issues=(*issues, *problems))
    page = find_page(root)
    rendered, found = _rendered(page)
    if len(rendered.text) < _SHORT_PAGE:
        unhidden = find_page(root, show_hidden=True)
        second, found_second = _rendered(unhidden)
        if len(second.text) > 2 * len(rendered.text) + _SHORT_PAGE:
            page, rendered, found = unhidden, second, found_second
            problems.append(
                problem("hidden_text", "the page hides its text until a script shows it; read as if shown", "info")
            )
    problems += _elsewhere(page, rendered.text)
    return Document(
        id=document_id,
        source=dataclasses.replace(source, url=source.url or found.url),
        text=rendered.text,
        blocks=_with_chrome(rendered),
        tables=tuple(rendered.tables),
        title=found.title,
        published=found.published,
        site=found.site,
        author=found.author,
        issues=(*issues, *problems),
    )


def _parsed(text: str) -> tuple[HtmlElement | None, list[Issue]]:
    """The tree of a page. What overruns the parser is tried again without inline markup, which careless pages never close."""
    plain = _without_subset(_ENCODING_LINE.sub("", text).replace("\0", ""))
    root, reason = _tree(plain)
    if reason is not None:
        plain = _INLINE.sub("", plain)
        root, reason = _tree(plain)
    if reason is not None:
        boxless, still = _tree(_BOXES.sub("<br>", plain))
        if boxless is not None and still is None:
            message = f"the page overruns the parser ({reason}); it was read without its boxes, so menus may be among the text"
            return boxless, [problem("deeply_nested", message, "warning")]
    if root is None:
        message = f"the page cannot be parsed ({reason}); open it in a browser and save it again"
        return None, [problem("unparsable_page", message)]
    if reason is not None:
        message = f"the page overruns the parser ({reason}); what follows that place was left out"
        return root, [problem("page_cut_off", message, "warning")]
    return root, []


def _without_subset(text: str) -> str:
    """A page without the declarations inside its DOCTYPE and what refers to them: no entity is ever expanded."""
    doctype = _DOCTYPE.search(text)
    subset = _SUBSET.match(text, doctype.end()) if doctype else None
    if doctype is None or subset is None:
        return text
    rest = text[: doctype.start()] + text[subset.end() :]
    names = sorted(set(_ENTITY.findall(subset[1])))
    return re.sub(rf"&(?:{'|'.join(map(re.escape, names))});", "", rest) if names else rest


def _tree(text: str) -> tuple[HtmlElement | None, str | None]:
    """The tree of a page and why it is incomplete. No network, no entities of a DTD, bounds on depth and size in place."""
    parser = lxml_html.HTMLParser(
        encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True, recover=True
    )
    try:
        root = lxml_html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError) as error:
        return None, str(error)
    fatal = next((entry.message for entry in parser.error_log if entry.level_name == "FATAL"), None)
    return root, fatal.split(", ")[0] if fatal else None


def _rendered(page: Page) -> tuple[Rendered, Stated]:
    """The text of the article, headed by the page's title where that stands outside the article."""
    body = _body_after(page, Rendered())
    found = stated(page, body.text)
    title, head = "".join((found.title or "").split()), "".join(body.text[:_HEAD].split())
    if found.title_element is None or title in head or is_inside(found.title_element, {page.body}):
        return body, found
    rendered = Rendered()
    path = page.root.getroottree().getpath(found.title_element)
    rendered.line(text_of(found.title_element, page), "heading", path)
    return _body_after(page, rendered), found


def _body_after(page: Page, rendered: Rendered) -> Rendered:
    path = page.root.getroottree().getpath(page.body)
    render(page.body, path, page.is_skipped, page.is_grid, rendered)
    return rendered


def _with_chrome(rendered: Rendered) -> tuple[Block, ...]:
    """The blocks, those that are leftovers of chrome marked so. A table is never chrome."""
    folded = fold(rendered.text)
    chrome = [folded.original(*span) for span in chrome_spans(folded.text)]
    tables = [table.span for table in rendered.tables]
    chrome = [span for span in chrome if not any(span.start < t.end and t.start < span.end for t in tables)]
    whole = set(chrome)
    blocks = [dataclasses.replace(block, kind="chrome") if block.span in whole else block for block in rendered.blocks]
    known = {block.span for block in blocks}
    blocks += [Block(span, "chrome", _owner(span, blocks)) for span in chrome if span not in known]
    return tuple(sorted(blocks, key=lambda block: block.span))


def _owner(span: Span, blocks: list[Block]) -> str | None:
    return next((block.path for block in blocks if block.span.start <= span.start < block.span.end), None)


def _elsewhere(page: Page, text: str) -> list[Issue]:
    """Why a page has hardly any text, and what to do about it."""
    root = page.root
    frames = [frame.get("src") or "" for frame in root.iter("frame", "iframe") if frame.get("src")]
    if next(root.iter("frameset"), None) is not None:
        return [
            problem(
                "frames_only", f"the page only frames others ({_first(frames)}); save the framed page and read that"
            )
        ]
    if len(text) >= _SHORT_PAGE:
        return _unread_images(page)
    pattern = re.compile(load_toml("ingest.toml")["page"]["attachment"], re.IGNORECASE)
    linked = [link.get("href") or "" for link in root.iter("a") if pattern.search(link.get("href") or "")]
    if linked:
        message = f"the report is not on the page but in its attachment ({_first(linked)}); read that file"
        return [problem("attachment_only", message)]
    if frames:
        return [problem("frames_only", f"the text is in a framed page ({_first(frames)}); save that page and read it")]
    n_script = sum(len(script.text or "") + len(script.get("src") or "") for script in root.iter("script"))
    if n_script and len(text) < _SHORT_PAGE / 4:
        message = (
            "the page is filled in by script and holds no text of its own; save it from a browser once it has loaded"
        )
        return [problem("script_only", message)]
    return _unread_images(page)


def _unread_images(page: Page) -> list[Issue]:
    """Pages without a table that show images: the tables are often among them."""
    images = [image for image in page.body.iter("img") if image.get("src") and not is_inside(image, page.skipped)]
    if not images or page.grids:
        return []
    message = f"the report shows {len(images)} images and no table; what stands in images is not read"
    return [problem("images_unread", message, "info")]


def _first(links: list[str]) -> str:
    return ", ".join(link[:200] for link in links[:3])
