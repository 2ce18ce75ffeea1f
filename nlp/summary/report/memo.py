"""A summary as a memo of a few pages in Markdown: what stands at the head of each part, and where the rest is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from nlp.output import whole_file
from nlp.summary.model import KeyPoint, Summary
from nlp.summary.report.names import category, interval, number, percent
from nlp.summary.report.pairs import n_with_last, n_with_next
from nlp.summary.settings import load_reuse_settings

_SHOWN = 10  # of a list
# A hyphen, a plus or an equals sign is markup at the start of a line only; a hyphen also where it rules a table or opens a comment.
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#!|~&$^:@]|^[-+=]|-(?=-))")


def write_markdown(summary: Summary, path: Path) -> None:
    """Write the memo. Raises StoreError when it cannot be written."""
    with whole_file(path) as stream:
        stream.write("\n".join(_memo(summary)).encode() + b"\n")


def text(words: str) -> str:
    """Words of a report as one line in which nothing is markup."""
    return _SPECIAL.sub(r"\\\1", " ".join(words.split()))


def _memo(summary: Summary) -> Iterator[str]:
    scope = summary.scope
    years = f"{scope.first_year}–{scope.last_year} 年度，" if scope.first_year else ""
    yield "# 政府信息公开年度报告问题汇总\n"
    yield f"{years}{number(scope.n_agencies)} 个机关的 {number(scope.n_reports)} 份报告；"
    yield f"无法读取 {scope.n_failed} 份，同年重复 {scope.n_superseded} 份。\n"
    yield "## 问题要点\n"
    for n, point in enumerate(summary.key_points[:_SHOWN], 1):
        yield from _point(n, point)
    rest = max(0, len(summary.key_points) - _SHOWN)
    yield f"另有 {rest} 个要点；{len(summary.remainder)} 条问题未归入任何要点。\n"
    yield from _remedies(summary)
    yield from _copies(summary)
    yield from _statistics(summary)
    yield "## 数据质量\n"
    if summary.quality:
        yield from markdown_table(
            ("关系", "内容", "不符", "涉及报告", "相符", "无从核对"),
            [
                (q.rule, q.name, *map(number, (len(q.failures), q.n_reports, q.n_pass, q.n_unknown)))
                for q in summary.quality
            ],
        )
    else:
        yield "没有可核对的关系。\n"
    yield f"机关数、报告数均不重复计算；空白格作未知，不作 0。gongkai {summary.made.version}，模型 {text(summary.made.model)}。"


def _point(n: int, point: KeyPoint) -> Iterator[str]:
    kinds = "、".join(category(code) for code in list(point.categories)[:2])
    yield f"{n}. **{text(point.name)}**（{kinds}）：{point.n_agencies} 个机关，占全部机关的 {percent(point.share)}；"
    yield f"   {point.n_reports} 份报告 {len(point.members)} 条，其中 {point.n_without_remedy} 条没有措施。"
    for quote in point.quotes[:2]:
        year = f"，{quote.year} 年度" if quote.year else ""
        yield f"   - “{text(quote.text)}”——{text(quote.agency)}{year}，原文第 {quote.start}–{quote.end} 字"
    for remedy in point.remedies[:1]:
        yield f"   - 最常见的措施：{text(remedy.name)}（{remedy.n_agencies} 个机关，计划 {remedy.n_planned}，已做 {remedy.n_done}）"
    yield ""


def _remedies(summary: Summary) -> Iterator[str]:
    remedies = summary.remedies
    yield "## 整改\n"
    yield f"- {number(len(remedies.without_remedy))} 条问题没有对应的措施（共 {number(remedies.n_problems)} 条）。"
    yield f"- {number(len(remedies.without_problem))} 条措施不对应任何问题（共 {number(remedies.n_remedies)} 条）。"
    followed = n_with_next(summary)
    if followed:
        yield f"- {number(len(remedies.again))} 次许诺整改而次年再提同一问题（{number(followed)} 份报告有次年的可对照）。\n"
    else:
        yield "- 没有机关有连续两年的报告，许诺是否兑现无从对照。\n"


def _copies(summary: Summary) -> Iterator[str]:
    least = load_reuse_settings().share
    copied = sorted((c for c in summary.copies.against_last if c.share >= least), key=lambda c: (-c.share, c.newer.id))
    yield "## 雷同\n"
    compared = len(summary.copies.against_last)
    if compared:
        yield f"与本机关上一份对照的 {number(compared)} 份报告中，{number(len(copied))} 份有 {least:.0%} 以上的正文相同；"
    else:
        yield "与本机关上一份的雷同没有查找；" if n_with_last(summary) else "没有机关有两个年度的报告，与上一份的雷同无从对照；"
    yield f"{number(len(summary.copies.clusters))} 组机关之间共用文字。\n"
    if copied:
        yield from markdown_table(
            ("机关", "年度", "上一份", "相同"),
            [(text(c.newer.agency), str(c.newer.year), str(c.older.year), percent(c.share)) for c in copied[:_SHOWN]],
        )


def _statistics(summary: Summary) -> Iterator[str]:
    if summary.statistics is None:
        return
    names = {measure.key: measure for measure in summary.statistics.measures}
    yield "## 申请、复议、诉讼\n"
    yield from markdown_table(
        ("项目", "数量", "占比", f"{summary.statistics.confidence:.0%} 区间", "占比的基数", "报告", "未计"),
        [
            (
                names[f.measure].name,
                number(f.value),
                percent(f.share.value) if f.share else "",
                interval(f.share),
                number(f.share.whole) if f.share else "",
                str(f.n_reports),
                str(f.n_left_out),
            )
            for f in summary.statistics.total
            if names[f.measure].headline
        ],
    )


def markdown_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The lines of a table and an empty one; cells are Markdown already, see `text`."""
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""
