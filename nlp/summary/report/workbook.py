"""A summary as a workbook: one sheet a table, heads that stay, filters, numbers as numbers, text that is never a formula."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count, islice
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from nlp.output import whole_file
from nlp.summary.model import Summary
from nlp.summary.report.table import Column, Table, Value
from nlp.summary.report.tables import tables

_FORMATS = {"count": "#,##0.##", "share": "0.0%", "year": "0"}
_WIDTHS = {"text": 20, "long": 48, "count": 12, "share": 12, "year": 9, "place": 18}
_LONGEST = 32_767  # characters that a cell can hold (ECMA-376)
_MOST_ROWS = 1_048_575  # rows below the head that a sheet can hold
_WRAP = Alignment(wrap_text=True, vertical="top")
_HEAD = Font(bold=True), PatternFill("solid", fgColor="E8EDF5"), Alignment(vertical="center", wrap_text=True)


def write_xlsx(summary: Summary, path: Path) -> None:
    """Write the workbook. Raises StoreError when it cannot be written.

    Rows go to disk as they come. A table with more rows than a sheet can hold goes on in another sheet.
    """
    with whole_file(path) as stream:
        book = Workbook(write_only=True)
        book.properties.creator = "gongkai"
        for table in tables(summary):
            rows = iter(table.rows)
            for number in count(1):
                sheet = book.create_sheet(table.name if number == 1 else f"{table.name} {number}")
                if _sheet(sheet, table, islice(rows, _MOST_ROWS)) < _MOST_ROWS:
                    break
        book.save(stream)


def _sheet(sheet: WriteOnlyWorksheet, table: Table, rows: Iterable[Sequence[Value]]) -> int:
    """Write the rows as they come; returns how many."""
    sheet.freeze_panes = "A2"
    for n, column in enumerate(table.columns, 1):
        sheet.column_dimensions[get_column_letter(n)].width = _WIDTHS[column.kind]
    heads = [_cell(sheet, column.name, Column(column.name)) for column in table.columns]
    for head in heads:
        head.font, head.fill, head.alignment = _HEAD
    sheet.append(heads)
    n_rows = 0
    for row in rows:
        sheet.append([_cell(sheet, value, column) for value, column in zip(row, table.columns, strict=True)])
        n_rows += 1
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(table.columns))}{n_rows + 1}"  # stands after the rows in the file
    return n_rows


def _cell(sheet: WriteOnlyWorksheet, value: Value, column: Column) -> WriteOnlyCell:
    """A cell; text stays text, also where it begins like a formula (also when the sheet is saved as CSV and opened again)."""
    if isinstance(value, str):
        cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value)[:_LONGEST])
        cell.data_type = "s"
        if value.startswith(("=", "+", "-", "@", "\t", "\r")):
            cell.quotePrefix = True
        if column.kind == "long":
            cell.alignment = _WRAP
        return cell
    cell = WriteOnlyCell(sheet, value)
    if column.kind in _FORMATS:
        cell.number_format = _FORMATS[column.kind]
    return cell
