"""How many pairs of reports a comparison over years had: nought found among nought compared says nothing."""

from __future__ import annotations

from collections import defaultdict

from nlp.summary.model import Summary


def n_with_last(summary: Summary) -> int:
    """Reports of which an earlier year's report of the same agency is in scope."""
    return sum(len(years) - 1 for years in _years(summary).values())


def n_with_next(summary: Summary) -> int:
    """Reports of which the next year's report of the same agency is in scope: where a promise can be followed."""
    return sum(year + 1 in years for years in _years(summary).values() for year in years)


def _years(summary: Summary) -> dict[str, set[int]]:
    found: defaultdict[str, set[int]] = defaultdict(set)
    for report in summary.reports:
        if report.year is not None:
            found[report.agency].add(report.year)
    return found
