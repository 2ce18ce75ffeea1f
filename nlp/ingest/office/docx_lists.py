"""The numbered lists of a DOCX: the label that Word prints before a paragraph (`（一）`, `1.`, `第三章`)."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Callable
from html import escape

import cn2an
from lxml import etree

from nlp.ingest.office.docx_styles import WORD, is_on, number, value

_N_LEVELS = 9
_MAX_COUNT = 99_999  # a label that counts further is damage
_PLACE = re.compile(r"%([1-9])")
_STEMS, _BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"


def _chinese(count: int) -> str:
    """`十二`, as lists are labelled, not `一十二`."""
    return re.sub("^一十", "十", str(cn2an.an2cn(count)))


def _digits(count: int) -> str:
    """`一〇`: digit by digit."""
    return "".join("〇一二三四五六七八九"[int(digit)] for digit in str(count))


def _letters(count: int) -> str:
    """a … z, aa, bb … as Word counts on."""
    return string.ascii_lowercase[(count - 1) % 26] * min((count - 1) // 26 + 1, 9)


def _roman(count: int) -> str:
    signs = zip((1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
                ("m", "cm", "d", "cd", "c", "xc", "l", "xl", "x", "ix", "v", "iv", "i"), strict=True)  # fmt: skip
    label = ""
    for size, sign in signs:
        label += sign * (count // size)
        count %= size
    return label


def _circled(count: int) -> str:
    return chr(0x245F + count) if count <= 20 else str(count)


_FORMATS: dict[str, Callable[[int], str]] = {
    **dict.fromkeys(
        ("chineseCounting", "chineseCountingThousand", "taiwaneseCounting", "taiwaneseCountingThousand",
         "japaneseCounting", "ideographLegalTraditional", "chineseLegalSimplified"), _chinese),
    **dict.fromkeys(("ideographDigital", "japaneseDigitalTenThousand", "taiwaneseDigital"), _digits),
    **dict.fromkeys(("decimalEnclosedCircle", "decimalEnclosedCircleChinese"), _circled),
    "ideographTraditional": lambda count: _STEMS[(count - 1) % 10],
    "ideographZodiac": lambda count: _BRANCHES[(count - 1) % 12],
    "decimalZero": lambda count: f"{count:02}",
    "decimalFullWidth": lambda count: str(count).translate({ord(d): ord(d) + 0xFEE0 for d in string.digits}),
    "decimalFullWidth2": lambda count: str(count).translate({ord(d): ord(d) + 0xFEE0 for d in string.digits}),
    "decimalEnclosedParen": lambda count: f"({count})",
    "decimalEnclosedFullstop": lambda count: f"{count}.",
    "lowerLetter": _letters,
    "upperLetter": lambda count: _letters(count).upper(),
    "lowerRoman": _roman,
    "upperRoman": lambda count: _roman(count).upper(),
    "none": lambda count: "",
}  # fmt: skip


class Lists:
    """The lists of `word/numbering.xml` with their counters; labels are asked for in the order of the paragraphs."""

    def __init__(self, root: etree._Element | None) -> None:
        abstract = root.findall(f"{WORD}abstractNum") if root is not None else []
        lists = root.findall(f"{WORD}num") if root is not None else []
        self._abstract = {item.get(f"{WORD}abstractNumId"): item for item in abstract}
        self._lists = {item.get(f"{WORD}numId"): item for item in lists}
        self._counts: dict[str | None, list[int | None]] = {}
        self._restarted: set[tuple[str, int]] = set()

    def label(self, list_id: str | None, level: int | None, style: str | None) -> str:
        """The label of the next paragraph of a list as HTML, with the gap behind it; "" for none and for bullets.

        Without a `level` it is that which the list ties to the paragraph's `style`, else the first.
        """
        item = self._lists.get(list_id) if list_id else None
        abstract_id = value(item.find(f"{WORD}abstractNumId")) if item is not None else None
        abstract = self._defining(abstract_id)
        if item is None or abstract is None or list_id is None:
            return ""
        if level is None:
            level = _level_of_style(abstract, style)
        level = min(level, _N_LEVELS - 1)
        counts = self._counts.setdefault(abstract_id, [None] * _N_LEVELS)
        self._count(item, abstract, counts, level)
        return _printed(item, abstract, counts, level)

    def _defining(self, abstract_id: str | None) -> etree._Element | None:
        """The definition of a list; one that only names a list style leads to that style's definition."""
        abstract = self._abstract.get(abstract_id)
        link = value(abstract.find(f"{WORD}numStyleLink")) if abstract is not None else None
        if link is None:
            return abstract
        linked = (a for a in self._abstract.values() if value(a.find(f"{WORD}styleLink")) == link)
        return next(linked, abstract)

    def _count(self, item: etree._Element, abstract: etree._Element, counts: list[int | None], level: int) -> None:
        """Counts one paragraph: levels above that were never counted stand at their start, those below begin anew."""
        list_id = item.get(f"{WORD}numId") or ""
        for upper in range(level):
            if counts[upper] is None:
                counts[upper] = _start(item, abstract, upper)
        override = item.find(f"{WORD}lvlOverride[@{WORD}ilvl='{level}']/{WORD}startOverride")
        if override is not None and (list_id, level) not in self._restarted:
            self._restarted.add((list_id, level))
            counts[level] = _start(item, abstract, level)
        else:
            last = counts[level]
            counts[level] = _start(item, abstract, level) if last is None else last + 1
        for lower in range(level + 1, _N_LEVELS):
            definition = _definition(item, abstract, lower)
            restart = number(definition, "lvlRestart", lower)
            if level < restart:
                counts[lower] = None


def _definition(item: etree._Element, abstract: etree._Element, level: int) -> etree._Element | None:
    found = item.find(f"{WORD}lvlOverride[@{WORD}ilvl='{level}']/{WORD}lvl")
    return found if found is not None else abstract.find(f"{WORD}lvl[@{WORD}ilvl='{level}']")


def _start(item: etree._Element, abstract: etree._Element, level: int) -> int:
    override = item.find(f"{WORD}lvlOverride[@{WORD}ilvl='{level}']")
    return number(override, "startOverride", number(_definition(item, abstract, level), "start", 1))


def _level_of_style(abstract: etree._Element, style: str | None) -> int:
    levels = abstract.findall(f"{WORD}lvl")
    tied = (lvl for lvl in levels if style is not None and value(lvl.find(f"{WORD}pStyle")) == style)
    stated = next((lvl.get(f"{WORD}ilvl") or "" for lvl in tied), "0")
    return int(stated) if stated in string.digits and stated else 0


def _printed(item: etree._Element, abstract: etree._Element, counts: list[int | None], level: int) -> str:
    definition = _definition(item, abstract, level)
    if definition is None or value(definition.find(f"{WORD}numFmt")) == "bullet":
        return ""
    is_legal = is_on(definition, "isLgl")

    def counted(match: re.Match[str]) -> str:
        place = int(match[1]) - 1
        count = min(counts[place] or 0, _MAX_COUNT)
        inner = _definition(item, abstract, place)
        name = value(inner.find(f"{WORD}numFmt")) if inner is not None else None
        return _FORMATS.get("" if is_legal else name or "", str)(count) if count > 0 else str(count)

    label = _PLACE.sub(counted, value(definition.find(f"{WORD}lvlText")) or "")
    return escape(label, quote=False) + _gap(label, value(definition.find(f"{WORD}suff")))


def _gap(label: str, suffix: str | None) -> str:
    """A space, but none where Word is told so and none behind wide punctuation, which holds its own."""
    is_wide = unicodedata.east_asian_width(label[-1:] or " ") in ("W", "F") and not label[-1:].isalnum()
    return "" if not label or is_wide or suffix == "nothing" else " "
