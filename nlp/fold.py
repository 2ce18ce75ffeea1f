"""A copy of a text made easier to read by rules, with the way back: simplified script, half-width digits, no pinyin.

The record's text stays as printed; whoever reads by rules folds first and maps spans back with `Folded.original`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Literal

import opencc

from nlp.document import Folded

_HANZI = "\u3400-\u4dbf\u4e00-\u9fff"
_VOWELS = "aāáǎàoōóǒòeēéěèiīíǐìuūúǔùüǖǘǚǜvêńňǹ"
# One syllable of two letters or more, with a tone mark or digit at most; "(a)" and "(app)" are not pinyin.
_SYLLABLE = rf"(?:[zcs]h|[bpmfdtnlgkhjqxrzcsyw])?[{_VOWELS}]{{1,4}}(?:ng?|r)?[1-5]?"
_PINYIN = re.compile(rf"(?<=[{_HANZI}])[（(](?=[^()（）\s]{{2}}){_SYLLABLE}[)）]")


def fold(text: str) -> Folded:
    """Fold `text`: traditional → simplified, full-width letters and digits → half width, `政(zheng)府(fu)` → `政府`.

    Compatibility forms of Chinese characters (`⼀` of PDF fonts) become the characters they stand for.
    """
    plain = _simplified(text.translate(_same_length_forms()))
    removed = [match.span() for match in _PINYIN.finditer(plain)]
    if not removed:
        return Folded(plain, range(len(plain) + 1))
    pieces: list[str] = []
    offsets: list[int] = []
    position = 0
    for start, end in [*removed, (len(plain), len(plain))]:
        pieces.append(plain[position:start])
        offsets.extend(range(position, start))
        position = end
    offsets.append(len(plain))
    return Folded("".join(pieces), tuple(offsets))


def script(text: str) -> Literal["hans", "hant"]:
    """The script of `text`: which of the two sets of characters that exist in only one of them occurs more often."""
    traditional, simplified = _one_script_characters()
    n_traditional = sum(character in traditional for character in text)
    n_simplified = sum(character in simplified for character in text)
    return "hant" if n_traditional > n_simplified else "hans"


def _simplified(text: str) -> str:
    traditional, _ = _one_script_characters()
    if traditional.isdisjoint(text):
        return text
    return "".join(
        line if traditional.isdisjoint(line) else _simplified_line(line) for line in text.splitlines(keepends=True)
    )


def _simplified_line(line: str) -> str:
    """By phrase where that keeps every character's place, otherwise character by character (always one to one)."""
    converted: str = _to_simplified().convert(line).replace("资讯", "信息")  # Taiwan's word for information, as long
    if len(converted) == len(line):
        return converted
    singles = ((character, _to_simplified().convert(character)) for character in line)
    return "".join(single if len(single) == 1 else character for character, single in singles)


@cache
def _to_simplified() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


@cache
def _one_script_characters() -> tuple[frozenset[str], frozenset[str]]:
    """Characters that OpenCC changes on the way to simplified, and on the way to traditional; those of both left out."""
    characters = [chr(code) for block in (range(0x3400, 0x4DC0), range(0x4E00, 0xA000)) for code in block]
    lines = "\n".join(characters)
    changed = [
        {old for old, new in zip(characters, converter.convert(lines).split("\n"), strict=True) if old != new}
        for converter in (_to_simplified(), opencc.OpenCC("s2t"))
    ]
    return frozenset(changed[0] - changed[1]), frozenset(changed[1] - changed[0])


@cache
def _same_length_forms() -> dict[int, str]:
    """Full-width letters and digits, and compatibility ideographs, to the one character they stand for."""
    codes = [*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B)]
    codes += [*range(0x2E80, 0x2FE0), *range(0xF900, 0xFB00)]
    forms = {code: unicodedata.normalize("NFKC", chr(code)) for code in codes}
    return {code: form for code, form in forms.items() if len(form) == 1 and form != chr(code)}
