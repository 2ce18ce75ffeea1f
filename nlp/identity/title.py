"""The title of a report: as the page states it, or the lines of the text that read like one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from nlp.document import Document, Folded, Span
from nlp.fold import fold
from nlp.identity.dates import plain_dates
from nlp.identity.names import looks_like_body
from nlp.settings import load_toml

_SEGMENT = re.compile(r"[^\s|]+")
_LINE = re.compile(r"[^\n\r|]+")
_PUNCTUATION = str.maketrans("（）：，；！？【】〔〕﹒", "():,;!?[][].")
_SEPARATORS = re.compile(r"\s*[_|｜]\s*|\s+[-–—]+\s+|\s*--+\s*")
_LABEL = re.compile(r"^(?:标题|名称|信息名称|文件名称|题名|正文)[:]?")
_REMARK = re.compile(r"\([^()]{0,20}\)$")
_YEAR = re.compile(r"(?:20\d\d[-—–至](?=20\d\d))?(?:20\d\d(?:学?年度?|(?=[^\d]))|(?<=[^\d])20\d\d$)的?")
_NAMED_SO = re.compile(r"(?:报告|年报|报表|总结|小结)$")
_OWN_NAME = re.compile(r"[\u4e00-\u9fff()·、0-9]{2,40}")
_BULLETS = "#*•▪●■·"
_OPENING = re.compile(r".{4,68}?(?:年度报告|工作报告|年报)")  # of run-on text that begins with its title
_LONG_LINE = 80  # a line longer than this is run-on text, whose parts stand between spaces
_MAX_TITLE = 70  # characters of a title, white space aside
_MAX_LINES = 3  # lines that a title may be broken over


@dataclass(frozen=True, slots=True)
class Title:
    """A title as printed (white space aside), simplified for rules (`plain`), and the agency's name in it, if any."""

    printed: str
    plain: str
    name: str | None


@dataclass(frozen=True, slots=True)
class _Segment:
    plain: str
    printed: str


@cache
def _rules() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    config = load_toml("identity.toml")["title"]
    report = re.compile(rf"^(?P<before>.{{0,48}}?)(?:{config['report']})$")
    return report, re.compile(config["before"]), re.compile(config["after"]), re.compile(config["never"])


def find_title(document: Document, header: str, folded: Folded) -> Title | None:
    """The best title: with the agency's name and the year if there is one, the page's own statement before the text's.

    `header` is the part of `folded.text` before the first section.
    """
    best: tuple[float, Title] | None = None
    for bonus, window in _windows(document, header, folded):
        found = _read(window)
        if found is None:
            continue
        score = bonus + 2 * (found.name is not None) + bool(_YEAR.search(found.plain)) - 0.1 * (len(window) - 1)
        if best is None or score > best[0]:
            best = (score, found)
    return best[1] if best else None


def _windows(document: Document, header: str, folded: Folded) -> Iterator[tuple[float, Sequence[_Segment]]]:
    stated = document.title or ""
    for part in dict.fromkeys([stated, *_SEPARATORS.split(stated)]):
        yield 0.05, [_segment(fold(part).text, part)]
    segments = [s for s in _segments(document, header, folded) if s.plain]
    for start in range(len(segments)):
        for n in range(1, _MAX_LINES + 1):
            yield 0.0, segments[start : start + n]


def _segments(document: Document, header: str, folded: Folded) -> Iterator[_Segment]:
    for line in _LINE.finditer(header):
        pieces = _SEGMENT.finditer(header, *line.span()) if len(line.group()) > _LONG_LINE else [line]
        for piece in pieces:
            opening = _OPENING.match(header, *piece.span()) if len(piece.group()) > _MAX_TITLE else None
            span: Span = folded.original(*(opening or piece).span())
            yield _segment((opening or piece).group(), document.text[span.start : span.end])


def _segment(plain: str, printed: str) -> _Segment:
    plain = "".join(plain_dates(plain).split()).translate(_PUNCTUATION).lstrip(_BULLETS)
    label = _LABEL.match(plain)
    printed = "".join(printed.split()).lstrip(_BULLETS)
    if label and label.group().endswith(":"):
        return _Segment(plain[label.end() :], re.split("[:：]", printed, maxsplit=1)[-1])
    return _Segment(plain, printed)


def _read(window: Sequence[_Segment]) -> Title | None:
    """A window of lines as a title, or None if it is none."""
    report, before, after, never = _rules()
    plain = "".join(segment.plain for segment in window)
    core = _REMARK.sub("", plain).strip('《》“”"[]·*#')
    match = report.match(core) if len(plain) <= _MAX_TITLE else None
    if match is None or never.search(plain) or (len(window) > 1 and re.search(r"[:,;!?]", plain)):
        return None
    name = match.group("before")
    for _ in range(2):
        name = after.sub("", before.sub("", _YEAR.sub("", name)))
    name = f"{name}政府" if name.endswith("人民") else name
    own = name if _OWN_NAME.fullmatch(name) and not name[0].isdigit() else None
    if not _NAMED_SO.search(core) and not (own and looks_like_body(own) and _YEAR.search(core)):
        return None  # a mere "…公开工作情况" is a title only with a name and a year
    if len(window) > 1 and not (own and looks_like_body(own)) and not _broken_inside(window):
        return None
    printed = "".join(segment.printed for segment in window).strip("《》“”[]")
    return Title(printed, plain, own)


def _broken_inside(window: Sequence[_Segment]) -> bool:
    """Whether no single line of the window is a title by itself: the title is broken in the middle of its words."""
    return all(_read([segment]) is None for segment in window) and "公开" in "".join(s.plain for s in window[-2:])
