"""Representative members of a key point, quoted from their reports with the text around them."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from nlp.summary.model import Member, Quote, ReportFacts
from nlp.summary.vectors import plain

AROUND = 40
"""Characters before and after a quote that are given for reading."""


def quoted(
    connection: duckdb.DuckDBPyConnection, members: Sequence[Member], facts: Sequence[ReportFacts], n_quotes: int
) -> tuple[Quote, ...]:
    """The `n_quotes` members nearest to their key point, of different agencies and wording where there are enough."""
    chosen = _chosen(members, facts, n_quotes)
    ids = [facts[member.report].id for member in chosen]
    texts = dict(connection.execute("SELECT id, text FROM records WHERE id IN (SELECT unnest(?))", [ids]).fetchall())
    return tuple(_quote(member, facts[member.report], texts[facts[member.report].id]) for member in chosen)


def _chosen(members: Sequence[Member], facts: Sequence[ReportFacts], n_quotes: int) -> list[Member]:
    ordered = sorted(members, key=lambda member: (-member.similarity, member.text, member.report, member.n))
    agencies: set[str] = set()
    wordings: set[str] = set()
    fresh: list[Member] = []
    for member in ordered:
        agency = facts[member.report].agency
        if agency not in agencies and (wording := plain(member.text)) not in wordings:
            fresh.append(member)
            agencies.add(agency)
            wordings.add(wording)
        if len(fresh) == n_quotes:
            break
    rest = (member for member in ordered if member not in fresh)
    return fresh + [member for member, _ in zip(rest, range(n_quotes - len(fresh)), strict=False)]


def _quote(member: Member, report: ReportFacts, text: str) -> Quote:
    start, end = member.start, member.end
    return Quote(
        report.id, report.agency, report.year, member.n, start, end, text[start:end], text[max(0, start - AROUND) : start],
        text[end : end + AROUND], report.path, report.member, report.url,
    )  # fmt: skip
