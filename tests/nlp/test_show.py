"""The page: everything of the record is on it, both sides lead to each other, and a report's text stays text."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from nlp.document import Block, Issue, Source, Span
from nlp.errors import StoreError
from nlp.forms import load_forms
from nlp.record import Agency, Cell, Mention, Narrative, Record
from nlp.show import page, write_site
from nlp.show.grids import grids
from nlp.show.marks import pieces
from nlp.show.places import anchors_by_path, cells_by_path
from tests.nlp.handmade import failed_record, make_record, old_record

RECORDS = [make_record(), make_record("白石县人民政府", 2019, "2019"), old_record(), failed_record()]
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'&"


def tree(record: Record) -> html.HtmlElement:
    return html.document_fromstring(page(record))


@pytest.mark.parametrize("record", RECORDS, ids=["2021", "2019", "old", "failed"])
def test_every_link_leads_to_one_place_on_the_page(record: Record) -> None:
    document = tree(record)
    ids = document.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {href.removeprefix("#") for href in document.xpath("//a/@href")} <= set(ids)


@pytest.mark.parametrize("record", RECORDS, ids=["2021", "2019", "old", "failed"])
def test_nothing_is_fetched_and_only_our_script_runs(record: Record) -> None:
    text = page(record, "index.html")
    document = html.document_fromstring(text)
    assert document.xpath("//@src | //link[@rel='stylesheet'] | //iframe | //object") == []
    (script,) = document.xpath("//script")
    digest = base64.b64encode(hashlib.sha256(script.text.encode()).digest()).decode()
    (policy,) = document.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert f"script-src 'sha256-{digest}'" in policy and "default-src 'none'" in policy
    assert not re.search(r"url\(|@import", text)


def test_the_source_stands_on_the_page_as_it_is() -> None:
    for record in RECORDS[:3]:
        (source,) = tree(record).xpath("//*[@class='text']")
        assert source.text_content().strip("\n") == record.text.strip("\n")


def test_markup_in_a_report_is_text_everywhere() -> None:
    record = make_record()
    hostile = replace(
        record,
        text=HOSTILE + record.text[len(HOSTILE) :], title=HOSTILE, agency=Agency(HOSTILE, "county"), published=HOSTILE,
        source=Source(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE),
        issues=[Issue(HOSTILE, HOSTILE, "error", HOSTILE, Span(0, 4))],
        narrative=replace(record.narrative, mentions=[Mention("x' onclick='alert(3)", 0, 9, HOSTILE[:9], 1.0)]),
    )  # fmt: skip
    hostile.statistics.applications["new"]["total"] = Cell(HOSTILE, 1, HOSTILE)
    document = tree(hostile)
    assert len(document.xpath("//script")) == 1
    assert document.xpath("//img | //@onerror | //@onclick") == []
    assert document.xpath("//h1")[0].text_content() == HOSTILE


def test_a_list_of_hostile_names_is_text(tmp_path: Path) -> None:
    index = write_site([replace(make_record(), agency=Agency(HOSTILE), source=Source(HOSTILE))], tmp_path)
    document = html.document_fromstring(index.read_text(encoding="utf-8"))
    assert len(document.xpath("//script")) == 1 and document.xpath("//img") == []
    assert document.xpath("//tbody//a")[0].text_content() == HOSTILE


@pytest.mark.parametrize("record", RECORDS[:3], ids=["2021", "2019", "old"])
def test_every_cell_shows_its_state_and_points_at_its_place(record: Record) -> None:
    document, places = tree(record), anchors_by_path(record)
    for path, cell in cells_by_path(record).items():
        (box,) = document.xpath("//td[@id=$path]", path=path)
        assert cell.state in box.get("class").split()
        assert box.get("data-at") == places[path] and box.xpath("a/@href") == [f"#{places[path]}"]
        (mark,) = document.xpath("//a[@id=$id]", id=places[path])
        assert cell.span and mark.text_content() == record.text[slice(*cell.span)]


def test_states_look_different_and_zero_is_not_blank() -> None:
    document = tree(make_record())
    text = {
        path: document.xpath("//td[@id=$path]", path=path)[0].text_content() for path in cells_by_path(make_record())
    }
    assert text["applications.refused_2.commercial"] == "7"
    assert text["applications.refused_3.total"] == "？"
    assert text["disclosure.art20_6.coercion.decisions"] == "/"
    assert text["applications.other_1.total"] == "0"


def test_a_failed_check_points_at_its_cells_and_they_say_so() -> None:
    document = tree(make_record())
    links = document.xpath("//li[contains(@class, 'check fail')]//p[@class='cells']/a/@href")
    assert links == ["#applications.new.total", "#applications.carried_in.total", "#applications.result_total.total"]
    (cell,) = document.xpath("//td[@id='applications.new.total']")
    assert "suspect" in cell.get("class") and "R3 不符" in cell.get("title")


@pytest.mark.parametrize("form", ["2019", "2021"])
def test_the_tables_have_the_layout_of_the_form(form: str) -> None:
    found = {grid.key: grid for grid in grids(make_record(year=int(form), form=form))}
    matrix = found["applications"].body
    assert len(matrix) == len(load_forms()[form].applications.rows)
    # Each row is as wide as the head, counting what spans into it from above.
    reach: dict[int, int] = {}
    for number, row in enumerate(matrix):
        own = sum(box.colspan for box in row)
        assert own + reach.get(number, 0) == 10
        for box in row:
            for below in range(number + 1, number + box.rowspan):
                reach[below] = reach.get(below, 0) + box.colspan
    groups = [(box.text, box.rowspan) for row in matrix for box in row if box.upright]
    n_results = {"2019": 20, "2021": 22}[form]
    expected = [("三、本年度办理结果", n_results), ("（三）不予公开", 8), ("（四）无法提供", 3), ("（五）不予处理", 5)]
    assert groups == expected + ([("（六）其他处理", 3)] if form == "2021" else [])
    assert {sum(box.colspan for box in row) for row in found["disclosure"].body} == {7}
    assert [sum(box.colspan for box in row) for row in found["review_litigation"].head] == [15, 10, 15]


def test_a_row_that_the_report_adds_is_shown() -> None:
    record = make_record()
    record.statistics.disclosure["art20_1"]["other_docs"] = {"issued": Cell("5", 5, span=Span(0, 1))}
    assert tree(record).xpath("//td[@id='disclosure.art20_1.other_docs.issued']/a/text()") == ["5"]


def test_facts_are_there_with_their_sources() -> None:
    document = tree(make_record())
    (group,) = document.xpath("//*[@id='group-0']")
    assert "柳望川" in group.text_content() and "2020-03-05" in group.text_content()
    (problem,) = document.xpath("//*[@id='problem-0']")
    assert "更新机制" in problem.text_content() and "时效" in problem.text_content()
    (count,) = document.xpath("//*[@id='count-0']")
    assert "约 600条" in " ".join(count.text_content().split())
    assert document.xpath("//a[@data-name='姓名']/@href") == ["#group-0"]


def test_a_folder_has_a_list_and_a_page_for_each(tmp_path: Path) -> None:
    index = write_site([*RECORDS, RECORDS[0]], tmp_path / "pages")
    document = html.document_fromstring(index.read_text(encoding="utf-8"))
    links = document.xpath("//tbody//a/@href")
    assert len(links) == 4 and all((index.parent / link).is_file() for link in links)
    assert (index.parent / links[0]).read_text(encoding="utf-8") == page(RECORDS[0], "index.html")
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot write pages"):
        write_site(RECORDS, tmp_path / "file" / "pages")


def test_one_cell_a_line_is_set_as_running_text_and_prose_is_not() -> None:
    text = "说明一段话。\n" + "".join(f"行政许可\n{n}\n\n" for n in range(8))
    record = replace(old_record(), text=text, blocks=[])
    assert [piece.kind for piece in pieces(record)] == ["prose", "run"]


spans = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda pair: Span(min(pair), max(pair)))


@given(
    text=st.text(alphabet="公开一二\n 0<&\r𠮷", min_size=60, max_size=60),
    marks=st.lists(spans, max_size=6), chrome=st.lists(spans, max_size=2), issues=st.lists(spans, max_size=3),
)  # fmt: skip
def test_cutting_loses_nothing_and_each_mark_has_one_place(
    text: str, marks: list[Span], chrome: list[Span], issues: list[Span]
) -> None:
    record = replace(
        failed_record(), text=text,
        narrative=Narrative(mentions=[Mention("ITEM", *span, text[slice(*span)], 0.9) for span in marks]),
        blocks=[Block(span, "chrome") for span in chrome],
        issues=[Issue("s", "c", "info", "m", span) for span in issues],
    )  # fmt: skip
    found = pieces(record)
    assert "".join(atom.text for piece in found for atom in piece.atoms) == text
    ids = [id for piece in found for atom in piece.atoms for id in atom.ids]
    assert len(ids) == len(set(ids))
    inside = [n for n, span in enumerate(marks) if span.start < span.end]
    assert {f"m{n}" for n in inside} <= set(ids)
