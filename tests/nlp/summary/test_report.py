"""The report for people: every count and member is there, a report's text is only text."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import html as parser
from openpyxl import load_workbook

from nlp.errors import StoreError
from nlp.summary.model import Copies, Member, Remedies, RemedyMember, Summary
from nlp.summary.report import write_html, write_markdown, write_xlsx
from nlp.summary.report.names import interval
from nlp.summary.report.page import html
from tests.nlp.summary.summarized import FORMULA, MARKUP, summary

Known = dict[tuple[int, int], Member | RemedyMember]


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
    pairs = [tuple(p.text_content() for p in pair.xpath('./p/span[@class="words"]')) for pair in page.xpath('//div[@class="pair"]')]
    for aligned in summary().copies.aligned:
        for passage in aligned.passages:
            assert passage in pairs


def test_every_member_leads_to_its_report_and_place(page: parser.HtmlElement) -> None:
    s = summary()
    rows = {row.get("id"): texts(row, "./*") for row in page.xpath('//*[@id="all-reports"]//tbody/tr')}
    for n, report in enumerate(s.reports):
        told = rows[f"r-{n}"]
        assert (told[0], told[1], told[-1]) == (report.agency, str(report.year), report.id[:16])
        assert told[-2].startswith(report.path)
    for point in s.key_points:
        (details,) = page.xpath(f'//details[@id="{point.id}"]')
        listed: list[Member | RemedyMember] = [m for r in point.remedies for m in r.members]
        listed += [*(near.member for near in point.near_misses), *point.members]
        items = details.xpath('.//ul[@class="members"]/li')
        assert [item.xpath('.//a[@class="report"]/@href') for item in items] == [[f"#r-{m.report}"] for m in listed]
        assert [texts(item, './/*[@class="place"]') for item in items] == [[f"第 {m.start}–{m.end} 字"] for m in listed]


def test_categories_list_their_members(page: parser.HtmlElement) -> None:
    s = summary()
    members = sorted((*(m for p in s.key_points for m in p.members), *s.remainder), key=lambda m: (m.report, m.n))
    for category in s.categories:
        said = texts(page, f'//details[@id="category-{category.code}"]//*[@class="said"]')
        assert said == [" ".join(m.text.split()) for m in members if category.code in m.categories]


def test_what_was_promised_and_came_again_is_quoted(page: parser.HtmlElement) -> None:
    s = summary()
    members: Known = {(m.report, m.n): m for p in s.key_points for m in p.members}
    promised: Known = {(m.report, m.n): m for p in s.key_points for r in p.remedies for m in r.members}
    rows = page.xpath('//details[@id="again"]//tbody/tr')
    for row, again in zip(rows, s.remedies.again, strict=True):
        expected = [*((again.report, n, members) for n in again.problems), *((again.report, n, promised) for n in again.remedies),
                    *((again.later, n, members) for n in again.later_problems)]  # fmt: skip
        lines = [f"{known[report, n].text} 第 {known[report, n].start}–{known[report, n].end} 字" for report, n, known in expected]
        assert texts(row, './/*[@class="line"]') == lines


def test_shares_stand_with_their_intervals_and_numbers(page: parser.HtmlElement) -> None:
    statistics = summary().statistics
    assert statistics
    headline = {measure.key for measure in statistics.measures if measure.headline}
    shown = texts(page, '//*[@id="statistics"]//table[contains(@class, "figures")]//td/small')
    for by in statistics.by:
        for figure in (figure for group in by.groups for figure in group.figures if figure.measure in headline and figure.share):
            assert interval(figure.share) in shown


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


def test_every_list_of_the_summary_has_its_sheet(tmp_path: Path) -> None:
    s = summary()
    write_xlsx(s, tmp_path / "a.xlsx")
    book = load_workbook(tmp_path / "a.xlsx", read_only=True)
    points, statistics = s.key_points, s.statistics
    copied = [*s.copies.against_last, *(copy for cluster in s.copies.clusters for copy in cluster.copies)]
    assert statistics
    expected = {
        "问题要点": len(points),
        "要点分布": sum(len(splits) for p in points for splits in p.by.values()),
        "问题": s.remedies.n_problems,
        "引文": sum(len(p.quotes) for p in points),
        "相近而未归入": sum(len(p.near_misses) for p in points),
        "类别": len(s.categories),
        "类别分布": sum(len(splits) for c in s.categories for splits in c.by.values()),
        "整改措施类": sum(len(p.remedies) for p in points),
        "整改措施": sum(len(r.members) for p in points for r in p.remedies),
        "未附措施的问题": len(s.remedies.without_remedy),
        "无对应问题的措施": len(s.remedies.without_problem),
        "承诺后再现": sum(len(a.problems) + len(a.remedies) + len(a.later_problems) for a in s.remedies.again),
        "雷同": len(copied),
        "雷同段落": sum(len(copy.passages) for copy in copied),
        "共用文字的机关": sum(len(cluster.reports) for cluster in s.copies.clusters),
        "多年不变的数字": len(s.copies.equal_figures),
        "与上年相同的数字": len(s.copies.equal_years),
        "统计": len(statistics.total) + sum(len(group.figures) for by in statistics.by for group in by.groups),
        "排名": sum(len(league.places) for league in statistics.leagues),
        "每份报告": len(s.reports),
        "数据质量": len(s.quality),
        "核对不符": sum(len(failure.places) for rule in s.quality for failure in rule.failures),
        "报告": len(s.reports),
        "分组": sum(len(dimension.groups) for dimension in s.dimensions),
    }
    assert {sheet.title: sum(1 for _ in sheet.iter_rows(min_row=2)) for sheet in book if sheet.title in expected} == expected
    assert set(book.sheetnames) == {*expected, "范围与程序"}


def test_sheets_of_remedies_tell_who_when_and_where(tmp_path: Path) -> None:
    s = summary()
    write_xlsx(s, tmp_path / "a.xlsx")
    book = load_workbook(tmp_path / "a.xlsx", read_only=True)
    members = {(m.report, m.n): m for m in (*(m for p in s.key_points for m in p.members), *s.remainder)}
    for row, at in zip(book["未附措施的问题"].iter_rows(min_row=2, values_only=True), s.remedies.without_remedy, strict=True):
        report, member = s.reports[at.report], members[at.report, at.n]
        assert row == (member.text, report.agency, report.year, member.start, member.end, report.id)
    for row, idle in zip(book["无对应问题的措施"].iter_rows(min_row=2, values_only=True), s.remedies.without_problem, strict=True):
        report = s.reports[idle.report]
        assert row == (idle.text, "计划", report.agency, report.year, idle.start, idle.end, report.id)
    told = list(book["承诺后再现"].iter_rows(min_row=2, values_only=True))
    for number, again in enumerate(s.remedies.again, 1):
        years = {word: year for n, _, _, word, _, _, year, *_ in told if n == number}
        assert years == {"当年的问题": again.year, "承诺的措施": again.year, "次年的问题": again.year + 1}


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


def test_nought_found_among_nought_compared_is_told_apart(tmp_path: Path) -> None:
    """Without two years of one agency there is no copy of the last report and no promise to follow: not `0`, but `cannot be seen`."""
    whole = summary()
    agencies = {report.agency: report for report in whole.reports}
    alone = replace(
        whole, reports=tuple(agencies.values()), key_points=(), remainder=(), quality=(), copies=Copies(),
        remedies=replace(whole.remedies, without_remedy=(), without_problem=(), again=()),
    )  # fmt: skip
    write_markdown(alone, tmp_path / "a.md")
    memo = (tmp_path / "a.md").read_text(encoding="utf-8")
    assert "没有机关有连续两年的报告" in memo
    assert "没有机关有两个年度的报告" in memo
    assert "0 次许诺" not in memo
