import importlib.metadata
import io
import json
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from nlp.cli import main
from nlp.ingest.sources import sources
from nlp.pipeline import Extractor, checks_of
from nlp.record import Cell, Record, from_json, to_json
from nlp.service import annotating
from nlp.service.app import create_app
from nlp.service.correcting.cells import cells_of
from nlp.service.corrections import Wish
from nlp.service.errors import NotFoundError, UnusableError
from nlp.service.state import State
from nlp.service.uncertain import uncertain
from nlp.settings import load_settings
from tests.conftest import ROOT
from tests.nlp.handmade import make_record, old_record
from tests.nlp.service.conftest import open_state

RARE = "𠮷湾市水务局"  # its first character needs two units of UTF-16
TOTAL = "applications.new.total"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> State:
    """A state whose workers never run."""
    return open_state(tmp_path_factory.mktemp("corrections") / "data")


def keep(state: State, record: Record) -> Record:
    with state.database.writing() as connection:
        state.records.add(connection, record, "blob")
    return record


@pytest.fixture
def record(opened: State, request: pytest.FixtureRequest) -> Record:
    """A record of its own for each test, whose checks are those of its cells."""
    made = make_record(f"{RARE}{abs(hash(request.node.name))}")
    return keep(opened, replace(made, checks=checks_of(made)))


@pytest.fixture
def client(opened: State) -> TestClient:
    _, text = opened.keys.add("柳望川", ["write"])
    return TestClient(create_app(opened), headers={"Authorization": f"Bearer {text}"}, raise_server_exceptions=False)


def put(client: TestClient, record: Record, kind: str, target: object, **more: object) -> list[dict]:
    answer = client.put(f"/v1/records/{record.id}/corrections", json={"kind": kind, "target": target, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


def refused(client: TestClient, record: Record, kind: str, target: object, **more: object) -> str:
    answer = client.put(f"/v1/records/{record.id}/corrections", json={"kind": kind, "target": target, **more})
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.json()["detail"]


def after(client: TestClient, record: Record) -> Record:
    answer = client.get(f"/v1/records/{record.id}", params={"corrected": True})
    assert answer.status_code == 200
    return from_json(answer.content)


def place(record: Record, text: str, label: str | None) -> dict:
    start = record.text.index(text)
    return {"start": start, "end": start + len(text), "label": label}


def sound(record: Record) -> None:
    """What holds of every record."""
    facts = record.narrative
    assert from_json(to_json(record)) == record
    end = 0
    for one in facts.mentions:
        assert end <= one.start < one.end
        assert record.text[one.start : one.end] == one.text
        end = one.end
    for fact in (*facts.leadership_groups, *facts.counts):
        assert all(0 <= number < len(facts.mentions) for number in fact.mentions)
    for label, stated in (("PROBLEM", facts.problems), ("REMEDY", facts.remedies)):
        assert [tuple(one.span) for one in stated] == [(one.start, one.end) for one in facts.mentions if one.label == label]
        assert all(record.text[slice(*one.span)] == one.text for one in stated)
    assert all(0 <= number < len(facts.remedies) for one in facts.problems for number in one.remedies)


def test_a_cell_is_corrected_and_its_checks_are_done_again(client: TestClient, record: Record) -> None:
    assert {one.rule: one.status for one in record.checks if TOTAL in one.cells}["R3"] == "pass"
    (made,) = put(client, record, "cell", TOTAL, new=4)
    assert (made["kind"], made["target"], made["who"]) == ("cell", TOTAL, "柳望川")
    assert made["old"] == {"value": 3, "state": "printed"}
    assert made["new"] == {"value": 4, "state": "printed"}
    assert made["undone"] is made["unfit"] is None
    found = after(client, record)
    sound(found)
    assert found.statistics.applications["new"]["total"] == replace(record.statistics.applications["new"]["total"], value=4)
    assert {one.rule for one in found.checks if one.status == "fail" and TOTAL in one.cells} == {"R1", "R3"}
    (issue,) = (one for one in found.issues if one.code == "corrected")
    assert (issue.stage, issue.severity) == ("service", "info")
    assert issue.message == f"{TOTAL}: 3 → 4 (柳望川)"
    assert issue.span == record.statistics.applications["new"]["total"].span
    assert from_json(client.get(f"/v1/records/{record.id}").content) == record  # the machine's
    line = next(one for one in client.get("/v1/records").json()["records"] if one["id"] == record.id)
    assert line["n_corrections"] == 1
    assert "R1" in line["failed_checks"].split()


def test_the_same_correction_twice_is_one_and_another_value_is_a_second(client: TestClient, record: Record, opened: State) -> None:
    assert len(put(client, record, "cell", TOTAL, new=4)) == 1
    changed = opened.records.line(record.id)
    assert len(put(client, record, "cell", TOTAL, new=4.0)) == 1
    assert opened.records.line(record.id) == changed
    assert [one["old"]["value"] for one in put(client, record, "cell", TOTAL, new=5)] == [3, 4]
    assert len(put(client, record, "cell", TOTAL, new=4)) == 3  # back again, which is a change
    assert after(client, record).statistics.applications["new"]["total"].value == 4


def test_undone_it_is_as_the_machine_read_it_and_the_row_is_kept(client: TestClient, record: Record, opened: State) -> None:
    before = opened.records.line(record.id)
    (made,) = put(client, record, "cell", TOTAL, new=None, state="unreadable")
    assert after(client, record).statistics.applications["new"]["total"].state == "unreadable"
    address = f"/v1/records/{record.id}/corrections"
    (undone,) = client.delete(f"{address}/{made['n']}").json()
    assert undone["undone"] >= made["at"]
    assert client.delete(f"{address}/{made['n']}").json() == [undone] == client.get(address).json()
    assert after(client, record) == record
    assert opened.records.line(record.id) == before
    assert client.delete(f"{address}/{2**40}").status_code == 404
    assert client.get("/v1/records/none/corrections").status_code == 404
    assert client.get("/v1/records/none/uncertain").status_code == 404


def test_each_write_is_a_change_of_the_record_and_audited(client: TestClient, record: Record, opened: State) -> None:
    def changed() -> int:
        return opened.database.reading.execute("SELECT changed FROM records WHERE id = ?", (record.id,)).fetchone()[0]

    numbers = [changed()]
    (made,) = put(client, record, "fact", "year", new=2020)
    numbers.append(changed())
    client.delete(f"/v1/records/{record.id}/corrections/{made['n']}")
    numbers.append(changed())
    assert numbers == sorted(set(numbers))
    log = opened.database.reading.execute("SELECT action, who FROM audit WHERE target = ? ORDER BY n", (record.id,)).fetchall()
    assert [row["action"] for row in log] == ["correct", "undo"]
    assert all(row["who"].startswith("柳望川 (") for row in log)


def test_only_who_may_write_corrects(client: TestClient, record: Record, opened: State) -> None:
    _, text = opened.keys.add("reader", ["read"])
    reader = {"Authorization": f"Bearer {text}"}
    body = {"kind": "fact", "target": "year", "new": 2020}
    assert client.put(f"/v1/records/{record.id}/corrections", json=body, headers=reader).status_code == 403
    assert client.get(f"/v1/records/{record.id}/corrections", headers=reader).json() == []


def test_a_cell_of_money_gets_its_yuan_and_a_run_of_digits_no_longer_counts(client: TestClient, record: Record) -> None:
    path = next(path for path, cell in cells_of(record.statistics).items() if cell.value_yuan is not None)
    put(client, record, "cell", path, new=2.5)
    assert cells_of(after(client, record).statistics)[path].value_yuan == 25_000
    put(client, record, "cell", "applications.refused_3.total", new=0)
    cell = after(client, record).statistics.applications["refused_3"]["total"]
    assert (cell.raw, cell.value, cell.state) == ("0", 0, "printed")
    put(client, record, "cell", "applications.refused_2.commercial", new=7)
    assert after(client, record).statistics.applications["refused_2"]["commercial"].recovered_by is None


def test_rows_of_earlier_tables_are_cells_too(client: TestClient, opened: State) -> None:
    record = keep(opened, old_record())
    put(client, record, "cell", "indicators.1", new=9)
    found = after(client, record).statistics.indicators
    before = record.statistics.indicators
    assert [one.cell.value for one in found] == [before[0].cell.value, 9, before[2].cell.value]
    assert found[1].label == before[1].label


def test_a_record_whose_cells_are_all_read_now_is_complete(client: TestClient, record: Record, opened: State) -> None:
    span = record.statistics.applications["refused_3"]["total"].span
    issue = replace(record.issues[0], code="ambiguous_digits", span=span)
    keep(opened, replace(record, issues=[issue], produced_by=replace(record.produced_by, model="next")))
    put(client, record, "cell", "applications.refused_3.total", new=0)
    found = after(client, record)
    assert found.status == "complete"
    assert [one.code for one in found.issues] == ["corrected"]
    assert opened.records.line(record.id).status == "complete"


@pytest.mark.parametrize(
    ("target", "more", "told"),
    [
        ("applications.old.total", {"new": 1}, "no cell"),
        ("applications.new", {"new": 1}, "no cell"),
        (TOTAL, {"new": 1, "state": "blank"}, "leave the state out"),
        (TOTAL, {"new": None, "state": "printed"}, "blank or unreadable"),
        (TOTAL, {"new": 1e300}, "larger than"),
        (TOTAL, {"new": "3"}, "number"),
        (TOTAL, {"new": True}, "number"),
        (TOTAL, {}, "new"),
    ],
)
def test_what_no_cell_can_be(client: TestClient, record: Record, target: str, more: dict, told: str) -> None:
    assert told in refused(client, record, "cell", target, **more)
    assert after(client, record) == record


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_what_is_no_number_is_refused(client: TestClient, record: Record, number: str) -> None:
    for body in (f'{{"kind": "cell", "target": "{TOTAL}", "new": {number}}}', f'{{"kind": "fact", "target": "year", "new": {number}}}'):
        answer = client.put(f"/v1/records/{record.id}/corrections", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 422, answer.text


def test_a_span_is_added_relabelled_and_removed_and_facts_follow(client: TestClient, record: Record) -> None:
    put(client, record, "span", place(record, "柳望川", None))
    found = after(client, record)
    sound(found)
    assert "柳望川" not in {one.text for one in found.narrative.mentions}
    assert "柳望川" not in str(found.narrative.leadership_groups)
    put(client, record, "span", place(record, "柳望川", "PERSON"))
    found = after(client, record)
    assert "柳望川" in str(found.narrative.leadership_groups)
    assert next(one.score for one in found.narrative.mentions if one.text == "柳望川") == 1.0
    second = put(client, record, "span", place(record, "政府信息\n".strip(), "CHANNEL"))
    assert len(second) == 3
    sound(after(client, record))


def test_a_span_takes_the_place_of_those_that_it_touches(client: TestClient, record: Record) -> None:
    (made,) = put(client, record, "span", place(record, "解读形式", "PROBLEM"))
    assert [one["text"] for one in made["old"]] == ["解读形式单一"]
    assert made["new"] == "PROBLEM"
    assert made["target"]["text"] == "解读形式"
    found = after(client, record)
    sound(found)
    assert found.narrative.problems[0] == record.narrative.problems[0]
    assert found.narrative.problems[1].categories == record.narrative.problems[1].categories
    put(client, record, "span", place(record, "解读形式", "REMEDY"))
    found = after(client, record)
    sound(found)
    assert found.narrative.remedies[0].text == "解读形式"
    assert found.narrative.remedies[0].categories == record.narrative.problems[1].categories
    assert found.narrative.problems[0].remedies == [1]  # the number of the same remedy now


def test_offsets_are_code_points(client: TestClient, record: Record) -> None:
    assert record.text.index("𠮷") == 0
    assert len(record.text.encode("utf-16-le")) // 2 > len(record.text)
    (made,) = put(client, record, "span", {"start": 0, "end": 2, "label": "ITEM"})
    assert made["target"] == {"start": 0, "end": 2, "text": "𠮷湾"}
    assert after(client, record).narrative.mentions[0].text == "𠮷湾"
    assert after(client, record).narrative.counts[-1].mentions == [number + 1 for number in record.narrative.counts[-1].mentions]


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ({"start": 5, "end": 5, "label": "ITEM"}, "empty or outside"),
        ({"start": 0, "end": 1_000_000, "label": "ITEM"}, "empty or outside"),
        ({"start": 0, "end": 2, "label": "THING"}, "unknown label"),
        ({"start": 0, "end": 2, "label": "QUANTITY"}, "no number"),
        ({"start": 0, "end": 2, "label": None}, "no mention"),
    ],
)
def test_what_no_span_can_be(client: TestClient, record: Record, target: dict, told: str) -> None:
    assert told in refused(client, record, "span", target)


def test_a_span_without_blanks_and_a_statement_without_its_full_stop(client: TestClient, record: Record) -> None:
    end = record.text.index("\n")
    assert "at an edge" in refused(client, record, "span", {"start": end - 2, "end": end + 1, "label": "ITEM"})
    assert "at an edge" in refused(client, record, "span", place(record, "单一。", "PROBLEM"))


def test_a_fact_is_corrected_and_the_list_follows(client: TestClient, record: Record, opened: State) -> None:
    put(client, record, "fact", "agency.name", new="云溪镇人民政府")
    put(client, record, "fact", "year", new=2019)
    made = put(client, record, "fact", "narrative.problems.0.categories", new=["scope", "other"])
    assert made[-1]["old"] == ["timeliness"]
    put(client, record, "fact", "narrative.counts.0.value", new=650)
    found = after(client, record)
    sound(found)
    assert (found.agency.name, found.year) == ("云溪镇人民政府", 2019)
    assert found.narrative.problems[0].categories == ["scope", "other"]
    assert found.narrative.counts[0].value == 650
    assert found.checks == record.checks
    assert [one.message.split(":")[0] for one in found.issues if one.code == "corrected"] == [
        "agency.name", "year", "narrative.problems.0.categories", "narrative.counts.0.value",
    ]  # fmt: skip
    line = opened.records.line(record.id)
    assert (line.agency, line.year, line.n_corrections) == ("云溪镇人民政府", 2019, 4)
    assert record.id in {one["id"] for one in client.get("/v1/records", params={"agency": "云溪镇", "year": 2019}).json()["records"]}


@pytest.mark.parametrize(
    ("path", "new", "told"),
    [
        ("text", "x", "no fact"),
        ("statistics.applications.new.total.value", 3, "no fact"),
        ("narrative.mentions.0.start", 3, "no fact"),
        ("narrative.counts.99.value", 3, "nothing at"),
        ("narrative.counts.٣.value", 3, "nothing at"),
        ("year", "2021", "int"),
        ("year", 12, "no year"),
        ("year", 2**80, "year"),
        ("published", "gestern", "no date"),
        ("agency.level", "planet", "planet"),
        ("agency.name", "\ud800", "no character"),
        ("narrative.counts.0.mentions", [999], "mentions"),
        ("narrative.problems.0.remedies", [7], "remedies"),
        ("narrative.problems.0.categories", ["weather"], "unknown category"),
        ("narrative.counts.0", {"item": "x"}, "missing required field"),
        ("title", "长" * 70_000, "more than"),
    ],
)
def test_what_no_fact_can_be(client: TestClient, record: Record, path: str, new: object, told: str) -> None:
    body = json.dumps({"kind": "fact", "target": path, "new": new})
    headers = {"Content-Type": "application/json"}
    answer = client.put(f"/v1/records/{record.id}/corrections", content=body, headers=headers)
    assert answer.status_code == 422, answer.text
    assert told in answer.json()["detail"]
    assert after(client, record) == record


def test_a_corrected_fact_stays_when_other_mentions_change(client: TestClient, record: Record) -> None:
    put(client, record, "fact", "narrative.counts.0.value", new=650)
    put(client, record, "fact", "narrative.problems.1.categories", new=["scope"])
    put(client, record, "span", place(record, "一是", "ITEM"))
    made = put(client, record, "span", place(record, "更新不够及时", None))
    assert all(one["unfit"] is None for one in made)
    found = after(client, record)
    sound(found)
    assert [one.value for one in found.narrative.counts] == [650]
    assert [one.categories for one in found.narrative.problems] == [["scope"]]


def test_a_correction_of_a_fact_that_is_gone_is_told_and_left_out(client: TestClient, record: Record) -> None:
    put(client, record, "span", place(record, "解读形式", "PROBLEM"))
    first, second = put(client, record, "fact", "narrative.problems.1.categories", new=["scope"])
    first, second = client.delete(f"/v1/records/{record.id}/corrections/{first['n']}").json()
    assert "no longer" in second["unfit"]
    assert after(client, record) == record


def test_a_record_read_again_keeps_its_corrections(client: TestClient, record: Record, opened: State) -> None:
    put(client, record, "cell", TOTAL, new=4)
    put(client, record, "fact", "agency.name", new="云溪镇人民政府")
    put(client, record, "span", place(record, "解读形式单一", None))
    text = "前" + record.text  # another reader, other offsets
    newer = replace(record.produced_by, version="9")
    again = replace(record, text=text, title="另", narrative=type(record.narrative)(), produced_by=newer)
    del again.statistics.applications["carried_in"]["total"]
    keep(opened, again)
    cell, fact, span = client.get(f"/v1/records/{record.id}/corrections").json()
    assert cell["unfit"] is fact["unfit"] is None
    assert "the text is" in span["unfit"]
    found = after(client, record)
    assert found.text == text
    assert found.statistics.applications["new"]["total"].value == 4
    line = opened.records.line(record.id)
    assert (line.agency, line.title, line.n_corrections) == ("云溪镇人民政府", "另", 3)


@pytest.mark.parametrize(
    "body",
    [
        '{"kind": "span", "target": {"start": 0, "end": 1, "label": "\\ud800"}}',
        '{"kind": "cell", "target": "\\ud800", "new": 1}',
        '{"kind": "fact", "target": "agency.\\ud800", "new": 1}',
        '{"kind": "fact", "target": "narrative.counts.0", "new": ' + "[" * 400 + "]" * 400 + "}",
        '{"kind": "fact", "target": "title", "new": {"\\ud800": 1}}',
        '{"kind": "fact", "target": "title", "new": "x", "more": 1}',
        '{"kind": "thought", "target": "title", "new": "x"}',
        '{"kind": "span", "target": {"start": -1, "end": 1, "label": null}}',
        "[]",
        "{",
    ],
)
def test_hostile_bodies_are_refused(client: TestClient, record: Record, body: str) -> None:
    answer = client.put(f"/v1/records/{record.id}/corrections", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert client.get(f"/v1/records/{record.id}/corrections").json() == []


def test_fields_that_a_record_has_not_are_not_kept(client: TestClient, record: Record) -> None:
    whole = json.loads(to_json(record))["narrative"]["counts"][0]
    (made,) = put(client, record, "fact", "narrative.counts.0", new={**whole, "value": 7, "secret": [[[1]]]})
    assert made["new"] == {**whole, "value": 7, "score": 1.0}
    assert len(put(client, record, "fact", "narrative.counts.0", new={**whole, "value": 7})) == 1


def test_the_page_of_a_record_shows_corrections_when_asked(client: TestClient, record: Record) -> None:
    put(client, record, "fact", "title", new="更正后的<b>题目</b>")
    address, accept = f"/v1/records/{record.id}", {"Accept": "text/html"}
    assert "更正后的&lt;b&gt;题目" in client.get(address, params={"corrected": True}, headers=accept).text
    assert "更正后的" not in client.get(address, headers=accept).text


def test_no_record_none_to_correct(opened: State) -> None:
    with pytest.raises(NotFoundError):
        opened.corrections.put("none", Wish("fact", "year", new=2020), "x")


LABELS = st.sampled_from(["GROUP", "PERSON", "ITEM", "QUANTITY", "CHANNEL", "PROBLEM", "REMEDY", None])
FACTS = st.sampled_from(
    [("year", 2020), ("agency.name", "甲"), ("title", None), ("narrative.counts.0.value", 7), ("narrative.counts", []),
     ("narrative.problems.0.categories", ["scope"]), ("narrative.problems.1.remedies", [0]),
     ("narrative.remedies.0.status", "done"), ("narrative.leadership_groups.0.office", "办公室")]
)  # fmt: skip
BASE = make_record(RARE)
BASE = replace(BASE, checks=checks_of(BASE))
PATHS = sorted(cells_of(BASE.statistics))


@st.composite
def wishes(draw: st.DrawFn) -> Wish:
    kind = draw(st.sampled_from(["cell", "span", "span", "fact"]))
    if kind == "cell":
        new = draw(st.none() | st.integers(-3, 900) | st.floats(0, 100))
        return Wish("cell", draw(st.sampled_from(PATHS)), new=new)
    if kind == "fact":
        path, new = draw(FACTS)
        return Wish("fact", path, new=new)
    known = draw(st.sampled_from([(one.start, one.end) for one in BASE.narrative.mentions]) | st.none())
    start = draw(st.integers(0, len(BASE.text))) if known is None else known[0]
    end = start + draw(st.integers(1, 12)) if known is None else known[1] + draw(st.integers(-1, 1))
    return Wish("span", start=start, end=end, new=draw(LABELS))


@examples(max_examples=60)
@given(some=st.lists(wishes(), max_size=8), order=st.randoms(use_true_random=False))
def test_corrected_records_are_sound_and_undone_ones_the_machines(opened: State, some: list[Wish], order) -> None:
    keep(opened, BASE)
    corrections, records = opened.corrections, opened.records
    for left in corrections.of(BASE.id):  # of an example that failed
        corrections.undo(BASE.id, left.n)
    before, made = records.line(BASE.id), []
    for wish in some:
        stood = corrections.record(BASE.id)
        try:
            n = corrections.put(BASE.id, wish, "甲")
        except UnusableError:
            assert corrections.record(BASE.id) == stood
            continue
        sound(corrections.record(BASE.id))
        assert corrections.put(BASE.id, wish, "乙") is None  # the same again is nothing
        if n is not None:
            made.append(n)
    lines = {one.n: one for one in corrections.of(BASE.id)}
    assert records.get(BASE.id) == BASE
    order.shuffle(made)
    for n in made:
        assert corrections.undo(BASE.id, n)
        sound(corrections.record(BASE.id))
    assert corrections.record(BASE.id) == BASE
    assert records.line(BASE.id) == before
    assert all((one.old, one.new, one.at) == (lines[one.n].old, lines[one.n].new, lines[one.n].at) for one in corrections.of(BASE.id))


def test_what_could_not_be_read_and_what_is_wrong_comes_first(client: TestClient, record: Record) -> None:
    found = client.get(f"/v1/records/{record.id}/uncertain", params={"size": 1000}).json()
    items = found["items"]
    assert found["total"] == len(items)
    assert (items[0]["target"], items[0]["reason"]) == ("applications.refused_3.total", "unreadable")
    reasons = [one["reason"] for one in items]
    assert reasons.index("check") < reasons.index("score")
    doubts = [one["doubt"] for one in items if one["reason"] in ("score", "recovered")]
    assert doubts == sorted(doubts, reverse=True)
    least = next(one for one in items if one["reason"] == "score")
    assert least["target"] == {**place(record, "柳望川", "PERSON")}
    put(client, record, "span", least["target"])  # confirmed
    put(client, record, "cell", "applications.refused_3.total", new=0)
    left = client.get(f"/v1/records/{record.id}/uncertain", params={"size": 3}).json()
    assert len(left["items"]) == 3
    assert not {str(one["target"]) for one in left["items"]} & {str(least["target"]), "applications.refused_3.total"}


def test_a_cell_in_which_failing_sums_cross_comes_before_the_others() -> None:
    wrong = replace(BASE.statistics.applications["granted"]["natural_person"], value=5)
    rows = {**BASE.statistics.applications, "granted": {**BASE.statistics.applications["granted"], "natural_person": wrong}}
    clear = {
        key: {column: cell if cell.state == "printed" else Cell("0", 0) for column, cell in row.items()} for key, row in rows.items()
    }
    record = replace(BASE, statistics=replace(BASE.statistics, applications=clear))
    record = replace(record, checks=checks_of(record))
    first, *rest = uncertain(record)
    assert (first.target, first.rules) == ("applications.granted.natural_person", ("R1", "R2"))
    assert first.doubt > rest[0].doubt
    assert first.target not in [one.target for one in uncertain(record, {first.target})]


@pytest.fixture
def plugged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The entry points as `pyproject.toml` has them, whatever is installed."""
    group = "gongkai.annotation_formats"
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"][group]
    points = [importlib.metadata.EntryPoint(name, value, group) for name, value in declared.items()]
    monkeypatch.setattr(annotating, "entry_points", lambda group: points)


@pytest.fixture(scope="module")
def read(samples: Path) -> list[Record]:
    """Sample reports with their prose labelled."""
    settings = load_settings()
    extractor = Extractor(settings)
    found: Iterator[Record] = (one for raw in sources([samples / "reports.zip"], settings.limits) for one in extractor(raw))
    return [one for one, _ in zip((one for one in found if len(one.narrative.problems) > 1), range(3), strict=False)]


FORMATS = ["doccano", "label-studio", "brat", "conll", "docbin", "datasets", "markup"]


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.usefixtures("plugged")
def test_an_export_of_nothing_is_empty(client: TestClient, format: str) -> None:
    if format == "datasets":
        pytest.importorskip("datasets", reason="needs the extra train")
    answer = client.get("/v1/corrections/export", params={"format": format, "since": "2999-01-01T00:00:00Z"})
    assert answer.status_code == 200, answer.text
    assert answer.content.strip() in (b"", b"[]") or format in ("brat", "docbin", "datasets", "markup")


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.usefixtures("plugged")
def test_the_export_is_imported_with_every_live_mention(
    tmp_path: Path, client: TestClient, opened: State, read: list[Record], format: str
) -> None:
    if format == "datasets":
        pytest.importorskip("datasets", reason="needs the extra train")
    for one in read:
        keep(opened, one)
    target = read[0]
    person = {"start": target.narrative.problems[0].span.start, "end": target.narrative.problems[0].span.start + 2, "label": "ITEM"}
    put(client, target, "span", person)
    put(client, read[1], "cell", next(iter(cells_of(read[1].statistics))), new=5)  # teaches the labeller nothing
    answer = client.get("/v1/corrections/export", params={"format": format, "since": "2020-01-01"})
    assert answer.status_code == 200, answer.text
    name = answer.headers["content-disposition"].split('"')[1]
    file = tmp_path / name
    file.write_bytes(answer.content)
    if name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            archive.extractall(tmp_path / "unpacked")
        file = tmp_path / "unpacked"
    assert main(["annotate", "import", str(file), "-o", str(tmp_path / "own")]) == 0

    from training.annotation.formats import read as read_annotated

    imported = read_annotated(tmp_path / "own")
    texts = [one for one in imported if one.meta["record"] == target.id]
    assert not [one for one in imported if one.meta["record"] == read[1].id]
    placed = [(int(one.meta["offset"]), span) for one in texts for span in one.spans]
    spans = {(offset + span.start, offset + span.end, span.label): span for offset, span in placed}
    found = after(client, target)
    assert set(spans) == {(one.start, one.end, one.label) for one in found.narrative.mentions}
    assert (*person.values(),) in spans
    assert all(list(spans[(*one.span, "PROBLEM")].codes) == (one.categories or ["other"]) for one in found.narrative.problems)
    assert {one.meta["corrected_by"] for one in texts} == {"柳望川"}


@pytest.mark.usefixtures("plugged")
def test_a_model_is_trained_further_on_what_people_corrected(
    tmp_path: Path, client: TestClient, opened: State, read: list[Record]
) -> None:
    pytest.importorskip("torch", reason="training needs the extra `train`")
    from tests.training import tiny

    for one in read:
        keep(opened, one)
        first = one.narrative.problems[0].span
        put(client, one, "span", {"start": first.start, "end": first.start + 2, "label": "ITEM"})
    exported = tmp_path / "corrections.jsonl"
    exported.write_bytes(client.get("/v1/corrections/export").content)
    assert main(["annotate", "import", str(exported), "-o", str(tmp_path / "own")]) == 0
    (tmp_path / "few.toml").write_text("[train]\nepochs = 1\ntokens_a_step = 512\nwindow = 64\n")
    start = tiny.encoder(tmp_path / "start")
    words = [tmp_path / "own", "-o", tmp_path / "model", "--start", start, "--settings", tmp_path / "few.toml", "--no-replay"]
    assert main(["train", *map(str, words)]) == 0
    assert (tmp_path / "model" / "model.safetensors").is_file()


def test_without_the_package_that_writes_them_the_problem_says_so(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(annotating, "entry_points", lambda group: [])
    answer = client.get("/v1/corrections/export")
    assert answer.status_code == 422
    assert "training" in answer.json()["detail"]
    gone = importlib.metadata.EntryPoint("doccano", "gongkai_absent:write", "x")
    monkeypatch.setattr(annotating, "entry_points", lambda group: [gone])
    assert "gongkai[train]" in client.get("/v1/corrections/export").json()["detail"]


@pytest.mark.parametrize("since", ["0", "yesterday", "2026-13-01", "0001-01-01T00:00:00+14:00"])
def test_a_time_that_is_none(client: TestClient, since: str) -> None:
    assert client.get("/v1/corrections/export", params={"since": since}).status_code == 422
