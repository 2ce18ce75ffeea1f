"""The report for people: every count and member is there, a report's text is only text."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import html as parser
from openpyxl import load_workbook

from nlp.errors import StoreError
from nlp.summary.model import Copies, Remedies, Summary
from nlp.summary.report import write_html, write_markdown, write_xlsx
from nlp.summary.report.page import html
from tests.nlp.summary.summarized import FORMULA, MARKUP, summary


@pytest.fixture(scope="module")
def page() -> parser.HtmlElement:
    return parser.fromstring(html(summary()))


def texts(page: parser.HtmlElement, path: str) -> list[str]:
    return [" ".join(element.text_content().split()) for element in page.xpath(path)]


def test_the_summary_has_something_in_every_part() -> None:
    s = summary()
    assert s.key_points and s.remainder and s.categories and s.remedies.again and s.remedies.without_problem
    assert s.remedies.without_remedy and s.copies.against_last and s.copies.aligned and s.statistics and s.quality


def test_every_member_of_a_key_point_is_on_the_page(page: parser.HtmlElement) -> None:
    for point in summary().key_points:
        (details,) = page.xpath(f'//details[@id="{point.id}"]')
        said = [" ".join(element.text_content().split()) for element in details.xpath('./div/details[last()]//*[@class="said"]')]
        assert said == [member.text for member in point.members]
        marked = [mark.text_content() for mark in details.xpath(".//blockquote//mark")]
        assert marked == [quote.text for quote in point.quotes]
        assert f"{point.n_agencies} 个机关" in details.xpath("./summary")[0].text_content()


def test_the_remainder_and_the_failures_are_listed(page: parser.HtmlElement) -> None:
    remainder = texts(page, '//*[@id="remainder"]//*[@class="said"]')
    assert remainder == [" ".join(member.text.split()) for member in summary().remainder]
    for rule in summary().quality:
        assert len(texts(page, f'//*[@id="rule-{rule.rule}"]//li')) == len(rule.failures)


def test_copied_passages_stand_side_by_side(page: parser.HtmlElement) -> None:
    pairs = [tuple(p.text_content() for p in pair.xpath("./p")) for pair in page.xpath('//div[@class="pair"]')]
    for aligned in summary().copies.aligned:
        for passage in aligned.passages:
            assert passage in pairs


def test_text_of_a_report_is_only_text(page: parser.HtmlElement) -> None:
    assert MARKUP in page.text_content()
    assert len(page.xpath("//script")) == 1
    assert not page.xpath("//b[text()='信息']")
    assert not page.xpath("//*[@onclick or @onload or @onerror]")


def test_nothing_is_fetched(page: parser.HtmlElement) -> None:
    assert not page.xpath("//link[not(starts-with(@href, 'data:'))] | //img | //iframe | //object | //script[@src]")
    assert not re.search(r"url\((?!#)|@import", "".join(page.xpath("//style/text()")))
    assert all(href.startswith("#") for href in page.xpath("//a/@href"))


def test_the_same_summary_gives_the_same_page_and_ids_are_not_used_twice(page: parser.HtmlElement) -> None:
    assert html(summary()) == html(summary())
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {href[1:] for href in page.xpath("//a/@href")} <= set(ids)


def test_quotes_link_to_pages_that_are_there(tmp_path: Path) -> None:
    quote = summary().key_points[0].quotes[0]
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / f"{quote.record[:16]}.html").write_text("x")
    write_html(summary(), tmp_path / "report.html")
    links = parser.parse(str(tmp_path / "report.html")).xpath("//a/@href")
    assert f"pages/{quote.record[:16]}.html#problem-{quote.n}" in links
    assert {link.split("#")[0] for link in links} == {"", f"pages/{quote.record[:16]}.html"}


def empty() -> Summary:
    return replace(
        summary(), reports=(), key_points=(), remainder=(), categories=(), copies=Copies(), statistics=None, quality=(),
        remedies=Remedies(0, 0, (), (), ()), dimensions=(),
    )  # fmt: skip


def test_a_summary_of_nothing_is_still_a_report(tmp_path: Path) -> None:
    for write, name in ((write_html, "a.html"), (write_xlsx, "a.xlsx"), (write_markdown, "a.md")):
        write(empty(), tmp_path / name)
        assert (tmp_path / name).stat().st_size > 100


def test_workbook_has_every_row_and_no_formula(tmp_path: Path) -> None:
    write_xlsx(summary(), tmp_path / "a.xlsx")
    book = load_workbook(tmp_path / "a.xlsx")
    for sheet in book:
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref == sheet.dimensions
        assert "f" not in {cell.data_type for row in sheet for cell in row}
    problems = book["问题"]
    said = [row[2].value for row in problems.iter_rows(min_row=2)]
    members = [member for point in summary().key_points for member in point.members] + list(summary().remainder)
    assert said == [member.text for member in members]
    formula = next(row[2] for row in problems.iter_rows(min_row=2) if row[2].value == FORMULA)
    assert formula.quotePrefix
    assert book["问题要点"]["E2"].number_format == "0.0%"
    assert book["问题要点"]["E2"].value == summary().key_points[0].share


def test_memo_names_the_key_points_and_holds_no_markup(tmp_path: Path) -> None:
    write_markdown(summary(), tmp_path / "a.md")
    memo = (tmp_path / "a.md").read_text(encoding="utf-8")
    for point in summary().key_points:
        assert point.name in memo
        assert f"{point.n_agencies} 个机关" in memo
    assert "<script" not in memo.replace("\\<", "")
    assert "@SUM(1)|" not in memo  # each of its marks is escaped


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    for write in (write_html, write_xlsx, write_markdown):
        with pytest.raises(StoreError, match="folder"):
            write(empty(), tmp_path)
