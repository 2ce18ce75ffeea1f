"""An XLSX workbook → Document: each sheet's used area as one grid with its merged cells, values as the sheet displays them.

ECMA-376 part 1, SpreadsheetML. Formulas count by the value that was last computed; macros are never looked at. Not
openpyxl's reader: read-only it knows no merged cells, otherwise it keeps all that a hostile file can claim in memory.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from html import escape
from itertools import accumulate, groupby
from operator import itemgetter
from typing import NamedTuple

from lxml import etree
from openpyxl.utils.cell import column_index_from_string, range_boundaries
from openpyxl.utils.escape import unescape

from nlp.document import Document, Issue, Source
from nlp.ingest.office.ooxml import Package
from nlp.ingest.office.shown import Shown, read_shown, td
from nlp.ingest.office.xlsx_numbers import SHEET, Formats, Frames, displayed, index
from nlp.ingest.raw import UnreadableError, problem
from nlp.settings import Limits

_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_MAIN = "xl/workbook.xml"
_MAX_SLOTS = 100_000  # rows by columns of all used areas; the official tables take under 1,000
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_DAMAGED = "the workbook has no readable {}; fetch it again, or save it anew from Excel"


class _Merged(NamedTuple):
    """A merged range, rows and columns counted from 1, both ends inside."""

    left: int
    top: int
    right: int
    bottom: int


_Place = tuple[int, int]  # row, column


def read_xlsx(data: bytes, source: Source, document_id: str, issues: tuple[Issue, ...], limits: Limits) -> Document:
    """The Document of an XLSX file. What cannot be read has an empty text and an issue of severity error."""
    return read_shown(lambda: _shown(data, limits), source, document_id, issues)


def _shown(data: bytes, limits: Limits) -> Shown:
    package = Package(data, limits)
    main = package.main(_MAIN)
    if main.endswith(".bin"):
        raise UnreadableError(
            "unsupported_format", "the workbook is binary (XLSB); open it in Excel and save it as XLSX"
        )
    root, _ = package.xml(main)
    if root is None:
        raise UnreadableError("damaged_file", _DAMAGED.format(main))
    parts = package.targets(main, "worksheet")
    styles, strings = _part(package, main, "styles"), _strings(_part(package, main, "sharedStrings"))
    formats, frames = Formats(styles, root), Frames(styles)
    problems: list[Issue] = []
    sheets: list[tuple[str, list[str]]] = []
    for sheet in root.iterfind(f"{SHEET}sheets/{SHEET}sheet"):
        name, part = sheet.get("name") or "", parts.get(sheet.get(_LINK) or "")
        if part is None:
            continue  # a sheet of charts or macros
        if sheet.get("state") in ("hidden", "veryHidden"):
            problems.append(problem("hidden_sheet", f"sheet {name!r} is hidden and was not read", "info"))
            continue
        tree, is_whole = package.xml(part)
        if not is_whole:
            problems.append(problem("damaged_part", f"sheet {name!r} is damaged; read as far as it goes", "warning"))
        blocks = list(_Sheet(tree, strings, formats, frames).blocks()) if tree is not None else []
        sheets += [(name, blocks)] if blocks else []
    if not sheets and any(issue.code == "damaged_part" for issue in problems):
        raise UnreadableError("damaged_file", _DAMAGED.format("sheet"))
    heads = ([f"<h2>{escape(name)}</h2>"] if len(sheets) > 1 else [] for name, _ in sheets)
    return Shown(
        [block for head, (_, blocks) in zip(heads, sheets, strict=True) for block in (*head, *blocks)], problems
    )


def _part(package: Package, main: str, kind: str) -> etree._Element | None:
    part = next(iter(package.targets(main, kind).values()), f"xl/{kind}.xml")
    return package.xml(part)[0]


def _strings(root: etree._Element | None) -> list[str]:
    return [_rich(item) for item in root.iterfind(f"{SHEET}si")] if root is not None else []


def _rich(item: etree._Element) -> str:
    """The text of a string in its runs; readings above characters (`rPh`) are not part of it."""
    runs = (t for t in item.iter(f"{SHEET}t") if (up := t.getparent()) is not None and up.tag != f"{SHEET}rPh")
    text: str = unescape("".join(t.text or "" for t in runs))
    return text


class _Sheet:
    """The used area of a sheet: what its cells display, which are framed, which are merged. Counted from 1."""

    def __init__(self, root: etree._Element, strings: list[str], formats: Formats, frames: Frames) -> None:
        self.cells: dict[int, dict[int, str]] = {}  # row → column → HTML; blank cells and blank rows are left out
        self._framed: set[int] = set()
        for row, column, cell in _placed(root):
            text = _text(cell, strings, formats).strip()
            if text:
                self.cells.setdefault(row, {})[column] = escape(text, quote=False).replace("\n", "<br>")
                if frames.around(cell.get("s")):
                    self._framed.add(row)
        refs = (merge.get("ref") or "" for merge in root.iterfind(f"{SHEET}mergeCells/{SHEET}mergeCell"))
        self._merged = [merged for ref in refs if (merged := _range(ref)) is not None]

    def blocks(self) -> Iterator[str]:
        """Tables, and a paragraph for each row outside of them."""
        rows = sorted(self.cells)
        for is_line, run in groupby(zip(self._lines(rows), rows, strict=True), key=itemgetter(0)):
            inside = [row for _, row in run]
            if is_line:
                yield from (f"<p>{self._only(row)}</p>" for row in inside)
            else:
                yield from self._table(inside)

    def _lines(self, rows: list[int]) -> list[bool]:
        """For each row whether it stands outside of tables: its one cell has no frame and no part in a tall cell.

        On a sheet without frames a table's rows may be blank but for their label: those between two of its rows are its own,
        if nothing in them is a sentence.
        """
        singles = [len(self.cells[row]) == 1 and row not in self._framed for row in rows]
        singles = [single and not tall for single, tall in zip(singles, self._in_tall_cells(rows), strict=True)]
        lines: list[bool] = []
        for is_single, run in groupby(zip(singles, rows, strict=True), key=itemgetter(0)):
            inside = [row for _, row in run]
            is_between = 0 < len(lines) < len(rows) - len(inside) and not self._framed
            is_label = is_between and not any("。" in self._only(row) for row in inside)
            lines += [is_single and not is_label] * len(inside)
        return lines

    def _only(self, row: int) -> str:
        return next(iter(self.cells[row].values()))

    def _in_tall_cells(self, rows: list[int]) -> list[bool]:
        """For each row whether a merged cell of several rows covers it."""
        steps = [0] * (len(rows) + 1)
        for merged in self._merged:
            if merged.top < merged.bottom:
                steps[bisect_left(rows, merged.top)] += 1
                steps[bisect_right(rows, merged.bottom)] -= 1
        return [depth > 0 for depth in accumulate(steps[:-1])]

    def _table(self, rows: list[int]) -> Iterator[str]:
        """The rows as a `<table>`; columns in which nothing stands are left out."""
        columns = sorted({column for row in rows for column in self.cells[row]})
        if len(rows) * len(columns) > _MAX_SLOTS:
            message = (
                f"a sheet of {len(rows)} rows and {len(columns)} columns is no report; leave it out of the workbook"
            )
            raise UnreadableError("too_large", message)
        anchors, covered = self._spans(rows, columns)
        lines = []
        for row in rows:
            free = (column for column in columns if (row, column) not in covered)
            cells = (td(self.cells[row].get(c, ""), *anchors.get((row, c), (1, 1))) for c in free)
            lines.append(f"<tr>{''.join(cells)}</tr>")
        if lines:
            yield "\n".join(("<table>", *lines, "</table>"))

    def _spans(self, rows: list[int], columns: list[int]) -> tuple[dict[_Place, tuple[int, int]], set[_Place]]:
        """First places of merged cells with the used rows and columns they cover, and the other places they cover."""
        anchors: dict[_Place, tuple[int, int]] = {}
        covered: set[_Place] = set()
        budget = _MAX_SLOTS
        for merged in self._merged:
            down = rows[bisect_left(rows, merged.top) : bisect_right(rows, merged.bottom)]
            across = columns[bisect_left(columns, merged.left) : bisect_right(columns, merged.right)]
            budget -= len(down) * len(across)
            if budget < 0:  # merged cells do not overlap but in a file that was made to cost time
                break
            places = {(row, column) for row in down for column in across}
            if places and places.isdisjoint(covered) and places.isdisjoint(anchors):
                anchors[down[0], across[0]] = len(down), len(across)
                covered |= places - {(down[0], across[0])}
        return anchors, covered


def _placed(sheet: etree._Element) -> Iterator[tuple[int, int, etree._Element]]:
    """The cells with row and column; where they do not say so they follow each other."""
    row = 0
    for line in sheet.iterfind(f"{SHEET}sheetData/{SHEET}row"):
        stated = index(line.get("r"))
        row = row + 1 if stated is None else stated
        column = 0
        for cell in line.iterfind(f"{SHEET}c"):
            place = _REFERENCE.fullmatch(cell.get("r") or "")
            column = column_index_from_string(place[1]) if place else column + 1
            yield row, column, cell


def _text(cell: etree._Element, strings: list[str], formats: Formats) -> str:
    """What a cell displays."""
    kind, value = cell.get("t") or "n", cell.findtext(f"{SHEET}v") or ""
    if kind == "s":
        number = index(value)
        return strings[number] if number is not None and number < len(strings) else ""
    if kind == "inlineStr":
        inside = cell.find(f"{SHEET}is")
        return _rich(inside) if inside is not None else ""
    if kind == "b":
        return {"1": "TRUE", "0": "FALSE"}.get(value, value)
    return displayed(value, formats.code(cell.get("s")), formats.epoch) if kind == "n" else unescape(value)


def _range(reference: str) -> _Merged | None:
    try:
        left, top, right, bottom = range_boundaries(reference)
    except (ValueError, TypeError):
        return None
    return _Merged(left, top, right, bottom) if None not in (left, top, right, bottom) else None
