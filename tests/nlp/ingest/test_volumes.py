"""One file with several reports."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.document import Document, Issue, Source, Span, Table
from nlp.ingest.read import read_bytes, read_text
from nlp.ingest.volumes import n_headings, volumes

SECTIONS = (
    "一、总体情况\n全年主动公开信息{n}条。" + "持续做好信息公开。" * 20 + "\n二、主动公开政府信息情况\n制发规章{n}件。\n"
    "三、收到和处理政府信息公开申请情况\n收到申请{n}件。\n四、政府信息公开行政复议、行政诉讼情况\n无。\n"
    "五、存在的主要问题及改进情况\n" + "公开还不够及时。" * 20 + "\n六、其他需要报告的事项\n无。\n"
)
TITLES = (
    "云溪县水务局2021年政府信息公开工作年度报告",
    "云溪县教育局2021年度政府信息公开工作年度报告",
    "2021年云溪县公安局政府信息公开年报",
)


def report(title: str, n: int = 3) -> str:
    return f"{title}\n{SECTIONS.format(n=n)}"


def codes(document: Document) -> list[str]:
    return [issue.code for issue in document.issues]


def test_a_collected_volume_gives_each_report_with_its_own_title_and_id() -> None:
    contents = "".join(f"{title}……{i}\n" for i, title in enumerate(TITLES, start=1))
    reports = "".join(report(title, i) for i, title in enumerate(TITLES))
    whole = read_text(f"云溪县2021年政府信息公开工作年度报告汇编\n目录\n{contents}{reports}")
    parts = volumes(whole)
    assert [part.title for part in parts] == list(TITLES)
    assert [part.text for part in parts] == [report(title, i) for i, title in enumerate(TITLES)]
    assert len({part.id for part in (*parts, whole)}) == 4 and volumes(whole) == parts
    assert [part.source.member for part in parts] == ["report 1", "report 2", "report 3"]
    assert all(codes(part) == ["several_reports"] for part in parts)


def test_tables_blocks_and_issues_move_with_their_part() -> None:
    table = "<table><tr><td>规章</td><td>{n}</td></tr><tr><td>行政许可</td><td>7{n}</td></tr></table>"
    page = "".join(
        f"<h1>{title}</h1>" + "".join(f"<p>{line}</p>" for line in SECTIONS.format(n=n).split("\n")) + table.format(n=n)
        for n, title in enumerate(TITLES[:2])
    )
    whole = read_bytes(f"<html><body>{page}</body></html>".encode())
    spot = whole.text.index("教育局")
    whole = dataclasses.replace(whole, issues=(Issue("ingest", "x", "warning", "x", Span(spot, spot + 3)),))
    parts = volumes(whole)
    cells = [[part.text[slice(*cell.span)] for table in part.tables for cell in table.cells] for part in parts]
    assert cells == [["规章", "0", "行政许可", "70"], ["规章", "1", "行政许可", "71"]]
    assert [codes(part) for part in parts] == [["several_reports"], ["x", "several_reports"]]
    assert parts[1].text[slice(*(parts[1].issues[0].span or (0, 0)))] == "教育局"
    assert all(0 <= b.span.start <= b.span.end <= len(part.text) for part in parts for b in part.blocks)


def test_an_agency_on_the_line_above_its_title() -> None:
    texts = [report(f"云溪县{name}局\n二〇二一年政府信息公开工作年度报告") for name in ("水务", "教育")]
    assert [part.text for part in volumes(read_text("".join(texts)))] == texts


@pytest.mark.parametrize(
    "text",
    [
        report(TITLES[0]),
        f"{TITLES[0]}\n{report(TITLES[0])}",
        report(TITLES[0]) + "相关文章\n" + "\n".join(TITLES[1:]),
        report(TITLES[0]).replace("五、", f"{TITLES[0]}\n五、"),
        f"{TITLES[0]}\n目录\n一、总体情况\n二、主动公开情况\n三、依申请公开情况\n六、其他需要报告的事项\n{SECTIONS}",
        f"关于公布{TITLES[1]}的通知\n{report(TITLES[0])}附件：{TITLES[2]}\n",
        "\n".join(TITLES),
        "",
    ],
)
def test_one_report_stays_one(text: str) -> None:
    whole = read_text(text)
    assert volumes(whole) == (whole,)


def test_what_is_doubtful_is_only_said() -> None:
    (whole,) = volumes(read_text(report("2021年政府信息公开工作年度报告") * 2))
    assert codes(whole) == ["possible_several_reports"] and whole.issues[0].severity == "info"
    text = read_text("".join(report(title) for title in TITLES))
    layout = dataclasses.replace(text, tables=(Table(Span(0, len(text.text)), ()),))
    (whole,) = volumes(layout)
    assert codes(whole) == ["possible_several_reports"] and whole.text == layout.text


def test_headings_are_counted_once_a_kind() -> None:
    assert n_headings(SECTIONS) == 6
    assert n_headings("一、总体情况\n一、总体情况\n正文提到六、其他") == 1


@given(st.lists(st.sampled_from([*TITLES, *SECTIONS.split("\n"), "目录", "", "甲", "\r"]), max_size=40))
def test_parts_are_slices_in_order(lines: list[str]) -> None:
    whole = read_text("\n".join(lines) or "无")
    at = 0
    for part in volumes(whole):
        at = whole.text.index(part.text, at) + len(part.text)
    assert at <= len(whole.text)


def test_a_member_keeps_its_name() -> None:
    whole = dataclasses.replace(read_text(report(TITLES[0]) + report(TITLES[1])), source=Source("a.zip", "b.docx"))
    assert [part.source.member for part in volumes(whole)] == ["b.docx!/report 1", "b.docx!/report 2"]
