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
import subprocess
import sys
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
SUMMANDS = ("natural_person", "commercial", "research", "social", "legal_service", "other_org")
TABLES = ("disclosure", "applications", "review_litigation")
FACT_FLOOR = 0.70  # share of expected groups, people, offices and counts that are found, over all samples
STATEMENT_FLOOR = 0.70  # one minus the summed error of the numbers of problems and remedies over their sum

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


def broken_relations(statistics: dict[str, Any]) -> Iterator[str]:
    """The relations R1–R4 and R8–R10 that the chosen numbers break, counted here and not by the program."""
    rows = {key: {column: wanted(cell)[0] for column, cell in row.items()} for key, row in statistics.get("applications", {}).items()}
    for key, row in rows.items():
        if None not in row.values() and sum(row[column] for column in SUMMANDS) != row["total"]:
            yield f"R1 applications.{key}"
    for column in (*SUMMANDS, "total"):
        column_of = {key: row[column] for key, row in rows.items()}
        if not column_of or None in column_of.values():
            continue
        edges = [column_of.pop(key) for key in ("new", "carried_in", "result_total", "carried_out")]
        if sum(column_of.values()) != edges[2]:
            yield f"R2 applications.result_total.{column}"
        if edges[0] + edges[1] != edges[2] + edges[3]:
            yield f"R3 applications.new.{column}"
    for block, row in statistics.get("review_litigation", {}).items():
        values = [wanted(cell)[0] for cell in row.values()]
        if None not in values and sum(values[:4]) != values[4]:
            yield f"R4 review_litigation.{block}"
    art20 = {path: wanted(cell)[0] for path, cell in leaves(statistics.get("disclosure", {}))}
    for path, total in art20.items():
        published = art20.get(path.replace("total_public", "published"))
        if path.endswith("total_public") and None not in (total, published) and total < published:
            yield f"R8 disclosure.{path.rpartition('.')[0]}"
    for path, change in art20.items():
        before = art20.get(path.replace("change", "prev_items"))
        if path.endswith("change") and None not in (change, before) and change < -before:
            yield f"R10 disclosure.{path.rpartition('.')[0]}"
    projects, amount = (art20.get(f"art20_9.procurement.{column}") for column in ("projects", "amount"))
    if None not in (projects, amount) and (projects == 0) != (amount == 0):
        yield "R9 disclosure.art20_9.procurement"


@each
def test_expectations_hold_what_they_claim(name: str) -> None:
    want = EXPECTED[name]
    hard = [claim for claim in want["fails"] if claim.split()[0] not in ("R11", "R14")]
    assert sorted(broken_relations(want["statistics"])) == sorted(hard)


def splits(run: str, n: int) -> Iterator[tuple[int, ...]]:
    """All ways to cut a run of digits into `n` numbers without leading zeros."""
    if n == 1:
        if run and (run == "0" or run[0] != "0"):
            yield (int(run),)
        return
    for cut in range(1, 2 if run[:1] == "0" else len(run) - n + 2):
        for rest in splits(run[cut:], n - 1):
            yield (int(run[:cut]), *rest)


@each
def test_runs_said_to_be_recovered_by_row_have_one_reading(name: str) -> None:
    for key, row in EXPECTED[name]["statistics"].get("applications", {}).items():
        means = {wanted(cell)[2] for cell in row.values()}
        if means & {"row", "report"}:
            run = "".join(str(wanted(cell)[0]) for cell in row.values())
            readings = [split for split in splits(run, 7) if sum(split[:6]) == split[6]]
            assert (len(readings) == 1) == (means == {"row"}), (key, readings)


def members(archive: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(archive) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def test_samples_are_what_make_writes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, SAMPLES / "make.py", "--out", tmp_path], check=True)
    assert members(SAMPLES / "reports.zip") == members(tmp_path / "reports.zip")
    for file in (tmp_path / "expected").iterdir():
        assert file.read_bytes() == (SAMPLES / "expected" / file.name).read_bytes()
    assert len(list((tmp_path / "expected").iterdir())) == len(EXPECTED)


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
