"""Figures that prose states for cells: only where the sentence names the thing, the act and this year's whole."""

from __future__ import annotations

import pytest

from nlp.document import Span
from nlp.tables.prose import find_figures


@pytest.mark.parametrize(
    ("sentence", "cell", "value"),
    [
        ("全年收到政府信息公开申请12件。", "applications.new.total", 12),
        ("共受理依申请公开1,204件，", "applications.new.total", 1204),
        ("上年结转申请3件。", "applications.carried_in.total", 3),
        ("结转下年度继续办理2件。", "applications.carried_out.total", 2),
        ("集中公开现行有效行政规范性文件698件。", "disclosure.art20_1.normative.in_force", 698),
        ("全年废止规范性文件4件。", "disclosure.art20_1.normative.repealed", 4),
        ("发生行政复议案件5件。", "review_litigation.review.total", 5),
    ],
)
def test_figures(sentence: str, cell: str, value: int) -> None:
    assert (cell, value) in [(figure.cell, figure.value) for figure in find_figures(sentence, ()).found]


@pytest.mark.parametrize(
    "sentence",
    [
        "收到政府信息公开申请12.5%来自企业。",
        "共收到来信12件。",
        "开展培训3次，印发资料40份。",
        "办理行政许可40件。",
        "审结区本级行政复议案件402件。",
        "代理行政诉讼案件3件。",
    ],
)
def test_other_numbers_are_none(sentence: str) -> None:
    assert find_figures(sentence, ()).found == ()


def test_spans_tables_and_scope() -> None:
    text = "我局收到政府信息公\n开申请1 2件。收到政府信息公开申请99件。"
    figures = find_figures(text, [Span(text.index("。") + 1, len(text))])
    (only,) = figures.found
    assert (only.value, only.scope) == (12, "own")
    assert text[only.span.start : only.span.end] == "1 2"
    assert figures.of("applications.new.total") == [only]


def test_agreement_with_a_reading() -> None:
    figures = find_figures("现行有效行政规范性文件698件。", ())
    assert figures.agree("disclosure.art20_1.normative", (5, 5, 698)) is True
    assert figures.agree("disclosure.art20_1.normative", (55, 6, 98)) is False
    assert figures.agree("disclosure.art20_1.regulations", (0, 0, 0)) is None
