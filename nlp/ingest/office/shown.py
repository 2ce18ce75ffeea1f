"""What the readers of office formats share: each says what its file shows as a page of HTML, which is then read like any other.

So a report gives the same text, grids, title and issues whether it was published as a page or as a file. `Block.path` is
the path in that page: `/html/body/p[12]` is the twelfth paragraph, `/html/body/table[2]` the second table of the body.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import NamedTuple

from nlp.document import Document, Issue, Source
from nlp.ingest.html import read_html
from nlp.ingest.raw import UnreadableError, problem

_MAX_SPAN = 1000  # columns; as in HTML


class Shown(NamedTuple):
    """What a file shows: HTML of its blocks in order, and what a person should know about them."""

    blocks: Sequence[str]
    issues: Sequence[Issue] = ()


class Cell(NamedTuple):
    """A cell of a word processor's table: HTML inside it, first column, columns covered, whether it goes on from above."""

    html: str
    column: int
    width: int = 1
    continues: bool = False


def read_shown(show: Callable[[], Shown], source: Source, document_id: str, issues: tuple[Issue, ...]) -> Document:
    """The Document of what `show` says a file shows; of the issue, where it raises UnreadableError."""
    try:
        shown = show()
    except UnreadableError as error:
        return Document(document_id, source, "", issues=(*issues, problem(error.code, str(error))))
    page = "\n".join(("<html><body>", *shown.blocks, "</body></html>"))
    document = read_html(page, source, document_id, (*issues, *shown.issues))
    if document.text or any(issue.severity == "error" for issue in document.issues):
        return document
    empty = problem(
        "empty", "the file holds no text; open it to see whether the report is a picture, or fetch it again"
    )
    return dataclasses.replace(document, issues=(*document.issues, empty))


def table_html(rows: Sequence[Sequence[Cell]]) -> str:
    """A `<table>` of rows in which a cell that goes on from above became part of the cell it goes on from.

    A cell that says so without one of its width above it stays a blank cell of its own.
    """
    placed: list[list[tuple[Cell, int]]] = []  # per row: cells with the rows they cover
    above: dict[int, tuple[int, int]] = {}  # first column → where in `placed` the cell stands that reaches the last row
    for row in rows:
        reaching: dict[int, tuple[int, int]] = {}
        placed.append([])
        for cell in row:
            at = above.get(cell.column)
            if cell.continues and at and placed[at[0]][at[1]][0].width == cell.width:
                owner, height = placed[at[0]][at[1]]
                placed[at[0]][at[1]] = (owner, height + 1)
                reaching[cell.column] = at
            else:
                shown = cell._replace(html="") if cell.continues else cell
                placed[-1].append((shown, 1))
                reaching[cell.column] = (len(placed) - 1, len(placed[-1]) - 1)
        above = reaching
    lines = (f"<tr>{_cells(cells, _begins(row))}</tr>" for cells, row in zip(placed, rows, strict=True))
    return "\n".join(("<table>", *lines, "</table>"))


def _begins(row: Sequence[Cell]) -> int:
    """Columns left free before the first cell of a row."""
    return row[0].column if row else 0


def _cells(cells: Sequence[tuple[Cell, int]], free: int) -> str:
    lead = f'<td colspan="{min(free, _MAX_SPAN)}"></td>' if free else ""
    return lead + "".join(td(cell.html, height, cell.width) for cell, height in cells)


def td(html: str, rowspan: int = 1, colspan: int = 1) -> str:
    """A `<td>` that covers so many rows and columns."""
    spans = f' rowspan="{rowspan}"' * (rowspan > 1) + f' colspan="{min(colspan, _MAX_SPAN)}"' * (colspan > 1)
    return f"<td{spans}>{html}</td>"
