"""Plain text: header lines, date lines, chrome."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.document import Document
from nlp.ingest.read import read_bytes, read_text

TITLE = "云溪县水务局2020年政府信息公开工作年度报告"
BODY = "一、总体情况\n本局严格按照条例规定公开水利工程、防汛抗旱和河湖管理方面的信息。\n六、其他需要报告的事项\n无。"
HEADER = (
    f"标题: {TITLE}\n发布时间: 2021-01-20 10:11\n文号: \n发布机构: 云溪县水务局\n栏目: 年报\n"
    "原文链接: http://www.yunxi.example/1.htm\n==================== 正文 ====================\n"
)


def chrome(document: Document) -> list[str]:
    return [document.text[slice(*block.span)] for block in document.blocks if block.kind == "chrome"]


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_header_of_a_crawler(line_end: str) -> None:
    text = (HEADER + BODY).replace("\n", line_end)
    document = read_bytes(text.encode())
    assert document.text == text
    assert (document.title, document.published, document.author) == (TITLE, "2021-01-20", "云溪县水务局")
    assert document.source.url == "http://www.yunxi.example/1.htm"
    assert chrome(document) == [HEADER.strip().replace("\n", line_end)]


def test_header_without_separator_ends_with_its_lines() -> None:
    document = read_text(f"标题：{TITLE}\n发布时间：2021年1月20日\n来源：县水务局\n\n{BODY}")
    assert (document.title, document.published, document.author) == (TITLE, "2021-01-20", "县水务局")
    assert len(chrome(document)) == 1


def test_traditional_header_keeps_its_script() -> None:
    document = read_text("標題：雲溪縣水務局年度報告\n發布時間：2021-01-20\n欄目：年報\n一、總體情況\n")
    assert (document.title, document.published) == ("雲溪縣水務局年度報告", "2021-01-20")


def test_a_report_whose_first_line_looks_like_a_header_has_none() -> None:
    document = read_text("时间：2020年1月1日至2020年12月31日\n" + BODY)
    assert (document.title, document.author) == (None, None)


def test_run_on_bar_before_the_report() -> None:
    bar = f"当前位置： 首页政务公开政府信息公开年报 {TITLE} 来源：云溪县水务局 时间：2021-01-20 08:00 微信 微博 文字版 相关链接： --> "
    report = "本报告主要根据《中华人民共和国政府信息公开条例》编制，统计时间：2020年1月1日至12月31日。一、总体情况 本局公开信息20条。"
    document = read_text(bar + report + " 附件下载")
    assert (document.title, document.published) == (TITLE, "2021-01-20")
    assert chrome(document) == [
        "当前位置： 首页政务公开政府信息公开年报",
        "来源：云溪县水务局 时间：2021-01-20 08:00 微信 微博 文字版 相关链接： -->",
        "附件下载",
    ]
    assert [document.text[slice(*block.span)] for block in document.blocks if block.kind == "heading"] == [TITLE]


def test_banner_date_line_and_footer() -> None:
    head = "• 繁體版\n  • 无障碍\n\n云溪县人民政府\n\n政府信息公开\n\n全文检索\n\n"
    head += f"{TITLE}\n\n来源:水务局 发布时间:2021-02-19 08:39:37 浏览次数: 【字体:\n\n"
    foot = "\n\n扫一扫在手机上查看当前页面\n\n上一篇：没有了\n主办：云溪县人民政府办公室\n联系电话 0999-1234567\n云ICP备99000001号"
    document = read_text(head + BODY + foot)
    assert (document.title, document.published) == (TITLE, "2021-02-19")
    left = document.text
    for block in reversed([block for block in document.blocks if block.kind == "chrome"]):
        left = left[: block.span.start] + left[block.span.end :]
    assert [line.strip(" •") for line in left.splitlines() if line.strip(" •")] == [TITLE, *BODY.splitlines()]


def test_the_agency_above_a_title_that_lacks_it_is_no_banner() -> None:
    document = read_text("更新时间:\n云溪县水务局\n2020年政府信息公开工作年度报告\n" + BODY)
    assert chrome(document) == ["更新时间:"]


@pytest.mark.parametrize("number", ["- 3 -", "—12—", "第 3 页 共 8 页", "第2页"])
def test_page_numbers(number: str) -> None:
    sentence = "本局严格按照条例规定，公开水利工程、防汛抗旱和河湖管理方面的信息。\n"
    assert chrome(read_text(sentence * 60 + number + "\n" + sentence * 60)) == [number]


@pytest.mark.parametrize(
    "line", ["| | | |", "-", "—", "0", "/", "|", "其他", "总计", "微信公众号发布信息20条", "无。", "无"]
)
def test_lines_of_tables_and_reports_are_no_chrome(line: str) -> None:
    document = read_text(f"{TITLE}\n{line}\n{BODY}\n{line}\n")
    assert chrome(document) == []


def test_a_date_line_of_the_page_before_one_of_another_kind() -> None:
    text = f"{TITLE}\n更新时间：2022-03-03 发布时间：2021-01-20 来源：水务局\n{BODY}"
    assert read_text(text).published == "2021-01-20"


PIECES = [
    *[
        "当前位置：",
        "首页",
        "来源：县局",
        "发布时间：2021-01-20",
        "一、总体情况",
        "打印",
        "关闭",
        "上一篇：",
        "。",
        "|",
        "12",
        "扫一扫",
        "标题:甲",
        "正文",
        "====",
    ]
]
PIECES += [
    "政(zheng)府",
    "公開",
    "２０",
    "版权所有",
    TITLE,
    "本局公开信息，及时更新网站栏目，接受社会各界监督和评议。",
    "\n",
    "\r\n",
    " ",
]


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_blocks_lie_in_order_inside_the_unchanged_text(text: str) -> None:
    document = read_bytes(text.encode())
    spans = [block.span for block in document.blocks]
    assert spans == sorted(spans)
    assert all(0 <= start < end <= len(document.text) for start, end in spans)
    assert all(a.end <= b.start for a, b in pairwise(spans))
    if document.source.media_type == "text/plain":
        assert document.text == text
