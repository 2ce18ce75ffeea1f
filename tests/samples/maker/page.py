"""The official tables as the grids of web pages: real spans, Word's markup, tables merged, split and nested."""

from __future__ import annotations

from html import escape
from typing import Any, NamedTuple

from maker import forms


class Td(NamedTuple):
    """A cell of a grid with its spans."""

    text: str
    rows: int = 1
    columns: int = 1


Grid = list[list[Td]]


def disclosure(spec: dict[str, Any]) -> Grid:
    """Section two; heads and cells of short items are stretched over the four columns."""
    grid: Grid = []
    for row in forms.disclosure(spec):
        cells = row.labels + row.values
        stretch = 4 - len(cells) + 1
        grid.append([Td(cell) for cell in cells[:-1]] + [Td(cells[-1], 1, stretch)])
    return grid


def applications(spec: dict[str, Any]) -> Grid:
    """Section three with its group labels as row spans."""
    rows = forms.applications(spec)
    starts = [n for n, row in enumerate(rows) if len(row.labels) > 1] + [len(rows) - 2]
    grid: Grid = [[Td(forms.RELATION, 3, 3), Td("申请人情况", 1, 7)], [Td("自然人", 2), Td("法人或其他组织", 1, 5), Td("总计", 2)],
                  [Td(label) for _, label in forms.APPLICANTS[1:6]]]
    for n, row in enumerate(rows):
        *groups, label = row.labels
        level = row.slots.index(label)
        cells = [Td(label, 1, 3 - level), *map(Td, row.values)]
        for group in groups:
            level -= 1
            cells.insert(0, Td(group, group_height(rows, starts, n, group)))
        grid.append(cells)
    return grid


def group_height(rows: list[forms.Row], starts: list[int], start: int, group: str) -> int:
    """Over how many rows a group's label reaches."""
    if group == forms.RESULTS:
        return len(rows) - 3
    ends = [n for n in range(start + 1, len(rows)) if n in starts or not rows[n].slots[2]]
    return ends[0] - start


def review(spec: dict[str, Any]) -> Grid:
    """Section four with its three rows of heads."""
    outcomes = [label for _, label in forms.OUTCOMES]
    return [[Td("行政复议", 1, 5), Td("行政诉讼", 1, 10)],
            [*(Td(label, 2) for label in outcomes), Td("未经复议直接起诉", 1, 5), Td("复议后起诉", 1, 5)],
            [Td(label) for label in outcomes * 2], [Td(cell) for block in forms.review(spec) for cell in block]]


GRIDS = {"disclosure": disclosure, "applications": applications, "review_litigation": review}
HEADINGS = {"applications": "三、收到和处理政府信息公开申请情况", "review_litigation": "四、政府信息公开行政复议、行政诉讼情况"}


def td(cell: Td, style: str) -> str:
    """A `<td>` in one of the styles `plain`, `nbsp` (blank cells hold one), `word`."""
    spans = f' rowspan="{cell.rows}"' * (cell.rows > 1) + f' colspan="{cell.columns}"' * (cell.columns > 1)
    text = escape(cell.text, quote=False).replace("&amp;nbsp;", "&nbsp;")
    if style == "nbsp":
        text = text or "&nbsp;"
    if style == "word":
        inner = f'<span lang="EN-US" style="font-size:9.0pt">{text}<o:p></o:p></span>' if text else "<o:p>&nbsp;</o:p>"
        return (f'<td width="60"{spans} valign="center" style="border:solid windowtext 1.0pt;mso-border-alt:solid windowtext .5pt">'
                f'<p class="MsoNormal" align="center" style="text-align:center;mso-pagination:widow-orphan">{inner}</p></td>')
    return f"<td{spans}>{text}</td>"


def table(grid: Grid, style: str) -> str:
    rows = "\n".join("<tr>" + "".join(td(cell, style) for cell in cells) + "</tr>" for cells in grid)
    return f'<table border="1" cellspacing="0">\n<tbody>\n{rows}\n</tbody>\n</table>'


def split(grid: Grid, at: int, style: str) -> str:
    """A matrix cut in two tables before row `at`: the open group labels go on in the second as blank cells."""
    height = len(grid) - at
    upper = [[Td(c.text, min(c.rows, at - n), c.columns) for c in cells] for n, cells in enumerate(grid[:at])]
    lower = [[Td("", height - 2), *grid[at]], *grid[at + 1:]]
    return table(upper, style) + "\n<p>（续表）</p>\n" + table(lower, style)


def render(name: str, tables: dict[str, Any]) -> str:
    """The HTML of table `name`, or of `all` tables merged into one with the section headings as rows."""
    style = tables.get("style", "plain")
    if name == "all":
        grid = [row for part, make in GRIDS.items()
                for row in ([[Td(HEADINGS[part], 1, 15)]] if part in HEADINGS else []) + make(tables[part])]
        return table(grid, style)
    grid = GRIDS[name](tables[name])
    if name == "applications" and tables.get("split_before"):
        keys = [row.key for row in forms.applications(tables[name])]
        return split(grid, 3 + keys.index(tables["split_before"]), style)
    if tables.get("nested"):
        return f'<table width="100%" class="layout"><tr><td>{table(grid, style)}</td></tr></table>'
    return table(grid, style)
