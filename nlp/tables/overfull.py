"""Rows with more values than cells: page numbers, row numbers and repeated cells are told from values, or nothing is."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from nlp.forms import Column
from nlp.tables.cells import Token, unrepeated
from nlp.tables.numbers import printed_cell


def choose(text: str, tokens: list[Token], columns: tuple[Column, ...]) -> list[Token] | None:
    """The row's values among too many tokens; None where that is not certain."""
    return (
        _on_one_line(text, tokens, len(columns))
        or _exact(unrepeated(text, tokens, len(columns)), len(columns))
        or _without_page_number(text, tokens, columns)
    )


def _exact(tokens: list[Token], number: int) -> list[Token] | None:
    return tokens if len(tokens) == number else None


def _on_one_line(text: str, tokens: Sequence[Token], number: int) -> list[Token] | None:
    """All values on one line (two at least), at most one other number on any other: those are numbers of pages or rows."""
    lines = [list(line) for _, line in groupby(tokens, lambda token: text.count("\n", 0, token.span.start))]
    full = [line for line in lines if len(line) == number]
    return (
        full[0]
        if number > 1 and len(full) == 1 and all(len(line) <= 1 for line in lines if line is not full[0])
        else None
    )


def _without_page_number(text: str, tokens: list[Token], columns: tuple[Column, ...]) -> list[Token] | None:
    """One value too many: a number alone on its line is dropped if the sums of the row then hold, in one way only."""
    if len(tokens) != len(columns) + 1 or columns[-1].key != "total":
        return None
    totals = [i for i, column in enumerate(columns) if column.key == "total"]
    values = [printed_cell(text[slice(*t.span)], t.span, columns[0]).value or 0 for t in tokens]
    fits = []
    for i, token in enumerate(tokens):
        rest = values[:i] + values[i + 1 :]
        sums = (sum(rest[start + 1 : end]) == rest[end] for start, end in zip([-1, *totals], totals, strict=False))
        if _alone(text, token) and all(sums):
            fits.append(tokens[:i] + tokens[i + 1 :])
    return fits[0] if len(fits) == 1 else None


def _alone(text: str, token: Token) -> bool:
    start, end = text.rfind("\n", 0, token.span.start) + 1, text.find("\n", token.span.end)
    return text[start : end if end >= 0 else None].strip() == text[slice(*token.span)]
