"""Short labels that the wording alone settles. Sample text is written for this project."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.narrative.clauses import reading_copy
from nlp.narrative.supply import supply
from nlp.narrative.windows import Passage
from nlp.record import Mention
from tests.nlp.narrative.marked import LABELS, unmarked


def supplied(marked: str) -> list[tuple[str, str]]:
    text, mentions = unmarked(marked)
    found = supply(reading_copy(text), text, mentions, [Passage(0, len(text), "overview")])
    assert all(text[one.start : one.end] == one.text for one in found)
    return [(one.label, one.text) for one in found]


@pytest.mark.parametrize(
    ("marked", "item"),
    [
        ("公开目录分为{Q:9个}类别。", "类别"),
        ("汇集了{Q:37个}单位的信息。", "单位"),
        ("指导{Q:16家}乡镇卫生院公示价格。", "乡镇卫生院"),
        ("送至{Q:11个}村（社区）。", "村（社区）"),
        ("关停{Q:3个}长期无人维护的政务新媒体。", "政务新媒体"),
    ],
)
def test_a_noun_behind_its_classifier(marked: str, item: str) -> None:
    assert ("ITEM", item) in supplied(marked)


@pytest.mark.parametrize("marked", ["收到申请，{Q:3个}予以公开。", "栏目由{Q:15个}压减到8个。", "其中{Q:6件}涉及单位。"])
def test_a_verb_behind_a_number_is_no_item(marked: str) -> None:
    assert [label for label, _ in supplied(marked)] == ["QUANTITY"]


@pytest.mark.parametrize(
    ("marked", "wanted"),
    [
        ("编印{C:《石桥政报》}{Q:6期}，每季一送。", ("ITEM", "《石桥政报》")),
        ("播出{Q:19期}《石桥问政》，反响良好。", ("ITEM", "《石桥问政》")),
        ("编发{C:《石桥政报》}{Q:6期}，刊载文件30件。", ("CHANNEL", "《石桥政报》")),
        ("县电视台{C:《石桥问政》}{Q:6期}。", ("CHANNEL", "《石桥问政》")),
    ],
)
def test_a_counted_title(marked: str, wanted: tuple[str, str]) -> None:
    assert wanted in supplied(marked)


def test_every_outlet_of_a_list() -> None:
    found = supplied("通过县政府网站、{C:公开栏}、《石桥报》、各村广播等渠道公开信息{Q:90条}。")
    assert [text for label, text in found if label == "CHANNEL"] == ["县政府网站", "公开栏", "《石桥报》", "各村广播"]
    assert supplied("通过县政府网站、公开栏等渠道公开。") == []


def test_the_whole_member_of_a_list() -> None:
    found = supplied("其中{I:财政类}{Q:9条}、{I:人事类}{Q:8条}、{I:土地}承包{Q:7条}、危房改造{Q:6条}；维持{Q:2条}。")
    assert [text for label, text in found if label == "ITEM"] == ["财政类", "人事类", "土地承包", "危房改造"]


@pytest.mark.parametrize(
    ("marked", "item"),
    [("行政复议{Q:2件}，维持{Q:1件}。", "行政复议"), ("全市在运维政务新媒体共计 {Q:61个}。", "政务新媒体")],
)
def test_a_noun_before_its_number(marked: str, item: str) -> None:
    assert [text for label, text in supplied(marked) if label == "ITEM"] == [item]


def test_inspections_of_disclosure_work() -> None:
    assert supplied("全年组织4次网站栏目检查，通报两次。") == [("QUANTITY", "4次"), ("ITEM", "网站栏目检查")]
    assert supplied("全年组织4次消防检查，通报两次。") == []


def test_nothing_is_supplied_outside_the_passages_or_inside_statements() -> None:
    text = "全年组织4次网站检查。"
    assert supply(text, text, [], []) == []
    problem = Mention("PROBLEM", 0, len(text) - 1, text[:-1], 0.9)
    assert supply(text, text, [problem], [Passage(0, len(text), "problems")]) == [problem]


@given(st.data())
def test_mentions_never_meet(data: st.DataObject) -> None:
    text = data.draw(st.text(alphabet="组织3次网站检查，、个单位的《》期编印行政复议件通过等渠道", min_size=4, max_size=40))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), min_size=2, max_size=8)))
    mentions = [
        Mention(data.draw(st.sampled_from(list(LABELS.values()))), start, end, text[start:end], 0.5)
        for start, end in zip(cuts[::2], cuts[1::2], strict=False)
    ]
    found = supply(reading_copy(text), text, mentions, [Passage(0, len(text), "overview")])
    assert all(one.start < one.end and text[one.start : one.end] == one.text for one in found)
    assert all(left.end <= right.start for left, right in itertools.pairwise(found))
