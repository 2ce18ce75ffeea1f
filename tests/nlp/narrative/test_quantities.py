"""Numbers of the prose: every way of writing them gives the value that was meant."""

from __future__ import annotations

import cn2an
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.narrative.quantities import Quantity, parse_quantity


@pytest.mark.parametrize(
    ("text", "value", "unit", "approximate", "share"),
    [
        ("268条", 268, "条", False, False),
        ("600余篇", 600, "篇", True, False),
        ("近2万次", 20_000, "次", True, False),
        ("1.2万余次", 12_000, "次", True, False),
        ("20多万次", 200_000, "次", True, False),
        ("3,140多条", 3140, "条", True, False),
        ("５ ５００ 余\n条", 5500, "条", True, False),
        ("5.4万元", 54_000, "元", False, False),
        ("15万", 150_000, None, False, False),
        ("2318", 2318, None, False, False),
        ("两千余册", 2000, "册", True, False),
        ("一万二千", 12_000, None, False, False),
        ("一百零八篇", 108, "篇", False, False),
        ("千余次", 1000, "次", True, False),
        ("八十来條", 80, "條", True, False),
        ("5篇（条）", 5, "篇（条）", False, False),
        ("9O余条", 90, "条", True, False),
        ("l9件", 19, "件", False, False),
        ("500条左右", 500, "条", True, False),
        ("30-50件", 30, "件", True, False),
        ("1至3期", 1, "期", True, False),
        ("六七百人", 600, "人", True, False),
        ("一百二、三十条", 120, "条", True, False),
        ("数百条", None, "条", True, False),
        ("10％", 10, "%", False, True),
        ("3.2个百分点", 3.2, "个百分点", False, True),
        ("百分之十", 10, "%", False, True),
        ("超八成", 80, "%", True, True),
        ("一成半", 15, "%", False, True),
        ("近半数", 50, "%", True, True),
        ("三分之一", 33.33, "%", False, True),
        ("百千十条", None, "条", False, False),
    ],
)
def test_reads_what_is_written(text: str, value: float | None, unit: str | None, approximate: bool, share: bool) -> None:
    assert parse_quantity(text) == Quantity(value, unit, approximate, share)


@given(st.integers(0, 99_999_999), st.sampled_from(["件", "人次", "期"]))
def test_arabic_and_chinese_numerals_agree(number: int, unit: str) -> None:
    want = Quantity(number, unit, False, False)
    assert parse_quantity(f"{number}{unit}") == want
    assert parse_quantity(f"{number:,}{unit}") == want
    assert parse_quantity(cn2an.an2cn(number, "low") + unit) == want


@given(st.integers(1, 9999), st.sampled_from(["万", "亿"]))
def test_magnitudes_are_expanded(number: int, sign: str) -> None:
    factor = {"万": 10_000, "亿": 100_000_000}[sign]
    assert parse_quantity(f"约{number}{sign}次") == Quantity(number * factor, "次", True, False)


@given(st.text(alphabet="一二十百千万亿半成分之数几约余-至、.,01lO%条 \n余多", max_size=12))
def test_any_text_is_read_without_error(text: str) -> None:
    quantity = parse_quantity(text)
    assert quantity.value is None or quantity.value == quantity.value
