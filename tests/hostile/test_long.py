"""Texts as long as the limit allows, made of what the searches look for: none may take more than linear time."""

from __future__ import annotations

import pytest

import nlp
from nlp.settings import Settings

LENGTH = 300_000
PIECES = {
    "labels": "行政许可",
    "rows": "行政许可 1 2 3\n",
    "matrix": "一、本年新收政府信息公开申请数量 1 0 0 0 0 0 1\n",
    "captions": "第二十条第（一）项",
    "digits": "12",
    "brackets": "（",
    "pairs": "（公开）",
    "prose": "本局收到政府信息公开申请12件，答复12件。",
    "headings": "一、总体情况\n二、主动公开政府信息情况\n",
    "outcomes": "结果维持结果纠正其他结果尚未审结总计",
    "indicators": "甲 条 1 ",
    "enumeration": "一是公开不够；二是人员不足；",
    "dates": "2021年1月1日",
    "traditional": "政府資訊公開",
    "hosts": "a.",
    "pipes": "0 | ",
}


@pytest.mark.parametrize("name", PIECES)
def test_a_long_text_is_read_to_its_end(name: str) -> None:
    text = "某县2021年政府信息公开工作年度报告\n指标名称 单位 2011年度\n行政许可" + PIECES[name] * (LENGTH // len(PIECES[name]))
    record = nlp.extract(text, Settings(labeller=False))
    assert record.text == text
    assert "internal_error" not in {issue.code for issue in record.issues}
