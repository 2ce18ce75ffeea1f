"""Sentences, clause groups, headings and lead-ins of prose, on a same-length copy in simplified script and half-width punctuation."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from nlp.document import Span
from nlp.fold import fold
from nlp.narrative.codec import fold as fold_sign
from nlp.settings import load_toml

FINAL = "。;!?"
_LINE_ENDS = "\n\r\v\f\u0085\u2028\u2029"
_PAGE_NUMBER = re.compile(r"\s*(?:第\s*)?-?\s*\d{0,4}\s*-?\s*(?:页.{0,6})?\s*")
_HEADING_LENGTH = 44
_LINE = 200
_LEAD_IN_LENGTH = 70


@cache
def _patterns_of(key: str) -> re.Pattern[str]:
    return re.compile(load_toml("narrative.toml")["items"][key])


_STOP = re.compile(r"(?<=[\u4e00-\u9fff)》\"%])\.(?=\s|[\u4e00-\u9fff]|\d{1,2}[.、]|$)")


def reading_copy(text: str) -> str:
    """`text` as the rules of this package read it, of the same length: simplified script, half-width punctuation, `.` after a
    Chinese character as `。`, pinyin in brackets blanked. Circled numbers stay, they enumerate."""
    plain = [" "] * len(text)
    folded = fold(text)
    for sign, at in zip(folded.text, folded.offsets, strict=False):
        plain[at] = sign if unicodedata.category(sign) == "No" else fold_sign(sign)
    return _STOP.sub("。", "".join(plain))


@cache
def _patterns(key: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.DOTALL) for pattern in load_toml("narrative.toml")["items"][key])


def squeeze(text: str) -> str:
    """`text` without white space."""
    return "".join(text.split())


def is_topic(text: str) -> bool:
    """Whether a heading only names its topic (`存在的问题`) and states neither shortcoming nor measure."""
    heading = squeeze(text).strip("。;:,.!?#*()")
    return len(heading) <= _HEADING_LENGTH and any(one.fullmatch(heading) for one in _patterns("topics"))


def is_lead_in(text: str) -> bool:
    """Whether a sentence only announces what follows (`为此,我们将从以下几个方面进行改进:`)."""
    sentence = squeeze(text)
    if is_topic(sentence):
        return True
    with_colon = sentence.endswith(":")
    if not with_colon and len(sentence) > _LEAD_IN_LENGTH:
        return False
    patterns = _patterns("lead_ins") + (_patterns("lead_ins_with_colon") if with_colon else ())
    return any(one.fullmatch(sentence.strip("。;:,")) for one in patterns)


def is_added(text: str) -> bool:
    """Whether a sentence adds something of its own after a list (`此外,…`)."""
    return bool(_patterns_of("added").match(squeeze(text)))


def is_progress(text: str) -> bool:
    """Whether a sentence reports how far a measure has come (`目前已有…`)."""
    return bool(_patterns_of("progress").match(squeeze(text)))


def is_paragraph_end(plain: str, at: int) -> bool:
    """Whether the line break at `plain[at]` ends a paragraph; in text broken by a page's width most do not."""
    if plain[at] not in _LINE_ENDS:
        return False
    line = re.split(r"[\n\r]", plain[max(0, at - _LINE) : at])[-1].rstrip()
    return line.endswith(("。", ";", "!", "?", ":", '。"', "。)")) or (len(line) <= _HEADING_LENGTH and is_topic(_unnumbered(line)))


def _unnumbered(line: str) -> str:
    return re.sub(r"^[\s#*]*(?:[一二三四五六七八九十]+、|\([一二三四五六七八九十\d]+\)|\d+[.、])?", "", line)


def trim(plain: str, start: int, end: int) -> Span:
    """`[start, end)` without blanks and punctuation at its edges; page numbers between line breaks go too."""
    while start < end and (plain[start].isspace() or plain[start] in ",;:。.、!?*#-·"):
        start += 1
    while True:
        while end > start and (plain[end - 1].isspace() or plain[end - 1] in ",;:。、!?*#·"):
            end -= 1
        last_line = max(plain.rfind(sign, max(start, end - _LINE), end) for sign in "\n\r")
        if last_line < 0 or not _PAGE_NUMBER.fullmatch(plain, last_line, end):
            return Span(start, end)
        end = last_line


def sentences(plain: str, start: int, end: int, stops: str = FINAL) -> list[Span]:
    """Stretches of `plain[start:end]` up to and with a sign of `stops` (and closing quotes) or the end of a paragraph."""
    found: list[Span] = []
    begin = start
    depth = 0
    for at in range(start, end):
        sign = plain[at]
        depth = max(0, depth + (sign in "(《[") - (sign in ")》]"))
        stop = sign in stops and not (depth and sign == ";")
        if stop or is_paragraph_end(plain, at):
            depth = 0
            if plain[begin:at].strip():
                found.append(Span(begin, at + 1))
                begin = at + 1
    if plain[begin:end].strip():
        found.append(Span(begin, end))
    return found


def paragraphs(plain: str, start: int, end: int) -> list[Span]:
    """Stretches of `plain[start:end]` between ends of paragraphs, blank ones left out."""
    return sentences(plain, start, end, stops="")
