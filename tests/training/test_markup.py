"""Inline markup becomes text and spans, and its faults are named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.markup import Annotated, compile_marked, escaped, unescaped

HEAD = "# id: towns-99\n# agency: 栗坪乡人民政府\n# year: 2021\n# style: test\n\n"
CODES = ("timeliness", "capability", "platform")


def test_spans_lie_where_their_text_lies() -> None:
    marked = compile_marked(
        HEAD
        + "公开{ITEM:信息}{QUANTITY:3条}{{注}}。\n问题：{PROBLEM/timeliness:更新慢}；{REMEDY/platform!>1:已改版}。",
        "a",
        CODES,
    )
    assert marked.faults == ()
    assert [marked.text[s.start : s.end] for s in marked.spans] == ["信息", "3条", "更新慢", "已改版"]
    assert "{注}" in marked.text
    assert marked.spans[3] == Annotated(
        "REMEDY", *(marked.text.index("已改版") + n for n in (0, 3)), ("platform",), True, (0,)
    )
    assert marked.meta["agency"] == "栗坪乡人民政府"


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("{THING:信息}", "unknown label THING"),
        ("{ITEM: 信息}", "blank or punctuation at an edge"),
        ("{QUANTITY:许多条}", "a quantity without a number"),
        ("{PROBLEM:更新慢}", "category codes missing"),
        ("{ITEM/timeliness:信息}", "category codes missing, unknown, or on another label"),
        ("{PROBLEM/late:更新慢}", "category codes missing, unknown"),
        ("{PROBLEM/timeliness:更新慢。}", "punctuation at an edge"),
        ("{REMEDY/platform>2:改版}", "answers problem 2, there are 0"),
        ("公开}信息", "stray }"),
    ],
)
def test_faults_are_named(body: str, fault: str) -> None:
    (found,) = compile_marked(HEAD + body, "towns-99.txt", CODES).faults
    assert fault in found
    assert found.startswith("towns-99.txt: ")


@given(st.lists(st.sampled_from(["{", "}", "&", "amp;", "#", "123;", "#125;", "&#123;", "条", "\\"]), max_size=12).map("".join))
def test_braces_inside_a_span_return(text: str) -> None:
    assert not set(escaped(text)) & set("{}")
    assert unescaped(escaped(text)) == text
    inner = f"3{text}条"
    marked = compile_marked(HEAD + f"}}}}{{QUANTITY:{escaped(inner)}}}}}}}{{ITEM:信息}}", "a", CODES)
    assert marked.faults == ()
    assert marked.text == f"}}{inner}}}信息"
    assert [marked.text[span.start : span.end] for span in marked.spans] == [inner, "信息"]


def test_what_holds_no_brace_is_not_escaped() -> None:
    assert escaped("A&B&amp;#12;\\n") == "A&B&amp;#12;\\n"


def test_a_header_without_year_is_a_fault() -> None:
    assert compile_marked("# id: a\n# agency: b\n# style: c\n\n正文", "a", CODES).faults == ("a: header lacks year",)
