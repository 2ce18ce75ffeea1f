"""The relations of the forms inside one report: R1–R4, R8–R11, R14. Every check names its cells.

A printed total is kept even when it contradicts its parts: the contradiction is a failed check, never a repair. Blank cells
count as nothing only beside printed ones; where a total is blank or a cell is unreadable the answer is `unknown`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from nlp.record import Cell, Check, CheckStatus, Number, Statistics
from nlp.tables.prose import Figure, Figures

RESULT_PREFIXES = ("granted", "partial", "denied", "unavailable", "refused", "other")
_PARTS = ("natural_person", "commercial", "research", "social", "legal_service", "other_org")
_OUTCOMES = ("upheld", "corrected", "other", "pending")
_FEE = re.compile(r"信息(?:公开)?(?:信息)?处理费|收取.{0,12}?费用|收费")


def check(statistics: Statistics, figures: Figures, section_six: str | None) -> list[Check]:
    """All checks of one report. `section_six` is its text, None where the report has no such section (folded text)."""
    matrix, blocks = statistics.applications, statistics.review_litigation
    checks: list[Check] = []
    for key, row in matrix.items():
        checks += _sum("R1", f"applications.{key}", row, _PARTS, "total", "各类申请人之和应等于总计")
    checks += _columns(matrix)
    for key, row in blocks.items():
        checks += _sum("R4", f"review_litigation.{key}", row, _OUTCOMES, "total", "四种结果之和应等于总计")
    checks += _disclosure(statistics)
    checks += _negative(statistics)
    checks += _prose(statistics, figures)
    if statistics.forms.get("disclosure") == "2021" or statistics.forms.get("applications") == "2021":
        checks.append(_fee(section_six))
    return checks


def _value(cell: Cell | None) -> Number | None:
    return None if cell is None else cell.value


def _total(cells: Sequence[Cell | None]) -> Number | None:
    """The sum with blanks as nothing; None if all are blank, or one is unreadable or missing."""
    if any(cell is None or cell.state == "unreadable" for cell in cells):
        return None
    values = [cell.value for cell in cells if cell is not None and cell.value is not None]
    return sum(values) if values else None


def _compare(expected: Number | None, found: Number | None) -> CheckStatus:
    if expected is None or found is None:
        return "unknown"
    return "pass" if expected == found else "fail"


def _sum(rule: str, path: str, row: Mapping[str, Cell], parts: Sequence[str], total: str, want: str) -> list[Check]:
    expected, found = _total([row.get(part) for part in parts]), _value(row.get(total))
    status = _compare(expected, found)
    cells = [f"{path}.{key}" for key in (*parts, total)]
    message = f"{want}: {expected} = {found}" if status == "pass" else f"{want}: 各项之和 {expected},总计 {found}"
    return [Check(rule, f"{path}.{total}", status, expected, found, message, cells)]


def _columns(matrix: Mapping[str, Mapping[str, Cell]]) -> Iterator[Check]:
    """R2 and R3 for each column of the matrix."""
    results = [key for key in matrix if key.startswith(RESULT_PREFIXES)]
    for column in (*_PARTS, "total"):
        def cell(row: str, column: str = column) -> Cell | None:
            return matrix.get(row, {}).get(column)

        if results and "result_total" in matrix:
            whole = len(results) in (19, 21)  # a missing row leaves the sum unknown
            expected = _total([cell(key) for key in results]) if whole else None
            found = _value(cell("result_total"))
            yield Check("R2", f"applications.result_total.{column}", _compare(expected, found), expected, found,
                        f"各项办理结果之和 {expected},（七）总计 {found}",
                        [f"applications.{key}.{column}" for key in (*results, "result_total")])
        rows = ("new", "carried_in", "result_total", "carried_out")
        if all(key in matrix for key in rows):
            expected = _total([cell("new"), cell("carried_in")])
            found = _total([cell("result_total"), cell("carried_out")])
            yield Check("R3", f"applications.*.{column}", _compare(expected, found), expected, found,
                        f"第一项加第二项 {expected},第三项加第四项 {found}",
                        [f"applications.{key}.{column}" for key in rows])


def _disclosure(statistics: Statistics) -> Iterator[Check]:
    """R8: published ≤ public in all; R9: no procurement project ⇔ no amount."""
    for table, rows in statistics.disclosure.items():
        for key, row in rows.items():
            path = f"disclosure.{table}.{key}"
            if {"published", "total_public"} <= row.keys():
                new, public = row["published"].value, row["total_public"].value
                known = new is not None and public is not None
                status: CheckStatus = "unknown" if not known else "pass" if public >= new else "fail"  # type: ignore[operator]
                yield Check("R8", path, status, new, public, f"对外公开总数量 {public} 应不少于本年新公开数量 {new}",
                            [f"{path}.published", f"{path}.total_public"])
            if {"projects", "amount"} <= row.keys():
                projects, amount = row["projects"].value, row["amount"].value
                known = projects is not None and amount is not None
                status = "unknown" if not known else "pass" if (projects == 0) == (amount == 0) else "fail"
                yield Check("R9", path, status, projects, amount, f"采购项目数量 {projects} 与采购总金额 {amount} 应同为零或同不为零",
                            [f"{path}.projects", f"{path}.amount"])


def leaves(statistics: Statistics) -> Iterator[tuple[str, Cell]]:
    """Every cell of the official tables with its dotted path."""
    for table, rows in statistics.disclosure.items():
        for key, row in rows.items():
            yield from ((f"disclosure.{table}.{key}.{column}", cell) for column, cell in row.items())
    for part, content in (("applications", statistics.applications), ("review_litigation", statistics.review_litigation)):
        for key, row in content.items():
            yield from ((f"{part}.{key}.{column}", cell) for column, cell in row.items())


def _negative(statistics: Statistics) -> Iterator[Check]:
    """R10: counts are whole and not negative, a decrease leaves none below zero; one check a table part, failures one each."""
    cells = dict(leaves(statistics))
    if not cells:
        return
    bad = []
    for path, cell in cells.items():
        row, _, column = path.rpartition(".")
        value, before = cell.value, _value(cells.get(f"{row}.prev_items"))
        if value is None:
            continue
        low = -before if column == "change" and before is not None else None if column == "change" else 0
        if (low is not None and value < low) or (column != "amount" and value != int(value)):
            bad.append(path)
            yield Check("R10", path, "fail", low, value, f"应为不小于 {low} 的整数,实为 {value}" if low is not None
                        else f"应为整数,实为 {value}", [path])
    if not bad:
        yield Check("R10", "*", "pass", 0, 0, "各项数量均为非负整数", [])


def _prose(statistics: Statistics, figures: Figures) -> Iterator[Check]:
    """R11: a figure of the prose against its cell; `unknown` where the sentence speaks of another scope than the table."""
    cells = dict(leaves(statistics))
    for figure in figures.found:
        if figure.cell == "review_litigation.litigation.total":
            paths = ["review_litigation.litigation_direct.total", "review_litigation.litigation_after_review.total"]
        else:
            paths = [figure.cell]
        if any(path not in cells for path in paths):
            continue
        found = _total([cells[path] for path in paths])
        same = [f for f in figures.found if f.cell == figure.cell]
        yield _prose_check(figure, found, paths, any(other.value == found for other in same))


def _prose_check(figure: Figure, found: Number | None, paths: list[str], stated_elsewhere: bool) -> Check:
    status = _compare(figure.value, found)
    if status == "fail" and (figure.scope == "own" or stated_elsewhere):
        status = "unknown"  # this office alone, or one part of the year: another sentence gives the table's figure
    message = {"pass": f"正文与表格一致: {found}", "fail": f"正文为 {figure.value},表格为 {found}",
               "unknown": f"正文为 {figure.value},表格为 {found},口径可能不同"}[status]
    return Check("R11", paths[0], status, figure.value, found, message, paths)


def _fee(section_six: str | None) -> Check:
    """R14: section six of the 2021 form states what was collected as 信息处理费."""
    found = section_six is not None and _FEE.search(re.sub(r"\s", "", section_six)) is not None
    message = "第六部分报告了信息处理费" if found else "第六部分没有报告收取信息处理费的情况"
    return Check("R14", "other", "pass" if found else "fail", "信息处理费", "有" if found else "无", message, [])
