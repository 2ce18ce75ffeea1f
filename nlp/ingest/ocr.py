"""Scanned PDFs and images → Document, by the extra `ocr`: what a picture shows is read like a PDF's page.

The same bytes give the same text on any number of threads. Nothing is fetched: the models lie in the wheel.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import pypdfium2 as pdfium
import pypdfium2.raw as api

from nlp.document import Block, Document, Issue, Source, Span
from nlp.ingest.office import UnreadableError
from nlp.ingest.pdf_bombs import check_streams
from nlp.ingest.pdf_document import document_of
from nlp.ingest.pdf_lines import is_wide
from nlp.ingest.pdf_page import PDFIUM, Page
from nlp.ingest.raw import problem
from nlp.settings import Limits, load_toml

if TYPE_CHECKING:
    from nlp.ingest.ocr_page import ReadPage
    from nlp.ingest.ocr_picture import Picture

_MARKS = ("\ue000", "٠", "\x7f")  # stand for a doubtful wide character, digit, narrow character; in no report


def read_image(data: bytes, source: Source, document_id: str, issues: tuple[Issue, ...], limits: Limits) -> Document:
    """The Document of a PNG, JPEG, TIFF (all its pages), BMP or GIF; `Block.box` in pixels of the image.

    What cannot be read has an empty text and an issue of severity error: `needs_ocr` without the extra.
    """
    try:
        _require()
        from nlp.ingest.ocr_picture import pictures

        return _document(pictures(data, limits), source, document_id, issues)
    except UnreadableError as error:
        return Document(document_id, source, "", issues=(*issues, problem(error.code, str(error))))


def read_scanned_pdf(
    data: bytes, source: Source, document_id: str, issues: tuple[Issue, ...], limits: Limits
) -> Document:
    """The Document of a PDF whose pages are pictures; `Block.box` in points. Failures as with `read_image`."""
    try:
        _require()
        return _document(_rendered(data, limits), source, document_id, issues)
    except UnreadableError as error:
        return Document(document_id, source, "", issues=(*issues, problem(error.code, str(error))))


def _require() -> None:
    """Raises UnreadableError where the extra is missing or cannot be loaded."""
    try:
        import nlp.ingest.ocr_page  # noqa: F401
    except ImportError as error:
        message = (
            f"the text is a picture and the extra that reads it cannot be loaded ({error}); pip install 'gongkai[ocr]'"
        )
        raise UnreadableError("needs_ocr", message) from error


def _rendered(data: bytes, limits: Limits) -> Iterator[Picture]:
    """The pages of a PDF as pictures, one in memory at a time."""
    from nlp.ingest.ocr_picture import picture

    dpi = float(load_toml("ocr.toml")["dpi"])
    check_streams(data, limits)
    number, n_pages = 0, 1
    while number < n_pages:
        with PDFIUM:
            try:
                with pdfium.PdfDocument(data) as file:
                    n_pages = len(file)
                    if not 0 < n_pages <= limits.max_pages:
                        message = f"{n_pages} pages, over the limit of {limits.max_pages}; raise limits.max_pages"
                        raise UnreadableError("too_many_pages" if n_pages else "damaged_file", message)
                    page = file[number]
                    width, height = page.get_size()
                    used = min(dpi, 72 * (limits.max_pixels / max(1.0, width * height)) ** 0.5)
                    pixels = page.render(scale=used / 72, grayscale=True).to_numpy().copy()
                    page.close()
            except pdfium.PdfiumError as error:
                locked = api.FPDF_GetLastError() == api.FPDF_ERR_PASSWORD
                code, remedy = (
                    ("encrypted", "save it without a password") if locked else ("damaged_file", "fetch it again")
                )
                raise UnreadableError(code, f"the PDF cannot be opened ({error}); {remedy}") from error
        yield picture(pixels[..., 0] if pixels.ndim == 3 else pixels, used)
        number += 1


def _document(pages: Iterable[Picture], source: Source, document_id: str, issues: tuple[Issue, ...]) -> Document:
    from nlp.ingest.ocr_page import read_picture

    read: list[ReadPage] = []
    shown: dict[int, Picture] = {}
    for number, picture in enumerate(pages, start=1):
        read.append(read_picture(picture, number))
        shown[number] = dataclasses.replace(picture, pixels=picture.pixels[:0])  # only its measures are kept
    document = document_of([page.page for page in read], source, document_id)
    if not document.text.strip():
        empty = problem("empty", "no text was found in the picture; look at it, or scan it anew with 200 dots an inch")
        return dataclasses.replace(document, text="", issues=(*issues, empty))
    blocks = tuple(_block(block, shown) for block in document.blocks)
    found = (*issues, _summary(read), *_doubts(document, read))
    return dataclasses.replace(document, blocks=blocks, issues=found)


def _block(block: Block, shown: dict[int, Picture]) -> Block:
    if block.page is None or block.box is None:
        return block
    return dataclasses.replace(block, box=shown[block.page].shown(block.box))


def _summary(read: Sequence[ReadPage]) -> Issue:
    n_lines = sum(page.n_lines for page in read)
    mean = sum(page.confidence * page.n_lines for page in read) / max(1, n_lines)
    message = f"{len(read)} pages were read from pictures, with a mean confidence of {mean:.3f}"
    return problem("read_by_ocr", message, "info")


def _doubts(document: Document, read: Sequence[ReadPage]) -> Iterator[Issue]:
    """An issue for each stretch of text that was read with doubt.

    The same pages with marks in place of doubtful characters make the same text but for the marks: so each is found again.
    """
    if not any(any(page.doubtful) for page in read):
        return
    marked = document_of([_marked(page) for page in read], document.source, document.id).text
    limit = load_toml("ocr.toml")["doubtful"]
    remedy = f"read with a confidence below {limit}; compare it with the picture"
    if len(marked) != len(document.text):
        yield Issue("ingest", "low_ocr_confidence", "warning", f"some lines were {remedy}")
        return
    places = [index for index, (a, b) in enumerate(zip(marked, document.text, strict=True)) if a in _MARKS and a != b]
    starts = [index for index, before in zip(places, [-9, *places], strict=False) if index - before > 1]
    ends = [a + 1 for a, b in pairwise([*places, len(marked) + 9]) if b - a > 1]
    for start, end in zip(starts, ends, strict=True):
        message = f"“{document.text[start:end][:40]}” was {remedy}"
        yield Issue("ingest", "low_ocr_confidence", "warning", message, Span(start, end))


def _marked(read: ReadPage) -> Page:
    glyphs = [
        glyph._replace(text=_mark(glyph.text)) if doubtful and not glyph.text.isspace() else glyph
        for glyph, doubtful in zip(read.page.glyphs, read.doubtful, strict=True)
    ]
    return dataclasses.replace(read.page, glyphs=glyphs)


def _mark(text: str) -> str:
    wide, digit, narrow = _MARKS
    return wide if is_wide(text) else digit if text.isdigit() else narrow
