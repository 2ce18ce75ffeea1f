"""What the samples' expectations claim is true, counted here and not by the program; and `make.py` wrote what is committed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.test_samples import EXPECTED, SAMPLES, each, leaves, members, wanted

SUMMANDS = ("natural_person", "commercial", "research", "social", "legal_service", "other_org")


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


def test_samples_are_what_make_writes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, SAMPLES / "make.py", "--out", tmp_path], check=True)
    assert members(SAMPLES / "reports.zip") == members(tmp_path / "reports.zip")
    for file in (tmp_path / "expected").iterdir():
        assert file.read_bytes() == (SAMPLES / "expected" / file.name).read_bytes()
    assert len(list((tmp_path / "expected").iterdir())) == len(EXPECTED)
