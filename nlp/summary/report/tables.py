"""The tables of a summary, as the workbook has them: every list whole, each row with what its figures count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from nlp.summary.measures import Figure
from nlp.summary.model import Member, Summary
from nlp.summary.report.names import category, cell_name, source

Value = str | int | float | None
Kind = Literal["text", "long", "count", "share", "year"]


@dataclass(frozen=True, slots=True)
class Column:
    """A head and what stands below it; a `share` is a number from 0 to 1."""

    name: str
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Table:
    """A table by its name, at most 31 characters."""

    name: str
    columns: tuple[Column, ...]
    rows: Iterable[Sequence[Value]]


def tables(summary: Summary) -> Iterator[Table]:
    """All tables that have something to tell."""
    yield from _points(summary)
    yield from _remedies(summary)
    yield from _copies(summary)
    yield from _statistics(summary)
    yield Table("数据质量", _columns("关系 内容 :相符 :不符 :无从核对 :不符的报告"), (
        (r.rule, r.name, r.n_pass, len(r.failures), r.n_unknown, r.n_reports) for r in summary.quality
    ))  # fmt: skip
    yield Table("核对不符", _columns("关系 机关 @年度 应为 实为 *说明 *单元格 记录"), _failures(summary))
    yield Table("报告", _columns("机关 @年度 *标题 *文件 *网址 记录"), (
        (r.agency, r.year, r.title, source(r), r.url, r.id) for r in summary.reports
    ))  # fmt: skip


def _points(summary: Summary) -> Iterator[Table]:
    yield Table("问题要点", _columns("编号 *要点 类别 :机关 %占全部机关 :报告 :问题 :无措施"), (
        (p.id, p.name, "、".join(map(category, p.categories)), p.n_agencies, p.share, p.n_reports, len(p.members), p.n_without_remedy)
        for p in summary.key_points
    ))  # fmt: skip
    names = {(d.key, group.key): group.name for d in summary.dimensions for group in d.groups}
    yield Table("要点分布", _columns("编号 *要点 维度 组 :机关 :当组机关 %占当组机关 :报告 :当组报告"), (
        (p.id, p.name, d.name, names[d.key, s.key], s.n_agencies, s.of_agencies, s.n_agencies / s.of_agencies, s.n_reports,
         s.of_reports)
        for p in summary.key_points for d in summary.dimensions for s in p.by.get(d.key, ())
    ))  # fmt: skip
    yield Table("问题", _columns("编号 *要点 *问题 机关 @年度 :起 :止 相似度 :措施 记录"), _problems(summary))
    yield Table("类别", _columns("类别 :机关 %占全部机关 :报告"), (
        (c.name, c.n_agencies, c.share, c.n_reports) for c in summary.categories
    ))  # fmt: skip


def _problems(summary: Summary) -> Iterator[Sequence[Value]]:
    groups: list[tuple[str, str, Sequence[Member]]] = [(point.id, point.name, point.members) for point in summary.key_points]
    for key, name, members in [*groups, ("", "（未归入要点）", summary.remainder)]:
        for m in members:
            report = summary.reports[m.report]
            yield key, name, m.text, report.agency, report.year, m.start, m.end, m.similarity, len(m.remedies), report.id


def _remedies(summary: Summary) -> Iterator[Table]:
    yield Table("整改措施", _columns("要点编号 *要点 *措施类 *措施 状态 机关 @年度 :起 :止 记录"), (
        (p.id, p.name, r.name, m.text, "已做" if m.status == "done" else "计划", summary.reports[m.report].agency,
         summary.reports[m.report].year, m.start, m.end, summary.reports[m.report].id)
        for p in summary.key_points for r in p.remedies for m in r.members
    ))  # fmt: skip
    yield Table("不对应问题的措施", _columns("*措施 状态 机关 @年度 :起 :止 记录"), (
        (m.text, "已做" if m.status == "done" else "计划", summary.reports[m.report].agency, summary.reports[m.report].year,
         m.start, m.end, summary.reports[m.report].id)
        for m in summary.remedies.without_problem
    ))  # fmt: skip
    names = {point.id: point.name for point in summary.key_points}
    yield Table("许诺整改次年再提", _columns("机关 @许诺年度 *要点 :措施 :次年问题 记录 次年记录"), (
        (a.agency, a.year, names.get(a.key_point, a.key_point), len(a.remedies), len(a.later_problems),
         summary.reports[a.report].id, summary.reports[a.later].id)
        for a in summary.remedies.again
    ))  # fmt: skip


def _copies(summary: Summary) -> Iterator[Table]:
    columns = _columns("机关 @年度 来源机关 @来源年度 %重复 :重复字数 :全部字数 记录 来源记录")
    every = [*summary.copies.against_last, *(copy for cluster in summary.copies.clusters for copy in cluster.copies)]
    yield Table("雷同", columns, (
        (c.newer.agency, c.newer.year, c.older.agency, c.older.year, c.share, c.reused, c.characters, c.newer.id, c.older.id)
        for c in every
    ))  # fmt: skip
    yield Table("多年不变的数字", _columns("机关 *数字 :数值 @起 @止 :年数"), (
        (e.agency, cell_name(e.figure), e.value, e.first_year, e.last_year, len(e.reports)) for e in summary.copies.equal_figures
    ))  # fmt: skip


def _statistics(summary: Summary) -> Iterator[Table]:
    statistics = summary.statistics
    if statistics is None:
        return
    names = {measure.key: measure.name for measure in statistics.measures}
    figures = _columns("维度 组 项目 :数量 :报告 :未计 :分子 :分母 %占比 %下限 %上限")
    groups: list[tuple[str, str, Sequence[Figure]]] = [("合计", "全部", statistics.total)]
    groups += [(by.name, group.name, group.figures) for by in statistics.by for group in by.groups]
    yield Table("统计", figures, (
        (by, name, names[f.measure], f.value, f.n_reports, f.n_left_out, *_share(f)) for by, name, own in groups for f in own
    ))  # fmt: skip
    dimensions = {by.key: by.name for by in statistics.by}
    yield Table("排名", _columns("项目 维度 组 %比例 %下限 %上限 :分子 :分母 :报告 与总体相比"), (
        (names[league.measure], dimensions.get(league.dimension, league.dimension), p.name, p.share.value, p.share.low, p.share.high,
         p.share.part, p.share.whole, p.share.n_reports, {"above": "高于", "below": "低于", "within": ""}[p.side])
        for league in statistics.leagues for p in league.places
    ))  # fmt: skip
    columns = (*_columns("机关 @年度"), *(Column(measure.name, "count") for measure in statistics.measures), Column("记录"))
    yield Table("每份报告", columns, (
        (report.agency, report.year, *row, report.id) for report, row in zip(summary.reports, statistics.values, strict=True)
    ))  # fmt: skip


def _share(figure: Figure) -> Sequence[Value]:
    s = figure.share
    return (None,) * 5 if s is None else (s.part, s.whole, s.value, s.low, s.high)


def _failures(summary: Summary) -> Iterator[Sequence[Value]]:
    for rule in summary.quality:
        for failure in rule.failures:
            for at in failure.places:
                report, cells = summary.reports[at.report], "；".join(map(cell_name, at.cells))
                yield rule.rule, report.agency, report.year, failure.expected, failure.found, failure.message, cells, report.id


def _columns(names: str) -> tuple[Column, ...]:
    """Columns by their heads; the first character says what stands below: `*` long text, `:` count, `%` share, `@` year."""
    kinds: dict[str, Kind] = {"*": "long", ":": "count", "%": "share", "@": "year"}
    return tuple(Column(name[1:], kinds[name[0]]) if name[0] in kinds else Column(name) for name in names.split())
