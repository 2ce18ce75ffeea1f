"""Tables of what stands beside the problems: copies, statistics, data quality, and the reports themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nlp.summary.measures import Figure
from nlp.summary.model import Summary
from nlp.summary.report.names import cell_name, source
from nlp.summary.report.table import Column, Table, Value, columns
from nlp.summary.reuse import Copy


def copies(summary: Summary) -> Iterator[Table]:
    """Who copies whom, passage by passage, and figures that stay."""
    found = summary.copies
    yield Table("雷同", columns("机关 @年度 来源机关 @来源年度 %重复 :重复字数 :全部字数 :段 记录 来源记录"), (
        (c.newer.agency, c.newer.year, c.older.agency, c.older.year, c.share, c.reused, c.characters, len(c.passages), c.newer.id,
         c.older.id)
        for c in _every(summary)
    ))  # fmt: skip
    heads = columns("机关 @年度 :起 :止 *原文 来源机关 @来源年度 :来源起 :来源止 *来源原文 记录 来源记录")
    yield Table("雷同段落", heads, _passages(summary))
    yield Table("共用文字的机关", columns("组 :组内报告 最早机关 @最早年度 机关 @年度 记录"), (
        (c.id[:12], len(c.reports), c.origin.agency, c.origin.year, r.agency, r.year, r.id) for c in found.clusters for r in c.reports
    ))  # fmt: skip
    yield Table("多年不变的数字", columns("机关 *数字 :数值 @起 @止 :年数 *记录"), (
        (e.agency, cell_name(e.figure), e.value, e.first_year, e.last_year, len(e.reports), " ".join(e.reports))
        for e in found.equal_figures
    ))  # fmt: skip
    yield Table("与上年相同的数字", columns("机关 @年度 :两年都有的数字 :相同 %相同的比例 记录 上年记录"), (
        (e.agency, e.year, e.compared, e.equal, e.equal / e.compared, e.id, e.before_id) for e in found.equal_years
    ))  # fmt: skip


def statistics(summary: Summary) -> Iterator[Table]:
    """Figures of the official tables: in all and by group, league tables, each report's own."""
    found = summary.statistics
    if found is None:
        return
    names = {measure.key: measure.name for measure in found.measures}
    heads = columns("维度 组 项目 :数量 :报告 :未计 :分子 :分母 %占比 %下限 %上限")
    groups: list[tuple[str, str, Sequence[Figure]]] = [("合计", "全部", found.total)]
    groups += [(by.name, group.name, group.figures) for by in found.by for group in by.groups]
    yield Table("统计", heads, (
        (by, name, names[f.measure], f.value, f.n_reports, f.n_left_out, *_share(f)) for by, name, own in groups for f in own
    ))  # fmt: skip
    dimensions = {by.key: by.name for by in found.by}
    yield Table("排名", columns("项目 维度 组 %比例 %下限 %上限 :分子 :分母 :报告 与总体相比"), (
        (names[league.measure], dimensions.get(league.dimension, league.dimension), p.name, p.share.value, p.share.low, p.share.high,
         p.share.part, p.share.whole, p.share.n_reports, {"above": "高于", "below": "低于", "within": ""}[p.side])
        for league in found.leagues for p in league.places
    ))  # fmt: skip
    heads = (*columns("机关 @年度"), *(Column(measure.name, "count") for measure in found.measures), Column("记录"))
    yield Table("每份报告", heads, (
        (report.agency, report.year, *row, report.id) for report, row in zip(summary.reports, found.values, strict=True)
    ))  # fmt: skip


def quality(summary: Summary) -> Iterator[Table]:
    """Checks by rule, and each that failed."""
    yield Table("数据质量", columns("关系 内容 :相符 :不符 :无从核对 :不符的报告 *查询"), (
        (r.rule, r.name, r.n_pass, len(r.failures), r.n_unknown, r.n_reports, r.query) for r in summary.quality
    ))  # fmt: skip
    yield Table("核对不符", columns("关系 机关 @年度 应为 实为 *说明 *单元格 记录"), _failures(summary))


def reports(summary: Summary) -> Iterator[Table]:
    """The reports in scope with their groups, the groups, and what was counted."""
    dimensions = summary.dimensions
    names = {(d.key, group.key): group.name for d in dimensions for group in d.groups}
    heads = (*columns("机关 @年度"), *(Column(d.name) for d in dimensions if d.key != "year"), *columns("*标题 *文件 *网址 记录"))
    yield Table("报告", heads, (
        (r.agency, r.year, *(names.get((d.key, r.groups.get(d.key, ""))) for d in dimensions if d.key != "year"), r.title, source(r),
         r.url, r.id)
        for r in summary.reports
    ))  # fmt: skip
    yield Table("分组", columns("维度 组 :机关 :报告"), (
        (d.name, group.name, group.n_agencies, group.n_reports) for d in dimensions for group in d.groups
    ))  # fmt: skip
    scope, made = summary.scope, summary.made
    yield Table("范围与程序", columns("*项目 *内容"), (
        ("库中的记录", scope.n_records), ("计入的报告", scope.n_reports), ("机关", scope.n_agencies), ("最早年度", scope.first_year),
        ("最晚年度", scope.last_year), ("无法读取", scope.n_failed), ("同一机关同一年度另有更完整的，不计", scope.n_superseded),
        ("未说明机关，各自计算", scope.n_without_agency), ("问题", summary.remedies.n_problems), ("措施", summary.remedies.n_remedies),
        ("程序", f"gongkai {made.version}"), ("模型", made.model), ("模型 SHA-256", made.model_sha256),
        ("归入要点的相似度", made.threshold),
        ("设置 SHA-256", made.settings_sha256), ("维度", " ".join(made.by)), ("格式版本", summary.summary_version),
    ))  # fmt: skip


def _every(summary: Summary) -> Iterator[Copy]:
    yield from summary.copies.against_last
    for cluster in summary.copies.clusters:
        yield from cluster.copies


def _passages(summary: Summary) -> Iterator[Sequence[Value]]:
    """Every passage by its place; its words where the summary has them."""
    words = {(pair.older, pair.newer): pair.passages for pair in summary.copies.aligned}
    for c in _every(summary):
        said = words.get((c.older.id, c.newer.id), ((None, None),) * len(c.passages))
        for p, (older, newer) in zip(c.passages, said, strict=True):
            yield (c.newer.agency, c.newer.year, p.b_start, p.b_end, newer, c.older.agency, c.older.year, p.a_start, p.a_end, older,
                   c.newer.id, c.older.id)  # fmt: skip


def _share(figure: Figure) -> Sequence[Value]:
    s = figure.share
    return (None,) * 5 if s is None else (s.part, s.whole, s.value, s.low, s.high)


def _failures(summary: Summary) -> Iterator[Sequence[Value]]:
    for rule in summary.quality:
        for failure in rule.failures:
            for at in failure.places:
                report, cells = summary.reports[at.report], "；".join(map(cell_name, at.cells))
                yield rule.rule, report.agency, report.year, failure.expected, failure.found, failure.message, cells, report.id
