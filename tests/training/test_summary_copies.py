"""The authored data of copies and years is what it says, and the measures read it right."""

from __future__ import annotations

from pathlib import Path

import pytest

import training.summary
from training.summary.copies import measure
from training.summary.planted import planted, read_bases, record_of, share
from training.summary.years import accuracy, read_years

FOLDER = Path(training.summary.__file__).parent
HALVES = ("dev", "test")


def test_there_are_enough_copies_and_the_halves_share_no_base() -> None:
    dev, test = ({base.name for base in read_bases(FOLDER / "copies" / f"{half}.txt")} for half in HALVES)
    assert dev.isdisjoint(test)
    bases = [base for half in HALVES for base in read_bases(FOLDER / "copies" / f"{half}.txt")]
    assert sum(len(base.wordings) for base in bases) >= 200
    assert all(wording.text != base.sentences[n].text for base in bases for n, wording in base.wordings.items())


@pytest.mark.parametrize("half", HALVES)
def test_planted_shares_are_those_of_their_strength(half: str) -> None:
    reports = planted(half)
    assert len([r for r in reports if r.strength not in ("base", "independent")]) >= 200
    base = reports[0]
    for report in reports:
        if report.strength == "base":
            base = report
        part = share(base, report)
        assert part == 1 if report.strength in ("verbatim", "numbers", "moved", "traditional", "width", "base") else part < 0.9
        assert part < 0.3 if report.strength in ("all reworded", "independent", "one quoted") else part > 0.1
    assert len({record_of(report).id for report in reports}) == len(reports)


def test_measures() -> None:
    figures = measure({("a", "b"): 0.9, ("a", "c"): 0.4, ("b", "c"): 0.1}, {("a", "b"): 1.0, ("b", "c"): 0.35}, 0.3)
    assert (figures.precision, figures.recall, figures.recall_large) == (0.5, 0.5, 1.0)


@pytest.mark.parametrize("half", HALVES)
def test_years_are_read(half: str) -> None:
    pairs = list(read_years(FOLDER / "years" / f"{half}.txt"))
    assert len(pairs) >= 30
    assert all(years.before and years.after for years in pairs)
    assert all("|" not in text for years in pairs for text in (*years.before, *years.after))


def test_accuracy_of_a_similarity_that_sees_nothing() -> None:
    import numpy as np

    (years, *_) = read_years(FOLDER / "years" / "dev.txt")
    right, _, recall = accuracy([years], lambda a, b: np.zeros((len(a), len(b))), 0.5)
    n_problems = len(years.before) + len(years.after)
    assert (right, recall) == (1 - 2 * len(years.repeated) / n_problems, 0)
