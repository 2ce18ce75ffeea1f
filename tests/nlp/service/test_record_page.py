"""The page of a record: everything that JavaScript adds works by its forms too."""

import dataclasses
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from nlp.document import Issue, Span
from nlp.forms import load_forms
from nlp.record import Agency, Cell, Indicator, Mention, Narrative, Person, Record, Statistics
from nlp.service.app import create_app
from tests.conftest import ROOT
from tests.nlp.handmade import make_record
from tests.nlp.service.conftest import open_state

PDF = ROOT / "tests" / "golden" / "pdf" / "sources" / "beijing-liuyinhe-2020.pdf"
CELL = "applications.new.total"


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A person who is signed in, and the id of a record read from a PDF."""
    state = open_state(tmp_path_factory.mktemp("pages") / "data")
    _, text = state.keys.add("张三", ["write"])
    with TestClient(create_app(state), base_url="http://localhost") as client:
        record = client.post("/v1/extract", files={"file": ("报告.pdf", PDF.read_bytes())}, headers={"Authorization": f"Bearer {text}"})
        client.post("/sign-in", data={"key": text})
        client.record = record.json()["id"]
        yield client


def page(visitor: TestClient, query: str = "") -> str:
    answer = visitor.get(f"/records/{visitor.record}{query}")
    assert answer.status_code == 200, answer.text
    return answer.text


def post(visitor: TestClient, what: str, **fields: str):
    token = re.search(r'name="csrf" value="([^"]+)"', page(visitor))[1]
    return visitor.post(f"/records/{visitor.record}/{what}", data={"csrf": token, **fields})


def shown(visitor: TestClient, query: str = "") -> str:
    """What stands in the cell."""
    box = re.search(rf'<td id="{re.escape(CELL)}".*?</td>', page(visitor, query), re.DOTALL)[0]
    return re.sub(r"<[^>]*>", "", box).strip()


def test_a_cell_is_corrected_and_taken_back(visitor: TestClient) -> None:
    machine = shown(visitor)
    assert post(visitor, "cells", path=CELL, new="1,234").status_code == 200
    assert shown(visitor) == "1234"
    assert shown(visitor, "?machine=true") == machine
    assert "张三" in page(visitor)
    n = re.findall(r"/corrections/(\d+)/undo", page(visitor))[0]
    assert post(visitor, f"corrections/{n}/undo").status_code == 200
    assert shown(visitor) == machine


def test_a_cell_can_be_blank_and_unreadable_but_no_words(visitor: TestClient) -> None:
    assert post(visitor, "cells", path=CELL, new="").status_code == 200
    assert shown(visitor) == "空"
    assert post(visitor, "cells", path=CELL, new="？").status_code == 200
    assert shown(visitor) == "？"
    answer = post(visitor, "cells", path=CELL, new="三件")
    assert answer.status_code == 422
    assert "三件" in answer.text


def test_a_stretch_of_text_is_labelled(visitor: TestClient) -> None:
    text = visitor.get(f"/v1/records/{visitor.record}").json()["text"]
    start = text.index("柳荫河街道")
    assert post(visitor, "spans", span=f"{start}-{start + 5}", label="GROUP").status_code == 200
    assert re.search(r'class="mark l-GROUP"[^>]*>柳荫河街道</a>', page(visitor))
    assert post(visitor, "spans", span="x", label="GROUP").status_code == 422


def test_a_fact_is_set(visitor: TestClient) -> None:
    assert post(visitor, "facts", path="year", new="2019").status_code == 200
    assert visitor.get("/v1/records", params={"year": 2019}).json()["total"] == 1
    assert post(visitor, "facts", path="year", new="去年").status_code == 422
    assert post(visitor, "facts", path="no.such.path", new="1").status_code == 422


def test_pages_of_a_pdf_are_pictures_with_boxes(visitor: TestClient) -> None:
    text = page(visitor)
    assert text.count("<figure") >= 3
    assert re.search(r'<rect [^>]*data-marks="at-', text)
    picture = visitor.get(f"/records/{visitor.record}/pages/1.png")
    assert picture.content.startswith(b"\x89PNG")
    assert visitor.get(f"/records/{visitor.record}/pages/99.png").status_code == 404


def test_a_form_without_our_token_changes_nothing(visitor: TestClient) -> None:
    before = shown(visitor)
    assert visitor.post(f"/records/{visitor.record}/cells", data={"path": CELL, "new": "7"}).status_code == 403
    assert shown(visitor) == before


def test_the_page_has_nothing_inline_and_a_list_of_doubts(visitor: TestClient) -> None:
    text = page(visitor)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"<[^>]*\s(?:style|on\w+)=", text)
    assert 'id="doubts"' in text


def test_the_english_page_has_no_chinese_but_the_form_and_the_report(tmp_path: Path) -> None:
    state = open_state(tmp_path / "data")
    _, text = state.keys.add("reader", ["write"])
    record = replace(_in_english(), id="e" * 64)
    with state.database.writing() as connection:
        state.records.add(connection, record, "0" * 64)
    with TestClient(create_app(state), base_url="http://localhost") as client:
        client.post("/sign-in", data={"key": text})
        shown = client.get(f"/records/{record.id}?lang=en").text
        assert "第" in client.get(f"/records/{record.id}?lang=zh").text
    assert "Leadership groups" in shown
    assert "R3 fails: New and carried-over" in shown
    for term in sorted(_form_terms() | {"中文"}, key=len, reverse=True):
        shown = shown.replace(term, "")
    assert re.findall("[^\\n]{0,40}[\u3000-\u9fff\uff00-\uffef][^\\n]{0,20}", shown) == []


def _in_english() -> Record:
    """A whole record of an invented report in Latin letters: tables in each state, checks, facts, a note with a Chinese message."""
    text = "Annual report of Willow Bay. A group was set up; 600 items; updates were late, so a calendar is kept. 7130"
    made = make_record()
    statistics, facts = made.statistics, made.narrative
    place = Span(0, 6)
    tables = {k: {r: {c: _plain(x) for c, x in row.items()} for r, row in t.items()} for k, t in statistics.disclosure.items()}
    rows, blocks = ({r: {c: _plain(x) for c, x in row.items()} for r, row in part.items()}
                    for part in (statistics.applications, statistics.review_litigation))  # fmt: skip
    group = replace(facts.leadership_groups[0], name="Group", leaders=[Person("Willow", "Head")], members=[Person(None, "All")],
                    office="Office", mentions=[0])  # fmt: skip
    indicator = Indicator("Items", "n", "", Cell("3", 3, span=place), None)
    return replace(
        made, text=text, title=None, sections=[], source=replace(made.source, path="willow.txt"),
        agency=Agency("Willow Bay", "department"),
        statistics=Statistics(statistics.forms, tables, rows, blocks, [indicator]),
        narrative=Narrative(
            [Mention("GROUP", 0, 6, "Annual", 0.5)],
            [group],
            [replace(facts.counts[0], item="items", channel=None, unit="", mentions=[])],
            [replace(problem, text="updates", span=place) for problem in facts.problems],
            [replace(facts.remedies[0], text="calendar", span=place)],
        ),
        issues=[Issue("tables", "ambiguous_digits", "warning", "连写数字有多种读法", Span(5, 8))],
    )  # fmt: skip


def _plain(cell: Cell) -> Cell:
    return replace(cell, unit=None, span=Span(0, 6))


def _form_terms() -> set[str]:
    """Every string of the official forms: labels of rows and columns, captions, heads."""
    found: set[str] = set()
    waiting: list[object] = [dataclasses.asdict(form) for form in load_forms().values()]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            found |= {one, *one.split("/")}
        elif isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list | tuple):
            waiting += one
    return {term for term in found if not term.isascii()}
