"""A PDF → Document: paragraphs, tables as grids, each block with its page and its box on it.

PDFium reads the file: no code of the file is run, nothing is fetched.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pypdfium2 as pdfium
import pypdfium2.raw as api

from nlp.document import Document, Issue, Source
from nlp.ingest.ocr.read import document_with_scans, listed, scanned_pages
from nlp.ingest.pdf.bombs import check_streams
from nlp.ingest.pdf.document import document_of
from nlp.ingest.pdf.page import PDFIUM, Page, read_page
from nlp.ingest.raw import UnreadableError, problem
from nlp.settings import Limits


def read_pdf(data: bytes, source: Source, document_id: str, issues: tuple[Issue, ...], limits: Limits) -> Document:
    """The Document of a PDF file; pages that are pictures are read by the extra `ocr`, or named in an issue.

    What cannot be read has an empty text and an issue of severity error.
    """
    bare = Document(document_id, source, "", issues=issues)
    try:
        pages = read_pages(data, limits)
        readable = [page for page in pages if page.has_text]
        unread = [page.number for page in pages if not page.has_text]
        if unread:
            return _with_scans(data, readable, unread, bare, limits)
    except UnreadableError as error:
        return dataclasses.replace(bare, issues=(*issues, problem(error.code, str(error))))
    return _document(pages, bare)


def _with_scans(data: bytes, pages: list[Page], unread: list[int], bare: Document, limits: Limits) -> Document:
    try:
        return document_with_scans(pages, scanned_pages(data, unread, limits), bare)
    except UnreadableError as error:
        if not any(page.glyphs for page in pages):  # nothing but pictures, and blank pages
            raise
        message = f"pages that are pictures were not read: {listed(unread)}; {error}"
        unnamed = problem("pages_without_text", message, "warning")
        return _document(pages, dataclasses.replace(bare, issues=(*bare.issues, unnamed)))


def _document(pages: list[Page], bare: Document) -> Document:
    document = document_of(pages, bare.source, bare.id, bare.issues)
    if document.text:
        return document
    empty = problem("empty", "the PDF holds no text; open it to see whether it is whole, or fetch it again")
    return dataclasses.replace(document, issues=(*bare.issues, empty))


def read_pages(data: bytes, limits: Limits) -> list[Page]:
    """The pages of a PDF. Raises UnreadableError for one that is damaged, encrypted or over the limits."""
    check_streams(data, limits)
    with PDFIUM:
        try:
            with pdfium.PdfDocument(data) as file:
                return list(_pages(file, limits))
        except pdfium.PdfiumError as error:
            if api.FPDF_GetLastError() == api.FPDF_ERR_PASSWORD or "password" in str(error).lower():
                message = "the file is encrypted; open it with its password and save it without"
                raise UnreadableError("encrypted", message) from error
            message = f"the PDF is cut off or damaged ({error}); fetch it again"
            raise UnreadableError("damaged_file", message) from error


def _pages(file: pdfium.PdfDocument, limits: Limits) -> Iterator[Page]:
    if not len(file):
        raise UnreadableError("damaged_file", "the PDF has no page; fetch it again")
    if len(file) > limits.max_pages:
        message = f"{len(file)} pages, over the limit of {limits.max_pages}; raise limits.max_pages in the settings"
        raise UnreadableError("too_many_pages", message)
    n_glyphs = 0
    for index in range(len(file)):
        page = file[index]
        try:
            yield (read := read_page(page, index + 1))
        finally:
            page.close()
        n_glyphs += len(read.glyphs)
        if n_glyphs > 2 * limits.max_characters:
            message = f"more than {limits.max_characters} characters of text; split the file"
            raise UnreadableError("too_large", message)
