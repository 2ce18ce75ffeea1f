"""Pages of a PDF as pictures, and where the marks of a record stand on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO

import pypdfium2 as pdfium

from nlp.document import Span
from nlp.errors import SourceError
from nlp.ingest.pdf.page import PDFIUM
from nlp.record import Record
from nlp.show.marks import Mark, marks

_MAX_PIXELS = 16_000_000  # of a picture; a page ten times as high as wide would take more
_MAGIC = b"%PDF-"


@dataclass(frozen=True, slots=True)
class Place:
    """A box on a page, its corners as parts of the page's width and height (0 to 1, from the top left), and a mark that lies in it."""

    x0: float
    y0: float
    x1: float
    y1: float
    mark: Mark


@dataclass(frozen=True, slots=True)
class Size:
    """A page as it is shown, in points."""

    width: float
    height: float


def is_pdf(data: bytes) -> bool:
    """Whether the bytes are a PDF whose pages can be shown."""
    return _MAGIC in data[:1024]


def page_sizes(data: bytes) -> list[Size]:
    """The pages of a PDF. Raises SourceError when it is none, or damaged."""
    with _opened(data) as document:
        return [Size(*document.get_page_size(number)) for number in range(len(document))]


def page_png(data: bytes, page: int, width: int = 1200) -> bytes:
    """A page (the first is 1) as a PNG so many pixels wide. Raises SourceError when there is no such page."""
    with _opened(data) as document:
        if not 1 <= page <= len(document):
            raise SourceError(f"there is no page {page}; the file has {len(document)}")
        shown = document[page - 1]
        across, down = shown.get_size()
        scale = min(width / across, (_MAX_PIXELS / (across * down)) ** 0.5)
        stream = BytesIO()
        shown.render(scale=scale).to_pil().save(stream, "PNG")
        return stream.getvalue()


def places(record: Record, sizes: list[Size]) -> dict[int, list[Place]]:
    """For each page (the first is 1), the boxes of the layout in which marks of the record lie, in the order of the text."""
    found: dict[int, list[Place]] = defaultdict(list)
    blocks = [block for block in record.blocks if block.page is not None and block.box is not None]
    for mark in sorted(marks(record), key=lambda mark: mark.span):
        block = next((block for block in blocks if _meet(block.span, mark.span)), None)
        if block is None or block.page is None or block.box is None or not 1 <= block.page <= len(sizes):
            continue
        size = sizes[block.page - 1]
        x0, top, x1, bottom = block.box
        found[block.page].append(Place(x0 / size.width, top / size.height, x1 / size.width, bottom / size.height, mark))
    return dict(found)


def _meet(block: Span, mark: Span) -> bool:
    return block.start <= mark.start < block.end


@contextmanager
def _opened(data: bytes) -> Iterator[pdfium.PdfDocument]:
    with PDFIUM:
        try:
            document = pdfium.PdfDocument(data)
        except pdfium.PdfiumError as error:
            raise SourceError(f"the file is no PDF that can be shown ({error})") from error
        try:
            yield document
        except pdfium.PdfiumError as error:
            raise SourceError(f"the page cannot be shown ({error})") from error
        finally:
            document.close()
