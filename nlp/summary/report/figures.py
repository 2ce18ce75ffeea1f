"""Which charts a summary gets, and from which of its counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from nlp.settings import load_toml
from nlp.summary.measures import Breakdown, Figure
from nlp.summary.model import Dimension, Summary
from nlp.summary.report.charts import Bar, Chart, Point, bars, lines
from nlp.summary.report.squares import heat, tiles

_OUTCOMES = ("granted", "partial", "denied", "unavailable", "refused", "other")
_LONG = 10  # characters of a name that a side of a heat map has room for


def overview(summary: Summary) -> Iterator[Chart]:
    """What is said to be wrong: by category, by region, over the years."""
    settings = load_toml("summary.toml")["report"]
    if summary.categories:
        named = [Bar(c.name, c.n_agencies, f"{c.n_agencies}（{c.share:.0%}）") for c in summary.categories]
        yield bars("各类问题有多少机关提到", "条长为机关数，括号内为占全部机关的比例", named)
    regions = _dimension(summary, "region")
    squares = list(_squares(summary, regions)) if regions else []
    if squares:
        note = "每格一省，位置大致如地图；数字为平均每份报告自述的问题数，空格没有报告"
        yield tiles("各省每份报告自述的问题", note, settings["tiles"], squares)
    trend = list(_trend(summary))
    if trend:
        note = f"当年报告中提到该类问题的比例；不足 {settings['least_reports']} 份报告的年度不画"
        yield lines("历年走势", note, trend, full=bool(squares))
    if regions and len(regions.groups) > 1 and summary.categories:
        most = "，只列机关最多的地区" if len(regions.groups) > settings["regions"] else ""
        note = f"格内为当地机关中提到该类问题的百分比，颜色越深比例越高{most}"
        yield heat("类别 × 地区", note, list(_by_region(summary, regions)))


def outcomes(summary: Summary) -> Iterator[Chart]:
    """How requests are answered: in all, and over the years."""
    statistics = summary.statistics
    if statistics is None:
        return
    names = {measure.key: measure.name for measure in statistics.measures}
    told = [figure for figure in statistics.total if figure.measure in _OUTCOMES and figure.share]
    if told:
        shares = [_share_bar(names[figure.measure], figure) for figure in told]
        yield bars("申请办理结果", f"占办结申请的比例；细线为 {statistics.confidence:.0%} 区间", shares, share=True)
    years = next(
        (breakdown for breakdown in statistics.by if breakdown.key == "year" and len(breakdown.groups) > 1), None
    )
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
                yield Point(
                    group.name,
                    names[key],
                    share.value,
                    f"{group.name} {names[key]}：{share.value:.1%}（{share.part}/{share.whole}）",
                )


def _dimension(summary: Summary, key: str) -> Dimension | None:
    return next((dimension for dimension in summary.dimensions if dimension.key == key), None)


def _trend(summary: Summary) -> Iterator[Point]:
    """Years of which there are enough reports, where there are two such years."""
    settings = load_toml("summary.toml")["report"]
    years = _dimension(summary, "year")
    groups = [group for group in years.groups if group.n_reports >= settings["least_reports"]] if years else []
    for category in summary.categories[: settings["lines"]] if len(groups) > 1 else ():
        found = {split.key: split for split in category.by.get("year", ())}
        for group in groups:
            n = found[group.key].n_reports if group.key in found else 0
            about = f"{group.name} {category.name}：{n}/{group.n_reports} 份报告"
            yield Point(group.name, category.name, n / group.n_reports, about)


def _by_region(summary: Summary, regions: Dimension) -> Iterator[Point]:
    n_shown = load_toml("summary.toml")["report"]["regions"]
    largest = {group.key for group in sorted(regions.groups, key=lambda group: -group.n_agencies)[:n_shown]}
    for category in summary.categories:
        found = {split.key: split for split in category.by.get("region", ())}
        for group in regions.groups:
            if group.key in largest:
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
    """A province without what follows its name, any other region cut where it is too long for a label."""
    if name in load_toml("summary.toml")["report"]["provinces"].values():
        return name[:3] if name.startswith(("内蒙古", "黑龙江")) else name[:2]
    return name if len(name) <= _LONG else name[: _LONG - 1] + "…"
