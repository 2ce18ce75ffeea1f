"""Decoding by the bytes."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.ingest.encoding import decode

HANS = "云溪县水务局2020年政府信息公开工作年度报告。全年主动公开信息三百条，未收取任何费用。"
HANT = "雲溪縣水務局2020年政府信息公開工作年度報告。全年主動公開信息三百條，未收取任何費用。"


@pytest.mark.parametrize(
    ("text", "encoding", "name"),
    [
        (HANS, "utf-8", "utf-8"), (HANS, "utf-8-sig", "utf-8"), (HANS, "gb18030", "gb18030"), (HANS, "gbk", "gb18030"),
        (HANS, "gb2312", "gb18030"), (HANT, "big5", "big5hkscs"), (HANT, "gb18030", "gb18030"),
        (HANS, "utf-16-le", "utf-16-le"), (HANS, "utf-16-be", "utf-16-be"), (HANS, "utf-16", "utf-16-le"),
        ("plain 123", "ascii", "utf-8"),
    ],
)  # fmt: skip
def test_encodings_met_in_china(text: str, encoding: str, name: str) -> None:
    decoded = decode(text.encode(encoding))
    assert (decoded.text, decoded.encoding, decoded.issues) == (text, name, ())


@pytest.mark.parametrize("text", ["水务局", "年度报告", "信息公开指南", "县林业局"])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_short_names(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)).text == text


@pytest.mark.parametrize("declared", ["utf-8", "gb2312", "big5", "iso-8859-1"])
@pytest.mark.parametrize(("text", "encoding"), [(HANS, "gb18030"), (HANT, "big5"), (HANS, "utf-8")])
def test_the_bytes_win_against_what_is_declared(text: str, encoding: str, declared: str) -> None:
    page = f'<html><head><meta charset="{declared}"><meta content="text/html; charset={declared}"></head><p>{text}</p>'
    assert decode(page.encode(encoding)).text == page


def test_big5_with_a_damaged_byte_stays_big5() -> None:
    decoded = decode((HANT * 5).encode("big5") + b"\xff")
    assert decoded.text.startswith(HANT)
    assert [issue.code for issue in decoded.issues] == ["undecodable_bytes"]


def test_line_ends_stay() -> None:
    assert decode("一、\r\n二、\r三、\n".encode()).text == "一、\r\n二、\r三、\n"


def test_the_issue_points_at_the_first_replaced_character() -> None:
    decoded = decode(HANS.encode() + b"\xff" + HANS.encode())
    span = decoded.issues[0].span
    assert span is not None
    assert decoded.text[slice(*span)] == "\ufffd"
    assert span.start == len(HANS)


@given(st.binary(max_size=300))
def test_any_bytes_decode(data: bytes) -> None:
    decoded = decode(data)
    decoded.text.encode("utf-8")  # no lone surrogates
    assert ("\ufffd" in decoded.text) >= any(issue.code == "undecodable_bytes" for issue in decoded.issues)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=200))
def test_utf8_with_a_mark_is_read_back(text: str) -> None:
    assert decode(codecs.BOM_UTF8 + text.encode()).text == text
