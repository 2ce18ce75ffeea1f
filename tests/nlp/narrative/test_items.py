"""The author's own items: where they begin and end in every way of setting them apart."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.narrative.clauses import is_lead_in, is_topic, reading_copy
from nlp.narrative.items import find_items


def items_of(text: str) -> list[str]:
    plain = reading_copy(text)
    return [text[item.start : item.end] for item in find_items(plain, 0, len(text)) if item.enumerated]


THREE = ["栏目更新偏慢", "专职人员太少。镇里只有一人兼管", "解读形式单一"]


@pytest.mark.parametrize(
    "marks",
    [
        ("一是", "二是", "三是"),
        ("（一）", "（二）", "（三）"),
        ("(一)", "(二)", "(三)"),
        ("1.", "2.", "3."),
        ("1、", "2、", "3、"),
        ("（1）", "（2）", "（3）"),
        ("①", "②", "③"),
        ("第一，", "第二，", "第三，"),
        ("首先，", "其次，", "再次，"),
        ("其一，", "其二，", "其三，"),
        ("一要", "二要", "三要"),
    ],
)
@pytest.mark.parametrize("joint", ["；", "。", "。\n", "；\n　　"])
def test_every_style_of_enumeration(marks: tuple[str, ...], joint: str) -> None:
    text = "主要问题：" + joint.join(mark + item for mark, item in zip(marks, THREE, strict=True)) + "。"
    assert items_of(text) == THREE


def test_run_on_text_keeps_the_lists_apart() -> None:
    text = (
        "五、存在的主要问题及改进情况本年工作仍有不足。一是更新偏慢；二是力量薄弱。明年，我镇将采取以下措施改进："
        "（一）定期更新。按周检查栏目。（二）充实力量。每科明确一人。六、其他需要报告的事项无。"
    )
    assert items_of(text)[:4] == ["更新偏慢", "力量薄弱", "定期更新。按周检查栏目", "充实力量。每科明确一人"]


def test_innermost_items_without_their_heading() -> None:
    text = "（一）思想和队伍方面\n1.重视不够。\n2.人手不足。\n（二）平台方面\n1.检索不便。\n2.栏目陈旧。\n"
    assert items_of(text) == ["重视不够", "人手不足", "检索不便", "栏目陈旧"]


def test_a_heading_that_states_something_belongs_to_its_item() -> None:
    text = "（一）公开意识不强。\n个别村把公开当负担。\n（二）解读太少。\n图解只有两期。\n"
    assert items_of(text) == ["公开意识不强。\n个别村把公开当负担", "解读太少。\n图解只有两期"]


def test_lines_broken_by_the_width_of_the_page() -> None:
    text = "一是公开\n内容不够全\n- 3 -\n面；二是回应\n不够及时。\n"
    assert items_of(text) == ["公开\n内容不够全\n- 3 -\n面", "回应\n不够及时"]


def test_a_list_that_follows_is_no_part_of_the_last_item() -> None:
    text = "问题有：1.更新慢。2.人手少。针对以上问题，将做好以下工作：一是勤更新。二是添人手。"
    assert items_of(text) == ["更新慢", "人手少", "勤更新", "添人手"]


def test_the_last_item_may_reach_further_than_its_sentence() -> None:
    plain = reading_copy("一是更新慢；二是机制不“全”。虽有制度，但未落实。明年将采取以下措施：（一）勤更新。")
    last = next(item for item in find_items(plain, 0, len(plain)) if plain[item.start : item.end].startswith("机制"))
    assert plain[last.start : last.end] == '机制不"全"'
    assert plain[last.start : last.reach].endswith("但未落实")


def test_unnumbered_text_is_cut_at_semicolons_and_stops() -> None:
    plain = reading_copy("主要问题：机制不够健全，分工不清；公开不够及时。今后将加强培训。")
    found = [plain[item.start : item.end] for item in find_items(plain, 0, len(plain))]
    assert found == ["机制不够健全,分工不清", "公开不够及时", "今后将加强培训"]


def test_cross_references_and_numbers_are_no_enumerators() -> None:
    text = "上述第（三）项工作有待加强，全年仅3.5万人次访问，原因之一是宣传不够。"
    assert items_of(text) == []


@pytest.mark.parametrize(
    "heading", ["存在的问题", "（一）存在的主要问题：", "改进措施", "下一步工作打算", "思想认识方面", "去年问题的整改"]
)
def test_bare_topics(heading: str) -> None:
    assert is_topic(reading_copy(heading).split(")")[-1])


@pytest.mark.parametrize("heading", ["公开意识不强", "加强业务培训", "责任传导存在薄弱环节"])
def test_headings_that_say_something(heading: str) -> None:
    assert not is_topic(heading)


def test_lead_ins() -> None:
    assert is_lead_in("为此,我们将从以下几个方面进行改进:")
    assert is_lead_in("主要表现为:")
    assert not is_lead_in("公开不够及时、全面。")


def test_the_reading_copy_has_the_length_of_the_text() -> None:
    text = "政(zheng)府信息公開，①第一項；“網站”更新"
    assert len(reading_copy(text)) == len(text)
    assert reading_copy("公開，更新") == "公开,更新"


@given(st.text(alphabet="一二三是、（）()12.．①；;。：:，,\n 问题公开不够首先其次第存在的改进措施-", max_size=120))
def test_items_lie_in_order_inside_the_stretch(text: str) -> None:
    plain = reading_copy(text)
    found = find_items(plain, 0, len(plain))
    for item in found:
        assert 0 <= item.start < item.end <= item.reach <= len(plain)
    enumerated = [item for item in found if item.enumerated]
    assert all(left.end <= right.start for left, right in pairwise(enumerated))
