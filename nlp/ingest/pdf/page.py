"""One page of a PDF → glyphs with their places and the straight lines drawn on it, as PDFium sees them.

A page's coordinates are points from its left and top, the page turned so that most of its text reads from left to right.
"""

from __future__ import annotations

import ctypes
import math
import re
import threading
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as api

from nlp.ingest.pdf.strokes import strokes
from nlp.settings import load_toml

_MIN_GLYPHS = 20  # a page with a picture and less text than this is a scan with a page number
_MAX_UNREADABLE = 0.3  # share of characters whose font does not tell what they are, in a page still worth reading
_NAMELESS = re.compile(r"\(cid:\d+\)|\ufffd")  # what programs print that could not tell a character
_ASCENT = 0.88  # of the em square above the baseline, as in fonts of Chinese characters


PDFIUM = threading.Lock()  # PDFium works in one thread at a time; whoever calls it holds this


class Box(NamedTuple):
    """A rectangle: left, top, right, bottom, in points from the page's left and top."""

    x0: float
    top: float
    x1: float
    bottom: float


class Glyph(NamedTuple):
    """What is printed at one place (mostly one character; a blank too): its box, the line it stands on, its font's size."""

    text: str
    box: Box
    baseline: float
    size: float


class Edge(NamedTuple):
    """A straight line, horizontal (`top == bottom`) or vertical (`x0 == x1`)."""

    x0: float
    top: float
    x1: float
    bottom: float


class Frame(NamedTuple):
    """Where a page lies in PDF space and by how many degrees clockwise (0, 90, 180, 270) it is turned."""

    left: float
    bottom: float
    right: float
    top: float
    turn: int

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the turned page."""
        width, height = self.right - self.left, self.top - self.bottom
        return (height, width) if self.turn % 180 else (width, height)

    def place(self, x: float, y: float) -> tuple[float, float]:
        """A point of PDF space on the turned page."""
        if self.turn == 90:
            return y - self.bottom, x - self.left
        if self.turn == 180:
            return self.right - x, y - self.bottom
        if self.turn == 270:
            return self.top - y, self.right - x
        return x - self.left, self.top - y

    def origin(self, x: float, y: float) -> tuple[float, float]:
        """The point of PDF space that stands behind a point of the turned page."""
        if self.turn == 90:
            return y + self.left, x + self.bottom
        if self.turn == 180:
            return self.right - x, y + self.bottom
        if self.turn == 270:
            return self.right - y, self.top - x
        return x + self.left, self.top - y

    def shows(self, box: Box) -> bool:
        """Whether a box of the turned page lies on it, more or less; not so what is somewhere beyond, or nowhere."""
        width, height = self.size
        return -width <= box.x0 <= box.x1 <= 2 * width and -height <= box.top <= box.bottom <= 2 * height

    def box(self, x0: float, y0: float, x1: float, y1: float) -> Box:
        """The box of the turned page that has these opposite corners in PDF space."""
        (ax, ay), (bx, by) = self.place(x0, y0), self.place(x1, y1)
        return Box(min(ax, bx), min(ay, by), max(ax, bx), max(ay, by))


@dataclass(frozen=True, slots=True)
class Page:
    """What a page shows. `number` counts from 1; `glyphs` are in the order in which they are drawn.

    `has_text` is false where a picture or characters that no one can name stand in place of text.
    """

    number: int
    frame: Frame
    rotate: int
    glyphs: list[Glyph]
    edges: list[Edge]
    has_text: bool

    def shown(self, box: Box) -> tuple[float, float, float, float]:
        """A box as a viewer shows it, where the text itself is turned against the page: rounded to 0.1 points."""
        if self.frame.turn != self.rotate:
            corners = (*self.frame.origin(box.x0, box.top), *self.frame.origin(box.x1, box.bottom))
            box = self.frame._replace(turn=self.rotate).box(*corners)
        x0, top, x1, bottom = (round(value, 1) for value in box)
        return x0, top, x1, bottom


def read_page(page: pdfium.PdfPage, number: int) -> Page:
    """The page with its glyphs and straight lines."""
    text = page.get_textpage()
    try:
        codes = [_code(text.raw, index) for index in range(text.count_chars())]
        drawn = [_Drawn.of(text.raw, index, code) for index, code in enumerate(codes) if code > 0]
    finally:
        text.close()
    turns = Counter(each.turn for each in drawn if each.turn is not None and not each.text.isspace())
    rotate = page.get_rotation() % 360
    turn = turns.most_common(1)[0][0] if turns else rotate
    left, bottom, right, top = page.get_cropbox()
    frame = Frame(left, bottom, right, top, turn)
    glyphs = [glyph for each in drawn if each.turn is not None and frame.shows((glyph := each.glyph(frame)).box)]
    edges = [Edge(*box) for stroke in strokes(page) if frame.shows(box := frame.box(*stroke))]
    return Page(number, frame, rotate, glyphs, edges, _has_text(page, codes))


class _Drawn(NamedTuple):
    """A character in PDF space; `turn` is None where it is written aslant, as watermarks are."""

    text: str
    corners: tuple[float, float, float, float]
    origin: tuple[float, float]
    size: float
    turn: int | None

    @classmethod
    def of(cls, text: Any, index: int, code: int) -> _Drawn:
        rect, matrix, x, y = api.FS_RECTF(), api.FS_MATRIX(), ctypes.c_double(), ctypes.c_double()
        api.FPDFText_GetLooseCharBox(text, index, rect)
        api.FPDFText_GetMatrix(text, index, matrix)
        api.FPDFText_GetCharOrigin(text, index, x, y)
        size = api.FPDFText_GetFontSize(text, index) * math.hypot(matrix.c, matrix.d)
        angle = math.degrees(math.atan2(matrix.b, matrix.a))
        turn = round(angle / 90) * 90
        corners = (rect.left, rect.bottom, rect.right, rect.top)
        return cls(_plain(chr(code)), corners, (x.value, y.value), size, turn % 360 if abs(angle - turn) < 10 else None)

    def glyph(self, frame: Frame) -> Glyph:
        box, size = frame.box(*self.corners), self.size or 1.0
        baseline = frame.place(*self.origin)[1]
        if self.turn != frame.turn or not box.top <= baseline <= box.bottom + size:
            baseline = box.bottom - (1 - _ASCENT) * size
        return Glyph(
            self.text, Box(box.x0, baseline - _ASCENT * size, box.x1, baseline + (1 - _ASCENT) * size), baseline, size
        )


def _code(text: Any, index: int) -> int:
    """The code point of a character; 0 for one that PDFium added (line ends), -1 for one that its font does not tell."""
    code: int = api.FPDFText_GetUnicode(text, index)
    if api.FPDFText_IsGenerated(text, index) == 1:
        return 0
    if code == 2:  # PDFium's mark for a hyphen at a line's end
        return ord("-")
    if api.FPDFText_HasUnicodeMapError(text, index) == 1 or not _is_known(code):
        return -1
    return code


def _is_known(code: int) -> bool:
    return code >= 32 and code <= 0x10FFFF and unicodedata.category(chr(code)) not in ("Cn", "Co", "Cs", "Cc")


def _has_text(page: pdfium.PdfPage, codes: list[int]) -> bool:
    """Whether a page has a text layer worth reading; an empty page has. If not, only OCR can read it."""
    shown = [code for code in codes if code and not (code > 0 and chr(code).isspace())]
    words = "".join(chr(code) for code in shown if code > 0)
    n_nameless = shown.count(-1) + sum(map(len, _NAMELESS.findall(words)))
    if n_nameless > _MAX_UNREADABLE * len(shown):
        return False
    if len(shown) >= _MIN_GLYPHS:
        return True
    kinds = {api.FPDFPageObj_GetType(found.raw) for found in page.get_objects(max_depth=2)}
    return not kinds & {api.FPDF_PAGEOBJ_IMAGE, api.FPDF_PAGEOBJ_SHADING} and (bool(shown) or not kinds)


@cache
def _radicals() -> dict[int, str]:
    """Radicals that fonts of some PDFs name in place of the characters they look like."""
    kangxi = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)}
    return kangxi | str.maketrans(*load_toml("ingest.toml")["pdf"]["radicals"])


def _plain(character: str) -> str:
    return " " if character.isspace() else character.translate(_radicals())
