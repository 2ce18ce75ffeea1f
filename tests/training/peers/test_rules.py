"""The rules-only labeller on sentences of every label."""

from __future__ import annotations

import pytest

from nlp.narrative.windows import Passage
from training.peers.rules import label


def said(text: str, section: str = "overview") -> list[tuple[str, str]]:
    return [(one.label, one.text) for one in label(text, [Passage(0, len(text), section)])]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("全年主动公开政府信息128条。", [("ITEM", "政府信息"), ("QUANTITY", "128条")]),
        ("通过微信公众号发布信息600余篇。", [("CHANNEL", "微信公众号"), ("ITEM", "信息"), ("QUANTITY", "600余篇")]),
        ("收到政府信息公开申请共12件。", [("ITEM", "政府信息公开申请"), ("QUANTITY", "12件")]),
        ("组织业务培训3场次。", [("ITEM", "业务培训"), ("QUANTITY", "3场次")]),
        ("满意率达98.5%。", [("ITEM", "满意率"), ("QUANTITY", "98.5%")]),
        ("2021年第3次会议于5月10日召开。", []),
    ],
)
def test_counts(text: str, wanted: list[tuple[str, str]]) -> None:
    assert said(text) == wanted


def test_group() -> None:
    text = "2019年5月成立政务公开领导小组，组长由王小川主任担任，成员为各科室负责人，领导小组办公室设在综合科。"
    assert said(text) == [
        ("DATE", "2019年5月"), ("GROUP", "政务公开领导小组"), ("ROLE", "组长"), ("PERSON", "王小川"), ("TITLE", "主任"),
        ("ROLE", "成员"), ("TITLE", "各科室负责人"), ("OFFICE", "综合科"),
    ]


def test_statements_are_the_items_of_the_section_on_problems() -> None:
    text = "存在的问题：一是公开内容不全面；二是更新不及时。下一步改进措施：一是加强培训；二是明确时限。"
    assert said(text, "problems") == [
        ("PROBLEM", "公开内容不全面"), ("PROBLEM", "更新不及时"), ("REMEDY", "加强培训"), ("REMEDY", "明确时限"),
    ]
    assert not [one for one in said(text) if one[0] in ("PROBLEM", "REMEDY")]


def test_other_bodies_are_no_groups() -> None:
    assert said("镇安全生产委员会和防汛领导小组办公室运转正常。") == []
