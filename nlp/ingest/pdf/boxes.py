"""Lines drawn on a page → boxes of the cells that they bound, with sides that the page leaves open closed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pdfplumber import table as ruled

from nlp.ingest.pdf.page import Box, Edge

_TOLERANCE = 3.0  # points by which lines that are meant to meet may miss each other
_MIN_LENGTH = 4.0  # points of a line that bounds a cell
_MAX_PAIRS = 250_000  # of lines that are held against each other; a page of tables has 10,000
_MAX_CROSSINGS = 4_000  # of lines; a table of 60 rows and 20 columns has 1,300


def cell_boxes(edges: Sequence[Edge]) -> list[list[Box]]:
    """The boxes of the cells of each grid. A frame of one cell is no grid."""
    merged = _merged([_as_dict(edge) for edge in edges])
    n_vertical = sum(edge["orientation"] == "v" for edge in merged)
    if n_vertical * (len(merged) - n_vertical) > _MAX_PAIRS:
        return []
    crossings = ruled.edges_to_intersections(_merged([*merged, *_closing(merged)]), _TOLERANCE, _TOLERANCE)
    if len(crossings) > _MAX_CROSSINGS:
        return []
    cells = ruled.intersections_to_cells(crossings)
    return [[Box(*map(float, cell)) for cell in table] for table in ruled.cells_to_tables(cells)]


def _merged(edges: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if not edges:
        return []
    merged = ruled.merge_edges(edges, _TOLERANCE, _TOLERANCE, _TOLERANCE, _TOLERANCE)
    return [edge for edge in merged if max(edge["x1"] - edge["x0"], edge["bottom"] - edge["top"]) >= _MIN_LENGTH]


def _as_dict(edge: Edge) -> dict[str, Any]:
    """An edge as pdfplumber has it."""
    x0, top, x1, bottom = edge
    if x1 - x0 > bottom - top:
        top = bottom = (top + bottom) / 2
    else:
        x0 = x1 = (x0 + x1) / 2
    return {
        "x0": x0, "x1": x1, "top": top, "bottom": bottom, "width": x1 - x0, "height": bottom - top,
        "object_type": "line", "orientation": "h" if x1 > x0 else "v",
    }  # fmt: skip


def _closing(edges: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Lines along the sides that tables leave open: at a page's end, or left and right by style.

    Two lines or more that reach a side of their table without meeting one there are joined by a line.
    """
    added = []
    for group in _connected(edges):
        rows = [edge for edge in group if edge["orientation"] == "h"]
        columns = [edge for edge in group if edge["orientation"] == "v"]
        if not rows or not columns:
            continue
        for at, ends in ((min, "x0"), (max, "x1")):
            side = at(edge[ends] for edge in rows)
            reaching = [edge["top"] for edge in rows if abs(edge[ends] - side) <= _TOLERANCE]
            if len(reaching) > 1:
                added.append(_as_dict(Edge(side, min(reaching), side, max(reaching))))
        for at, ends in ((min, "top"), (max, "bottom")):
            side = at(edge[ends] for edge in columns)
            reaching = [edge["x0"] for edge in columns if abs(edge[ends] - side) <= _TOLERANCE]
            if len(reaching) > 1:
                added.append(_as_dict(Edge(min(reaching), side, max(reaching), side)))
    return added


def _connected(edges: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The edges in groups that hang together by crossing or touching."""
    owner = list(range(len(edges)))

    def root(index: int) -> int:
        while owner[index] != index:
            owner[index] = owner[owner[index]]
            index = owner[index]
        return index

    places = {id(edge): index for index, edge in enumerate(edges)}
    for met in ruled.edges_to_intersections(edges, _TOLERANCE, _TOLERANCE).values():
        first, *others = (root(places[id(edge)]) for edge in (*met["v"], *met["h"]))
        for other in others:
            owner[root(other)] = root(first)
    groups: dict[int, list[dict[str, Any]]] = {}
    for index, edge in enumerate(edges):
        groups.setdefault(root(index), []).append(edge)
    return list(groups.values())
