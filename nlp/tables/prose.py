"""Figures that a report's prose states for cells of its tables: `现行有效行政规范性文件698件`.

Used twice: to decide between readings of digits that ran together, and to compare prose with tables (R11).
Patterns are data: `configs/forms/prose.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from nlp.document import Span
from nlp.forms import load_forms
from nlp.record import Number
from nlp.settings import load_toml
from nlp.tables.numbers import to_number
from nlp.tables.recover import Reading


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that a sentence gives for a cell (dotted path): its value, span, and whose figure the sentence says it is.

    `scope` is `own` (this office itself), `area` (all units of a place) or None where the sentence does not tell.
    """

    cell: str
    value: Number
    span: Span
    scope: str | None


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of one report."""

    found: tuple[Figure, ...]

    def of(self, cell: str) -> list[Figure]:
        """The figures stated for a cell, in text order."""
        return [figure for figure in self.found if figure.cell == cell]

    def agree(self, row: str, reading: Reading) -> bool | None:
        """Whether a reading of a row has every figure stated for its cells; None where the prose is silent about them."""
        keys = _row_keys(row)
        told = [(figure.cell.rpartition(".")[2], figure.value) for figure in self.found if figure.cell.startswith(row + ".")]
        told = [(key, value) for key, value in told if key in keys]
        if not told:
            return None
        return all(any(reading[keys.index(key)] == v for k, v in told if k == key) for key, _ in told)


@cache
def _row_keys(row: str) -> tuple[str, ...]:
    """Column keys of a row path in print order; for section four the fifteen dotted ones."""
    parts = row.split(".")
    forms = load_forms()
    if parts[0] == "applications":
        return tuple(column.key for column in forms["2021"].applications.columns)
    for form in (forms["2021"], forms["2019"]):
        for table in form.disclosure:
            if len(parts) == 3 and table.key == parts[1] and any(r.key == parts[2] for r in table.rows):
                return tuple(column.key for column in table.columns)
    return ()


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    data = load_toml("forms/prose.toml")
    parts = data["parts"]
    return tuple(
        (figure["cell"], re.compile(pattern.format_map(parts)))
        for figure in data["figure"]
        for pattern in figure["patterns"]
    )


def find_figures(text: str, outside: Sequence[Span]) -> Figures:
    """Figures in the prose of a folded text, `outside` being its table regions."""
    compact, offsets = _prose(text, outside)
    found: dict[tuple[str, int], Figure] = {}
    for cell, pattern in _patterns():
        for match in pattern.finditer(compact):
            start, end = match.span("n")
            span = Span(offsets[start], offsets[end - 1] + 1)
            found.setdefault((cell, span.start), Figure(cell, to_number(match["n"]), span, _scope(compact, match.start())))
    return Figures(tuple(sorted(found.values(), key=lambda figure: (figure.span, figure.cell))))


def _prose(text: str, outside: Sequence[Span]) -> tuple[str, list[int]]:
    """The prose without white space (lines break anywhere in PDF text), tables replaced by a full stop."""
    pieces: list[str] = []
    offsets: list[int] = []
    position = 0
    for start, end in [*sorted(outside), Span(len(text), len(text))]:
        for offset in range(position, max(position, start)):
            if not text[offset].isspace():
                pieces.append(text[offset])
                offsets.append(offset)
        if end < len(text) or start < end:
            pieces.append("。")
            offsets.append(start)
        position = max(position, end)
    return "".join(pieces), offsets


def _scope(text: str, position: int) -> str | None:
    start = max(text.rfind(mark, 0, position) for mark in "。；;\n") + 1
    end = min((i for mark in "。；;" if (i := text.find(mark, position)) >= 0), default=len(text))
    words = load_toml("forms/prose.toml")["scope"]
    for scope in ("own", "area"):
        if any(word in text[start:end] for word in words[scope]):
            return scope
    return None
