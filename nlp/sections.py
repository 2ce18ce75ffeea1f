"""Document → the sections of a disclosure report, in order, tiling it from the first word to the last.

Headings are looked for in a squeezed copy of the simplified text (no white space, ASCII punctuation), so that a heading
broken over lines, spaced out by a PDF or run together with the text around it reads like any other. Which words make a
heading is data (`configs/sections.toml`); here are the rules that tell a heading from a table row, a table of contents,
an announcing sentence and a sub-heading. All steps are linear in the length of the text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import zip_longest
from typing import cast

from nlp.document import Document, Folded, Section, SectionKind, Span
from nlp.settings import load_toml

_FORM_ORDER = ("preamble", "overview", "disclosure", "applications", "review_litigation", "problems", "other")
_RANK = {kind: rank for rank, kind in enumerate(_FORM_ORDER)}
_LEVELS = ("part", "han", "bare", "paren", "digit")  # the first that carries the known titles is the report's own
_HAN = {c: n for n, c in enumerate("一二三四五六七八九", 1)}
_ASCII = str.maketrans("（）：；，．！？〔〕０１２３４５６７８９", "():;,.!?[]0123456789")
_RUNS = re.compile(r"[^\s|*#\u200b\ufeff]+")
_NUMBER = re.compile(
    r"(?P<part>第[一二三四五六七八九十]{1,2}(?:部分|章|篇)[、.:,]?)"
    r"|(?P<paren>\([一二三四五六七八九十]{1,3}\)[、.:,]?)"
    r"|(?P<han>(?<!第)[一二三四五六七八九十]{1,3}(?:[、.,:]|(?=[^一二三四五六七八九十是、]))|[—–-]、)"
    r"|(?P<digit>\(\d{1,2}\)[、.]?|(?<!\d)\d{1,2}(?:[、]|\.(?!\d)))"
)
_MENTION = re.compile(
    r"[“\"‘'《〈「『、第见在对与和由及为即含括于从除分将按]"
)  # before a number: the title is only cited
_LIST_GAP = re.compile(r"[.…·\d;,、:。和及以—-]*")
_PHRASE = re.compile(r"[^。.;:!?,]+(?=[。:])")
_SENTENCE = re.compile(r"[。;!?]|[0-9]{3}$")
_MAX_PHRASE = 20  # characters of the longest phrase before a full stop that is taken for a heading
_MAX_LINE = 45  # characters of the longest line that is taken for a heading by its words alone
_MIN_APPENDIX = 20  # characters of the shortest attachment; `附件：无` and a file's name are none
_MAX_REST = 14  # characters that may follow a known title on its line and still belong to it


@dataclass(frozen=True, slots=True)
class _Heading:
    """A possible heading in the squeezed text; `kind` None: numbered like one, with words of no known section."""

    start: int
    end: int
    level: str
    number: int
    kind: SectionKind | None
    exact: bool


@dataclass(frozen=True, slots=True)
class _Squeezed:
    """`text` without white space; `offsets` back into the folded text; `breaks`: starts of lines and cells, the end."""

    text: str
    offsets: list[int]
    breaks: list[int]

    def starts_line(self, index: int) -> bool:
        place = bisect_left(self.breaks, index)
        return place < len(self.breaks) and self.breaks[place] == index

    def line_end(self, index: int) -> int:
        """The first line start at or after `index`."""
        return self.breaks[min(bisect_left(self.breaks, index), len(self.breaks) - 1)]


@dataclass(frozen=True, slots=True)
class _Patterns:
    exact: re.Pattern[str]
    titles: re.Pattern[str]
    words: tuple[tuple[SectionKind, re.Pattern[str]], ...]
    rows: re.Pattern[str]
    appendix: re.Pattern[str]


@cache
def _patterns() -> _Patterns:
    config = load_toml("sections.toml")
    kinds = config["kind"]
    lead, tail = config["lead"], config["tail"]

    def union(key: str, before: str = "", after: str = "") -> re.Pattern[str]:
        groups = (f"(?P<{k['name']}>{before}(?:{_either(k[key])}){after})" for k in kinds)
        return re.compile("|".join(groups))

    return _Patterns(
        exact=union("exact", after=tail),
        titles=union("titles", before=lead, after=tail),
        words=tuple((k["name"], re.compile(k["words"])) for k in kinds),
        rows=re.compile(config["rows"]),
        appendix=re.compile(config["appendix"]),
    )


def _either(patterns: str | list[str]) -> str:
    return patterns if isinstance(patterns, str) else "|".join(patterns)


def split(document: Document, folded: Folded) -> tuple[Section, ...]:
    """The sections of a report, spans in `document.text`; `folded` is the simplified copy of that text.

    What stands before the first heading is the `preamble` (left out when empty); each section runs from its heading to
    the next one, the last to the end of the report. A text without headings is one `preamble`; an empty one has none.
    """
    squeezed = _squeeze(folded.text)
    headings = _choose(squeezed, _candidates(squeezed))
    start, end = _report_span(document)
    titles = [(h, _original(folded, squeezed, h.start, h.end)) for h in headings]
    titles = [(heading, title) for heading, title in titles if start <= title.start < end]
    bounds = [start, *(title.start for _, title in titles), end]
    sections: list[Section] = []
    if bounds[0] < bounds[1]:
        sections.append(Section("preamble", "", Span(start, bounds[1]), Span(start, start)))
    for (heading, title), until in zip(titles, bounds[2:], strict=True):
        span = Span(title.start, until)
        sections.append(Section(cast(SectionKind, heading.kind), document.text[title.start : title.end], span, title))
    return tuple(sections)


def _report_span(document: Document) -> Span:
    """The report without the page's chrome before and after it; white space trimmed."""
    text = document.text
    chrome = sorted(block.span for block in document.blocks if block.kind == "chrome")
    start, end = 0, len(text)
    for span in chrome:
        if not text[start : span.start].strip():
            start = max(start, span.end)
    for span in reversed(chrome):
        if span.start >= start and not text[span.end : end].strip():
            end = span.start
    body = text[start:end]
    return Span(start + len(body) - len(body.lstrip()), start + len(body.rstrip()) if body.strip() else start)


def _original(folded: Folded, squeezed: _Squeezed, start: int, end: int) -> Span:
    return folded.original(squeezed.offsets[start], squeezed.offsets[end - 1] + 1)


def _squeeze(text: str) -> _Squeezed:
    runs: list[str] = []
    offsets: list[int] = []
    breaks: list[int] = [0]
    last = 0
    for match in _RUNS.finditer(text):
        gap = text[last : match.start()]
        if offsets and ("\n" in gap or "\r" in gap or "|" in gap):
            breaks.append(len(offsets))
        runs.append(match.group())
        offsets.extend(range(match.start(), match.end()))
        last = match.end()
    if offsets:
        breaks.append(len(offsets))
    return _Squeezed("".join(runs).translate(_ASCII), offsets, breaks)


def _candidates(squeezed: _Squeezed) -> list[_Heading]:
    found = [h for match in _NUMBER.finditer(squeezed.text) if (h := _numbered(squeezed, match))]
    taken = {h.start for h in found}
    bare = (h for start in squeezed.breaks[:-1] if start not in taken and (h := _bare(squeezed, start)))
    return sorted([*found, *bare], key=lambda h: h.start)


def _numbered(squeezed: _Squeezed, match: re.Match[str]) -> _Heading | None:
    patterns, text = _patterns(), squeezed.text
    start, after, level = match.start(), match.end(), cast(str, match.lastgroup)
    if patterns.rows.match(text, after):
        return None
    at_line = squeezed.starts_line(start)
    exact = _title(patterns.exact, squeezed, after)
    separated = level != "han" or text[after - 1] in "、.,:"
    if not at_line and (_MENTION.match(text[start - 1]) or ("一" <= text[start - 1] <= "龥" and not exact)):
        return None
    if not separated and not (exact and at_line):
        return None
    number = _value(match.group())
    title = exact or _title(patterns.titles, squeezed, after)
    if title:
        end = _title_end(squeezed, title.end()) if at_line else title.end()
        return _Heading(start, end, level, number, cast(SectionKind, title.lastgroup), exact is not None)
    return _by_words(squeezed, start, after, level, number)


def _by_words(squeezed: _Squeezed, start: int, after: int, level: str, number: int) -> _Heading | None:
    """A numbered line, or a short phrase before a full stop or colon, that holds a heading and nothing else."""
    line_end = squeezed.line_end(after + 1)
    phrase = _PHRASE.match(squeezed.text, after, min(line_end, after + _MAX_PHRASE))
    whole = squeezed.starts_line(start) and line_end - after <= _MAX_LINE
    end = phrase.end() if phrase else line_end
    line = squeezed.text[after:end]
    if len(line) < 2 or not (phrase or whole) or _SENTENCE.search(line):
        return None
    kind = next((name for name, words in _patterns().words if words.search(line)), None)
    return _Heading(start, end, level, number, kind, False) if kind or squeezed.starts_line(start) else None


def _bare(squeezed: _Squeezed, start: int) -> _Heading | None:
    title = _title(_patterns().exact, squeezed, start)
    if not title or not (squeezed.starts_line(title.end()) or squeezed.text[title.end()] in ":。"):
        return None
    return _Heading(start, title.end(), "bare", 0, cast(SectionKind, title.lastgroup), True)


def _title(pattern: re.Pattern[str], squeezed: _Squeezed, start: int) -> re.Match[str] | None:
    """The title at `start`; it takes no words of a sentence on the next line when the line is a title by itself."""
    title, line_end = pattern.match(squeezed.text, start), squeezed.line_end(start + 1)
    if title and title.end() > line_end and not squeezed.starts_line(title.end()):
        line = pattern.match(squeezed.text, start, line_end)
        return line if line and line.end() == line_end else title
    return title


def _title_end(squeezed: _Squeezed, end: int) -> int:
    """Where a known title ends: with its line, if only a few words without punctuation follow it there."""
    line_end = squeezed.line_end(end)
    rest = squeezed.text[end:line_end]
    return line_end if len(rest) <= _MAX_REST and not re.search(r"[。;:,!?(0-9]", rest) else end


def _value(number: str) -> int:
    """The number of a heading; a dash stands for 一, as typists have it."""
    digits = re.search(r"\d+", number)
    if digits:
        return int(digits.group())
    tens, ten, ones = re.sub(r"[^一二三四五六七八九十]", "", re.sub("[—–-]", "一", number)).rpartition("十")
    return (_HAN.get(tens, 1) * 10 if ten else 0) + _HAN.get(ones[:1], 0)


def _choose(squeezed: _Squeezed, candidates: list[_Heading]) -> list[_Heading]:
    """The headings of the report's own sections among the candidates."""
    candidates = _without_contents(squeezed, candidates)
    appendix = _appendix(squeezed, candidates)
    if appendix:
        candidates = [c for c in candidates if c.start < appendix.start]
    level = _top_level(candidates)
    chosen = _in_sequence(c for c in candidates if c.level == level)
    chosen = _with_strays(chosen, candidates)
    announced = chosen and "附" in squeezed.text[chosen[-1].start : chosen[-1].end]  # 七、附表: the same section
    return [*chosen, appendix] if appendix and chosen and not announced else chosen


def _without_contents(squeezed: _Squeezed, candidates: list[_Heading]) -> list[_Heading]:
    """Drop tables of contents and announcing sentences: titles in a row whose kinds come again later."""
    kept: list[_Heading] = []
    group: list[_Heading] = []
    later = {c.kind: c.start for c in candidates}
    for candidate, following in zip_longest(candidates, candidates[1:]):
        group.append(candidate)
        gap = squeezed.text[candidate.end : following.start] if following else "end"
        more = following and following.level == candidate.level and following.kind not in {c.kind for c in group}
        if more and len(gap) < 40 and _LIST_GAP.fullmatch(gap):
            continue
        again = sum(c.kind is not None and later[c.kind] > group[-1].start for c in group)
        if len(group) < 3 or again * 2 < len(group):
            kept.extend(group)
        group = []
    return kept


def _appendix(squeezed: _Squeezed, candidates: Sequence[_Heading]) -> _Heading | None:
    """The first attached table or list after at least two section headings; its rows are never headings."""
    if len({c.kind for c in candidates}) < 2:
        return None
    second = next(c.end for c in candidates[1:])
    for start in squeezed.breaks[bisect_left(squeezed.breaks, second) : -1]:
        match = _patterns().appendix.match(squeezed.text, start)
        if (
            match
            and match.end() + _MIN_APPENDIX < len(squeezed.text)
            and (squeezed.text[start] == "附" or match.end() <= squeezed.line_end(start + 1))
        ):
            return _Heading(start, max(match.end(), _title_end(squeezed, match.end())), "bare", 0, "other", False)
    signed = re.compile(r"日(?=附[件表]?[一1]?[:.、])").search(squeezed.text, second)
    if signed and (match := _patterns().appendix.match(squeezed.text, signed.end())):
        return _Heading(match.start(), match.end(), "bare", 0, "other", False)
    return None


def _top_level(candidates: Sequence[_Heading]) -> str:
    """The numbering style of the report's sections: the highest one that carries enough known titles."""
    kinds = {level: {c.kind for c in candidates if c.level == level and c.kind} for level in _LEVELS}
    for levels, enough in ((_LEVELS[:2], 2), (_LEVELS, 3), (_LEVELS, 2), (_LEVELS, 1)):
        for level in levels:
            if len(kinds[level]) >= enough:
                return level
    return "han"


def _in_sequence(headings: Iterable[_Heading]) -> list[_Heading]:
    """Drop lists that restart inside a section, and give headings of unknown words a kind by their place."""
    chosen: list[_Heading] = []
    for heading in headings:
        seen = {c.kind for c in chosen}
        last = chosen[-1].number if chosen else 0
        if heading.kind is None:
            if heading.number == last + 1:
                early = all(kind == "overview" for kind in seen)
                chosen.append(replace(heading, kind="overview" if early else "other"))
            continue
        restarts = bool(chosen) and heading.number == 1 and not heading.exact
        if (heading.kind not in seen or heading.number > last) and not restarts:
            chosen.append(heading)
    return chosen


def _with_strays(chosen: list[_Heading], candidates: Sequence[_Heading]) -> list[_Heading]:
    """Add official titles of a missing kind in their right place that lost their number or carry another style's."""
    for stray in candidates:
        kind = stray.kind
        if not stray.exact or kind is None or kind in {c.kind for c in chosen} or stray in chosen:
            continue
        before = max((_RANK[c.kind] for c in chosen if c.kind and c.start < stray.start), default=0)
        after = min((_RANK[c.kind] for c in chosen if c.kind and c.start > stray.start), default=7)
        fits = before < _RANK[kind] < after
        if fits and (stray.level in ("bare", "han", "part") or after - before == 2):
            chosen = sorted([*chosen, stray], key=lambda c: c.start)
    return chosen
