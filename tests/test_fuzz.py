"""A slice of `tests/fuzz.py`: mutants of every quick format end in a record."""

from __future__ import annotations

from tests.fuzz import by_format, documents, fuzz, mutant


def test_no_mutant_breaks_a_worker():
    figures = fuzz(range(300))
    assert figures.broken == []
    assert {".docx", ".html", ".txt", ".xlsx"} <= figures.formats.keys() and figures.next == 300


def test_a_number_always_gives_the_same_mutant():
    originals = by_format(documents())
    assert mutant(originals, 7) == mutant(by_format(documents()), 7) != mutant(originals, 8)
