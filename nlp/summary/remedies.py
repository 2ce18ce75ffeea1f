"""What agencies do about their problems: remedies of one meaning, what is left open, what was promised and came again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from nlp.summary.model import Again, Member, Place, Remedies, RemedyMember, RemedyPoint, ReportFacts
from nlp.summary.naming import choose_name
from nlp.summary.points import NONE, PointSettings, find_points
from nlp.summary.statements import Statement, Statements
from nlp.summary.vectors import Encoder

Located = Mapping[tuple[int, int], Statement]
"""Remedies by report and number."""


def located(remedies: Statements) -> Located:
    """Remedies by report and number."""
    return {(one.report, one.n): one for one in remedies.all}


@dataclass(frozen=True)
class RemedyGroups:
    """Groups the remedies that answer some problems by their words.

    Words alone do: beside one key point there is less to tell apart than among all problems.
    """

    remedies: Located
    facts: Sequence[ReportFacts]
    encoder: Encoder
    settings: PointSettings

    def __call__(self, members: Sequence[Member]) -> tuple[RemedyPoint, ...]:
        """The groups, every remedy in one, the most stated first."""
        answering = {(member.report, n) for member in members for n in member.remedies if (member.report, n) in self.remedies}
        statements = Statements([self.remedies[place] for place in sorted(answering)])
        if not statements.all:
            return ()
        points = find_points(self.encoder.by_words(statements.distinct), statements.weights, self.settings.for_remedies())
        groups: defaultdict[int, list[int]] = defaultdict(list)
        for row, point in enumerate(points.assigned.tolist()):
            groups[point if point != NONE else len(points.centres) + row].append(row)
        near = points.nearest.first_similarity
        found = [self._point(statements, rows, near[rows].tolist()) for rows in groups.values()]
        return tuple(sorted(found, key=lambda point: (-point.n_agencies, -point.n_reports, point.name)))

    def _point(self, statements: Statements, rows: Sequence[int], similarities: Sequence[float]) -> RemedyPoint:
        texts = [statements.distinct[row] for row in rows]
        weights = [int(statements.weights[row]) for row in rows]
        name = texts[choose_name(texts, similarities, weights, self.settings.central)]
        stated = [statements.all[place] for row in rows for place in statements.rows[row]]
        members = tuple(_member(one) for one in sorted(stated, key=lambda one: (one.report, one.n)))
        reports = {member.report for member in members}
        planned, done = (len({m.report for m in members if m.status == status}) for status in ("planned", "done"))
        n_agencies = len({self.facts[report].agency for report in reports})
        return RemedyPoint(name, n_agencies, len(reports), planned, done, members)


def analyse(
    problems: Statements, remedies: Statements, facts: Sequence[ReportFacts], points: Mapping[str, Sequence[Member]]
) -> Remedies:
    """Problems without a remedy, remedies without a problem, and what was promised and came again; `points` by id."""
    without = tuple(Place(one.report, one.n) for one in problems.all if not one.others)
    idle = tuple(_member(one) for one in remedies.all if not one.others)
    again = tuple(sorted(_again(points, located(remedies), facts), key=lambda one: (one.key_point, one.agency, one.year)))
    return Remedies(len(problems.all), len(remedies.all), without, idle, again)


def _again(points: Mapping[str, Sequence[Member]], remedies: Located, facts: Sequence[ReportFacts]) -> Iterator[Again]:
    for point, members in points.items():
        stated: defaultdict[tuple[str, int], list[Member]] = defaultdict(list)
        for member in members:
            report = facts[member.report]
            if report.year is not None:
                stated[report.agency, report.year].append(member)
        for (agency, year), first in stated.items():
            later = stated.get((agency, year + 1))
            promised = sorted({n for member in first for n in member.remedies if _planned(remedies, member.report, n)})
            if later and promised:
                numbers = tuple(member.n for member in first), tuple(promised)
                yield Again(
                    point, agency, year, first[0].report, *numbers, later[0].report, tuple(member.n for member in later)
                )


def _planned(remedies: Located, report: int, n: int) -> bool:
    remedy = remedies.get((report, n))
    return remedy is not None and remedy.status == "planned"


def _member(one: Statement) -> RemedyMember:
    return RemedyMember(one.report, one.n, one.start, one.end, one.text, one.status, one.others)
