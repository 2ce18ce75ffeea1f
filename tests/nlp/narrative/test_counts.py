"""Counts: item, outlet, kind and year of each quantity. Sample text is written for this project."""

from __future__ import annotations

from nlp.narrative.clauses import reading_copy
from nlp.narrative.counts import counted, find_counts
from nlp.record import Count
from tests.nlp.narrative.marked import unmarked


def counts_of(marked: str, year: int | None = 2020) -> list[Count]:
    text, mentions = unmarked(marked)
    return find_counts(reading_copy(text), text, mentions, year)


def brief(counts: list[Count]) -> list[tuple[str | None, str | None, float | int | None, str | None]]:
    return [(one.item, one.channel, one.value, one.unit) for one in counts]


def test_item_before_and_after() -> None:
    found = counts_of("全年在{C:县政府网站}发布{I:信息}{Q:268条}，组织{Q:4次}{I:专项检查}，对{Q:5个}长期不更新的{I:账号}作了注销。")
    assert brief(found) == [
        ("信息", "县政府网站", 268, "条"), ("专项检查", "县政府网站", 4, "次"), ("账号", "县政府网站", 5, "个"),
    ]
    assert [one.kind for one in found] == ["published", "other", "other"]


def test_each_classifier_takes_the_noun_behind_it() -> None:
    assert [one.item for one in counts_of("目录分{Q:5个}{I:领域}、{Q:62项}{I:公开事项}。")] == ["领域", "公开事项"]


def test_items_and_outlets_need_a_number_in_their_sentence() -> None:
    text, mentions = unmarked("在{C:门户网站}公开{I:信息}{Q:9条}。{C:公开栏}更新及时，{I:经费}得到保障。")
    assert [one.text for one in counted(reading_copy(text), mentions)] == ["门户网站", "信息", "9条"]


def test_one_item_for_several_quantities() -> None:
    found = counts_of(
        "收到{I:申请}{Q:9件}，办结{Q:8件}，{Q:1件}结转。{C:微信}{I:粉丝}{Q:2613个}，共发布{Q:253期}，合计{Q:936条}{I:信息}。"
    )
    assert [one.item for one in found] == ["申请", "申请", "申请", "粉丝", "信息", "信息"]
    assert [one.kind for one in found] == ["request", "reply", "request", "audience", "published", "published"]


def test_a_breakdown_inherits_the_outlet() -> None:
    found = counts_of("通过{C:公开平台}公开{I:政府信息}{Q:915条}。其中{I:人事信息}{Q:23条}，占{Q:3%}；{I:财政信息}{Q:74条}，占{Q:8%}。")
    assert {one.channel for one in found} == {"公开平台"}
    assert [one.item for one in found] == ["政府信息", "人事信息", "人事信息", "财政信息", "财政信息"]
    assert [one.kind for one in found] == ["published", "published", "share", "published", "share"]


def test_several_outlets_named_after() -> None:
    (found,) = counts_of("全年公开{I:政府信息}{Q:2645条}，主要通过{C:政府网站}、{C:公 示\n栏}等公开。")
    assert found.channel == "政府网站、公示栏"


def test_no_item_in_the_sentence() -> None:
    first, second = counts_of("发布{I:公告}{Q:3期}。在{C:公示专栏}公布{Q:631条}。")
    assert (second.item, second.channel) == (None, "公示专栏")
    assert first.channel is None


def test_kinds() -> None:
    marked = {
        "召开{I:新闻发布会}{Q:12场}": "response",
        "制作{I:政策解读}{Q:21个}": "interpretation",
        "{I:行政复议}{Q:2件}": "review",
        "{I:行政诉讼}{Q:1件}": "lawsuit",
        "收取{I:信息处理费}{Q:120元}": "fee",
        "举办{I:业务培训}{Q:2期}": "training",
        "召开{I:政务公开推进会}{Q:2次}": "meeting",
        "{C:热线}受理{I:来电}{Q:88个}": "response",
        "{I:满意率}{Q:98%}": "share",
        "制发{I:文件}{Q:4件}": "other",
    }
    assert {text: counts_of(text)[0].kind for text in marked} == marked


def test_year_of_the_count() -> None:
    now, before, stock = counts_of("公开{I:信息}{Q:9条}。2018年公开{I:信息}{Q:8条}。截至年底现有{I:网站}{Q:2个}。")
    assert (now.period, before.period, stock.period) == (2020, 2018, None)
    assert now.score == 0.9
