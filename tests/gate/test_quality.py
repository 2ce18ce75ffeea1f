"""Quality on real reports never falls below its floors (`floors.toml`); measured by the scorer that users have."""

from __future__ import annotations

import importlib.util
import json
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import nlp
from nlp.record import to_json

FLOORS = tomllib.loads((Path(__file__).parent / "floors.toml").read_text(encoding="utf-8"))
Records = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def scorer(shared: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("score", shared / "tools" / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def records(shared: Path) -> Records:
    found = [json.loads(to_json(record)) for record in nlp.extract_many([shared / "gold" / "text"])]
    return {Path(record["source"]["path"]).stem: record for record in found}


def test_meta(scorer: ModuleType, records: Records, shared: Path) -> None:
    report = scorer.score_meta(shared / "gold" / "meta.json", records)
    assert report["fields"]["all"] >= FLOORS["meta"]["all"], report["wrong"]


def test_tables(scorer: ModuleType, records: Records, shared: Path) -> None:
    report = scorer.score_tables(shared / "gold" / "tables", records)
    assert report["wrong"] == []


def test_narrative(scorer: ModuleType, records: Records, shared: Path) -> None:
    report = scorer.score_narrative(shared / "gold" / "narrative", shared / "gold" / "text", records)
    assert (report["misplaced offsets"], report["missing records"]) == (0, [])
    measured = {
        "all": report["all"]["f1"],
        "short_spans": report["short spans"]["f1"],
        **{f"overlap_{label.lower()}": value["f1"] for label, value in report["overlap"].items()},
        **{name.replace("+", "_with_"): value["f1"] for name, value in report["facts"].items()},
    }
    low = {name: (measured[name], floor) for name, floor in FLOORS["narrative"].items() if measured[name] < floor}
    assert not low, f"(measured, floor) {low}"


def test_categories(scorer: ModuleType, records: Records, shared: Path) -> None:
    report = scorer.score_categories(shared / "gold", shared / "gold" / "text", records)
    assert report["first right"] >= FLOORS["categories"]["first_right"]
    assert report["all codes"]["f1"] >= FLOORS["categories"]["all_codes"]
