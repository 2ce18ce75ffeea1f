"""Tables for a terminal: a line for each record of a run, and the answer to a query."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from nlp.record import Record
from nlp.show.names import name, number
from nlp.show.places import cells_by_path

_STATUS_STYLE = {"complete": "green", "partial": "yellow", "failed": "bold red"}


class Line(NamedTuple):
    """What the table of a run says of a record; kept instead of the record, which is large."""

    agency: str
    year: int | None
    form: str
    n_cells: int
    n_blank: int
    n_open: int
    n_failed_checks: int
    n_groups: int
    n_counts: int
    n_problems: int
    status: str


def line(record: Record) -> Line:
    """The figures of a record; `n_cells` have a value, `n_open` are unreadable."""
    states = Counter(cell.state for cell in cells_by_path(record).values())
    facts = record.narrative
    return Line(
        agency=record.agency.name or record.source.member or record.source.path,
        year=record.year,
        form=" ".join(dict.fromkeys(record.statistics.forms.values())),
        n_cells=states["printed"] + states["recovered"],
        n_blank=states["blank"],
        n_open=states["unreadable"],
        n_failed_checks=sum(check.status == "fail" for check in record.checks),
        n_groups=len(facts.leadership_groups),
        n_counts=len(facts.counts),
        n_problems=len(facts.problems),
        status=record.status,
    )


def run_table(lines: Sequence[Line]) -> Table:
    """The table of a run, with totals below; Chinese heads keep it within 80 columns."""
    table = Table(show_footer=True, box=SIMPLE_HEAD, pad_edge=False, padding=(0, 0))
    statuses = Counter(row.status for row in lines)
    table.add_column("机关", f"{len(lines)} 份", overflow="fold", min_width=20)
    table.add_column("年度", justify="right", no_wrap=True)
    table.add_column("格式", max_width=4)
    for title, place in (("有值", 3), ("空白", 4), ("未读出", 5), ("不符", 6), ("小组", 7), ("数量", 8), ("问题", 9)):
        total = sum(int(row[place] or 0) for row in lines)
        table.add_column(title, str(total), justify="right", no_wrap=True)
    table.add_column("状态", no_wrap=True)
    for row in lines:
        figures = [
            Text(str(n), "dim" if not n else "red" if place in (2, 3) else "") for place, n in enumerate(row[3:10])
        ]
        status = Text(name("status", row.status), _STATUS_STYLE[row.status])
        table.add_row(Text(row.agency), str(row.year or ""), row.form, *figures, status)
    table.caption = "，".join(f"{name('status', status)} {statuses[status]}" for status in _STATUS_STYLE)
    table.caption_justify = "left"
    return table


def answer_table(columns: Iterable[str], rows: Iterable[Sequence[Any]]) -> Table:
    """The answer to a query: numbers to the right and without needless decimals, nothing for null."""
    table = Table(header_style="bold", border_style="dim")
    kept = [tuple(row) for row in rows]
    for place, column in enumerate(columns):
        figures = [row[place] for row in kept if row[place] is not None]
        is_number = bool(figures) and all(isinstance(value, int | float) for value in figures)
        table.add_column(Text(column), justify="right" if is_number else "left", overflow="fold")
    for row in kept:
        table.add_row(*(Text(printed(value)) for value in row))
    return table


def printed(value: object) -> str:
    """A value of an answer as text; a whole number in a column of decimals has none."""
    if isinstance(value, float) and math.isfinite(value):
        return number(value)
    return "" if value is None else str(value)
