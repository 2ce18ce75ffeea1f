"""A comparison for people: everything that differs is on the page and in the memo, a report's text is only text."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from lxml import html as parser

from nlp.record import Person
from nlp.summary.compare import Comparison, compare, meaning
from nlp.summary.report.comparison import comparison_html, comparison_tables, write_comparison
from tests.nlp.handmade import make_record
from tests.nlp.summary.stating import PROBLEMS, Stated, stating
from tests.nlp.summary.topics import Topics

MARKUP = "<script>alert(1)</script>|平台"


def comparison(agency: str = "白石市水务局") -> Comparison:
    records = []
    for name, year, said in (
        ("白石市水务局", 2021, [PROBLEMS["late"][0], PROBLEMS["staff"][0]]),
        (agency, 2022, [PROBLEMS["late"][3], MARKUP]),
    ):
        stated = stating(name, year, [Stated(text) for text in said])
        tables = make_record(name, year, "2021", (0, year - 2021))
        narrative = replace(tables.narrative, problems=stated.narrative.problems, remedies=[])
        records.append(replace(stated, statistics=tables.statistics, narrative=narrative))
    (group,) = records[1].narrative.leadership_groups
    (count,) = records[1].narrative.counts
    changed = replace(
        records[1].narrative, leadership_groups=[replace(group, leaders=[Person("闻人朔", "局长")])], counts=[replace(count, value=12)]
    )
    return compare(records[0], replace(records[1], narrative=changed), meaning(Topics()))


@pytest.fixture(scope="module")
def page() -> parser.HtmlElement:
    return parser.fromstring(comparison_html(comparison()))


def test_all_that_differs_is_told_once() -> None:
    c = comparison()
    assert c.figures and c.counts and c.left and c.joined and c.solved and c.repeated and c.new
    rows = {table.name: list(table.rows) for table in comparison_tables(c)}
    assert {name: len(found) for name, found in rows.items()} == {
        "表格中不同的数字": len(c.figures), "正文中不同的数量": len(c.counts), "领导小组人员": len(c.left) + len(c.joined),
        "不再提到的问题": len(c.solved), "新提出的问题": len(c.new), "两份都提到的问题": len(c.repeated),
    }  # fmt: skip
    assert [row[1:4] for row in rows["表格中不同的数字"]] == [(0, 1, 1), (0, 1, 1)]
    said = c.repeated[0]
    assert rows["两份都提到的问题"][0][:4] == (
        said.before.text, f"第 {said.before.start}–{said.before.end} 字", said.after.text, f"第 {said.after.start}–{said.after.end} 字",
    )  # fmt: skip


def test_two_agencies_are_called_by_their_names() -> None:
    names = [table.name for table in comparison_tables(comparison("青溪市水务局"))]
    assert "只有白石市水务局 2021提到的问题" in names
    assert "只有青溪市水务局 2022提到的问题" in names


def test_the_page_has_every_problem_and_fetches_nothing(page: parser.HtmlElement) -> None:
    c = comparison()
    said = [" ".join(element.text_content().split()) for element in page.xpath('//*[@class="said"]')]
    expected = [text for pair in c.repeated for text in (pair.before.text, pair.after.text)]
    assert said == [*expected, *(s.text for s in c.solved), *(s.text for s in c.new)]
    assert len(page.xpath("//script")) == 1
    assert all(href.startswith("#") for href in page.xpath("//a/@href"))
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {href[1:] for href in page.xpath("//a/@href")} <= set(ids)


def test_a_problem_links_to_its_place_on_a_page_that_is_there(tmp_path: Path) -> None:
    c = comparison()
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / f"{c.before.id[:16]}.html").write_text("x")
    write_comparison(c, tmp_path / "a.html")
    links = parser.parse(str(tmp_path / "a.html")).xpath("//a/@href")
    assert f"pages/{c.before.id[:16]}.html#problem-{c.solved[0].n}" in links
    assert {link.split("#")[0] for link in links} == {"", f"pages/{c.before.id[:16]}.html"}


def test_the_memo_tells_the_same_and_holds_no_markup(tmp_path: Path) -> None:
    write_comparison(comparison(), tmp_path / "a.md")
    memo = (tmp_path / "a.md").read_text(encoding="utf-8")
    assert "<script" not in memo.replace("\\<", "")
    for table in comparison_tables(comparison()):
        assert f"## {table.name}" in memo
