"""The year that a report is about, and the day it was published or signed."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import date
from functools import cache

from nlp.settings import load_toml

_HAN_DIGITS = str.maketrans("〇○零Ｏ一二三四五六七八九", "0000123456789")
_OCR_YEAR = re.compile(r"2(?=[\dOo]{0,3}[OolI])[0Oo][0-2OolI][\dOolI](?=年)")
_OCR_DIGITS = str.maketrans("OolI", "0011")
_HAN_YEAR = re.compile(r"二[〇○零ＯO0][〇○零ＯO0一二三][〇○零ＯO0一二三四五六七八九](?=年)")
_HAN_MONTH_DAY = re.compile(r"(?<=年)([元一二三四五六七八九十]{1,3})月([一二三四五六七八九十]{1,4})日")
_SPACES = re.compile(r"(?<=\d)[ \t\u3000\xa0]+(?=[年月日])|(?<=[年月])[ \t\u3000\xa0]+(?=[\d度])")
_PERIOD = re.compile(r"(?<!\d)(20\d\d)(?:年|[-./])?0?1(?:月|[-./])?0?1日?(?:起|开始)?(?:,)?(?:至|到|—|-|–|~|～|止|―)")
_REPORT_YEAR = re.compile(r"(?<!\d)(20\d\d)(?:年度?|[政信])")
_ANY_YEAR = re.compile(r"(?<!\d)(20\d\d)年")
_DATE = re.compile(r"(?<!\d)(20\d\d)(?:年|[-./])(\d{1,2})(?:月|[-./])(\d{1,2})(?!\d)日?")
_RANGE = re.compile(r"[ ]*(?:起|至|到|止|—|-\D|–|~|～|以来)")
_TITLE_WEIGHT, _PERIOD_WEIGHT, _ANNOUNCED_WEIGHT, _FIRST_WEIGHT = 4.0, 3.0, 2.0, 0.25
_FIRST_YEAR = 2007  # the year in which the first Regulations were made
_SIGNATURE_TAIL = 400  # characters at the end of the report in which a signature stands
_HEADER = 1500  # characters before the first heading in which a page states its date


def plain_dates(text: str) -> str:
    """`text` with years, months and days in Chinese numerals rewritten in Arabic ones; lengths change."""
    text = _OCR_YEAR.sub(lambda m: m.group().translate(_OCR_DIGITS), text)
    text = _HAN_YEAR.sub(lambda m: m.group().replace("O", "0").translate(_HAN_DIGITS), text)
    text = _HAN_MONTH_DAY.sub(lambda m: f"{_small(m.group(1))}月{_small(m.group(2))}日", text)
    return _SPACES.sub("", text)


def _small(numeral: str) -> int:
    """A Chinese numeral below 100; 元 is one."""
    tens, ten, ones = numeral.replace("元", "一").rpartition("十")
    return int((tens or "1").translate(_HAN_DIGITS)) * 10 * bool(ten) + int((ones or "0").translate(_HAN_DIGITS))


def report_year(title: str | None, preamble: str, text: str, published: str | None) -> int | None:
    """The year reported on: by the title, the stated period, the sentence that announces the report, the years named.

    All texts as `plain_dates` leaves them, without white space. `published` only helps where no year is stated: reports
    come out in the months after their year.
    """
    votes: defaultdict[int, float] = defaultdict(float)
    for year in {int(y) for y in _REPORT_YEAR.findall(title or "")}:
        votes[year] += _TITLE_WEIGHT
    for year in {int(y) for y in _PERIOD.findall(text)}:
        votes[year] += _PERIOD_WEIGHT
    for match in _announced().finditer(preamble):
        votes[int(match.group(1))] += _ANNOUNCED_WEIGHT
    named = [int(y) for y in _ANY_YEAR.findall(text)]
    mentions = Counter(named)
    if named:
        votes[named[0]] += _FIRST_WEIGHT
    for year, count in mentions.items():
        votes[year] += count / mentions.total()
    if published:
        votes[int(published[:4]) - (published[5:] < "10")] += 0.5
    possible = [year for year in votes if _possible(year, published)]
    return max(possible, key=lambda year: (votes[year], -year), default=None)


def _possible(year: int, published: str | None) -> bool:
    return year >= _FIRST_YEAR and (published is None or year <= int(published[:4]))


@cache
def _announced() -> re.Pattern[str]:
    report = load_toml("identity.toml")["title"]["report"]
    return re.compile(rf"(?<!\d)(20\d\d)年?度?[^。;,0-9]{{0,20}}?{report}")


def publication_date(header: str, tail: str, year: int | None) -> str | None:
    """The day of publication as the page states it, else the day of signing; ISO, or None.

    `header` is what stands before the first section, `tail` the end of the report; lines kept, `plain_dates` applied.
    Days before the report's year began are not of this report.
    """
    stated = (
        _labelled(header[-_HEADER:]) or _beside_header_words(header[-_HEADER:]) or _labelled(tail[-_SIGNATURE_TAIL:])
    )
    for day in (stated, _signed(tail[-_SIGNATURE_TAIL:])):
        if day and (year is None or day.year >= year):
            return day.isoformat()
    return None


@cache
def _labels() -> tuple[re.Pattern[str], ...]:
    labels = load_toml("identity.toml")["date"]["labels"]
    return tuple(re.compile(rf"(?<!统计)(?<!编制){label}[】\]]?[ :|]{{0,4}}") for label in labels)


def _labelled(text: str) -> date | None:
    for label in _labels():
        for match in label.finditer(text):
            day = _date_at(text, match.end())
            if day:
                return day
    return None


def _date_at(text: str, start: int) -> date | None:
    match = _DATE.match(text, start)
    return None if match is None or _RANGE.match(text, match.end()) else _day(match)


def _beside_header_words(text: str) -> date | None:
    words = re.compile(load_toml("identity.toml")["date"]["header"])
    for line in text.splitlines():
        match = _DATE.search(line)
        if match and len(line) < 200 and (words.search(line) or not _DATE.sub("", line, count=1).strip(" :0123456789")):
            day = None if _RANGE.match(line, match.end()) else _day(match)
            if day:
                return day
    return None


def _signed(tail: str) -> date | None:
    """The last date that closes a line, or the text, without being the end of a period."""
    found = None
    for match in _DATE.finditer(tail):
        closes = not tail[match.end() :].strip() or re.match(r"[ \t)）]*(?:\n|附件|$)", tail[match.end() :])
        opens = re.search(r"(?:^|[\n。|])[^\n。|,，;；:：]{0,30}$", tail[: match.start()])
        if closes and opens and not re.search(r"[至到—~-]\s*$", tail[: match.start()]):
            found = _day(match) or found
    return found


def _day(match: re.Match[str]) -> date | None:
    try:
        return date(*(int(part) for part in match.groups()))
    except ValueError:
        return None
