"""A QUANTITY span → number, unit, whether approximate, whether a share.

Arabic and Chinese numerals (`一万二千`, `〇`, `百余`), 万 and 亿 expanded, thousands separators, full width, blanks and line breaks
inside, digits misread by OCR (`l9件`, `9O余条`). A range (`30-50件`, `六七百人`) gives its lower end and is approximate; a number
that is not told (`数十条`, `十几次` tells ten) gives null. Chinese numerals are read by `cn2an`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

import cn2an

from nlp.record import Number
from nlp.settings import load_toml

_MAGNITUDES = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_HAN_DIGITS = "零一二两三四五六七八九"
_HAN = rf"[{_HAN_DIGITS}十百千万亿点廿卅]"
_ALIKE = str.maketrans("〇○Ｏ萬億兩餘來幾數約余点過個", "零零O万亿两余来几数约余点过个")


@dataclass(frozen=True, slots=True)
class Quantity:
    """What a quantity says. `value` is null when the number is not told; `unit` has no blanks and is null when none is printed.

    A share is in percent (`三成` is 30 `%`, `三分之一` is 33.33 `%`), except percentage points, which keep their unit.
    """

    value: Number | None
    unit: str | None
    approximate: bool
    share: bool


@cache
def _words() -> dict[str, Any]:
    return dict(load_toml("narrative.toml")["quantities"])


@cache
def _pattern() -> re.Pattern[str]:
    words = _words()
    before, inside, after = ("|".join(map(re.escape, words[key])) for key in ("before", "inside", "after"))
    arabic = r"(?P<arabic>[+＋-]?\d[\d,]*(?:\.\d+)?)(?P<scale>[十百千万亿]*)"
    han = rf"(?P<han>[{_HAN_DIGITS}十百千万亿点廿卅半]+)"
    upper = rf"(?:(?P<mark>[-~至到、])(?:\d[\d,]*(?:\.\d+)?|{_HAN}+)(?P<scale2>[十百千万亿]*))?"
    return re.compile(
        rf"(?P<before>(?:{before})*)(?P<untold>[几数好])?(?:{arabic}|{han})?{upper}"
        rf"(?P<inside>(?:{inside})?)(?P<more>[十百千万亿]*)(?P<inside2>(?:{inside})?)(?P<unit>.*?)(?P<after>(?:{after})?)"
    )


def _plain(text: str) -> str:
    """Without blanks, half-width, simplified numerals, letters read for digits mended."""
    folded = unicodedata.normalize("NFKC", "".join(text.split())).translate(_ALIKE)
    folded = re.sub(r"[—–―─−~〜～]", "-", folded)
    folded = re.sub(r"(?<=[\d.,lO])O|O(?=[\d.,])", "0", folded)
    return re.sub(r"l(?=[\d.,])|(?<=[\d.,])l", "1", folded)


def parse_quantity(text: str) -> Quantity:
    """Read the text of a QUANTITY span; text without any number gives `Quantity(None, …)`."""
    plain = _plain(text)
    share = _share(plain)
    if share:
        return share
    match = _pattern().fullmatch(plain)
    if match is None or not (match["arabic"] or match["han"] or match["untold"]):
        return Quantity(None, plain or None, False, False)
    value, is_range = _value(match)
    approximate = is_range or bool(
        match["before"] or match["untold"] or match["inside"] or match["inside2"] or match["after"]
    )
    is_share = match["unit"] in _words()["share_units"]
    unit = match["unit"] if is_share else _printed(text, plain, match.start("unit"), match.end("unit"))
    return Quantity(None if value is None else _number(value), unit, approximate, is_share)


def _printed(text: str, plain: str, start: int, end: int) -> str | None:
    """The unit as the text prints it (`篇（条）`, `條`), not as it was folded for reading."""
    printed = "".join(text.split())
    unit = printed[start:end] if len(printed) == len(plain) else plain[start:end]
    return unit.strip(",.、，") or None


def _value(match: re.Match[str]) -> tuple[Decimal | None, bool]:
    """The value and whether the number is a range."""
    if match["untold"]:
        return None, True
    scale = match["scale"] or match["scale2"] or ""
    is_range = bool(match["mark"])
    if match["arabic"]:
        value = Decimal(match["arabic"].replace(",", "").lstrip("+"))
    else:
        han, narrow = _lower_end(match["han"])
        is_range = is_range or narrow
        read = read_han(han)
        if read is None:
            return None, is_range
        value = read
    for sign in scale + match["more"]:
        value *= _MAGNITUDES[sign]
    return value, is_range


def _lower_end(han: str) -> tuple[str, bool]:
    """`六七百` → `六百`: two neighbouring digits in a row are a range; `二〇二〇` and `一二` alone stay numbers."""
    pair = re.search(r"([一二两三四五六七八])([二三四五六七八九])(?=[十百千万亿]|$)", han)
    if pair is None or re.fullmatch(rf"[{_HAN_DIGITS}]{{3,}}", han):
        return han, False
    first, second = (min("零一二三四五六七八九".find(one.replace("两", "二")), 9) for one in pair.groups())
    if second != first + 1:
        return han, False
    return han[: pair.start(2)] + han[pair.end(2):], True


def read_han(han: str) -> Decimal | None:
    """The number that a Chinese numeral (simplified, 零 for 〇) writes; None for signs that write no number (`百千十`)."""
    whole, half = han.removesuffix("半"), Decimal("0.5") if han.endswith("半") else Decimal(0)
    if not whole:
        return half
    if whole[0] in "百千万亿":
        whole = "一" + whole
    try:
        return Decimal(str(cn2an.cn2an(whole.replace("两十", "二十"), "smart"))) + half
    except (ValueError, KeyError):  # cn2an raises KeyError on strings such as 亿一
        return None


def _share(plain: str) -> Quantity | None:
    """Parts in words: 成, 分之, 半数; percentages in digits are ordinary quantities with the unit `%`."""
    words = _words()
    before = "|".join(map(re.escape, words["before"]))
    after = "|".join(map(re.escape, words["after"]))
    frame = rf"(?P<before>(?:{before})*)(?P<core>.+?)(?P<after>(?:{after}|强|弱)?)"
    match = re.fullmatch(frame, plain)
    if match is None:
        return None
    core, vague = match["core"], bool(match["before"] or match["after"])
    value = _tenths(core) or _fraction(core)
    if value is None:
        return None
    number, more = value
    return Quantity(_number(number), "%", vague or more, True)


def _tenths(core: str) -> tuple[Decimal, bool] | None:
    match = re.fullmatch(rf"([{_HAN_DIGITS}十\d])成(多|余)?([{_HAN_DIGITS}半\d])?(多|余)?", core)
    if core in ("半数", "一半", "大半", "过半", "过半数"):
        return Decimal(50), core not in ("半数", "一半")
    if match is None:
        return None
    tens, ones = _read(match[1]), Decimal(5) if match[3] == "半" else _read(match[3] or "0")
    if tens is None or ones is None:
        return None
    return tens * 10 + ones, bool(match[2] or match[4])


def _fraction(core: str) -> tuple[Decimal, bool] | None:
    match = re.fullmatch(rf"({_HAN}+|\d+)分之({_HAN}+|\d+(?:\.\d+)?)(多|余)?", core)
    if match is None:
        return None
    below, above = _read(match[1]), _read(match[2])
    if not below or above is None:
        return None
    return round(above * 100 / below, 2), bool(match[3])


def _read(text: str) -> Decimal | None:
    if not text[0].isdigit():
        return read_han(text)
    return Decimal(text) if re.fullmatch(r"\d+(\.\d+)?", text) else None


def _number(value: Decimal) -> Number:
    return int(value) if value == value.to_integral_value() else float(value)
