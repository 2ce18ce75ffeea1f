"""A `<table>` → rows of cells with their places, as the HTML table model defines them.

https://html.spec.whatwg.org/multipage/tables.html#forming-a-table, with a bound on the work that spans may ask for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml.html import HtmlElement

_MAX_COLSPAN = 1000  # of the HTML standard
_MAX_SLOTS = 100_000  # rows by columns that spans may cover in one table; beyond it they count as 1
_GROUPS = ("thead", "tbody", "tfoot")


@dataclass(frozen=True, slots=True)
class Place:
    """A cell element and the rows and columns it covers."""

    element: HtmlElement
    row: int
    column: int
    rowspan: int
    colspan: int


def row_groups(table: HtmlElement) -> list[list[HtmlElement]]:
    """The rows of a table, one list a row group: `thead` first, `tfoot` last; rows of nested tables are not among them."""
    groups: dict[str, list[list[HtmlElement]]] = {"thead": [], "tbody": [], "tfoot": []}
    loose: list[HtmlElement] = []
    for child in table:
        if child.tag == "tr":
            loose.append(child)
        elif child.tag in _GROUPS:
            if loose:
                groups["tbody"].append(loose)
                loose = []
            groups[child.tag].append([row for row in child if row.tag == "tr"])
    groups["tbody"].append(loose)
    return [rows for tag in _GROUPS for rows in groups[tag] if rows]


def cells_of(row: HtmlElement) -> list[HtmlElement]:
    """The cells of a row, in order."""
    return [cell for cell in row if cell.tag in ("td", "th")]


def places(table: HtmlElement) -> list[Place]:
    """The cells of a table in row-major order. Spans end with their row group and with the last column a cell starts in."""
    found = list(_placed(table))
    width = max((place.column for place in found), default=0) + 1
    return [
        Place(place.element, place.row, place.column, place.rowspan, min(place.colspan, width - place.column))
        for place in found
    ]


def _placed(table: HtmlElement) -> Iterator[Place]:
    row_number, budget = 0, _MAX_SLOTS
    for group in row_groups(table):
        covered: dict[int, int] = {}  # column → first row of the group that is free again
        for index, row in enumerate(group):
            column = 0
            for cell in cells_of(row):
                while covered.get(column, 0) > index:
                    column += 1
                colspan, rowspan = _span(cell, "colspan"), _span(cell, "rowspan") or len(group)
                rowspan = min(rowspan, len(group) - index)
                colspan = min(colspan or 1, _MAX_COLSPAN)
                if colspan * rowspan > budget:
                    colspan = rowspan = 1
                elif colspan * rowspan > 1:
                    budget -= colspan * rowspan
                for offset in range(colspan):
                    covered[column + offset] = max(covered.get(column + offset, 0), index + rowspan)
                yield Place(cell, row_number + index, column, rowspan, colspan)
                column += colspan
        row_number += len(group)


def _span(cell: HtmlElement, name: str) -> int:
    """The number of a span attribute: 1 where it is missing or no number, 0 where it says 0 (all the rest of the group)."""
    digits = (cell.get(name) or "1").strip()[:9]
    return int(digits) if digits.isascii() and digits.isdigit() else 1
