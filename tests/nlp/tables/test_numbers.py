"""Printed numbers and blank marks to values."""

from __future__ import annotations

import pytest

from nlp.forms import Column
from nlp.tables.numbers import BLANK_MARK, money_unit, printed_cell, to_number, words_beside_numbers, yuan

COUNT = Column("n", "数量")
CHANGE = Column("change", "本年增/减", kind="signed")
AMOUNT = Column("amount", "采购总金额", kind="money")


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("0", 0),
        ("00", 0),
        ("1,234", 1234),
        ("1，234", 1234),
        ("12.50", 12.5),
        ("7件", 7),
        ("3 项", 3),
        ("-8", -8),
        ("＋2", 2),
        ("−5", -5),
        ("↓4", -4),
        ("减少3", -3),
        ("新增6", 6),
        ("12（件）", 12),
        ("约30", 30),
    ],
)
def test_values(raw: str, value: float) -> None:
    cell = printed_cell(raw, (0, len(raw)), CHANGE)
    assert (cell.value, cell.raw, cell.state) == (value, raw, "printed")


@pytest.mark.parametrize("raw", ["", "/", "-", "—", "——", "无"])
def test_blank_marks_are_not_zero(raw: str) -> None:
    cell = printed_cell(raw, (0, len(raw)), COUNT)
    assert (cell.value, cell.raw, cell.state) == (None, raw, "blank")
    assert raw == "" or BLANK_MARK.fullmatch(raw)


@pytest.mark.parametrize(
    ("raw", "head", "value", "unit", "in_yuan"),
    [
        ("1112万元", None, 1112, "万元", 11_120_000),
        ("170万", None, 170, "万", 1_700_000),
        ("13411588.43元", None, 13411588.43, "元", 13411588.43),
        ("18.3", "万元", 18.3, "万元", 183_000),
        ("1,112.5万元", "元", 1112.5, "万元", 11_125_000),
        ("0元", None, 0, "元", 0),
        ("25", None, 25, None, None),
    ],
)
def test_money(raw: str, head: str | None, value: float, unit: str | None, in_yuan: float | None) -> None:
    cell = printed_cell(raw, (0, len(raw)), AMOUNT, head)
    assert (cell.value, cell.unit, cell.value_yuan) == (value, unit, in_yuan)


def test_units_that_are_no_money() -> None:
    assert yuan(3, "件") is None
    assert yuan(2, "亿元") == 200_000_000
    assert money_unit().match("万元") is not None
    assert to_number("1,234.50") == 1234.5


def test_words_that_belong_to_numbers() -> None:
    text = "许可 | 3件 | 减少2"
    assert [text[start:end] for start, end in words_beside_numbers(text)] == ["件", "减少"]
