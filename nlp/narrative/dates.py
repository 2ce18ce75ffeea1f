"""Dates of the prose as ISO 8601: `2019年11月11日`, `二〇一九年十一月`, `4月8日` of the report's year."""

from __future__ import annotations

import re

from nlp.narrative.quantities import read_han

_NUMBER = r"[\d〇零○一二三四五六七八九十廿卅]+"
_DATE = re.compile(
    rf"(?:(?P<year>{_NUMBER}|本|今|去|上)(?:年度?|[.\-/]))?(?:(?P<month>{_NUMBER})(?:月份?|[.\-/]|$))?(?:(?P<day>{_NUMBER})[日号]?)?"
)


def iso_date(text: str, year: int | None) -> str | None:
    """`YYYY-MM-DD`, `YYYY-MM` or `YYYY`, as precise as the text; `year` stands in where none is named. None if it is no date."""
    plain = "".join(text.split())
    match = _DATE.match(plain)
    if match is None or not (match["year"] or match["month"]):
        return None
    named = _year(match["year"], year)
    if named is None:
        return None
    parts = [f"{named:04d}"]
    for key, highest in (("month", 12), ("day", 31)):
        number = _small(match[key])
        if number is None or not 1 <= number <= highest:
            break
        parts.append(f"{number:02d}")
    return "-".join(parts)


def _year(written: str | None, report: int | None) -> int | None:
    if written is None or written in ("本", "今"):
        return report
    if written in ("去", "上"):
        return report - 1 if report is not None else None
    digits = re.sub(r"[〇○]", "零", written)
    if not digits.isdigit():
        digits = "".join(str("零一二三四五六七八九".find(one)) for one in digits)
    number = int(digits) if digits.isdigit() else 0
    return number if 1900 <= number <= 2100 else None


def _small(written: str | None) -> int | None:
    if not written:
        return None
    number = int(written) if written.isdigit() else read_han(re.sub(r"[〇○]", "零", written))
    return None if number is None else int(number)
