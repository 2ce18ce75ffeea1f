"""One report in several files."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import pytest

from nlp.document import Document, GridCell, Source, Span, Table
from nlp.ingest.assemble import assemble
from nlp.ingest.read import read_bytes

TITLE = "云溪县水务局2021年政府信息公开工作年度报告"
REPORT = (
    f"{TITLE}\n一、总体情况\n全年公开信息120条。\n二、主动公开政府信息情况\n见附件。\n"
    "三、收到和处理政府信息公开申请情况\n见附件。\n五、存在的主要问题及改进情况\n公开还不够及时。\n"
)
COVER = (
    "<html><head><title>年报</title><meta name='PubDate' content='2022-01-20'></head>"
    f"<body><p>请点击附件：<a href='%s'>{TITLE}</a></p></body></html>"
)
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def document(name: str, data: str, archive: str | None = "a.zip", url: str | None = None) -> Document:
    read = read_bytes(data.encode())
    source = Source(archive, name) if archive else Source(name)
    return dataclasses.replace(read, source=dataclasses.replace(source, url=url, media_type=read.source.media_type))


def sheet(name: str) -> Document:
    text = "规章\t3\n行政许可\t70"
    cells = (GridCell(Span(0, 2), 0, 0), GridCell(Span(3, 4), 0, 1), GridCell(Span(5, 9), 1, 0), GridCell(Span(10, 12), 1, 1))
    return Document("f" * 64, Source("a.zip", name, media_type=SHEET), text, tables=(Table(Span(0, 12), cells),))


def codes(documents: Sequence[Document]) -> list[list[str]]:
    return [[issue.code for issue in found.issues if issue.severity == "info"] for found in documents]


@pytest.mark.parametrize("backwards", [False, True])
def test_a_page_that_announces_its_attachment_gives_one_report(backwards: bool) -> None:
    parts = [document("2022/nb.html", COVER % "W020220120.docx"), document("2022/W020220120.docx", REPORT)]
    (joined,) = assemble(reversed(parts) if backwards else parts)
    assert (joined.id, joined.text, joined.published) == (parts[1].id, REPORT, "2022-01-20")
    assert codes([joined]) == [["merged_attachment"]]


def test_a_crawled_page_and_the_file_it_links_to() -> None:
    page = document(
        "http://yx.example/nb/1.html@2022", COVER % "W020220120.docx", url="http://yx.example/nb/1.html"
    )
    file = document("http://yx.example/nb/W020220120.docx@2022", REPORT, url="http://yx.example/nb/W020220120.docx")
    (joined,) = assemble([page, file])
    assert joined.source.url == "http://yx.example/nb/W020220120.docx" and joined.title


def test_a_report_without_tables_and_the_sheet_it_names() -> None:
    page = document("nb.txt", REPORT + "附件：政府信息公开情况统计表.xlsx\n")
    (joined,) = assemble([page, sheet("政府信息公开情况统计表.xlsx")])
    assert joined.text == f"{page.text}\n规章\t3\n行政许可\t70"
    assert [joined.text[slice(*cell.span)] for cell in joined.tables[0].cells] == ["规章", "3", "行政许可", "70"]
    assert joined.id not in (page.id, "f" * 64) and codes([joined]) == [["merged_attachment"]]


@pytest.mark.parametrize(
    "others",
    [
        [document("2022/other.txt", REPORT.replace("水务", "教育"))],
        [document("2021/W020220120.docx", REPORT)],
        [document("2022/W020220120.docx", "无")],
        [document("2022/W020220120.docx", REPORT, archive="b.zip")],
    ],
)
def test_neighbours_that_are_not_named_or_no_report_stay_apart(others: list[Document]) -> None:
    found = [document("2022/nb.html", COVER % "W020220120.docx"), *others]
    assert list(assemble(found)) == found


def test_a_title_without_an_agency_names_nobody() -> None:
    other = REPORT.replace("云溪县水务局", "", 1)
    found = [document("nb.html", COVER % "x.docx"), document("other.txt", other)]
    assert list(assemble(found)) == found


def test_a_title_with_its_agency_names_the_report() -> None:
    found = [document("nb.html", COVER % "down.jsp"), document("other.txt", REPORT)]
    assert [r.text for r in assemble(found)] == [REPORT]


def test_two_that_are_named_are_only_said() -> None:
    found = [
        document("nb.html", COVER % "W020220120.docx"),
        document("W020220120.docx", REPORT),
        document(f"{TITLE}.txt", REPORT + "。"),
    ]
    result = list(assemble(found))
    assert result[1:] == found[1:] and codes(result)[0] == ["possible_attachment"]


def test_two_pages_that_name_one_file_stay_apart() -> None:
    found = [
        document("1.html", COVER % "W020220120.docx"),
        document("2.html", COVER % "W020220120.docx"),
        document("W020220120.docx", REPORT),
    ]
    result = list(assemble(found))
    assert [r.text for r in result] == [f.text for f in found]
    assert "merged_attachment" not in [code for some in codes(result) for code in some]


def test_order_is_kept_and_nothing_is_lost() -> None:
    found = [document(f"{i // 10}/{i}.txt", f"第{i}份") for i in range(150)]
    assert list(assemble(found)) == found
