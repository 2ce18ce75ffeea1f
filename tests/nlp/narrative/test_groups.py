"""Leadership groups: roles in both orders, lists, offices, dates, several groups. Sample text is written for this project."""

from __future__ import annotations

import pytest

from nlp.narrative.clauses import reading_copy
from nlp.narrative.dates import iso_date
from nlp.narrative.groups import find_groups
from nlp.record import LeadershipGroup, Person
from tests.nlp.narrative.marked import unmarked


def groups_of(marked: str, year: int | None = 2020) -> list[LeadershipGroup]:
    text, mentions = unmarked(marked)
    return find_groups(reading_copy(text), text, mentions, year)


def test_roles_before_who_fills_them() -> None:
    (group,) = groups_of(
        "于{D:2019年3月5日}成立了{G:石桥镇政务公开领导小组}，{R:组长}由{P:周一鸣}{T:镇长}担任，{R:副组长}（{T:分管领导}）由{P:吴双}"
        "{T:副镇长}担任。{T:各站所负责人}为{G:领导小组}{R:成员}，下设办公室，办公室设在{O:党政办}。"
    )
    assert group.name == "石桥镇政务公开领导小组"
    assert group.established == "2019-03-05"
    assert group.leaders == [Person("周一鸣", "镇长")]
    assert group.deputies == [Person("吴双", "副镇长")]
    assert group.members == [Person(None, "各站所负责人")]
    assert group.office == "党政办"
    assert len(group.mentions) == 13


def test_roles_after_who_fills_them() -> None:
    (group,) = groups_of(
        "由{T:局长}{P:周一鸣}任{R:组长}，{T:副局长}{P:吴双}、{P:郑三江}任{R:副组长}，{T:各科室}、{T:下属单位负责人}为{R:成员}的"
        "{G:局政务公开领导小组}每季开会，{P:吴双}兼任{R:办公室主任}。"
    )
    assert group.leaders == [Person("周一鸣", "局长")]
    assert group.deputies == [Person("吴双", "副局长"), Person("郑三江", "副局长")]
    assert group.members == [Person(None, "各科室"), Person(None, "下属单位负责人")]


def test_a_list_over_lines() -> None:
    (group,) = groups_of(
        "{G:院务公开领导小组}组成如下：\n{R:组  长}：{P:周一鸣}（{T:院长}）\n"
        "{R:副组长}：{P:吴 双}（{T:副院长}）\n　　　　{P:郑三江}（{T:工会主席}）\n"
        "{R:成  员}：{T:院办}、{T:护理部}"
    )
    assert group.leaders == [Person("周一鸣", "院长")]
    assert group.deputies == [Person("吴双", "副院长"), Person("郑三江", "工会主席")]
    assert group.members == [Person(None, "院办"), Person(None, "护理部")]


def test_a_title_shared_by_names_before_it() -> None:
    (group,) = groups_of("{G:局公开小组}由{P:周一鸣}任{R:组长}，{P:吴双}、{P:郑三江}两位{T:副局长}为{R:副组长}。")
    assert group.leaders == [Person("周一鸣", None)]
    assert group.deputies == [Person("吴双", "副局长"), Person("郑三江", "副局长")]


def test_several_groups_and_a_bare_name() -> None:
    town, village = groups_of(
        "{G:镇政务公开领导小组}由{T:镇长}任{R:组长}。{G:领导小组}办公室设在{O:党政办}。"
        "各村成立{G:村务公开领导小组}，{R:组长}由{T:村主任}担任。"
    )
    assert (town.leaders, town.office) == ([Person(None, "镇长")], "党政办")
    assert village.leaders == [Person(None, "村主任")]
    assert village.office is None


def test_a_bare_name_first_is_the_body_named_later() -> None:
    (group,) = groups_of("我局成立了{G:領導小組}，年內{G:政府信息公開工作領導小組}開會兩次。")
    assert group.name == "政府信息公開工作領導小組"


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2019年11月11日", "2019-11-11"),
        ("2019 年 11 月", "2019-11"),
        ("二〇一九年十一月二十一日", "2019-11-21"),
        ("二○一九年", "2019"),
        ("4月8日", "2020-04-08"),
        ("去年5月", "2019-05"),
        ("2020.3.1", "2020-03-01"),
        ("年初", None),
        ("2019年13月", "2019"),
    ],
)
def test_dates(text: str, iso: str | None) -> None:
    assert iso_date(text, 2020) == iso
