"""The ways in which mirrors flatten the official tables to text; each layout is a function from rows of cells to lines."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from maker import forms
from maker.forms import Row

Cells = list[str]
WIDTH = {"disclosure": 4, "applications": 10, "review_litigation": 15}


def grid(name: str, spec: dict[str, Any], slots: bool = False) -> list[Cells]:
    """A table as rows of cells without spans; with `slots`, covered label cells of the matrix stay as empty cells."""
    if name == "disclosure":
        headless = spec.get("headless", False)
        return [row.labels + row.values for row in forms.disclosure(spec) if not (headless and row.key.endswith(".head"))]
    if name == "applications":
        pad = ["", "", ""] if slots else []
        organisations = [label for _, label in forms.APPLICANTS[1:6]]
        head = [[forms.RELATION, *pad[:2], "申请人情况"], [*pad, "自然人", "法人或其他组织", *pad, *pad[:1], "总计"],
                [*pad, *pad[:1], *organisations]]
        rows = [(row.slots if slots else row.labels) + row.values for row in forms.applications(spec)]
        return rows if spec.get("headless") else head + rows
    outcomes = [label for _, label in forms.OUTCOMES]
    pad = ["", "", "", ""] if slots else []
    return [["行政复议", *pad, "行政诉讼"], [*outcomes, "未经复议直接起诉", *pad, "复议后起诉"], [*pad, *pad[:1], *outcomes, *outcomes],
            [cell for block in forms.review(spec) for cell in block]]


def pipes_after(name: str, spec: dict[str, Any]) -> str:
    """One cell a line, each with a trailing pipe; a merged tail is a line of pipes; the last cell has none."""
    width = WIDTH[name] - (name == "applications")
    lines = [line for cells in grid(name, spec)
             for line in (*(f"{cell} |" if cell else "|" for cell in cells), "|" * (width - len(cells) + 1))]
    return "\n".join(lines[:-1]).removesuffix(" |")


def pipes_before(name: str, spec: dict[str, Any]) -> str:
    """A row starts with a line `|`; its last cell carries the pipes of the merged tail."""
    lines: Cells = []
    for cells in grid(name, spec):
        tail = "|" * (WIDTH[name] - len(cells))
        lines += ["|", *(f"{cell} |" for cell in cells[:-1]), f"{cells[-1]} | {tail}".rstrip()]
    return "\n".join([*lines, "|"])


def pipe_first(name: str, spec: dict[str, Any]) -> str:
    """Only a row's first line starts with `| `; the other cells stand bare, one a line."""
    lines = [("| " if n == 0 else "") + cell for cells in grid(name, spec) for n, cell in enumerate(cells)]
    return "\n".join(lines + (["| ", "|", "|", "|", "|"] if spec.get("stray_row") else []))


def pipe_first_closed(name: str, spec: dict[str, Any]) -> str:
    """As `pipe_first`, every cell closed by a pipe."""
    return "\n".join(("| " if n == 0 else "") + cell + " |" for cells in grid(name, spec) for n, cell in enumerate(cells))


def blank_lines(name: str, spec: dict[str, Any]) -> str:
    """One row a line with ` | `, but each blank cell is a line of its own that holds only its pipe."""
    width = WIDTH[name] - (name == "applications") + 1
    rows = []
    for cells in grid(name, spec):
        text = "".join(f" {cell} |" if cell else "\n|" for cell in cells)
        rows.append(f"{text} {'|' * (width - len(cells))}".strip().replace("\n ", "\n"))
    return "\n".join(rows)


def paragraphs(name: str, spec: dict[str, Any]) -> str:
    """One paragraph a cell, blank lines between; long heads broken inside the cell."""
    cells = [cell.replace("本年新", "本年新\n") for row in grid(name, spec) for cell in row]
    return "\n\n".join(cells)


def lines(name: str, spec: dict[str, Any]) -> str:
    """One cell a line and nothing else."""
    return "\n".join(cell for cells in grid(name, spec) for cell in cells)


def joined(separator: str, slots: bool = False) -> Callable[[str, dict[str, Any]], str]:
    """One row a line, cells joined by `separator`."""
    def layout(name: str, spec: dict[str, Any]) -> str:
        return "\n".join(separator.join(cells).rstrip(" ") for cells in grid(name, spec, slots))
    return layout


def markdown(name: str, spec: dict[str, Any]) -> str:
    """A table of Markdown: padded to the full width, a line of dashes below the first row."""
    rows = [cells + [""] * (WIDTH[name] - len(cells)) for cells in grid(name, spec, slots=True)]
    lines = ["| " + " | ".join(cells) + " |" for cells in rows]
    return "\n".join([lines[0], "|" + " --- |" * WIDTH[name], *lines[1:]])


def glued(name: str, spec: dict[str, Any]) -> str:
    """Everything run together."""
    return "".join(cell for cells in grid(name, spec) for cell in cells)


def mirror(name: str, spec: dict[str, Any]) -> str:
    """One cell a line, and every line that occurred before is lost."""
    return "\n".join(dict.fromkeys(cell for cells in grid(name, spec) for cell in cells))


def folded(label: str, width: int = 17) -> Cells:
    """A label broken over lines of `width` characters."""
    return [label[n:n + width] for n in range(0, len(label), width)]


def raw_rows(rows: list[Row]) -> Cells:
    """Matrix rows as `pdftotext -raw` prints them: group labels on lines of their own, one of them split by a page break."""
    lines: Cells = []
    rest = ""
    for row in rows:
        *groups, label = row.labels
        for group in groups:
            if group.startswith("（四）"):
                lines.append(group[:4])
                rest = group[4:]
            else:
                lines += list(group) if group == forms.RESULTS else [group[:4], group[4:]]
        parts, numbers = folded(label), " ".join(row.values)
        lines += [*parts, numbers] if len(parts) > 1 else [f"{label} {numbers}"]
        if rest and not groups:
            lines[-1] = f"{rest} {lines[-1]}"
            rest = ""
        elif rest:
            lines.append("\f")
    return lines


def pdf_raw(name: str, spec: dict[str, Any]) -> str:
    """As `pdftotext -raw`: one row a line, labels and heads broken over lines."""
    if name == "disclosure":
        return "\n".join(" ".join(cells) for cells in grid(name, spec))
    if name == "applications":
        head = [forms.RELATION[:20], forms.RELATION[20:], "申请人情况", "自然人", "法人或其他组织", "总计", "商 业 企", "业", "科研机",
                "构", "社 会 公 益", "组织", "法 律 服 务", "机构", "其他"]
        return "\n".join(head + raw_rows(forms.applications(spec)))
    outcome = ["结果", "维持", "结 果", "纠正", "其他结", "果", "尚 未", "审结", "总 计"]
    numbers = " ".join(grid(name, spec)[-1])
    return "\n".join(["行政复议 行政诉讼", *outcome, "未经复议直接起诉 复议后起诉", *outcome, *outcome, numbers])


def pdf_layout(name: str, spec: dict[str, Any]) -> str:
    """As `pdftotext -layout`: columns by blanks, a group's label in the middle of its rows, long labels around their numbers."""
    if name != "applications":
        return "\n".join("    " + "".join(cell + " " * max(2, 16 - 2 * len(cell)) for cell in cells).rstrip()
                         for cells in grid(name, spec))
    lines = ["   " + forms.RELATION[:18] + " " * 20 + "申请人情况", "   " + forms.RELATION[18:],
             " " * 44 + "自然人" + " " * 10 + "法人或其他组织" + " " * 12 + "总计",
             " " * 52 + "商业企业 科研机构 社会公益组织 法律服务机构 其他"]
    rows, waiting = forms.applications(spec), ""
    for n, row in enumerate(rows):
        *groups, label = row.labels
        waiting = groups[0] if groups else waiting
        numbers = "".join(f"{cell:>7}" for cell in row.values)
        head, *more = folded(label, 14)
        lines += [f"            {head}", " " * 44 + numbers] if more else [f"            {head}{' ' * (32 - 2 * len(head))}{numbers}"]
        lines += [f"            {''.join(more)}"] * bool(more)
        if waiting and (not groups or rows[n + 1].labels[1:]):
            lines.append(f"  {waiting}")
            waiting = ""
    return "\n".join(lines)


LAYOUTS: dict[str, Callable[[str, dict[str, Any]], str]] = {
    "pipes_after": pipes_after, "pipes_before": pipes_before, "pipe_first": pipe_first,
    "pipe_first_closed": pipe_first_closed, "blank_lines": blank_lines, "paragraphs": paragraphs, "lines": lines,
    "rows": joined(" | "), "tabs": joined("\t", slots=True), "spaces": joined(" "), "markdown": markdown, "glued": glued,
    "mirror": mirror, "pdf_raw": pdf_raw, "pdf_layout": pdf_layout,
}


def broken(line: str, width: int) -> Cells:
    """A line of prose broken at about `width` characters, never inside a number."""
    return re.findall(rf".{{1,{width - 1}}}(?:[0-9.]+|.|$)", line)


def paginate(text: str, mark: str, width: int = 29, height: int = 26) -> str:
    """Prose broken at `width` characters and a page mark after every `height` lines, also inside tables."""
    lines: Cells = []
    page, used = 1, 0
    for line in text.split("\n"):
        keep = line == "\f" or any(gap in line for gap in ("  ", " 0 ")) or len(line) <= width
        for part in [line] if keep else broken(line, width):
            if part != "\f":
                lines.append(part)
                used += 1
            if part == "\f" or used >= height:
                lines.append(mark.format(page))
                page, used = page + 1, 0
    return "\n".join([*lines, mark.format(page)])
