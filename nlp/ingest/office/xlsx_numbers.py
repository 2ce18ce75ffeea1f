"""Numbers of a workbook as its sheets display them: 12 not 12.0, `12.50%`, `1,200`, `2021年1月9日`.

Number formats: ECMA-376 part 1, 18.8.30 and 18.8.31.
"""

from __future__ import annotations

import re
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import NamedTuple

from lxml import etree
from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_GENERAL = "General"
# Formats that depend on the program's language; those of Chinese Excel: ECMA-376 part 1, 18.8.30, zh-cn.
_CHINESE = {
    27: 'yyyy"年"m"月"', 28: 'm"月"d"日"', 29: 'm"月"d"日"', 30: "m-d-yy", 31: 'yyyy"年"m"月"d"日"', 32: 'h"时"mm"分"',
    33: 'h"时"mm"分"ss"秒"', 36: 'yyyy"年"m"月"', 50: 'yyyy"年"m"月"', 51: 'm"月"d"日"', 52: 'yyyy"年"m"月"',
    53: 'm"月"d"日"', 54: 'm"月"d"日"', 57: 'yyyy"年"m"月"', 58: 'm"月"d"日"',
}  # fmt: skip
_DIGITS = 11  # that `General` shows
_MOST = Decimal(10) ** 300
# A literal in quotes or behind a backslash; space as wide as a character, and filling; colour, condition or currency.
_PIECE = re.compile(r'"([^"]*)"|\\(.)|[_*].|\[(?:\$([^\]-]*))?[^\]]*\]|([0#?.,%]+)|(.)', re.DOTALL)


class Formats:
    """The number formats of a workbook's styles, and the day from which it counts dates."""

    def __init__(self, styles: etree._Element | None, workbook: etree._Element) -> None:
        stated = workbook.find(f"{SHEET}workbookPr")
        is_mac = stated is not None and stated.get("date1904") in ("1", "true")
        self.epoch: datetime = CALENDAR_MAC_1904 if is_mac else CALENDAR_WINDOWS_1900
        codes: dict[str, str] = {str(key): code for key, code in (BUILTIN_FORMATS | _CHINESE).items()}
        own = styles.iterfind(f"{SHEET}numFmts/{SHEET}numFmt") if styles is not None else ()
        codes |= {fmt.get("numFmtId") or "": fmt.get("formatCode") or _GENERAL for fmt in own}
        cells = styles.iterfind(f"{SHEET}cellXfs/{SHEET}xf") if styles is not None else ()
        self._codes = [codes.get(xf.get("numFmtId") or "", _GENERAL) for xf in cells]

    def code(self, style: str | None) -> str:
        """The number format of cells of a style (`s` of the cell)."""
        number = index(style)
        return self._codes[number] if number is not None and number < len(self._codes) else _GENERAL


class Frames:
    """Which styles of a workbook draw a line around their cells."""

    def __init__(self, styles: etree._Element | None) -> None:
        borders = list(styles.iterfind(f"{SHEET}borders/{SHEET}border")) if styles is not None else []
        drawn = {i for i, border in enumerate(borders) if any(side.get("style", "none") != "none" for side in border)}
        cells = styles.iterfind(f"{SHEET}cellXfs/{SHEET}xf") if styles is not None else ()
        self._framed = {i for i, xf in enumerate(cells) if index(xf.get("borderId")) in drawn}

    def around(self, style: str | None) -> bool:
        """Whether cells of a style (`s` of the cell) have a line at any side."""
        return (index(style) or 0) in self._framed


def index(stated: str | None) -> int | None:
    """The number that an attribute states; None where it is missing or damaged."""
    return int(stated) if stated and stated.isascii() and stated.isdigit() and len(stated) < 8 else None


class _Section(NamedTuple):
    """One section of a number format: literals before and behind the digits, which show so many places."""

    before: str
    places: str
    behind: str


def displayed(value: str, code: str, epoch: datetime) -> str:
    """What a cell with the stored number `value` displays under a number format; text that is no number as it stands."""
    try:
        number = Decimal(value)
    except InvalidOperation:
        return value
    if not number.is_finite() or abs(number) > _MOST:
        return value
    if is_date_format(code):
        return _date(float(number), code, epoch) or _general(number)
    sections = _sections(code)
    index = 0 if len(sections) == 1 or number > 0 or (number == 0 and len(sections) < 3) else 1 if number < 0 else 2
    section = sections[min(index, len(sections) - 1)]
    signed = number if len(sections) == 1 else abs(number)
    shown = _general(signed) if section is None else section.before + _digits(signed, section.places) + section.behind
    return shown.strip()


@lru_cache(maxsize=256)
def _sections(code: str) -> tuple[_Section | None, ...]:
    """The sections of a format, for positive numbers, negative ones and zero; None for one that shows as `General`."""
    found = re.findall(r'(?:"[^"]*"|\\.|[^;"\\])+|(?<=;)(?=;)', code)[:3]
    return tuple(map(_section, found)) or (None,)


def _section(code: str) -> _Section | None:
    if re.search(r"General|G/通用格式|E[+-]|@|/", re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", code)):
        return None
    before, places, behind = "", "", ""
    for literal, escaped, currency, digits, other in _PIECE.findall(code):
        if digits:
            places, behind = places + behind + digits if places else digits, ""
        elif places:
            behind += literal or escaped or currency or other
        else:
            before += literal or escaped or currency or other
    percent = "%" * places.count("%")
    return _Section(before, places, percent + behind)


def _digits(number: Decimal, places: str) -> str:
    """The number in digits under places such as `#,##0.00` or `0%`."""
    if not re.search("[0#?]", places):
        return ""
    scale = len(places) - len(places.rstrip(",%"))
    thousands = places[len(places) - scale :].count(",")
    number = number * 100 ** places.count("%") / Decimal(1000) ** thousands
    whole, _, part = re.sub("[^0#?.,]", "", places).rstrip(",").partition(".")
    most, least = len(re.findall("[0#?]", part)), part.count("0")
    rounded = abs(number).quantize(Decimal(1).scaleb(-most), ROUND_HALF_UP) if abs(number) < 10**15 else abs(number)
    shown = f"{rounded:,f}" if "," in whole else f"{rounded:f}"
    integer, _, fraction = shown.partition(".")
    fraction = fraction[:least] + fraction[least:].rstrip("0")
    integer = integer.zfill(whole.count("0")) if integer != "0" or "0" in whole else ""
    sign = "-" if number < 0 and rounded else ""
    return sign + integer + ("." + fraction if fraction else "")


def _general(number: Decimal) -> str:
    if number == number.to_integral_value() and abs(number) < 10**15:
        return f"{int(number)}"
    return f"{float(number):.{_DIGITS}g}"


def _date(number: float, code: str, epoch: datetime) -> str | None:
    """A date or time: in Chinese where the format says 年 or 月, else ISO; None for a number that is no date."""
    try:
        moment = from_excel(number, epoch)
    except (OverflowError, ValueError):
        return None
    if not isinstance(moment, datetime):
        return str(moment)
    plain = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", code).lower()
    clock = f"{moment:%H:%M:%S}" if "s" in plain else f"{moment:%H:%M}" if "h" in plain else ""
    if not re.search("[yd]|年|月|日", plain.replace("\\", "")) and "月" not in code:
        return clock or None
    if "月" in code:
        year = f"{moment.year}年" if "y" in plain else ""
        day = f"{moment.day}日" if "d" in plain else ""
        return f"{year}{moment.month}月{day} {clock}".strip()
    day = f"-{moment.day:02}" if "d" in plain else ""
    return f"{moment.year}-{moment.month:02}{day} {clock}".strip()
