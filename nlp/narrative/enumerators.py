"""Where the document's own enumerators stand: `一是`, `（一）`, `1.`, `①`, `首先`, `第一`, `其一`, bullets.

Read on a copy of the text in simplified script and half-width punctuation, of the same length.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from nlp.settings import load_toml

_HAN_ORDINALS = "一二三四五六七八九十"
_BEFORE_WORD = re.compile(r"[。;!?:,、)\]\"'》\s#*]")
_BEFORE_HEADING = re.compile(r"[。;!?:)\"\s#*]")
_INDENT = 40
_NOT_BEFORE = "第见表述之其唯每统万前图附"
_REFERENCE = re.compile(r"(?:项|款|条(?!件)|类|种|至|-|、\()")


@dataclass(frozen=True, slots=True)
class Mark:
    """An enumerator `[start, end)` with the punctuation and blanks that belong to it.

    `number` is its ordinal, 0 for a bullet; `firm`: it stands at the start of a line or after punctuation.
    """

    start: int
    end: int
    style: str
    rank: int
    number: int
    firm: bool


@dataclass(frozen=True, slots=True)
class _Style:
    name: str
    rank: int
    loose: bool
    pattern: re.Pattern[str]


@cache
def _styles() -> tuple[_Style, ...]:
    rows = load_toml("narrative.toml")["enumerators"]
    return tuple(_Style(row["style"], row["rank"], row["loose"], re.compile(row["pattern"])) for row in rows)


def find_marks(plain: str, start: int, end: int) -> list[Mark]:
    """Enumerators in `plain[start:end]`, in order, without overlaps; cross references (`第（三）项`) are none."""
    found = sorted(_candidates(plain, start, end), key=lambda mark: (mark.start, mark.start - mark.end))
    kept: list[Mark] = []
    for mark in found:
        if not kept or mark.start >= kept[-1].end:
            kept.append(mark)
    return _in_sequence(kept)


def _candidates(plain: str, start: int, end: int) -> Iterator[Mark]:
    for style in _styles():
        for match in style.pattern.finditer(plain, start, end):
            firm = _is_firm(plain, match.start(), start, style)
            if not firm and not _may_be_loose(plain, match, style):
                continue
            if _REFERENCE.match(plain, match.end()) and style.name in ("bracket", "figure bracket"):
                continue
            after = match.end()
            while after < end and (plain[after].isspace() or plain[after] in "*"):
                after += 1
            yield Mark(match.start(), after, style.name, style.rank, _ordinal(match), firm)


def _is_firm(plain: str, at: int, start: int, style: _Style) -> bool:
    if at == start:
        return True
    if style.name == "bullet":
        return plain[max(0, at - _INDENT) : at].rstrip(" \t\u3000")[-1:] == "\n"
    allowed = _BEFORE_HEADING if style.rank < 4 else _BEFORE_WORD
    return bool(allowed.match(plain[at - 1]))


def _may_be_loose(plain: str, match: re.Match[str], style: _Style) -> bool:
    before = plain[match.start() - 1]
    if before in _NOT_BEFORE or (before.isascii() and before.isalnum()):
        return False
    return style.loose and not (before in _HAN_ORDINALS and style.rank in (0, 5))


def _in_sequence(marks: list[Mark]) -> list[Mark]:
    """Without the marks that follow a Chinese character directly and have no neighbour in number of the same style."""
    following: list[int] = []
    numbers: dict[str, int] = {}
    for mark in reversed(marks):
        following.append(numbers.get(mark.style, 0))
        numbers[mark.style] = mark.number
    numbers.clear()
    kept: list[Mark] = []
    for mark, after in zip(marks, reversed(following), strict=True):
        before = numbers.get(mark.style, 0)
        numbers[mark.style] = mark.number
        if mark.firm or (after == 2 if mark.number == 1 else before == mark.number - 1 > 0):
            kept.append(mark)
    return kept


def _ordinal(match: re.Match[str]) -> int:
    written = next((value for key, value in match.groupdict().items() if key.startswith("n") and value), "")
    words = load_toml("narrative.toml")["items"]
    for sequence in (words["ordinal_words"], words["side_words"]):
        if written in sequence:
            return int(sequence.index(written)) + 1
    plain = unicodedata.normalize("NFKC", written).strip("().").replace("l", "1")
    if plain.isdigit():
        return int(plain)
    return _han_ordinal(plain)


def _han_ordinal(written: str) -> int:
    tens, ten, ones = written.rpartition("十")
    digits = _HAN_ORDINALS.find
    if not ten:
        return digits(ones) + 1 if len(ones) == 1 else 0
    return 10 * (digits(tens) + 1 if tens else 1) + (digits(ones) + 1 if ones else 0)
