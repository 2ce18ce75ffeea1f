"""Sample reports as Chromium and LibreOffice print them: each with its document, and with the record of the sample itself.

After a wanted change run this file (`python tests/nlp/ingest/pdf/test_pdf_golden.py`) and read the diff of `expected/`.
`python tests/golden/pdf/make.py` prints the sources anew.
"""

from __future__ import annotations

import functools
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nlp.document import Document, Source
from nlp.ingest.pdf.read import read_pdf
from nlp.ingest.raw import RawSource
from nlp.pipeline import Extractor
from nlp.record import Record
from nlp.settings import Limits

TESTS = Path(__file__).resolve().parents[3]
FOLDER = TESTS / "golden" / "pdf"
SOURCES = sorted((FOLDER / "sources").glob("*.pdf"))
NUMBER = 1.5  # points by which boxes may differ between versions of PDFium

each_source = pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)


@functools.cache
def document(source: Path) -> Document:
    return read_pdf(source.read_bytes(), Source(source.name), "0" * 64, (), Limits())  # type: ignore[call-arg]


def as_expected(document: Document) -> dict[str, Any]:
    """What the golden files hold of a document: everything but hashes and offsets, text cut into blocks and cells.

    A cell says in words where it stands (`3行2列`): bare, the labels of an official form would read as those of any report.
    """
    text = document.text
    return {
        "title": document.title,
        "published": document.published,
        "issues": [issue.code for issue in document.issues],
        "blocks": [
            [
                block.kind,
                block.page,
                block.box and list(block.box),
                "" if block.kind == "table" else text[slice(*block.span)],
            ]
            for block in document.blocks
        ],
        "tables": [
            [f"{c.row}行{c.column}列 {c.rowspan}×{c.colspan}: {text[slice(*c.span)]}" for c in table.cells]
            for table in document.tables
        ],
    }


@each_source
def test_print_becomes_the_expected_document(source: Path) -> None:
    expected = json.loads((FOLDER / "expected" / f"{source.stem}.json").read_text(encoding="utf-8"))
    found = as_expected(document(source))
    boxes, wanted = ([block.pop(2) for block in made["blocks"]] for made in (found, expected))
    assert found == expected
    for box, want in zip(boxes, wanted, strict=True):
        assert box == pytest.approx(want, abs=NUMBER)


@each_source
def test_every_block_of_the_report_has_its_place_on_a_page(source: Path) -> None:
    read = document(source)
    placed = [block for block in read.blocks if block.box is not None]
    for block in placed:
        x0, top, x1, bottom = block.box or (0, 0, 0, 0)
        assert block.page and 0 <= x0 < x1 <= 842 and 0 <= top < bottom <= 842
    covered = {offset for block in read.blocks for offset in range(*block.span)}
    assert {read.text[offset] for offset in range(len(read.text)) if offset not in covered} <= {"\n"}


@pytest.fixture(scope="module")
def extractor() -> Extractor:
    return Extractor()


@pytest.fixture(scope="module")
def samples() -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO((TESTS / "samples" / "reports.zip").read_bytes()))


@each_source
def test_print_gives_the_record_of_the_sample(source: Path, extractor: Extractor, samples: zipfile.ZipFile) -> None:
    expected = TESTS / "samples" / "expected" / f"{source.name.split('.')[0]}.json"
    name = json.loads(expected.read_text(encoding="utf-8"))["file"]
    printed, sample = extractor.record(document(source)), extractor(RawSource(Source(name), samples.read(name)))[0]
    assert dict(statistics(printed)) == dict(statistics(sample))
    assert statuses(printed) == statuses(sample)
    assert list(narrative(printed)) == list(narrative(sample))
    assert (printed.year, printed.agency, printed.status) == (sample.year, sample.agency, sample.status)
    assert [section.kind for section in printed.sections] == [section.kind for section in sample.sections]


def statistics(record: Record) -> Iterator[tuple[str, Any]]:
    """Every cell: value and amount in yuan; how it was printed and recovered differs between layouts."""
    parts = {
        **record.statistics.disclosure,
        "": record.statistics.applications,
        "block": record.statistics.review_litigation,
    }
    for part, rows in parts.items():
        for row, cells in rows.items():
            for column, cell in cells.items():
                yield f"{part}.{row}.{column}", (cell.value, cell.value_yuan)
    for number, indicator in enumerate(record.statistics.indicators):
        yield f"{number}", (indicator.label, indicator.unit, indicator.cell.value)


def statuses(record: Record) -> set[tuple[str, str]]:
    return {(check.rule, check.status) for check in record.checks}


def narrative(record: Record) -> Iterator[Any]:
    """The facts without their places; blanks and line ends, which every layout breaks elsewhere, out."""
    facts = record.narrative
    for group in facts.leadership_groups:
        yield plain(group.name), plain(group.office)
        yield [(plain(p.name), plain(p.title)) for p in (*group.leaders, *group.deputies, *group.members)]
    yield [(count.value, count.unit, plain(count.item)) for count in facts.counts]
    yield [plain(problem.text) for problem in facts.problems]
    yield [plain(remedy.text) for remedy in facts.remedies]


def plain(text: str | None) -> str:
    return "".join((text or "").split())


def _write_expected() -> None:
    for source in SOURCES:
        made = json.dumps(as_expected(document(source)), ensure_ascii=False, indent=1)
        (FOLDER / "expected" / f"{source.stem}.json").write_text(made + "\n", encoding="utf-8")


if __name__ == "__main__":
    _write_expected()
