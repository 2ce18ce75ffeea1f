"""No input crashes or hangs the reading; each says what is wrong, or is read."""

from __future__ import annotations

import json
import os
from pathlib import Path

import msgspec
import pytest
from hostile_inputs import EXPECTED, READABLE, hostile_inputs

import nlp
from nlp.document import Document
from nlp.ingest.read import read
from nlp.ingest.sources import sources
from nlp.record import from_json, to_json
from nlp.settings import Limits

LIMITS = Limits()
SETTINGS = nlp.Settings(labeller=False)


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return hostile_inputs(tmp_path_factory.mktemp("hostile"))


def documents(path: Path) -> list[Document]:
    """The front door of these tests."""
    return [read(raw, LIMITS) for raw in sources([path], LIMITS)]


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_gives_a_clear_issue_or_is_read(name: str, inputs: dict[str, Path]) -> None:
    found = documents(inputs[name])
    assert found, "an input must not vanish from the output"
    code = EXPECTED[name]
    if code is None:
        assert any(READABLE in document.text for document in found)
        assert not [issue for document in found for issue in document.issues if issue.severity == "error"]
    else:
        assert code in {issue.code for document in found for issue in document.issues}


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_documents_keep_their_promises(name: str, inputs: dict[str, Path]) -> None:
    for document in documents(inputs[name]):
        spans = [block.span for block in document.blocks] + [table.span for table in document.tables]
        spans += [cell.span for table in document.tables for cell in table.cells]
        spans += [issue.span for issue in document.issues if issue.span is not None]
        assert all(0 <= start <= end <= len(document.text) for start, end in spans)
        assert document.text.strip("\ufeff\0 \t\r\n\u3000") or any(i.severity == "error" for i in document.issues)
        assert all(issue.message and issue.stage == "ingest" for issue in document.issues)
        line = msgspec.json.encode(document)  # what the record will be written as: no lone surrogates, one line
        assert json.loads(line)["id"] == document.id
        assert b"\n" not in line
        assert "passwd" not in document.text and "root:" not in document.text


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_the_record_tells_it_too(name: str, inputs: dict[str, Path]) -> None:
    records = list(nlp.extract_many([inputs[name]], SETTINGS))
    codes = {issue.code for record in records for issue in record.issues}
    assert records and "internal_error" not in codes
    assert all(record.status in ("failed", "partial") for record in records), "none of them is a whole report"
    assert EXPECTED[name] is None or EXPECTED[name] in codes
    for record in records:
        assert from_json(to_json(record)) == record


def test_there_are_enough_of_them() -> None:
    assert len(EXPECTED) >= 60


def test_one_bad_input_does_not_stop_the_others(inputs: dict[str, Path], tmp_path: Path) -> None:
    good = tmp_path / "good.txt"
    good.write_text(READABLE, encoding="utf-8")
    bad = [inputs[name] for name in ("cut.zip", "noise.bin", "cut.tar.gz", "dead_link", "pipe", "empty.txt")]
    found = [read(raw, LIMITS) for raw in sources([*bad, good], LIMITS)]
    assert found[-1].text == READABLE
    assert len({document.id for document in found}) == len(found)


def test_a_file_that_vanishes_between_listing_and_reading(tmp_path: Path) -> None:
    names = [f"{number:03}.txt" for number in range(70)]  # more than are read ahead, to find what belongs together
    for name in names:
        (tmp_path / name).write_text(READABLE + name, encoding="utf-8")
    found = []
    for raw in sources([tmp_path], LIMITS):
        found.append(raw)
        (tmp_path / names[-2]).unlink(missing_ok=True)
    assert [raw.data is None for raw in found] == [False] * 68 + [True, False]
    assert found[-2].issues[0].code == "unreadable_file"


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads files that forbid it")
def test_a_file_that_forbids_reading(tmp_path: Path) -> None:
    path = tmp_path / "secret.txt"
    path.write_text(READABLE, encoding="utf-8")
    path.chmod(0)
    (document,) = documents(path)
    assert document.issues[0].code == "unreadable_file"
