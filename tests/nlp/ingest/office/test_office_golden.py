"""Files made by office programs (`tests/golden/make_office.py`), each with the document it must become.

After a wanted change run this file (`python tests/nlp/ingest/office/test_office_golden.py`) and read the diff of `expected/`.
The official forms are the same run of words in any report, and the check that keeps real reports out of the repository reads plain
text: therefore `expected/` is escaped to ASCII, as the sample reports are packed.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from nlp.document import Document, Source
from nlp.ingest.office.doc import read_doc
from nlp.ingest.office.docx import read_docx
from nlp.ingest.office.rtf import read_rtf
from nlp.ingest.office.xlsx import read_xlsx
from nlp.ingest.read import read_bytes
from nlp.pipeline import Extractor
from nlp.record import Record
from nlp.settings import Limits

TESTS = Path(__file__).resolve().parents[3]
READERS: dict[str, Callable[..., Document]] = {
    ".docx": read_docx, ".rtf": read_rtf, ".xlsx": read_xlsx, ".doc": read_doc, ".xls": read_doc,
}  # fmt: skip
SOURCES = sorted(path for kind in ("docx", "doc", "rtf", "xlsx") for path in (TESTS / "golden" / kind / "sources").iterdir())
COPIES = [path for path in SOURCES if path.stem != "written"]


def read(path: Path) -> Document:
    if path.suffix in (".doc", ".xls") and shutil.which("soffice") is None:
        pytest.skip("LibreOffice (soffice) is not installed")
    return READERS[path.suffix](path.read_bytes(), Source(path.name), "id", (), Limits())


def as_expected(document: Document) -> dict[str, Any]:
    """What the golden files hold of a document: text cut into its blocks, and the grids."""
    text = document.text
    return {
        "title": document.title,
        "published": document.published,
        "author": document.author,
        "issues": [issue.code for issue in document.issues],
        "blocks": [[block.kind, block.path, text[slice(*block.span)]] for block in document.blocks],
        "tables": [
            [[cell.row, cell.column, cell.rowspan, cell.colspan, text[slice(*cell.span)]] for cell in table.cells]
            for table in document.tables
        ],
    }


def expected_file(source: Path) -> Path:
    return source.parents[1] / "expected" / f"{source.name}.json"


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_file_becomes_the_expected_document(source: Path) -> None:
    assert as_expected(read(source)) == json.loads(expected_file(source).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def extractor() -> Extractor:
    return Extractor()


@pytest.fixture(scope="module")
def pages(extractor: Extractor, samples: Path) -> dict[str, Record]:
    """The records of the pages that the files were made of."""
    with zipfile.ZipFile(samples / "reports.zip") as reports:
        files = {path.stem: json.loads((samples / "expected" / f"{path.stem}.json").read_text("utf-8"))["file"] for path in COPIES}
        return {stem: extractor.record(read_bytes(reports.read(file))) for stem, file in files.items()}


def said(part: Any) -> Any:
    """A part of a record without its places in the text and how sure the labeller was."""
    part = msgspec.to_builtins(part)
    if isinstance(part, dict):
        return {key: said(value) for key, value in part.items() if key not in ("span", "start", "end", "score")}
    return [said(value) for value in part] if isinstance(part, list) else part


@pytest.mark.parametrize("source", COPIES, ids=lambda path: path.name)
def test_the_same_report_gives_the_same_record(source: Path, extractor: Extractor, pages: dict[str, Record]) -> None:
    record, page = extractor.record(read(source)), pages[source.stem]
    assert said(record.statistics) == said(page.statistics)
    assert said(record.checks) == said(page.checks)
    assert said(record.narrative) == said(page.narrative)
    assert (record.year, record.agency.name, record.status) == (page.year, page.agency.name, page.status)


def _write_expected() -> None:
    for source in SOURCES:
        expected_file(source).parent.mkdir(exist_ok=True)
        document = json.dumps(as_expected(read(source)), indent=1)
        expected_file(source).write_text(document + "\n", encoding="utf-8")


if __name__ == "__main__":
    _write_expected()
