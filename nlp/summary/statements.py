"""The problems and remedies of the reports in scope, and what of them is distinct."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import duckdb
import numpy as np

from nlp.record import RemedyStatus
from nlp.summary.model import Member, ReportFacts
from nlp.summary.points import Ints, digest
from nlp.summary.vectors import plain


@dataclass(frozen=True, slots=True)
class Statement:
    """A problem or remedy: the `n`-th of report `report` (a place in the reports in scope), `[start, end)` of its text.

    `others` are the numbers of the remedies that answer the problem, or of the problems that the remedy answers.
    """

    report: int
    n: int
    text: str
    start: int
    end: int
    categories: tuple[str, ...]
    status: RemedyStatus
    others: tuple[int, ...]

    def member(self, similarity: float) -> Member:
        """As a member of a key point."""
        return Member(
            self.report, self.n, self.start, self.end, self.text, round(similarity, 4), self.others, self.categories
        )


@dataclass(frozen=True)
class Statements:
    """All problems (or all remedies), in the order of reports and numbers."""

    all: Sequence[Statement]

    @cached_property
    def distinct(self) -> list[str]:
        """The plain texts that occur, in the order of `digest`."""
        return sorted(set(self._plain), key=digest)

    @cached_property
    def rows(self) -> list[list[int]]:
        """For each of `distinct`, the places in `all` of the statements that read so."""
        found: defaultdict[str, list[int]] = defaultdict(list)
        for place, text in enumerate(self._plain):
            found[text].append(place)
        return [found[text] for text in self.distinct]

    @cached_property
    def weights(self) -> Ints:
        """For each of `distinct`, how many reports state it."""
        return np.array([len({self.all[place].report for place in places}) for places in self.rows], np.int64)

    @cached_property
    def _plain(self) -> list[str]:
        known = {text: plain(text) for text in {statement.text for statement in self.all}}
        return [known[statement.text] for statement in self.all]


def read_problems(connection: duckdb.DuckDBPyConnection, reports: Sequence[ReportFacts]) -> Statements:
    """The problems of some reports."""
    return _read(connection, reports, "problems", "'planned'", "problem_n", "remedy_n")


def read_remedies(connection: duckdb.DuckDBPyConnection, reports: Sequence[ReportFacts]) -> Statements:
    """The remedies of some reports."""
    return _read(connection, reports, "remedies", "status", "remedy_n", "problem_n")


def _read(
    connection: duckdb.DuckDBPyConnection, reports: Sequence[ReportFacts], table: str, status: str, own: str, other: str
) -> Statements:
    places = {report.id: place for place, report in enumerate(reports)}
    linked: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
    for identity, n, with_n in connection.execute(f"SELECT id, {own}, {other} FROM links ORDER BY ALL").fetchall():  # noqa: S608  # names of columns
        linked[identity, n].append(with_n)
    rows = connection.execute(
        f"SELECT id, n, text, span_start, span_end, categories, {status} FROM {table}"  # noqa: S608  # names of columns
    ).fetchall()
    return Statements(sorted(_statements(rows, places, linked), key=lambda one: (one.report, one.n)))


def _statements(
    rows: Iterable[tuple[str, int, str, int, int, list[str], RemedyStatus]],
    places: dict[str, int],
    linked: dict[tuple[str, int], list[int]],
) -> Iterable[Statement]:
    for identity, n, text, start, end, categories, status in rows:
        if identity in places:
            others = tuple(linked.get((identity, n), ()))
            yield Statement(places[identity], n, text, start, end, tuple(categories or ()), status, others)
