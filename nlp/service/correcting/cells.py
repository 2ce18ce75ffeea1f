"""Cells of the official tables and rows of earlier statistics tables, by dotted path."""

from __future__ import annotations

from dataclasses import replace

from nlp.forms import load_forms
from nlp.record import Cell, Record, Statistics
from nlp.service.correcting.change import CellValue, UnfitError
from nlp.tables.checks import leaves
from nlp.tables.numbers import yuan

_LARGEST = 2**53  # numbers up to it are exact wherever JSON is read


def cells_of(statistics: Statistics) -> dict[str, Cell]:
    """Every cell by its path."""
    return {**dict(leaves(statistics)), **{f"indicators.{n}": one.cell for n, one in enumerate(statistics.indicators)}}


def cell_at(record: Record, path: str) -> Cell:
    """The cell at a path. Raises UnfitError when there is none."""
    found = cells_of(record.statistics).get(path)
    if found is None:
        raise UnfitError(f"the record has no cell {path!r}; paths are those below `statistics` of the record")
    return found


def value_of(cell: Cell) -> CellValue:
    """What a correction can change of a cell."""
    return CellValue(cell.value, cell.state)


def check_value(value: CellValue) -> CellValue:
    """The value with a state that goes with it. Raises UnfitError for a state or a number that cannot be."""
    if value.value is None:
        if value.state not in ("blank", "unreadable"):
            raise UnfitError(f"a cell without a number is blank or unreadable, not {value.state}")
        return value
    if value.state != "printed":
        raise UnfitError(f"a cell with a number is printed, not {value.state}; leave the state out, or the number")
    if not -_LARGEST <= value.value <= _LARGEST:  # also what is no number (NaN)
        raise UnfitError("the number is larger than any cell can hold")
    whole = isinstance(value.value, float) and value.value.is_integer()
    return CellValue(int(value.value), "printed") if whole else value


def with_cell(record: Record, path: str, new: CellValue) -> Record:
    """The record with another value in a cell; where it is printed stays. Raises UnfitError when there is no such cell."""
    cell = cell_at(record, path)
    unit = cell.unit or _money_unit(path)
    money = None if new.value is None else yuan(new.value, unit)
    raw = None if new.state == "unreadable" else cell.raw
    if raw is None and new.value is not None:
        raw = str(new.value)  # the run of digits of a recovered or unreadable cell is not what this cell prints
    mended = replace(cell, raw=raw, value=new.value, unit=unit, value_yuan=money, state=new.state, recovered_by=None)
    return replace(record, statistics=_placed(record.statistics, path.split("."), mended))


def _placed(statistics: Statistics, keys: list[str], cell: Cell) -> Statistics:
    part, *rest = keys
    if part == "indicators":
        rows = list(statistics.indicators)
        rows[int(rest[0])] = replace(rows[int(rest[0])], cell=cell)
        return replace(statistics, indicators=rows)
    if part == "disclosure":
        table, row, column = rest
        tables = statistics.disclosure
        return replace(statistics, disclosure={**tables, table: {**tables[table], row: {**tables[table][row], column: cell}}})
    row, column = rest
    matrix = statistics.applications if part == "applications" else statistics.review_litigation
    placed = {**matrix, row: {**matrix[row], column: cell}}
    return replace(statistics, applications=placed) if part == "applications" else replace(statistics, review_litigation=placed)


def _money_unit(path: str) -> str | None:
    """The unit that the form gives for a column of money; None for other columns."""
    if not path.startswith("disclosure."):
        return None
    _, key, _, wanted = path.split(".")
    tables = [table for form in load_forms().values() for table in form.disclosure if table.key == key]
    columns = [column for table in tables for column in table.columns if column.key == wanted and column.kind == "money"]
    return columns[0].unit if columns else None
