"""Records as files for other programs: Parquet whole, CSV one table, XLSX a sheet a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from nlp.columns import row
from nlp.output import writer
from nlp.record import Record

TABLES = ("records", "cells", "indicators", "groups", "counts", "problems", "remedies", "checks", "issues")
_NAMES = {"records": "报告", "cells": "单元格", "indicators": "指标", "groups": "领导小组", "counts": "数量", "problems": "问题",
          "remedies": "措施", "checks": "核对", "issues": "提示"}  # fmt: skip
_PLAIN = ("id", "agency", "level", "province", "city", "county", "adcode", "year", "published", "title", "status", "path", "member",
          "url", "media_type", "bytes")  # fmt: skip
_KEPT = ("id", "agency", "year")
_LONGEST = 32_767  # characters of a cell of XLSX (ECMA-376)
_MOST_ROWS = 1_048_575  # rows of a sheet below its head
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_parquet(records: Iterable[Record], file: Path) -> None:
    """Whole records, as `gongkai extract -o FILE.parquet` writes them. Raises StoreError."""
    with writer(file, "parquet") as put:
        for record in records:
            put(record)


def csv_lines(records: Iterable[Record], table: str) -> Iterator[str]:
    """A table as CSV, with a byte order mark so that Excel reads it as UTF-8; text that Excel would run gets an apostrophe."""
    heads: list[str] | None = None
    yield "\ufeff"
    for record in records:
        for values in table_rows(record, table):
            buffer = io.StringIO()
            lines = csv.writer(buffer)
            if heads is None:
                heads = list(values)
                lines.writerow(heads)
            lines.writerow([_harmless(value) for value in values.values()])
            yield buffer.getvalue()


def write_xlsx(records: Iterable[Record], file: Path) -> None:
    """A sheet a table. What is beyond a sheet's last row goes to a further sheet."""
    book = Workbook(write_only=True)
    sheets = {table: [book.create_sheet(_NAMES[table]), 0] for table in TABLES}
    for record in records:
        for table in TABLES:
            for values in table_rows(record, table):
                sheet, n_rows = sheets[table]
                if n_rows == _MOST_ROWS:
                    sheet, n_rows = book.create_sheet(_NAMES[table]), 0
                if not n_rows:
                    sheet.append(list(values))
                sheet.append([_printable(value) for value in values.values()])
                sheets[table] = [sheet, n_rows + 1]
    book.save(file)


def table_rows(record: Record, table: str) -> Iterator[dict[str, Any]]:
    """The rows of a record in a table: of `records` one, of the others one for each cell, fact, check or issue."""
    whole = row(record)
    if table == "records":
        yield {name: whole[name] for name in _PLAIN}
        return
    own = {name: whole[name] for name in _KEPT}
    for n, part in enumerate(whole[table]):
        yield {**own, "n": n, **{name: _flat(value) for name, value in part.items()}}


def _flat(value: Any) -> Any:
    """A list as text: people by name and title, the rest joined; a span as its two ends."""
    if isinstance(value, list | tuple):
        return "；".join(" ".join(str(part) for part in one.values() if part) if isinstance(one, dict) else str(one) for one in value)
    return value


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _printable(value: Any) -> Any:
    """A value for a sheet; openpyxl writes text that begins like a formula as one, so it gets an apostrophe."""
    return ILLEGAL_CHARACTERS_RE.sub("�", _harmless(value))[:_LONGEST] if isinstance(value, str) else value
