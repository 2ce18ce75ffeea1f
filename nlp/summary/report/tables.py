"""The tables of a summary, as the workbook has them: every list whole, each row with what its figures count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nlp.record import RemedyStatus
from nlp.summary.model import Again, Member, RemedyMember, Splits, Summary
from nlp.summary.report import beside
from nlp.summary.report.names import category
from nlp.summary.report.table import Table, Value, columns


def tables(summary: Summary) -> Iterator[Table]:
    """All tables, also those that have nothing to tell."""
    yield from _points(summary)
    yield from _categories(summary)
    yield from _remedies(summary)
    yield from beside.copies(summary)
    yield from beside.statistics(summary)
    yield from beside.quality(summary)
    yield from beside.reports(summary)


def problems(summary: Summary) -> dict[tuple[int, int], Member]:
    """Every problem in scope by report and number."""
    members = [member for point in summary.key_points for member in point.members]
    return {(member.report, member.n): member for member in (*members, *summary.remainder)}


def promises(summary: Summary) -> dict[tuple[int, int], RemedyMember]:
    """Every remedy that answers a problem of a key point, by report and number."""
    return {(m.report, m.n): m for point in summary.key_points for remedy in point.remedies for m in remedy.members}


def _points(summary: Summary) -> Iterator[Table]:
    points = summary.key_points
    yield Table("问题要点", columns("编号 *要点 类别 :机关 %占全部机关 :报告 :问题 :无措施"), (
        (p.id, p.name, "、".join(map(category, p.categories)), p.n_agencies, p.share, p.n_reports, len(p.members), p.n_without_remedy)
        for p in points
    ))  # fmt: skip
    yield Table("要点分布", columns("编号 *要点 维度 组 :机关 :当组机关 %占当组机关 :报告 :当组报告"), (
        (p.id, p.name, *row) for p in points for row in _splits(summary, p.by)
    ))  # fmt: skip
    yield Table("问题", columns("编号 *要点 *问题 机关 @年度 :起 :止 相似度 :措施 类别 记录"), _problems(summary))
    yield Table("引文", columns("编号 *要点 *前文 *引文 *后文 机关 @年度 :起 :止 *文件 记录"), (
        (p.id, p.name, q.before, q.text, q.after, q.agency, q.year, q.start, q.end, f"{q.path} › {q.member}" if q.member else q.path,
         q.record)
        for p in points for q in p.quotes
    ))  # fmt: skip
    yield Table("相近而未归入", columns("编号 *要点 *问题 相似度 归入 机关 @年度 :起 :止 记录"), (
        (p.id, p.name, near.member.text, near.member.similarity, near.went_to or "（未归入要点）", *_where(summary, near.member))
        for p in points for near in p.near_misses
    ))  # fmt: skip


def _categories(summary: Summary) -> Iterator[Table]:
    yield Table("类别", columns("类别 :机关 %占全部机关 :报告"), (
        (c.name, c.n_agencies, c.share, c.n_reports) for c in summary.categories
    ))  # fmt: skip
    yield Table("类别分布", columns("类别 维度 组 :机关 :当组机关 %占当组机关 :报告 :当组报告"), (
        (c.name, *row) for c in summary.categories for row in _splits(summary, c.by)
    ))  # fmt: skip


def _splits(summary: Summary, by: Splits) -> Iterator[Sequence[Value]]:
    for dimension in summary.dimensions:
        names = {group.key: group.name for group in dimension.groups}
        for s in by.get(dimension.key, ()):
            share = s.n_agencies / s.of_agencies
            yield dimension.name, names[s.key], s.n_agencies, s.of_agencies, share, s.n_reports, s.of_reports


def _problems(summary: Summary) -> Iterator[Sequence[Value]]:
    groups: list[tuple[str, str, Sequence[Member]]] = [(point.id, point.name, point.members) for point in summary.key_points]
    for key, name, members in [*groups, ("", "（未归入要点）", summary.remainder)]:
        for m in members:
            agency, year, start, end, record = _where(summary, m)
            kinds = "、".join(map(category, m.categories))
            yield key, name, m.text, agency, year, start, end, m.similarity, len(m.remedies), kinds, record


def _remedies(summary: Summary) -> Iterator[Table]:
    yield Table("整改措施类", columns("要点编号 *要点 *措施类 :机关 :报告 :计划 :已做 :条"), (
        (p.id, p.name, r.name, r.n_agencies, r.n_reports, r.n_planned, r.n_done, len(r.members))
        for p in summary.key_points for r in p.remedies
    ))  # fmt: skip
    yield Table("整改措施", columns("要点编号 *要点 *措施类 *措施 状态 机关 @年度 :起 :止 记录"), (
        (p.id, p.name, r.name, m.text, _status(m.status), *_where(summary, m))
        for p in summary.key_points for r in p.remedies for m in r.members
    ))  # fmt: skip
    known = problems(summary)
    yield Table("未附措施的问题", columns("*问题 机关 @年度 :起 :止 记录"), (
        (known[at.report, at.n].text, *_where(summary, known[at.report, at.n])) for at in summary.remedies.without_remedy
    ))  # fmt: skip
    yield Table("无对应问题的措施", columns("*措施 状态 机关 @年度 :起 :止 记录"), (
        (m.text, _status(m.status), *_where(summary, m)) for m in summary.remedies.without_problem
    ))  # fmt: skip
    yield Table("承诺后再现", columns("次 要点编号 *要点 所说 *原文 机关 @年度 :起 :止 记录"), _again(summary))


def _again(summary: Summary) -> Iterator[Sequence[Value]]:
    """A row for each statement: the problem, what was promised, the problem of the next year."""
    names, known, promised = {p.id: p.name for p in summary.key_points}, problems(summary), promises(summary)
    for n, again in enumerate(summary.remedies.again, 1):
        for word, member in _told(again, known, promised):
            yield n, again.key_point, names.get(again.key_point, again.key_point), word, member.text, *_where(summary, member)


def _told(
    again: Again, known: dict[tuple[int, int], Member], promised: dict[tuple[int, int], RemedyMember]
) -> Iterator[tuple[str, Member | RemedyMember]]:
    yield from (("当年的问题", known[again.report, n]) for n in again.problems)
    yield from (("承诺的措施", promised[again.report, n]) for n in again.remedies)
    yield from (("次年的问题", known[again.later, n]) for n in again.later_problems)


def _where(summary: Summary, member: Member | RemedyMember) -> tuple[str, int | None, int, int, str]:
    report = summary.reports[member.report]
    return report.agency, report.year, member.start, member.end, report.id


def _status(status: RemedyStatus) -> str:
    return "已做" if status == "done" else "计划"
