"""The straight lines that a page of a PDF draws: strokes, and filled rectangles so thin that they are meant as lines."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as api

_MAX_STROKES = 20_000  # of a page; maps and drawings have more
_MAX_NESTING = 8  # of forms inside forms
_THIN = 3.0  # points; a filled rectangle of more is a background
_STRAIGHT = 0.5  # points by which a line may be off the horizontal or vertical

Point = tuple[float, float]


class Stroke(NamedTuple):
    """Two opposite corners in PDF space of a line that is horizontal or vertical."""

    x0: float
    y0: float
    x1: float
    y1: float


def strokes(page: pdfium.PdfPage) -> list[Stroke]:
    """The horizontal and vertical lines of a page; none of a page that is a drawing."""
    found: list[Stroke] = []
    for path in page.get_objects(filter=[api.FPDF_PAGEOBJ_PATH], max_depth=_MAX_NESTING):
        found.extend(_of_path(path))
        if len(found) > _MAX_STROKES:
            return []
    return found


def _of_path(path: pdfium.PdfObject) -> Iterator[Stroke]:
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    if api.FPDFPath_CountSegments(path.raw) > _MAX_STROKES or not api.FPDFPath_GetDrawMode(path.raw, fill, stroke):
        return
    for points in _outlines(path, _matrix(path)):
        if stroke.value:
            yield from (Stroke(*a, *b) for a, b in pairwise(points) if _is_straight(a, b))
        elif fill.value and (line := _thin(points)):
            yield line


def _matrix(path: pdfium.PdfObject) -> pdfium.PdfMatrix:
    """From the coordinates of a path to those of the page, through the forms around it."""
    matrix, container = path.get_matrix(), path.container
    while container is not None:
        matrix = matrix.multiply(container.get_matrix())
        container = container.container
    return matrix


def _outlines(path: pdfium.PdfObject, matrix: pdfium.PdfMatrix) -> Iterator[list[Point]]:
    """Runs of points joined by straight lines; a curve ends a run."""
    points: list[Point] = []
    x, y = ctypes.c_float(), ctypes.c_float()
    for index in range(api.FPDFPath_CountSegments(path.raw)):
        segment = api.FPDFPath_GetPathSegment(path.raw, index)
        kind = api.FPDFPathSegment_GetType(segment)
        api.FPDFPathSegment_GetPoint(segment, x, y)
        if kind != api.FPDF_SEGMENT_LINETO:
            yield points
            points = []
        points.append(matrix.on_point(x.value, y.value))
        if api.FPDFPathSegment_GetClose(segment):
            points.append(points[0])
    yield points


def _is_straight(a: Point, b: Point) -> bool:
    across, along = sorted((abs(a[0] - b[0]), abs(a[1] - b[1])))
    return across <= _STRAIGHT < along


def _thin(points: list[Point]) -> Stroke | None:
    """The middle line of a thin outline."""
    if len(points) < 4:
        return None
    xs, ys = [x for x, _ in points], [y for _, y in points]
    x0, y0, x1, y1 = min(xs), min(ys), max(xs), max(ys)
    if y1 - y0 <= _THIN and y1 - y0 < x1 - x0:
        return Stroke(x0, (y0 + y1) / 2, x1, (y0 + y1) / 2)
    if x1 - x0 <= _THIN and x1 - x0 < y1 - y0:
        return Stroke((x0 + x1) / 2, y0, (x0 + x1) / 2, y1)
    return None
