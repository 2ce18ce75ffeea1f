"""What the golden pages do not show one by one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.document import Document, Source
from nlp.ingest.html import read_html
from nlp.ingest.read import read_text

TITLE = "云溪县水务局2020年政府信息公开工作年度报告"
TEXT = "<p>一、总体情况</p><p>本局严格按照条例规定公开水利工程、防汛抗旱和河湖管理方面的信息三百条。</p>"
DATA = (
    "<table><tr><td>指标</td><td>数量</td></tr><tr><td>规章</td><td>0</td></tr><tr><td>公告</td><td>5</td></tr></table>"
)


def page(body: str, head: str = "") -> Document:
    return read_text(f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>")


def cells(document: Document) -> list[list[str]]:
    return [[document.text[slice(*cell.span)] for cell in table.cells] for table in document.tables]


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        ("<p>总体&nbsp;情况</p>", "总体 情况"),
        ("<p>总体\n  情况</p>", "总体情况"),
        ("<p>共\n12\n条</p>", "共 12 条"),
        ("<p>一<br>二<br/><br>三</p>", "一\n二\n三"),
        ("<p>公开<b>信</b><i>息</i><span>12</span>条</p>", "公开信息12条"),
        ("<div>甲<p>乙</p>丙</div>", "甲\n乙\n丙"),
        ("<p>&lt;条例&gt;&amp;办法</p>", "<条例>&办法"),
        ("<p>信\u200b息\ufeff公开</p>", "信息公开"),
        ("<ul><li>甲</li><li>乙</li></ul>", "甲\n乙"),
        ("<p>显<span style='display: none'>隐</span>示</p>", "显示"),
        ("<p>显<!-- 注 --><script>1</script>示</p>", "显示"),
    ],
)
def test_text_as_a_browser_shows_it(markup: str, shown: str) -> None:
    assert page(markup).text == shown


def test_a_data_table_in_a_box_named_like_chrome_is_kept() -> None:
    document = page(f"<div class=main>{TEXT * 9}</div><div class='footer share'>{DATA}</div>")
    assert cells(document) == [["指标", "数量", "规章", "0", "公告", "5"]]


def test_a_table_beside_the_text_is_kept() -> None:
    document = page(f"<div><div class=a>{TEXT * 9}</div><div class=b>{DATA}</div></div>")
    assert len(document.tables) == 1


def test_a_table_that_lays_out_the_page_is_no_grid_but_the_one_inside_is() -> None:
    document = page(f"<table><tr><td><a href=1>栏目</a></td><td>{TEXT}{DATA}</td></tr></table>")
    assert cells(document) == [["指标", "数量", "规章", "0", "公告", "5"]]


def test_a_small_table_inside_a_cell_of_data_leaves_the_outer_one_a_grid() -> None:
    outer = "<table>" + "".join(f"<tr><td>指标{i}的名称</td><td>{i}</td></tr>" for i in range(9))
    document = page(TEXT + outer + "<tr><td>合计</td><td><table><tr><td>36</td></tr></table></td></tr></table>")
    assert len(document.tables) == 1
    assert cells(document)[0][-2:] == ["合计", "36"]


def test_label_box_is_read_and_left_out() -> None:
    rows = "<tr><td>索引号：</td><td>A1</td><td>发布机构：</td><td>县水务局</td></tr><tr><td>发文日期</td><td>2021年1月9日</td></tr>"
    box = f"<table>{rows}</table>"
    document = page(f"<div>{box}<h1>{TITLE}</h1>{TEXT}</div>")
    assert (document.author, document.published) == ("县水务局", "2021-01-09")
    assert "索引号" not in document.text


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        (f"<meta name=ArticleTitle content='{TITLE}'><title>网站</title>", "", TITLE),
        (f"<title>{TITLE}_云溪县人民政府</title>", "", TITLE),
        (f"<title>云溪县人民政府 | {TITLE}</title>", "", TITLE),
        ("<title>云溪县人民政府</title>", f"<h1>云溪县人民政府</h1><h2>{TITLE}</h2>", TITLE),
        ("<title>云溪县人民政府</title>", f"<p align=center>{TITLE}</p>", TITLE),
        ("<title>通知公告</title>", "<h1>关于放假的通知</h1>", "关于放假的通知"),
        ("", "", None),
    ],
)
def test_titles(head: str, body: str, title: str | None) -> None:
    assert page(body + TEXT, head).title == title


@pytest.mark.parametrize(
    ("line", "date"),
    [
        ("<span>发布时间：</span><span>2021-02-19 08:39</span>", "2021-02-19"),
        ("日期：2021年2月19日 来源：县局", "2021-02-19"),
        ("2021-02-19", "2021-02-19"),
        ("2021年02月19日 10:22", "2021-02-19"),
        ("发布时间：2021-13-41", None),
        ("来源：县局", None),
    ],
)
def test_dates(line: str, date: str | None) -> None:
    assert (
        page(
            f"<h1>{TITLE}</h1><div class=info>{line}</div><div class=text>{TEXT * 3}<p>2020年3月1日</p></div>"
        ).published
        == date
    )


def test_links_and_related_pages_are_left_out() -> None:
    related = "<ul><li><a href=1>云溪县水务局2019年年度报告</a></li><li><a href=2>通知一</a></li><li><a href=3>通知二</a></li></ul>"
    document = page(f"<div><div class=text>{TEXT * 3}</div><div class=more>{related}</div></div>")
    assert "2019年" not in document.text


MARKUP = [
    "<p>",
    "</p>",
    "<div>",
    "</div>",
    "<table>",
    "</table>",
    "<tr>",
    "</tr>",
    "<td>",
    "</td>",
    "<th>",
    "<br>",
    "<b>",
    "</b>",
    "<ul>",
    "<li>",
    "</a>",
    "<script>",
    "</script>",
]
MARKUP += [
    "<!--",
    "-->",
    "<center>",
    "<caption>",
    "<tbody>",
    "</tbody>",
    "<thead>",
    "<h2>",
    "<form>",
    "<",
    "&nbsp;",
    "12",
    "政府信息公开",
    "一、总体情况",
    "上一篇：",
]
MARKUP += [
    "<td rowspan=2>",
    "<td colspan=3>",
    "<a href=x>",
    "<div style='display:none'>",
    "<div class=nav>",
    "\n",
    "  ",
    "发布时间：2021-01-01",
]


@given(st.lists(st.sampled_from(MARKUP), max_size=60).map("".join))
def test_any_markup_gives_spans_that_hold(markup: str) -> None:
    document = page(markup)
    text = document.text
    blocks = [block for block in document.blocks if block.kind != "chrome"]
    assert all(text[slice(*block.span)].strip() for block in blocks)
    assert "\n".join(text[slice(*block.span)] for block in document.blocks) == text or document.blocks != tuple(blocks)
    for table in document.tables:
        assert all(table.span.start <= cell.span.start <= cell.span.end <= table.span.end for cell in table.cells)
        assert [(cell.row, cell.column) for cell in table.cells] == sorted(
            {(cell.row, cell.column) for cell in table.cells}
        )


def test_images_in_place_of_tables_are_told() -> None:
    assert [issue.code for issue in page(TEXT + "<p><img src=table.png></p>").issues] == ["images_unread"]
    assert page(TEXT + DATA + "<p><img src=seal.png></p>").issues == ()


@pytest.mark.parametrize("name", ["某某县人民政府", "某某县水务局网站", "某某市政府门户网站"])
def test_the_site_is_what_the_title_names_beside_the_report(name: str) -> None:
    assert page(TEXT, f"<title>{TITLE}_{name}</title>").site == name
    assert page(TEXT, f"<meta name=SiteName content={name}><title>{TITLE}</title>").site == name
    assert page(TEXT, f"<title>{TITLE}_信息公开年报</title>").site is None


@pytest.mark.parametrize(
    "beside",
    [
        "<p>统计时间：2020年1月1日至2020年12月31日。</p>",
        "<p>时间：2020年1月1日至2020年12月31日</p>",
        "<div class=list><p>2023-05-01 通知一</p><p>2023-06-01 通知二</p></div>" + "<p>栏目介绍</p>" * 90,
    ],
)
def test_other_dates_are_not_that_of_publication(beside: str) -> None:
    assert page(f"{beside}<div class=text><h1>{TITLE}</h1>{TEXT * 20}</div>").published is None


def test_a_title_that_the_article_repeats_stands_once() -> None:
    document = page(f"<h1>{TITLE}</h1><div class=text><p>{TITLE}</p>{TEXT * 20}</div>")
    assert document.text.count(TITLE) == 1


def test_chrome_inside_chrome_is_taken_off_once() -> None:
    bars = "<div class=nav><div class=menu><div class=search>" + "栏目名称" * 8 + "</div></div></div>"
    document = page(f"<div>{bars * 3}<div class=text>{TEXT * 2}</div><p>联系人：某某</p></div>")
    assert "栏目名称" not in document.text
    assert "防汛抗旱" in document.text


def test_very_many_boxes_in_boxes_lose_no_text() -> None:
    page = "<html><body>" + "<div>" * 60_000 + "<p>全年公开信息120条。</p>" + "</div>" * 60_000 + "<p>特此报告。</p></body></html>"
    found = read_html(page, Source("page"), "0" * 64)
    assert [line for line in found.text.splitlines() if line] == ["全年公开信息120条。", "特此报告。"]
    assert [issue.code for issue in found.issues] == ["deeply_nested"]


@pytest.mark.parametrize("doctype", ["<!DOCTYPE html [", "<!doctype html PUBLIC 'x' \"y\" [\n"])
def test_declarations_inside_a_doctype_leave_nothing_behind(doctype: str) -> None:
    subset = '<!ENTITY a "哈哈]>"> <!ENTITY b "&a;&a;"> <!ENTITY x SYSTEM "file:///etc/passwd">'
    found = read_html(f"{doctype}{subset}]>\n<html><body><p>公开&b;信息&x;&amp;120条</p></body></html>", Source("page"), "0" * 64)
    assert found.text == "公开信息&120条"
