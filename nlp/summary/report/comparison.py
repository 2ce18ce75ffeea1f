"""A comparison of two reports for people: tables, a page that needs nothing from outside, a memo; or JSON."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from nlp.output import Target, whole_file
from nlp.record import Number, Span
from nlp.settings import load_toml
from nlp.summary.compare import Comparison, Side
from nlp.summary.report.memo import markdown_table, text
from nlp.summary.report.names import cell_name, number
from nlp.summary.report.page import linked_pages, render
from nlp.summary.report.table import Column, Table, Value


def write_comparison(comparison: Comparison, target: Target) -> None:
    """Write the comparison as .html, .md, or JSON: the end of the name tells. Raises StoreError when it cannot be written."""
    kind = "" if target == "-" else target.suffix
    with whole_file(target) as stream:
        if kind == ".html":
            assert isinstance(target, Path)
            stream.write(comparison_html(comparison, linked_pages(target, [comparison.before.id, comparison.after.id])).encode())
        elif kind == ".md":
            stream.write("\n".join(_memo(comparison)).encode() + b"\n")
        else:
            stream.write(msgspec.json.encode(comparison) + b"\n")


def comparison_html(comparison: Comparison, pages: dict[str, str] | None = None) -> str:
    """The page; `pages` has the addresses of the pages of records, by id."""
    heads = side_names(comparison)
    return render("comparison.html.j2", c=comparison, names=heads, kept=_kept(comparison), pages=pages or {},
                  tables=list(_facts(comparison, heads)))  # fmt: skip


def comparison_tables(comparison: Comparison) -> Iterator[Table]:
    """What differs, a table for each kind; a kind with nothing to tell has none."""
    heads = side_names(comparison)
    for name, side, statements in zip(_kept(comparison), heads, (comparison.solved, comparison.new), strict=True):
        if statements:
            yield Table(name, (Column("问题", "long"), Column(f"{side} 原文", "place")), [
                (s.text, place(Span(s.start, s.end))) for s in statements
            ])  # fmt: skip
    if comparison.repeated:
        where = Column("原文", "place")
        columns = (Column(heads[0], "long"), where, Column(heads[1], "long"), where, Column("相似度"))
        yield Table("两份都提到的问题", columns, [
            (r.before.text, place(Span(r.before.start, r.before.end)), r.after.text, place(Span(r.after.start, r.after.end)),
             round(r.similarity, 2))
            for r in comparison.repeated
        ])  # fmt: skip
    yield from _facts(comparison, heads)


def side_names(comparison: Comparison) -> tuple[str, str]:
    """What the two reports are called: their years where one agency has two, else agency and year."""
    before, after = comparison.before, comparison.after
    if _of_one_agency(comparison) and before.year != after.year:
        return str(before.year or "年度不明"), str(after.year or "年度不明")
    first, second = _name(before), _name(after)
    return (first, second) if first != second else (f"{first}（前）", f"{second}（后）")


def place(span: Span | None) -> str:
    """Where a value stands, as a reader counts: nothing where the text does not show it."""
    return f"第 {span.start}–{span.end} 字" if span else ""


def _facts(comparison: Comparison, heads: tuple[str, str]) -> Iterator[Table]:
    """Figures of the tables, counts of the prose, people."""
    sides = (*(Column(head, "count") for head in heads), Column("变化", "count"), *(Column(f"{head} 原文", "place") for head in heads))
    if comparison.figures:
        yield Table("表格中不同的数字", (Column("项目", "long"), *sides), [
            (cell_name(f.path), f.before, f.after, _change(f.before, f.after), place(f.before_span), place(f.after_span))
            for f in comparison.figures
        ])  # fmt: skip
    if comparison.counts:
        kinds = load_toml("labels.toml")["kind"]
        yield Table("正文中不同的数量", (Column("种类"), Column("渠道"), Column("事物"), Column("单位"), *sides), [
            (kinds.get(c.kind, c.kind), c.channel, c.item, c.unit, c.before, c.after, _change(c.before, c.after),
             place(c.before_span), place(c.after_span))
            for c in comparison.counts
        ])  # fmt: skip
    if comparison.left or comparison.joined:
        words = ("离任", "新任") if _of_one_agency(comparison) else heads
        rows: list[tuple[Value, ...]] = [
            (word, m.group, m.role, m.name, place(m.span))
            for word, members in zip(words, (comparison.left, comparison.joined), strict=True)
            for m in members
        ]
        yield Table("领导小组人员", (*map(Column, ("变动", "小组", "角色", "姓名")), Column("原文", "place")), rows)


def _memo(comparison: Comparison) -> Iterator[str]:
    yield f"# {text(_name(comparison.before))}与{text(_name(comparison.after))}报告对照\n"
    for head, side in zip(("前", "后"), (comparison.before, comparison.after), strict=True):
        where = f"{side.path} › {side.member}" if side.member else side.path
        yield f"- {head}：{text(_name(side))}，{text(where)}，记录 {side.id[:16]}"
    yield ""
    n_repeated, solved, new = len(comparison.repeated), *_kept(comparison)
    yield f"{solved} {len(comparison.solved)} 条，两份都提到的 {n_repeated} 条，{new} {len(comparison.new)} 条；"
    yield f"表格数字不同 {len(comparison.figures)} 处，正文数量不同 {len(comparison.counts)} 处。\n"
    for table in comparison_tables(comparison):
        yield f"## {table.name}\n"
        rows = [[_printed(value, column) for value, column in zip(row, table.columns, strict=True)] for row in table.rows]
        yield from markdown_table([text(column.name) for column in table.columns], rows)


def _printed(value: Value, column: Column) -> str:
    if column.kind == "count" or isinstance(value, int | float):
        return number(None if isinstance(value, str) else value)
    return text(value or "")


def _kept(comparison: Comparison) -> tuple[str, str]:
    """What problems are called that only the one or only the other report states."""
    if _of_one_agency(comparison):
        return "不再提到的问题", "新提出的问题"
    first, second = side_names(comparison)
    return f"只有{first}提到的问题", f"只有{second}提到的问题"


def _of_one_agency(comparison: Comparison) -> bool:
    return comparison.before.agency == comparison.after.agency and comparison.before.agency is not None


def _name(side: Side) -> str:
    return f"{side.agency or side.title or side.path} {side.year or ''}".strip()


def _change(before: Number | None, after: Number | None) -> Number | None:
    """The difference; decimals as printed leave no digits of their own behind."""
    return None if before is None or after is None else round(after - before, 6)
