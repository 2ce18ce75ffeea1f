"""The sample reports through the front door: what was chosen when they were written must come back, cell by cell.

`samples/expected/` says what a reader must find; `samples/make.py` renders it and the reports from `samples/sources/`.
Statistics and identity are exact. Narrative facts come from a trained labeller and are held to shares over all samples.
"""

from __future__ import annotations

import functools
import hashlib
import io
import itertools
import json
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import nlp
from nlp.record import Cell, Record

SAMPLES = Path(__file__).parent / "samples"
EXPECTED = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted((SAMPLES / "expected").glob("*.json"))}
REPORTS = [name for name, want in EXPECTED.items() if want.get("agency")]
TABLES = ("disclosure", "applications", "review_litigation")
FACT_FLOOR = 0.92  # measured 0.972: share of expected groups, people, offices and counts that are found, over all samples
STATEMENT_FLOOR = 0.90  # measured 0.950: one minus the summed error of the numbers of problems and remedies over their sum

each = pytest.mark.parametrize("name", EXPECTED)
each_report = pytest.mark.parametrize("name", REPORTS)


Reader = Callable[[str], Record]


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """Gives the record of a sample by its name; each report is read once."""
    folder = tmp_path_factory.mktemp("reports")
    with zipfile.ZipFile(SAMPLES / "reports.zip") as packed:
        packed.extractall(folder)
    return functools.cache(lambda name: nlp.extract(folder / EXPECTED[name]["file"]))


def leaves(node: dict[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Every cell below `node` with its dotted path; an expected cell may be a bare number or null."""
    for key, child in node.items():
        if isinstance(child, dict) and "state" not in child:
            yield from leaves(child, f"{path}{key}.")
        else:
            yield f"{path}{key}", child


def wanted(cell: Any) -> tuple[Any, str, str | None]:
    """Value, state and means of recovery of an expected cell."""
    if isinstance(cell, dict):
        return cell["value"], cell["state"], cell.get("by")
    return cell, "blank" if cell is None else "printed", None


def cells(found: Record) -> dict[str, Cell]:
    return dict(leaves({table: getattr(found.statistics, table) for table in TABLES}))


@each_report
def test_cells(name: str, record: Reader) -> None:
    want = EXPECTED[name]
    got = {path: (cell.value, cell.state, cell.recovered_by) for path, cell in cells(record(name)).items()
           if path.split(".")[0] not in want.get("unreadable", [])}
    assert got == {path: wanted(cell) for path, cell in leaves(want["statistics"])}


@each_report
def test_money_is_given_in_yuan(name: str, record: Reader) -> None:
    stated = dict(leaves(EXPECTED[name]["statistics"]))
    want = {path: cell["value_yuan"] for path, cell in stated.items() if isinstance(cell, dict) and "value_yuan" in cell}
    got = cells(record(name))
    assert {path: got[path].value_yuan for path in want if path in got} == pytest.approx(want)


@each_report
def test_forms_are_decided_by_labels(name: str, record: Reader) -> None:
    want = EXPECTED[name]
    readable = {table: form for table, form in want["forms"].items() if table not in want.get("unreadable", [])}
    if len(set(readable.values())) > 1:  # section four is the same in both forms: in a mixture it cannot be told
        del readable["review_litigation"]
    got = record(name).statistics.forms
    assert {table: got.get(table) for table in readable} == readable


@each_report
def test_unreadable_tables_are_refused(name: str, record: Reader) -> None:
    tables = EXPECTED[name].get("unreadable", [])
    found = record(name)
    assert {path: cell.value for path, cell in cells(found).items() if path.split(".")[0] in tables and cell.value is not None} == {}
    assert not tables or "unreadable_table" in {issue.code for issue in found.issues}


@each_report
def test_indicators(name: str, record: Reader) -> None:
    got = [["".join(i.label.split()), i.unit or "", i.cell.value] for i in record(name).statistics.indicators]
    assert got == EXPECTED[name].get("indicators", [])


@each_report
def test_identity(name: str, record: Reader) -> None:
    want, found = EXPECTED[name], record(name)
    region = {part: getattr(found.agency.region, part) or "" for part in want["region"]}
    assert (found.year, found.script, region) == (want["year"], want["script"], want["region"])
    assert found.agency.level in (want["level"] if isinstance(want["level"], list) else [want["level"]])
    assert found.agency.name in want["agency"]
    assert found.published == want.get("published")


@each_report
def test_sections(name: str, record: Reader) -> None:
    kinds = [kind for kind, _ in itertools.groupby(section.kind for section in record(name).sections)]
    assert [kind for kind in kinds if kind != "preamble"] == EXPECTED[name]["sections"]


@each
def test_status_and_issues(name: str, record: Reader) -> None:
    found = record(name)
    assert found.status in EXPECTED[name]["status"]
    assert found.status == "complete" or found.issues


@each
def test_spans_hold_what_they_name(name: str, record: Reader) -> None:
    found = record(name)
    for path, cell in cells(found).items():
        if cell.raw:
            assert cell.span is not None, path
            assert found.text[cell.span.start:cell.span.end] == cell.raw, path
        if cell.state == "recovered":
            assert cell.span is not None, path
            assert str(cell.value) in "".join(found.text[cell.span.start:cell.span.end].split()), path
    for mention in found.narrative.mentions:
        assert found.text[mention.start:mention.end] == mention.text
    for item in [*found.narrative.problems, *found.narrative.remedies]:
        assert found.text[item.span.start:item.span.end] == item.text


@each_report
def test_failed_checks(name: str, record: Reader) -> None:
    failed = [check for check in record(name).checks if check.status == "fail"]
    claims = [(claim + " ").split(" ")[:2] for claim in EXPECTED[name]["fails"]]
    assert sorted(check.rule for check in failed) == sorted(rule for rule, _ in claims)
    for rule, path in claims:
        assert any(check.rule == rule and any(cell.startswith(path) for cell in ["", *check.cells]) for check in failed), (rule, path)


def facts(name: str, found: Record) -> Iterator[bool]:
    """For every expected fact of the narrative whether it was found."""
    want, narrative = EXPECTED[name], found.narrative
    groups = narrative.leadership_groups
    for group in want["groups"]:
        yield group in {found.name for found in groups}
    for office in want.get("office", []):
        yield office in {found.office for found in groups}
    for entry in want.get("people", []):
        role, *who = entry.split()
        listed = [p for g in groups for p in {"组长": g.leaders, "副组长": g.deputies, "成员": g.members}[role]]
        yield who in [[person.name or "-", person.title or "-"] for person in listed]
    for entry in want["counts"]:
        value, unit, item = entry.split(" ", 2)
        yield any(count.value == float(value) and (count.unit or "-") == unit
                  and item in ("-", count.item) for count in narrative.counts)


def test_narrative_facts_are_found(record: Reader) -> None:
    found = [hit for name in REPORTS for hit in facts(name, record(name))]
    assert sum(found) / len(found) >= FACT_FLOOR


def test_problems_and_remedies_are_told_apart(record: Reader) -> None:
    error = total = 0
    for name in REPORTS:
        for key in ("problems", "remedies"):
            error += abs(len(getattr(record(name).narrative, key)) - EXPECTED[name][key])
            total += EXPECTED[name][key]
    assert 1 - error / total >= STATEMENT_FLOOR


def members(archive: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(archive) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


class GbkName(zipfile.ZipInfo):
    """A member whose name stands in GBK without the UTF-8 flag, as Windows packs it in China."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # the hook of zipfile
        return self.filename.encode("gbk"), self.flag_bits & ~0x800


def test_archives_with_gbk_names_give_the_same_records(tmp_path: Path) -> None:
    name = EXPECTED["hainan-yelinwan-2010"]["file"]
    data = members(SAMPLES / "reports.zip")[name]
    with zipfile.ZipFile(tmp_path / "reports.zip", "w") as packed:
        packed.writestr(GbkName(name), data)
    with tarfile.open(tmp_path / "reports.tar.gz", "w:gz", format=tarfile.GNU_FORMAT, encoding="gbk") as tarred:
        entry = tarfile.TarInfo(name)
        entry.size = len(data)
        tarred.addfile(entry, io.BytesIO(data))
    found = list(nlp.extract_many([tmp_path / "reports.tar.gz", tmp_path / "reports.zip"]))
    assert [record.source.member for record in found] == [name, name]
    assert {record.id for record in found} == {hashlib.sha256(data).hexdigest()}
