"""Every count of a summary equals the members listed beside it, and every quoted text stands at its place in its report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.columns import placed_cells
from nlp.record import Record
from nlp.summary import Options, Summary
from nlp.summary.measures import Figure
from nlp.summary.model import Member, Splits
from nlp.summary.prose import BREAK, prose_of_text
from nlp.summary.reuse import Copy
from tests.nlp.summary.archives import full_reports, summary_of
from tests.nlp.summary.topics import Topics


@dataclass(frozen=True, repr=False)
class Found:
    """A summary and the records that it is of."""

    summary: Summary
    records: dict[str, Record]

    @property
    def members(self) -> list[Member]:
        """All problems."""
        return [*(m for point in self.summary.key_points for m in point.members), *self.summary.remainder]

    @property
    def copies(self) -> list[Copy]:
        """All copies."""
        copies = self.summary.copies
        return [*copies.against_last, *(copy for cluster in copies.clusters for copy in cluster.copies)]

    def record(self, report: int) -> Record:
        """The record of a report."""
        return self.records[self.summary.reports[report].id]

    def n_agencies(self, reports: Iterable[int]) -> int:
        """How many agencies some reports are of."""
        return len({self.summary.reports[report].agency for report in reports})

    def counted(self, reports: Iterable[int]) -> tuple[int, int]:
        """Agencies and reports."""
        within = set(reports)
        return self.n_agencies(within), len(within)


@st.composite
def summaries(draw: st.DrawFn) -> Found:
    records = full_reports(draw(st.integers(0, 10**6)), draw(st.integers(1, 24)))
    found = summary_of(records, Topics(), Options())  # type: ignore[arg-type]  # stands in for Encoder
    return Found(found, {record.id: record for record in records})


@settings(max_examples=8, deadline=None)
@given(summaries())
def test_every_count_equals_its_members_and_every_quote_stands_in_its_text(found: Found) -> None:
    assert_points(found)
    assert_quotes(found)
    assert_remedies(found)
    assert_categories(found)
    assert_groups(found)
    assert_copies(found)
    assert_equal_figures(found)
    assert_statistics(found)
    assert_quality(found)


def assert_points(found: Found) -> None:
    """Each problem is a member of one key point or of the remainder; points count their members, by every dimension."""
    s = found.summary
    every = [(n, number) for n in range(len(s.reports)) for number in range(len(found.record(n).narrative.problems))]
    assert sorted((m.report, m.n) for m in found.members) == every
    assert s.remedies.n_problems == len(every)
    ids = {point.id for point in s.key_points}
    for point in s.key_points:
        within = {m.report for m in point.members}
        assert (point.n_agencies, point.n_reports) == found.counted(within)
        assert point.share == pytest.approx(point.n_agencies / s.scope.n_agencies, abs=1e-6)
        assert point.categories == Counter(code for m in point.members for code in m.categories)
        assert point.n_without_remedy == sum(not m.remedies for m in point.members)
        assert_splits(found, point.by, within)
        own = {(m.report, m.n) for m in point.members}
        for near in point.near_misses:
            assert (near.member.report, near.member.n) not in own
            assert near.went_to is None or near.went_to in ids - {point.id}


def assert_quotes(found: Found) -> None:
    """Members, near-misses, quotes, remedies: all `text[start:end]`, with the links and categories of the record."""
    s = found.summary
    for point in s.key_points:
        assert 1 <= len(point.quotes) <= 5
        own = {(s.reports[m.report].id, m.n, m.start, m.end) for m in point.members}
        for quote in point.quotes:
            text = found.records[quote.record].text
            assert (quote.record, quote.n, quote.start, quote.end) in own
            assert text[quote.start : quote.end] == quote.text
            assert text[: quote.start].endswith(quote.before)
            assert text[quote.end :].startswith(quote.after)
        assert any(point.name in m.text for m in point.members)
    for m in [*found.members, *(near.member for point in s.key_points for near in point.near_misses)]:
        record = found.record(m.report)
        problem = record.narrative.problems[m.n]
        assert record.text[m.start : m.end] == m.text == problem.text
        assert (m.remedies, m.categories) == (tuple(problem.remedies), tuple(problem.categories))
    stated = [*s.remedies.without_problem, *(m for p in s.key_points for r in p.remedies for m in r.members)]
    for one in stated:
        record = found.record(one.report)
        assert record.text[one.start : one.end] == one.text == record.narrative.remedies[one.n].text


def assert_remedies(found: Found) -> None:
    """Remedies of a point are those of its members; what is left open, and what was promised and came again."""
    s = found.summary
    for point in s.key_points:
        for remedy in point.remedies:
            assert (remedy.n_agencies, remedy.n_reports) == found.counted(m.report for m in remedy.members)
            for status, n in (("planned", remedy.n_planned), ("done", remedy.n_done)):
                assert n == len({m.report for m in remedy.members if m.status == status})
        answering = sorted({(m.report, number) for m in point.members for number in m.remedies})
        assert sorted((m.report, m.n) for remedy in point.remedies for m in remedy.members) == answering
    every = [(n, number) for n in range(len(s.reports)) for number in range(len(found.record(n).narrative.remedies))]
    assert s.remedies.n_remedies == len(every)
    answers = {(m.report, number) for m in found.members for number in m.remedies}
    assert [(m.report, m.n) for m in s.remedies.without_problem] == [place for place in every if place not in answers]
    assert [(at.report, at.n) for at in s.remedies.without_remedy] == sorted((m.report, m.n) for m in found.members if not m.remedies)
    own = {point.id: {(m.report, m.n) for m in point.members} for point in s.key_points}
    for again in s.remedies.again:
        first, later = s.reports[again.report], s.reports[again.later]
        assert (first.agency, first.year, later.agency, later.year) == (again.agency, again.year, again.agency, again.year + 1)
        told = {(again.report, n) for n in again.problems} | {(again.later, n) for n in again.later_problems}
        assert again.problems and again.later_problems and told <= own[again.key_point]
        assert again.remedies
        assert all(found.record(again.report).narrative.remedies[n].status == "planned" for n in again.remedies)


def assert_categories(found: Found) -> None:
    s = found.summary
    for category in s.categories:
        within = {m.report for m in found.members if category.code in m.categories}
        assert (category.n_agencies, category.n_reports) == found.counted(within)
        assert category.share == pytest.approx(category.n_agencies / s.scope.n_agencies, abs=1e-6)
        assert_splits(found, category.by, within)
    assert {category.code for category in s.categories} == {code for m in found.members for code in m.categories}


def assert_groups(found: Found) -> None:
    s = found.summary
    assert (s.scope.n_agencies, s.scope.n_reports) == found.counted(range(len(s.reports)))
    assert s.scope.n_records == len(found.records) == s.scope.n_reports + s.scope.n_failed + s.scope.n_superseded
    for dimension in s.dimensions:
        for group in dimension.groups:
            within = {n for n, one in enumerate(s.reports) if one.groups.get(dimension.key) == group.key}
            assert (group.n_agencies, group.n_reports) == found.counted(within)


def assert_splits(found: Found, by: Splits, within: set[int]) -> None:
    reports = found.summary.reports
    groups = {dimension.key: {group.key: group for group in dimension.groups} for dimension in found.summary.dimensions}
    assert by.keys() == groups.keys()
    for dimension, splits in by.items():
        for split in splits:
            there = {place for place in within if reports[place].groups.get(dimension) == split.key}
            assert (split.n_agencies, split.n_reports) == found.counted(there)
            group = groups[dimension][split.key]
            assert (split.of_reports, split.of_agencies) == (group.n_reports, group.n_agencies)
        assert sum(split.n_reports for split in splits) == sum(dimension in reports[place].groups for place in within)


def assert_copies(found: Found) -> None:
    """A share is what its passages add up to; passages and their words stand in both texts; clusters have their copies."""
    copies = found.summary.copies
    known = {(c.older.id, c.newer.id): c for c in found.copies}
    for copy in found.copies:
        assert copy.share == (copy.reused / copy.characters if copy.characters else 0)
        a, b = found.records[copy.older.id].text, found.records[copy.newer.id].text
        older = [prose_of_text(a[p.a_start : p.a_end]).text.strip(BREAK) for p in copy.passages]
        newer = [prose_of_text(b[p.b_start : p.b_end]).text.strip(BREAK) for p in copy.passages]
        assert older == newer
        assert copy.reused == sum(map(len, newer))
    for pair in copies.aligned:
        a, b = found.records[pair.older].text, found.records[pair.newer].text
        places = known[pair.older, pair.newer].passages
        assert pair.passages == tuple((a[p.a_start : p.a_end], b[p.b_start : p.b_end]) for p in places)
    for cluster in copies.clusters:
        ids = [report.id for report in cluster.reports]
        assert len(ids) == len(set(ids)) > 1
        assert cluster.origin == cluster.reports[0]
        newer = {copy.newer.id for copy in cluster.copies}
        assert [copy.newer.id for copy in cluster.copies] == [each for each in ids[1:] if each in newer]
        assert {copy.older.id for copy in cluster.copies} <= set(ids)


def assert_equal_figures(found: Found) -> None:
    """Of figures that stay, the reports are listed; of years, both numbers can be counted again in the two records."""
    cells = {key: {p.path: p.cell.value for p in placed_cells(r) if p.cell.value} for key, r in found.records.items()}
    for equal in found.summary.copies.equal_figures:
        assert len(equal.reports) == equal.last_year - equal.first_year + 1 >= 2
        assert {cells[key][equal.figure] for key in equal.reports} == {equal.value}
    for years in found.summary.copies.equal_years:
        before, after = cells[years.before_id], cells[years.id]
        both = before.keys() & after.keys()
        assert (years.compared, years.equal) == (len(both), sum(before[path] == after[path] for path in both))


def assert_statistics(found: Found) -> None:
    """Every figure is the sum over its reports, every share that of those which tell both of its numbers."""
    statistics = found.summary.statistics
    assert statistics
    column = {measure.key: n for n, measure in enumerate(statistics.measures)}
    of = {measure.key: measure.of for measure in statistics.measures}

    def assert_figure(figure: Figure, reports: Iterable[int]) -> None:
        rows = [statistics.values[report] for report in reports]
        told = [row[column[figure.measure]] for row in rows if row[column[figure.measure]] is not None]
        assert figure.value == (sum(value for value in told if value is not None) if told else None)
        assert (figure.n_reports, figure.n_left_out) == (len(told), len(rows) - len(told))
        whole = of[figure.measure]
        if figure.share and whole:
            pairs = [(row[column[figure.measure]], row[column[whole]]) for row in rows]
            both = [(part, all_) for part, all_ in pairs if part is not None and all_ is not None and part <= all_]
            share = figure.share
            assert (share.part, share.whole, share.n_reports) == (sum(p for p, _ in both), sum(w for _, w in both), len(both))
            assert share.value == share.part / share.whole
            assert 0 <= share.low <= share.value <= share.high <= 1

    for figure in statistics.total:
        assert_figure(figure, range(len(found.summary.reports)))
    shares = {}
    for by in statistics.by:
        for group in by.groups:
            for figure in group.figures:
                assert_figure(figure, group.reports)
                shares[by.key, group.key, figure.measure] = figure.share
    for league in statistics.leagues:
        told = [share for (key, _, measure), share in shares.items() if (key, measure) == (league.dimension, league.measure) and share]
        assert len(league.places) + league.n_too_few == len(told)
        for place in league.places:
            assert place.share == shares[league.dimension, place.key, league.measure]
            assert place.share.whole >= league.least_cases


def assert_quality(found: Found) -> None:
    """A rule's reports are those at fault in its failures; failures inside a report are those of its record."""
    for rule in found.summary.quality:
        assert rule.n_reports == len({failure.places[0].report for failure in rule.failures})
        inside = [f for f in rule.failures if len(f.places) == 1]
        if inside:
            checks = [check for record in found.records.values() for check in record.checks if check.rule == rule.rule]
            states = Counter(check.status for check in checks)
            assert (rule.n_pass, rule.n_unknown, len(inside)) == (states["pass"], states["unknown"], states["fail"])
