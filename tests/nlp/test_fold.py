"""Folding keeps the way back to every character."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.document import Span
from nlp.fold import fold, script

# Characters that folding changes among such that it leaves alone.
texts = st.lists(
    st.one_of(
        st.text(max_size=5),
        st.sampled_from(
            [
                "閻良區應急",
                "２０２０年",
                "政(zheng)",
                "府（fǔ）",
                "ＡＢｃ",
                "⼀",
                "乾隆",
                "瞭解",
                "\r\n",
                "(an)",
                "\u2028",
                "发生",
            ]
        ),
    ),
    max_size=12,
).map("".join)


@given(texts)
def test_offsets_lead_back(text: str) -> None:
    folded = fold(text)
    assert len(folded.offsets) == len(folded.text) + 1
    assert folded.offsets[-1] == len(text)
    assert all(a < b for a, b in pairwise(folded.offsets))
    for index, character in enumerate(folded.text):
        start, end = folded.original(index, index + 1)
        assert end == start + 1
        assert character == text[start] or not text[start].isascii()


@given(st.text(alphabet="政府信息公开工作年度报告0123456789，。\n ", max_size=80))
def test_simplified_half_width_text_is_left_alone(text: str) -> None:
    folded = fold(text)
    assert folded.text == text
    assert tuple(folded.offsets) == tuple(range(len(text) + 1))


@pytest.mark.parametrize(
    ("printed", "read"),
    [
        ("閻良區應急管理局", "阎良区应急管理局"),
        ("不予公開８件，共ＡＢ", "不予公开8件，共AB"),
        ("县人民政(zheng)府(fu)", "县人民政府"),
        ("乡（xiāng）镇", "乡镇"),
        ("第(a)项、客户端(APP)、表(1)", "第(a)项、客户端(APP)、表(1)"),
        ("⼀、总体情况", "一、总体情况"),
        ("乾隆年間瞭解", "乾隆年间了解"),
    ],
)
def test_what_is_folded(printed: str, read: str) -> None:
    assert fold(printed).text == read


def test_a_span_over_removed_pinyin_covers_it_in_the_original() -> None:
    text = "本县政(zheng)府(fu)办公室"
    folded = fold(text)
    start = folded.text.index("政府办")
    assert folded.original(start, start + 3) == Span(2, text.index("办") + 1)


def test_script_goes_by_the_characters_that_only_one_script_has() -> None:
    assert script("本局嚴格按照條例規定公開信息") == "hant"
    assert script("本局严格按照条例规定公开信息") == "hans"
    assert script("2020") == "hans"
    assert script("本局严格按照条例规定公开信息，转载自繁體版") == "hans"
