"""Pictures of pages: what the sample reports show as scans must come back cell by cell; what is no picture must be said so.

The sources are sample reports printed and worn by `tests/golden/ocr/make.py`; the page itself says what must be found.
"""

from __future__ import annotations

import builtins
import functools
import io
import json
import re
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from rapidfuzz.distance import Levenshtein

from nlp.document import Document, Source
from nlp.ingest.ocr.read import read_image
from nlp.ingest.pdf.read import read_pdf
from nlp.ingest.read import read_bytes
from nlp.pipeline import Extractor
from nlp.record import Cell, Record
from nlp.settings import Limits, Settings

TESTS = Path(__file__).resolve().parents[3]
SOURCES = sorted((TESTS / "golden" / "ocr" / "sources").iterdir())
LIMITS = Limits()  # type: ignore[call-arg]
EXTRACTOR = Extractor(Settings(labeller=False))  # type: ignore[call-arg]
LARGEST_ERROR = 0.02  # measured at most 0.0091 of the characters of prose, all of them rare or smudged ones

each = pytest.mark.parametrize("file", SOURCES, ids=lambda file: file.name)


@pytest.fixture(scope="module")
def read() -> Callable[[Path], Document]:
    """Gives the document of a golden source; each is read once."""
    pytest.importorskip("rapidocr_onnxruntime", reason="the extra `ocr` is not installed")
    return functools.cache(lambda file: read_picture(file.read_bytes(), file.suffix))


def read_picture(data: bytes, suffix: str = ".png", limits: Limits = LIMITS) -> Document:
    reader = read_pdf if suffix == ".pdf" else read_image
    return reader(data, Source("scan"), "0" * 64, (), limits)


@functools.cache
def page(name: str) -> Document:
    """The page that a golden source was printed from."""
    file = json.loads((TESTS / "samples" / "expected" / f"{name}.json").read_text(encoding="utf-8"))["file"]
    with zipfile.ZipFile(TESTS / "samples" / "reports.zip") as packed:
        return read_bytes(packed.read(file))


@functools.cache
def wanted(file: Path) -> Document:
    """What a source must be read as: the page, or of a print with a page as a scan that print itself."""
    name, *kind = file.name.split(".")
    if "mixed" not in kind:
        return page(name)
    return read_picture((TESTS / "golden" / "pdf" / "sources" / f"{name}.pdf").read_bytes(), ".pdf")


def cells(record: Record) -> dict[str, Any]:
    """Every cell's value by its dotted path."""
    found: dict[str, Any] = {}

    def collect(node: Any, path: str) -> None:
        for key, child in node.items():
            if isinstance(child, Cell):
                found[f"{path}{key}"] = child.value
            else:
                collect(child, f"{path}{key}.")

    for table in ("disclosure", "applications", "review_litigation"):
        collect(getattr(record.statistics, table), f"{table}.")
    return found


def prose(document: Document) -> str:
    """The lines outside tables and chrome without blanks and width of punctuation."""
    holes = [block.span for block in document.blocks if block.kind in ("chrome", "table")]
    outside, position = "", 0
    for start, end in sorted(holes):
        outside += document.text[position:start]
        position = end
    text = "".join((outside + document.text[position:]).split())
    return text.translate(str.maketrans("（）：，；？！", "():,;?!"))


def codes(document: Document) -> list[str]:
    return [issue.code for issue in document.issues]


def png(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


# reports


@each
def test_every_cell_is_that_of_the_page(file: Path, read: Callable[[Path], Document]) -> None:
    assert cells(EXTRACTOR.record(read(file))) == cells(EXTRACTOR.record(page(file.name.split(".")[0])))


@each
def test_tables_have_the_cells_of_the_page(file: Path, read: Callable[[Path], Document]) -> None:
    places = [
        [[(cell.row, cell.column, cell.rowspan, cell.colspan) for cell in table.cells] for table in found.tables]
        for found in (read(file), wanted(file))
    ]
    assert [len(table) for table in places[0]] == [len(table) for table in places[1]]
    if "mixed" in file.name:  # the same layout: every cell in the same place
        assert places[0] == places[1]


@each
def test_prose_is_read_nearly_without_error(file: Path, read: Callable[[Path], Document]) -> None:
    want, got = prose(wanted(file)), prose(read(file))
    edits = Levenshtein.editops(want, got)
    assert sum(edit.tag != "insert" for edit in edits) <= LARGEST_ERROR * len(
        want
    )  # a printed page shows its chrome too


@each
def test_every_block_has_its_page_and_box(file: Path, read: Callable[[Path], Document]) -> None:
    found = read(file)
    assert found.blocks and found.text == "\n".join(found.text.splitlines())
    for block in found.blocks:
        if block.kind != "chrome":
            assert block.page is not None and block.box is not None
            assert block.box[0] < block.box[2] and block.box[1] < block.box[3]


@each
def test_how_it_was_read_is_said(file: Path, read: Callable[[Path], Document]) -> None:
    summary = [issue for issue in read(file).issues if issue.code == "read_by_ocr"]
    assert [issue.severity for issue in summary] == ["info"] and "confidence of 0.9" in summary[0].message
    assert "ocr_uncovered" not in codes(read(file))
    if "mixed" in file.name:
        assert re.search(r"^1 pages \([12]\) were read", summary[0].message)
    for issue in read(file).issues:
        if issue.code == "low_ocr_confidence" and issue.span:
            assert read(file).text[slice(*issue.span)][:40] in issue.message


def test_the_same_bytes_give_the_same_document() -> None:
    pytest.importorskip("rapidocr_onnxruntime", reason="the extra `ocr` is not installed")
    data = table_picture([["1", "0"], ["23", ""]])
    assert read_picture(data) == read_picture(data)


# tables


def table_picture(rows: list[list[str]], merged: bool = False) -> bytes:
    """A ruled table of figures; `merged`: without the rule between the first two cells."""
    image = Image.new("L", (1300, 120 + 60 * len(rows)), 255)
    draw = ImageDraw.Draw(image)
    for number in range(len(rows) + 1):
        draw.line((100, 60 + 60 * number, 100 + 300 * len(rows[0]), 60 + 60 * number), 0, 3)
    for number in range(len(rows[0]) + 1):
        top = 120 if merged and number == 1 else 60
        draw.line((100 + 300 * number, top, 100 + 300 * number, 60 + 60 * len(rows)), 0, 3)
    for row, cells_of_row in enumerate(rows):
        for column, cell in enumerate(cells_of_row):
            draw.text((230 + 300 * column, 75 + 60 * row), cell, 0, font_size=30)
    return png(image)


def test_lone_digits_are_read_and_blank_cells_stay_blank() -> None:
    pytest.importorskip("rapidocr_onnxruntime", reason="the extra `ocr` is not installed")
    rows = [["0", "1", "7"], ["", "128", "-"], ["35", "", "9"]]
    document = read_picture(table_picture(rows))
    (table,) = document.tables
    assert [document.text[slice(*cell.span)] for cell in table.cells] == [cell for row in rows for cell in row]


def test_merged_cells_span_their_columns() -> None:
    pytest.importorskip("rapidocr_onnxruntime", reason="the extra `ocr` is not installed")
    (table,) = read_picture(table_picture([["12", "", "7"], ["4", "5", "6"]], merged=True)).tables
    assert [(cell.row, cell.column, cell.colspan) for cell in table.cells] == [
        (0, 0, 2), (0, 2, 1), (1, 0, 1), (1, 1, 1), (1, 2, 1),
    ]  # fmt: skip


# what is not found


class Fixed:
    """Stands for the models: finds the lines that it was given and reads each as the same words."""

    def __init__(self, boxes: list[tuple[int, int, int, int]]) -> None:
        self._boxes = boxes

    def find(self, page: Any) -> list[tuple[int, int, int, int]]:
        return self._boxes

    def read(self, crops: list[Any]) -> list[Any]:
        from nlp.ingest.ocr.engine import Reading

        return [Reading("Annual report 2020", 0.99, 0.99)] * len(crops)


LINES = [(200, 10 + 60 * number, 700, 50 + 60 * number) for number in range(5)]


def printed_page() -> bytes:
    """Five lines of type inside `LINES`, an underline, dust, and a stamp."""
    image = Image.new("L", (1300, 900), 255)
    draw = ImageDraw.Draw(image)
    for left, top, _, _ in LINES:
        draw.text((left + 5, top + 3), "Annual report 2020", 0, font_size=30)
    draw.line((200, 320, 700, 320), 0, 3)
    draw.ellipse((900, 100, 904, 104), 0)
    draw.ellipse((800, 350, 1100, 650), outline=0, width=8)
    draw.text((880, 480), "GONGKAI", 0, font_size=34)
    return png(image)


def with_lines(found: list[tuple[int, int, int, int]], data: bytes, monkeypatch: pytest.MonkeyPatch) -> Document:
    pytest.importorskip("rapidocr_onnxruntime", reason="the extra `ocr` is not installed")
    monkeypatch.setattr("nlp.ingest.ocr.read._engine", lambda limits: Fixed(found))
    return read_picture(data)


def test_a_page_whose_lines_are_all_found_has_no_issue_of_lost_text(monkeypatch: pytest.MonkeyPatch) -> None:
    assert codes(with_lines(LINES, printed_page(), monkeypatch)) == ["read_by_ocr"]


def test_a_line_that_was_not_found_is_an_issue(monkeypatch: pytest.MonkeyPatch) -> None:
    document = with_lines(LINES[1:], printed_page(), monkeypatch)
    (issue,) = [issue for issue in document.issues if issue.code == "ocr_uncovered"]
    assert issue.severity == "warning" and issue.message.startswith("page 1: 1 places look like text")
    assert "look at the page" in issue.message
    x, y = map(int, re.findall(r"(\d+) from the", issue.message))
    assert abs(x - LINES[0][0]) < 15 and abs(y - LINES[0][1]) < 20  # in pixels of the image


def test_a_page_of_which_nothing_was_found_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    document = with_lines([], printed_page(), monkeypatch)
    assert codes(document) == ["empty", "ocr_uncovered"] and "5 places" in document.issues[1].message


def test_a_ruled_table_and_its_strokes_are_no_lost_text() -> None:
    pytest.importorskip("rapidocr_onnxruntime", reason="the extra `ocr` is not installed")
    assert "ocr_uncovered" not in codes(read_picture(table_picture([["12", "", "7"], ["4", "5", "6"]])))


# what cannot be read


def test_without_the_extra_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.startswith(("rapidocr_onnxruntime", "cv2")):
            raise ImportError(f"No module named {name!r}")
        return real(name, *args, **kwargs)

    extra = [name for name in sys.modules if name.startswith("nlp.ingest.ocr.") and name != read_image.__module__]
    for module in extra:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setattr(builtins, "__import__", missing)
    for suffix, kind in ((".png", "PNG"), (".pdf", "PDF")):
        document = read_picture(png(Image.new("L", (200, 200), 255), kind), suffix)
        assert codes(document) == ["needs_ocr"] and document.text == ""
        assert "pip install 'gongkai[ocr]'" in document.issues[0].message


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "BMP", "GIF"])
def test_damaged_images_are_issues(kind: str) -> None:
    pytest.importorskip("rapidocr_onnxruntime", reason="the extra `ocr` is not installed")
    whole = png(Image.effect_noise((300, 300), 80), kind)
    for data in (whole[: len(whole) // 2], whole[:30], whole[:12] + b"\xff" * 200):
        document = read_picture(data)
        assert document.text == "" or codes(document)
        assert set(codes(document)) & {"damaged_file", "empty", "read_by_ocr"}


def test_what_is_too_large_is_refused_unread() -> None:
    pytest.importorskip("rapidocr_onnxruntime", reason="the extra `ocr` is not installed")
    bomb = png(Image.new("1", (20_000, 20_000)))
    assert codes(read_picture(bomb)) == ["too_large"]
    pages = [Image.new("1", (50, 50), 1)] * 4
    many = png(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    assert codes(read_picture(many, limits=Limits(max_pages=3))) == ["too_many_pages"]  # type: ignore[call-arg]


def test_a_blank_page_is_empty() -> None:
    pytest.importorskip("rapidocr_onnxruntime", reason="the extra `ocr` is not installed")
    assert codes(read_picture(png(Image.new("RGBA", (400, 300), (0, 0, 0, 0))))) == ["empty"]


def test_a_pdf_that_is_none_is_an_issue() -> None:
    pytest.importorskip("rapidocr_onnxruntime", reason="the extra `ocr` is not installed")
    document = read_picture(b"%PDF-1.7\nnothing", ".pdf")
    assert document.text == "" and codes(document) == ["damaged_file"]
