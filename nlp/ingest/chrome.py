"""Page chrome inside text: breadcrumb, share bar, counters, footer. Words are data (`configs/ingest.toml`).

All functions take lines of a folded text and answer in offsets of that text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

from nlp.document import Span
from nlp.ingest.dates import iso_date
from nlp.settings import load_toml

_HEAD_LINES = 80
_TAIL_LINES = 40
_FOOTER_LINES = 25
_FOOTER_WIDTH = 80
_BREADCRUMB_WIDTH = 150  # how far the first item behind "当前位置：…" may be
_TITLE_MARK = re.compile(r"[#>*•·\s]+")  # of Markdown or a list
_TOKEN_GAP = 15  # stray characters between two items of a run-on bar


@dataclass(frozen=True, slots=True)
class Words:
    """The compiled patterns of `[chrome]`: one item of chrome, and those that only whole lines are held against."""

    where: re.Pattern[str]
    token: re.Pattern[str]
    separators: re.Pattern[str]
    page_number: re.Pattern[str]
    tail: re.Pattern[str]
    title: re.Pattern[str]
    dated: re.Pattern[str]


@cache
def words() -> Words:
    """The patterns of `configs/ingest.toml`, compiled."""
    data: dict[str, Any] = load_toml("ingest.toml")["chrome"]
    stated = rf"{data['stated']}\s*(?P<date>{data['date']})?"
    named = rf"(?:{'|'.join(data['named'])})[ \t\u3000]*(?:(?!{data['stated']})[^\s:：]){{0,30}}(?![^\s|【\[(（])"
    token = "|".join([stated, named, data["where"], data["bare_date"], *data["tokens"]])
    return Words(
        where=re.compile(data["where"]),
        token=re.compile(token, re.IGNORECASE),
        separators=re.compile(data["separators"]),
        page_number=re.compile(data["page_number"], re.IGNORECASE),
        tail=re.compile("|".join(data["tail"]), re.IGNORECASE),
        title=re.compile(data["title"]),
        dated=re.compile(rf"(?>{stated}|{data['bare_date']})(?!\s*[至到起])"),
    )


def lines_of(text: str) -> list[Span]:
    """The lines of `text`, white space at their ends left out; blank lines left out."""
    spans = []
    for match in re.finditer(r"[^\r\n\x0b\x0c\u2028\u2029]+", text):
        line = match.group()
        start = match.start() + len(line) - len(line.lstrip())
        end = match.start() + len(line.rstrip())
        if start < end:
            spans.append(Span(start, end))
    return spans


def is_chrome(line: str) -> bool:
    """Whether a line is nothing but items of chrome and separators; a line of separators alone is not (`| | |`)."""
    return _chain(line, gaps=False)[-1:] == [Span(0, len(line))] if line else False


def chrome_spans(text: str) -> list[Span]:
    """Spans of chrome in a folded text, in order: bars at its head, footer, page numbers. Titles stay outside."""
    lines = lines_of(text)
    n_head = next((i for i, line in enumerate(lines) if _is_prose(text, line)), len(lines))
    n_head = min(n_head + 1, _HEAD_LINES, len(lines))
    found: dict[int, list[Span]] = {}
    for index, line in enumerate(lines):
        if index < n_head or index >= len(lines) - _TAIL_LINES:
            found[index] = _in_line(text, line, index < n_head, index >= len(lines) - _TAIL_LINES)
        elif words().page_number.fullmatch(text, *line):
            found[index] = [line]
    found = {index: spans for index, spans in found.items() if spans}
    _add_banner(text, lines, found, n_head)
    _add_footer(text, lines, found)
    return sorted(span for spans in found.values() for span in spans)


def stated_date(texts: Iterable[str]) -> str | None:
    """The ISO date of a page's own date line; one that says when it was published before one that does not."""
    found = [match.group() for text in texts for match in words().dated.finditer(text) if iso_date(match.group())]
    first = next((date for date in found if date.startswith(("发布", "公开"))), found[0] if found else None)
    return iso_date(first) if first else None


def title_span(text: str, chrome: list[Span]) -> Span | None:
    """The title that stands among the chrome at the head: between breadcrumb and date line, or right beside them."""
    edges = [Span(0, 0), *chrome[:12]]
    for before, after in pairwise([*edges, Span(len(text), len(text))]):
        lines = [Span(before.end + s, before.end + e) for s, e in lines_of(text[before.end : after.start][:400])]
        near = lines[-1:] if after in chrome else lines[:1] if before in chrome else []
        for line in near:
            marked = _TITLE_MARK.match(text, *line)
            start = marked.end() if marked else line.start
            if words().title.fullmatch(text, start, line.end) and line.end - start >= 8:
                return Span(start, line.end)
    return None


def _in_line(text: str, line: Span, head: bool, tail: bool) -> list[Span]:
    patterns, inside = words(), text[line.start : line.end]
    if patterns.page_number.fullmatch(inside) or is_chrome(inside) or (tail and patterns.tail.fullmatch(inside)):
        return [line]
    spans = _chain(inside, gaps=True) if head else []
    is_breadcrumb = head and patterns.where.match(inside) and len(inside) <= _BREADCRUMB_WIDTH and "。" not in inside
    if is_breadcrumb and len(spans) < 2:
        return [line]
    if tail:
        position = spans[-1].end if spans else 0
        spans = [*spans, *(span for span in _ending(inside) if span.start >= position)]
    return [Span(line.start + start, line.start + end) for start, end in spans]


def _chain(line: str, gaps: bool) -> list[Span]:
    """Items of chrome that follow each other from the line's beginning; with `gaps` up to the last of a run-on bar.

    A title inside a gap (behind the breadcrumb) splits the result in two.
    """
    patterns = words()
    spans: list[Span] = []
    start = position = 0
    n_items = 0
    where = False
    while position < len(line):
        separator = patterns.separators.match(line, position)
        at = separator.end() if separator else position
        token = patterns.token.match(line, at)
        if token is None and gaps and n_items and at < len(line):
            token = _next_item(line, at, where)
            where = False
            title = _title_in(line, at, token.start()) if token else None
            if token and title:
                spans.append(Span(start, title.start))
                start = title.end
        if token is None or token.end() == token.start():
            break
        where = where or (n_items == 0 and patterns.where.match(token.group()) is not None)
        n_items += 1
        position = token.end()
    if not n_items or (gaps and n_items < 2):
        return []
    rest = patterns.separators.fullmatch(line, position) or re.compile(r"[\s>|-]*").match(line, position)
    return [_trimmed(line, span) for span in (*spans, Span(start, rest.end() if rest else position))]


def _trimmed(line: str, span: Span) -> Span:
    inside = line[span.start : span.end]
    start = span.start + len(inside) - len(inside.lstrip())
    return Span(start, start + len(inside.strip()))


def _next_item(line: str, at: int, where: bool) -> re.Match[str] | None:
    token = words().token.search(line, at, at + (_BREADCRUMB_WIDTH if where else _TOKEN_GAP) + 40)
    limit = _BREADCRUMB_WIDTH if where else _TOKEN_GAP
    if token is None or token.start() - at > limit or re.search(r"[。；，、！？《]", line[at : token.start()]):
        return None
    return token


def _title_in(line: str, start: int, end: int) -> Span | None:
    for piece in reversed(list(re.finditer(r"\S+", line[start:end]))):
        if piece.end() - piece.start() >= 8 and words().title.fullmatch(piece.group()):
            return Span(start + piece.start(), start + piece.end())
    return None


def _ending(line: str) -> list[Span]:
    """Chrome behind the last sentence or figure of a run-on text (`… 附件下载`)."""
    tail = line[-60:]
    for match in re.finditer(r"[。！；\s]\s*(?=\S)", tail):
        if is_chrome(tail[match.end() :]):
            return [Span(len(line) - len(tail) + match.end(), len(line))]
    return []


def _add_banner(text: str, lines: list[Span], found: dict[int, list[Span]], n_head: int) -> None:
    """Short lines between the bars above the title (`某某县人民政府`, `政府信息公开`) are the site's banner.

    Left alone where the title does not begin with a name: the line above it may then be the agency.
    """
    titles = [i for i in range(n_head) if i not in found and words().title.fullmatch(text, *lines[i])]
    if not titles or not re.match(r"[^\d\s]{2,}(?:19|20)\d\d", text[lines[titles[0]].start : lines[titles[0]].end]):
        return
    last_bar = max((i for i in found if i < titles[0]), default=-1)
    for index in range(last_bar):
        found.setdefault(index, [lines[index]])


def _add_footer(text: str, lines: list[Span], found: dict[int, list[Span]]) -> None:
    """Behind the first line of a footer (`上一篇…`, `版权所有…`) only short lines without sentences are left."""
    first = max(len(lines) - _TAIL_LINES, round(0.5 * len(lines)))
    bars = (i for i in range(first, len(lines)) if i in found and words().tail.fullmatch(text, *lines[i]))
    start = next(bars, len(lines))
    rest = lines[start + 1 :]
    if len(rest) > _FOOTER_LINES or any(
        _is_prose(text, line) or text[line.start : line.end].isdigit() for line in rest
    ):
        return
    for index in range(start + 1, len(lines)):
        if lines[index].end - lines[index].start <= _FOOTER_WIDTH:
            found.setdefault(index, [lines[index]])


def _is_prose(text: str, line: Span) -> bool:
    return line.end - line.start >= 30 and text.find("。", line.start, line.end) >= 0
