"""Which charts a summary gets, and from which of its counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from nlp.settings import load_toml
from nlp.summary.measures import Breakdown, Figure
from nlp.summary.model import Dimension, Summary
from nlp.summary.report.charts import Bar, Chart, Point, bars, heat, lines, tiles

_OUTCOMES = ("granted", "partial", "denied", "unavailable", "refused", "other")
_LONG = 10  # characters of a name that a side of a heat map has room for


def overview(summary: Summary) -> Iterator[Chart]:
    """What is said to be wrong: by category, over the years, by region."""
    if summary.categories:
        named = [Bar(c.name, c.n_agencies, f"{c.n_agencies}（{c.share:.0%}）") for c in summary.categories]
        yield bars("各类问题有多少机关提到", "条长为机关数，括号内为占全部机关的比例", named)
    years = _dimension(summary, "year")
    if years and len(years.groups) > 1 and summary.categories:
        yield lines("历年走势", "当年报告中提到该类问题的比例", list(_trend(summary)))
    regions = _dimension(summary, "region")
    if regions and len(regions.groups) > 1 and summary.categories:
        yield heat("类别 × 地区", "格内为当地机关中提到该类问题的百分比，颜色越深比例越高", list(_by_region(summary, regions)))
        squares = list(_squares(summary, regions))
        if squares:
            yield tiles("各省每份报告自述的问题", "每格一省，位置大致如地图；数字为平均每份报告自述的问题数，空格没有报告",
                        load_toml("summary.toml")["report"]["tiles"], squares)  # fmt: skip


def outcomes(summary: Summary) -> Iterator[Chart]:
    """How requests are answered: in all, and over the years."""
    statistics = summary.statistics
    if statistics is None:
        return
    names = {measure.key: measure.name for measure in statistics.measures}
    told = [figure for figure in statistics.total if figure.measure in _OUTCOMES and figure.share]
    if told:
        shares = [_share_bar(names[figure.measure], figure) for figure in told]
        yield bars("申请办理结果", "占办结申请的比例；细线为 95% 区间" if statistics.confidence == 0.95 else "占办结申请的比例；细线为区间", shares, share=True)
    years = next((breakdown for breakdown in statistics.by if breakdown.key == "year" and len(breakdown.groups) > 1), None)
    if years:
        points = list(_outcomes_by_year(years, names))
        if points:
            yield lines("办理结果的历年走势", "占当年办结申请的比例", points)


def _share_bar(name: str, figure: Figure) -> Bar:
    assert figure.share
    share = figure.share
    return Bar(name, share.value, f"{share.value:.1%}", share.low, share.high)


def _outcomes_by_year(years: Breakdown, names: dict[str, str]) -> Iterator[Point]:
    for key in _OUTCOMES[:5]:
        for group in years.groups:
            share = next((f.share for f in group.figures if f.measure == key), None)
            if share:
                yield Point(group.name, names[key], share.value, f"{group.name} {names[key]}：{share.value:.1%}（{share.part}/{share.whole}）")


def _dimension(summary: Summary, key: str) -> Dimension | None:
    return next((dimension for dimension in summary.dimensions if dimension.key == key), None)


def _trend(summary: Summary) -> Iterator[Point]:
    years = _dimension(summary, "year")
    assert years
    for category in summary.categories[: load_toml("summary.toml")["report"]["lines"]]:
        found = {split.key: split for split in category.by.get("year", ())}
        for group in years.groups:
            split = found.get(group.key)
            n = split.n_reports if split else 0
            about = f"{group.name} {category.name}：{n}/{group.n_reports} 份报告"
            yield Point(group.name, category.name, n / group.n_reports, about)


def _by_region(summary: Summary, regions: Dimension) -> Iterator[Point]:
    for category in summary.categories:
        found = {split.key: split for split in category.by.get("region", ())}
        for group in regions.groups:
            share = found[group.key].n_agencies / group.n_agencies if group.key in found else 0.0
            yield Point(category.name, _short(group.name), share, f"{share * 100:.0f}" if share else "")


def _squares(summary: Summary, regions: Dimension) -> Iterator[Point]:
    """Problems a report, for regions that are provinces."""
    members = [member for point in summary.key_points for member in point.members] + list(summary.remainder)
    stated = Counter(summary.reports[member.report].groups.get("region") for member in members)
    provinces = {name: short for short, name in load_toml("summary.toml")["report"]["provinces"].items()}
    for group in regions.groups:
        if group.key in provinces:
            mean = stated[group.key] / group.n_reports
            yield Point(provinces[group.key], group.name, mean, f"{mean:.1f}")


def _short(name: str) -> str:
    provinces = load_toml("summary.toml")["report"]["provinces"]
    if name in provinces.values():
        return next(full[:3] if full[:3] in ("内蒙古", "黑龙江") else full[:2] for full in provinces.values() if full == name)
    return name if len(name) <= _LONG else name[: _LONG - 1] + "…"
