"""Pages in the manners of Chinese content systems, each with the document it must become.

After a wanted change run this file (`python tests/nlp/ingest/test_html_golden.py`) and read the diff of `expected/`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from lxml import html as lxml_html

from nlp.document import Document
from nlp.ingest.read import read_bytes

FOLDER = Path(__file__).resolve().parents[2] / "golden" / "html"
PARSER = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
SOURCES = sorted((FOLDER / "sources").glob("*.html"))


def as_expected(document: Document) -> dict[str, Any]:
    """What the golden files hold of a document: everything but hashes and offsets, text cut into its blocks."""
    text = document.text
    return {
        "title": document.title,
        "published": document.published,
        "site": document.site,
        "author": document.author,
        "url": document.source.url,
        "encoding": document.source.encoding,
        "issues": [issue.code for issue in document.issues],
        "blocks": [[block.kind, block.path, text[slice(*block.span)]] for block in document.blocks],
        "tables": [
            [[cell.row, cell.column, cell.rowspan, cell.colspan, text[slice(*cell.span)]] for cell in table.cells]
            for table in document.tables
        ],
    }


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_page_becomes_the_expected_document(source: Path) -> None:
    expected = json.loads((FOLDER / "expected" / f"{source.stem}.json").read_text(encoding="utf-8"))
    assert as_expected(read_bytes(source.read_bytes())) == expected


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_text_is_made_of_its_blocks_and_tables_of_their_rows(source: Path) -> None:
    document = read_bytes(source.read_bytes())
    assert "\n".join(document.text[slice(*block.span)] for block in document.blocks) == document.text
    for table in document.tables:
        assert [cell.span for cell in table.cells] == sorted(cell.span for cell in table.cells)
        for cell in table.cells:
            inside = document.text[slice(*cell.span)]
            assert inside == inside.strip() and "\n" not in inside
        slots = [
            (row, column)
            for cell in table.cells
            for row in range(cell.row, cell.row + cell.rowspan)
            for column in range(cell.column, cell.column + cell.colspan)
        ]
        assert len(slots) == len(set(slots)), "cells of these pages do not overlap"


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_paths_lead_back_to_the_elements(source: Path) -> None:
    document = read_bytes(source.read_bytes())
    root = lxml_html.document_fromstring(
        source.read_bytes().decode(document.source.encoding or "").encode(), parser=PARSER
    )
    for block in document.blocks:
        assert block.path is not None
        (element,) = root.xpath(block.path)
        shown = "".join(element.itertext()).split()
        first = document.text[slice(*block.span)].split(" | ")[0].split()[0]
        assert first[:8] in "".join(shown)


def _write_expected() -> None:
    for source in SOURCES:
        document = json.dumps(as_expected(read_bytes(source.read_bytes())), ensure_ascii=False, indent=1)
        (FOLDER / "expected" / f"{source.stem}.json").write_text(document + "\n", encoding="utf-8")


if __name__ == "__main__":
    _write_expected()
