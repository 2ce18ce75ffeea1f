"""Images and scanned pages of PDFs → Document, by the extra `ocr`: what a picture shows is read like a PDF's page.

The same bytes give the same text on any number of threads. Nothing is fetched: the models lie in the wheel.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import pypdfium2 as pdfium

from nlp.document import Block, Document, Issue, Source, Span
from nlp.ingest.pdf.document import document_of
from nlp.ingest.pdf.lines import is_wide
from nlp.ingest.pdf.page import PDFIUM, Page
from nlp.ingest.raw import UnreadableError, problem
from nlp.settings import Limits, load_toml

if TYPE_CHECKING:
    from nlp.ingest.ocr.engine import Engine
    from nlp.ingest.ocr.page import ReadPage
    from nlp.ingest.ocr.picture import Picture

_MARKS = ("\ue000", "٠", "\x7f")  # stand for a doubtful wide character, digit, narrow character; in no report
_LISTED = 10  # page numbers named in an issue


class Scan(NamedTuple):
    """A page read from a picture; `picture` has its measures only."""

    read: ReadPage
    picture: Picture


def read_image(data: bytes, source: Source, document_id: str, issues: tuple[Issue, ...], limits: Limits) -> Document:
    """The Document of a PNG, JPEG, TIFF (all its pages), BMP or GIF; `Block.box` in pixels of the image.

    What cannot be read has an empty text and an issue of severity error: `needs_ocr` without the extra.
    """
    try:
        engine = _engine(limits)
        from nlp.ingest.ocr.picture import pictures

        scans = [_scan(picture, number, engine) for number, picture in enumerate(pictures(data, limits), start=1)]
    except UnreadableError as error:
        return Document(document_id, source, "", issues=(*issues, problem(error.code, str(error))))
    return document_with_scans((), scans, Document(document_id, source, "", issues=issues))


def scanned_pages(data: bytes, numbers: Sequence[int], limits: Limits) -> list[Scan]:
    """Pages of a PDF, counted from 1, as their pictures show them; boxes in points.

    The file must have been found sound by `nlp.ingest.pdf.read.read_pages`. Raises UnreadableError: `needs_ocr` without the extra.
    """
    engine = _engine(limits)
    return [_scan(_rendered(data, number, limits), number, engine) for number in numbers]


def document_with_scans(pages: Sequence[Page], scans: Sequence[Scan], bare: Document) -> Document:
    """The Document of pages with text and of pages read from pictures, by their numbers; `bare` has no text yet."""
    found = sorted((*pages, *(scan.read.page for scan in scans)), key=lambda page: page.number)
    document = document_of(found, bare.source, bare.id, bare.issues)
    if not document.text.strip():
        empty = problem("empty", "no text was found in the picture; look at it, or scan it anew with 200 dots an inch")
        said = (*bare.issues, empty, *_uncovered(scans))
        return dataclasses.replace(document, text="", blocks=(), issues=said)
    shown = {scan.read.page.number: scan.picture for scan in scans}
    blocks = tuple(_block(block, shown) for block in document.blocks)
    said = (*bare.issues, _summary(scans, len(found)), *_uncovered(scans), *_doubts(document, found, scans))
    return dataclasses.replace(document, blocks=blocks, issues=said)


def _engine(limits: Limits) -> Engine:
    """The engine on as many threads as the limits allow. Raises UnreadableError where the extra is missing or broken."""
    try:
        import nlp.ingest.ocr.page  # noqa: F401
        from nlp.ingest.ocr.engine import open_engine
    except ImportError as error:
        message = (
            f"the text is a picture and the extra that reads it cannot be loaded ({error}); pip install 'gongkai[ocr]'"
        )
        raise UnreadableError("needs_ocr", message) from error
    most = int(load_toml("ocr.toml")["threads"])
    return open_engine(min(most, limits.max_threads or os.cpu_count() or 1))


def _scan(picture: Picture, number: int, engine: Engine) -> Scan:
    from nlp.ingest.ocr.page import read_picture

    return Scan(read_picture(picture, number, engine), dataclasses.replace(picture, pixels=picture.pixels[:0]))


def _rendered(data: bytes, number: int, limits: Limits) -> Picture:
    """A page of a PDF as a picture."""
    from nlp.ingest.ocr.picture import picture

    dpi = float(load_toml("ocr.toml")["dpi"])
    with PDFIUM:
        try:
            with pdfium.PdfDocument(data) as file:
                page = file[number - 1]
                width, height = page.get_size()
                used = min(dpi, 72 * (limits.max_pixels / max(1.0, width * height)) ** 0.5)
                pixels = page.render(scale=used / 72, grayscale=True).to_numpy().copy()
                page.close()
        except pdfium.PdfiumError as error:
            raise UnreadableError("damaged_file", f"page {number} cannot be drawn ({error}); fetch it again") from error
    return picture(pixels[..., 0] if pixels.ndim == 3 else pixels, used)


def _block(block: Block, shown: dict[int, Picture]) -> Block:
    if block.page not in shown or block.box is None:  # also a page with a text layer
        return block
    return dataclasses.replace(block, box=shown[block.page].shown(block.box))


def _summary(scans: Sequence[Scan], n_pages: int) -> Issue:
    n_lines = sum(scan.read.n_lines for scan in scans)
    mean = sum(scan.read.confidence * scan.read.n_lines for scan in scans) / max(1, n_lines)
    which = f" ({listed([scan.read.page.number for scan in scans])})" if len(scans) < n_pages else ""
    message = f"{len(scans)} pages{which} were read from pictures, with a mean confidence of {mean:.3f}"
    return problem("read_by_ocr", message, "info")


def _uncovered(scans: Sequence[Scan]) -> Iterator[Issue]:
    """An issue for each page with places that look like text and were not read; the first place is named."""
    for scan in scans:
        places = [scan.picture.shown(box) for box in scan.read.uncovered]
        if places:
            x, y = (f"{value:.0f}" for value in places[0][:2])
            message = (
                f"page {scan.read.page.number}: {len(places)} places look like text and nothing was read there"
                f" (the first {x} from the left and {y} from the top); look at the page"
            )
            yield problem("ocr_uncovered", message, "warning")


def listed(numbers: Sequence[int]) -> str:
    """Numbers of pages as an issue names them."""
    return ", ".join(map(str, numbers[:_LISTED])) + ("…" if len(numbers) > _LISTED else "")


def _doubts(document: Document, pages: Sequence[Page], scans: Sequence[Scan]) -> Iterator[Issue]:
    """An issue for each stretch of text that was read with doubt.

    The same pages with marks in place of doubtful characters make the same text but for the marks: so each is found again.
    """
    marked_pages = {scan.read.page.number: _marked(scan.read) for scan in scans if any(scan.read.doubtful)}
    if not marked_pages:
        return
    found = [marked_pages.get(page.number, page) for page in pages]
    marked = document_of(found, document.source, document.id).text
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
