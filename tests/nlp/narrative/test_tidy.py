"""Edges of short labels as the annotation rules want them. Sample text is written for this project."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.narrative.clauses import reading_copy
from nlp.narrative.tidy import tidy
from nlp.record import Mention
from tests.nlp.narrative.marked import LABELS, unmarked


@pytest.mark.parametrize(
    ("marked", "wanted"),
    [
        ("{I:政府信息总数}{Q:9条}", ["政府信息", "9条"]),
        ("{I:粉丝数}{Q:80}", ["粉丝", "80"]),
        ("{I:关注人数}{Q:80}", ["关注人数", "80"]),
        ("发布{I:相关信息}{Q:3条}", ["信息", "3条"]),
        ("编发《{I:镇情简报》}{Q:3期}", ["《镇情简报》", "3期"]),
        ("在“{C:石桥发布”微信号}发{Q:3条}", ["“石桥发布”微信号", "3条"]),
        ("在{C:“石桥发布}”发{Q:3条}", ["“石桥发布”", "3条"]),
        ("访问近{Q:2万人}次", ["近2万人次"]),
        ("收到政府信息公开{I:申请}{Q:3件}", ["政府信息公开申请", "3件"]),
        ("参会{Q:20人}，{Q:3次}", ["20人", "3次"]),
        ("印发{I:文件数}{Q:9条,}其中", ["文件", "9条"]),
        ("发布{I:通知、提示等}{Q:9条}", ["通知、提示", "9条"]),
        ("公众号{I:关注人}数{Q:80}", ["关注人数", "80"]),
        ("广播站播{I:报通知}{Q:9条}", ["通知", "9条"]),
        ("职代会{I:表决通过制度}{Q:3项}", ["制度", "3项"]),
        ("发放{I:申请取水许可证}{Q:3本}", ["取水许可证", "3本"]),
        ("公布“一件{I:事”清单}{Q:3份}", ["“一件事”清单", "3份"]),
        ("渔业{C:电台播}报预警{Q:3次}", ["电台", "3次"]),
        ("通过网站等{C:平台}发布{Q:3条}", ["3条"]),
        ("编印简报{Q:6期}，每期{Q:800册}", ["6期"]),
    ],
)
def test_edges(marked: str, wanted: list[str]) -> None:
    text, mentions = unmarked(marked)
    found = tidy(reading_copy(text), text, mentions)
    assert [one.text for one in found] == wanted
    assert all(text[one.start : one.end] == one.text for one in found)


@given(st.data())
def test_mentions_never_meet(data: st.DataObject) -> None:
    text = data.draw(st.text(alphabet="近约超《》“”\"政府信息公开申请数总3人次相关", min_size=4, max_size=30))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), min_size=2, max_size=8)))
    mentions = [
        Mention(data.draw(st.sampled_from(list(LABELS.values()))), start, end, text[start:end], 0.5)
        for start, end in zip(cuts[::2], cuts[1::2], strict=False)
    ]
    found = tidy(reading_copy(text), text, mentions)
    assert all(one.start < one.end for one in found)
    assert all(left.end <= right.start for left, right in itertools.pairwise(found))


def test_a_group_has_the_name_of_a_body() -> None:
    text = "政务公开领导小组，政务公开工作"
    mentions = [Mention("GROUP", 0, 8, text[:8], 0.9), Mention("GROUP", 9, 15, text[9:], 0.9)]
    assert [one.text for one in tidy(text, text, mentions)] == ["政务公开领导小组"]


@pytest.mark.parametrize(
    ("before", "group", "wanted"),
    [
        ("成立响", "水坪镇政务公开领导小组", "响水坪镇政务公开领导小组"),
        ("成立响水坪镇", "政务公开领导小组", "响水坪镇政务公开领导小组"),
        ("我镇", "政务公开领导小组", "政务公开领导小组"),
        ("经党委", "领导小组", "领导小组"),
    ],
)
def test_a_group_bears_the_name_of_its_agency(before: str, group: str, wanted: str) -> None:
    text = before + group
    found = tidy(text, text, [Mention("GROUP", len(before), len(text), group, 0.9)], "清水县响水坪镇人民政府")
    assert [mention.text for mention in found] == [wanted]
