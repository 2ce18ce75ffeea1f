"""Printed numbers to values: signs, thousands commas, `00`, units and money. Blank marks are no numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache

from nlp.document import Span
from nlp.forms import Column
from nlp.record import Cell, Number
from nlp.settings import load_toml

_SIGN_WORD = r"(?<![^\s|｜])(?:减少|新增|增加|减|增|负)"
_MINUS = ("-", "－", "−", "↓", "减少", "减", "负")
_DIGITS = r"\d{1,3}(?:[,，]\d{3})+(?:[.．]\d+)?|\d+(?:[.．]\d+)?"


@cache
def number_pattern() -> re.Pattern[str]:
    """A number as cells print it, with sign (group 1), digits (group 2) and unit (group 3)."""
    units = load_toml("forms/tables.toml")["units"]
    money = money_unit().pattern
    count = "|".join(units["count"])  # `0个别部门…`: the word after a table is no unit
    return re.compile(rf"([+＋\-－−↑↓]|{_SIGN_WORD})?({_DIGITS})(?:[ \t]*({money}|(?:{count})(?![\u4e00-\u9fff])))?")


@cache
def _beside_numbers() -> re.Pattern[str]:
    data = load_toml("forms/tables.toml")["units"]
    units = "|".join(sorted([*data["count"], *data["yuan"]], key=len, reverse=True))
    return re.compile(rf"(?<=\d)[ \t]*[（(]?(?:{units})[)）]?(?![\u4e00-\u9fff])|{_SIGN_WORD}(?=\d)")


def words_beside_numbers(text: str) -> Iterator[tuple[int, int]]:
    """Spans of units behind numbers and of `减少` before them: words that belong to a value, not to a label."""
    return (match.span() for match in _beside_numbers().finditer(text))


@cache
def money_unit() -> re.Pattern[str]:
    """A unit of money."""
    return re.compile("|".join(sorted(load_toml("forms/tables.toml")["units"]["yuan"], key=len, reverse=True)))


# A mark that stands for nothing: alone between separators. `无` must not be the end of a broken label such as （四）无.
BLANK_MARK = re.compile(r"(?<![\w）)])无(?!\w)|(?<![\d\-])[-－–−]{1,3}(?![\d\-])|—{1,3}|[/\\](?!\w)")


_PLAIN = str.maketrans({",": None, "，": None, "．": "."})


def to_number(text: str) -> Number:
    """The value of printed digits: `00` is 0, `1,234.50` is 1234.5."""
    value = Decimal(text.translate(_PLAIN))
    return int(value) if value == value.to_integral_value() else float(value)


def yuan(value: Number, unit: str | None) -> Number | None:
    """An amount in yuan; None when the unit is not one of money."""
    factor = load_toml("forms/tables.toml")["units"]["yuan"].get(unit)
    if factor is None:
        return None
    return to_number(str(Decimal(str(value)) * factor))


def printed_cell(raw: str, span: tuple[int, int], column: Column, head_unit: str | None = None) -> Cell:
    """The cell for a printed text: a number with its unit, or a blank that keeps what stood there."""
    place = Span(*span)
    match = number_pattern().search(raw)
    if match is None:
        return Cell(raw, None, span=place, state="blank")
    value = to_number(match[2])
    if match[1] in _MINUS:
        value = -value
    unit = match[3] or column.unit or head_unit
    if column.kind != "money":
        return Cell(raw, value, unit=match[3], span=place)
    return Cell(raw, value, unit=unit, value_yuan=yuan(value, unit), span=place)
