"""From a label to the printed cells beside it in flattened text, whatever the layout.

In flattened text a pipe, a tab or a line feed may end a cell, stand for an empty one, or be the tail of a merged one. The
rows of the same table that have all their values show which (`Layout`); nothing is decided from one row alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import TypeVar

from nlp.document import Span
from nlp.tables.numbers import BLANK_MARK, money_unit, number_pattern

_T = TypeVar("_T")
SEPARATORS = {"pipe": re.compile("[|｜│┃]"), "tab": re.compile("\t"), "line": re.compile("\n")}


# `2.` or `3、` before a Chinese word numbers it, also where the word itself was not recognised.
_NUMERAL = re.compile(r"[.．、)）][ \t|]*[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Token:
    """A printed value or blank mark at a span of the folded text; an empty span is an empty cell."""

    span: Span
    blank: bool


@dataclass(frozen=True, slots=True)
class Stretch:
    """The text that belongs to one row: `start` of its label, `label_end`, `end`, and the values within, in order."""

    start: int
    label_end: int
    end: int
    tokens: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table separates cells: by which mark, and how many of them from cell to cell.

    `mark` is None where nothing but blanks, or nothing at all, stands between two values. `lead` is how many marks stand
    between a label and its first value, None if that differs from row to row; `line` is, for tables of one row a line, how
    many marks a line has and how many of them follow its last value, None if that differs. `tail` is how many marks at
    least stand between a last value and the next label: the line feeds there are no empty cells. With `one_line`, every
    filled row has its values on one line.
    """

    mark: str | None
    step: int = 0
    lead: int | None = None
    line: tuple[int, int] | None = None
    tail: int = 0
    one_line: bool = False


@dataclass(frozen=True, slots=True)
class Slot:
    """What stands between two separators, at `span`: a token, or nothing; `clear` is false where there is more in it."""

    span: Span
    token: Token | None = None
    clear: bool = True


def scan(text: str, start: int, end: int, ignored: Sequence[Span]) -> tuple[Token, ...]:
    """Values and blank marks of `text[start:end]` outside the ignored spans, in order."""
    tokens = []
    for pattern, blank in ((number_pattern(), False), (BLANK_MARK, True)):
        for match in pattern.finditer(text, start, end):
            if not any(s < match.end() and match.start() < e for s, e in ignored) and not _NUMERAL.match(text, match.end()):
                tokens.append(Token(Span(match.start(), _with_unit(text, match.end(), end)), blank))
    tokens.sort(key=lambda token: token.span)
    return tuple(t for i, t in enumerate(tokens) if i == 0 or t.span.start >= tokens[i - 1].span.end)


def _with_unit(text: str, offset: int, end: int) -> int:
    """The end of a number at `offset`; a unit of money right behind a stretch's `end` still belongs to its last number."""
    unit = money_unit().match(text, offset) if offset == end and text[offset - 1].isdigit() else None
    return unit.end() if unit else offset


def _count(mark: str, text: str, start: int, end: int) -> int:
    return len(SEPARATORS[mark].findall(text, start, end))


def learn_layout(text: str, rows: Iterable[tuple[Stretch, int]]) -> Layout | None:
    """The layout that the filled rows show, those with as many values as columns (two at least); None without such rows."""
    filled = [row for row, n_columns in rows if n_columns >= 2 and len(row.tokens) == n_columns]
    if not filled:
        return None
    for mark in SEPARATORS:
        gaps = Counter(
            _count(mark, text, left.span.end, right.span.start) for row in filled for left, right in pairwise(row.tokens)
        )
        step = gaps.most_common(1)[0][0]
        if step:
            leads = {_count(mark, text, row.label_end, row.tokens[0].span.start) for row in filled}
            lines = {_line_marks(mark, text, row.tokens) for row in filled}
            tail = min(_count(mark, text, row.tokens[-1].span.end, row.end) for row in filled) if mark == "line" else 0
            return Layout(mark, step, _only(leads), _only(lines), tail, None not in lines)
    return Layout(None)


def _only(values: set[_T]) -> _T | None:
    """The one value that all rows agree on; None if they differ."""
    return next(iter(values)) if len(values) == 1 else None


def guess_layout(text: str, start: int, end: int) -> Layout:
    """A layout for tables without a single filled row: pipes or tabs, one from cell to cell, if there are many."""
    for mark in ("pipe", "tab"):
        if _count(mark, text, start, end) >= 10:
            lines = [n for line in text[start:end].split("\n") if (n := len(SEPARATORS[mark].findall(line)))]
            return Layout(mark, 1, 1, one_line=median(lines) >= 2)
    return Layout(None)


def _line_marks(mark: str, text: str, tokens: Sequence[Token]) -> tuple[int, int] | None:
    """The marks of the line on which all tokens stand, and those after the last one; None if they stand on several."""
    start, end = text.rfind("\n", 0, tokens[0].span.start) + 1, text.find("\n", tokens[-1].span.end)
    end = len(text) if end < 0 else end
    if mark == "line" or "\n" in text[tokens[0].span.start : tokens[-1].span.end]:
        return None
    return _count(mark, text, start, end), _count(mark, text, tokens[-1].span.end, end)


def place(text: str, row: Stretch, n_columns: int, layout: Layout) -> list[Token] | None:
    """The row's `n_columns` cells with empty ones between its values, or None if the separators do not tell.

    In a line as long as the filled ones, cells are counted from its end; elsewhere from the label, and enough separators
    must be left behind the last value for the cells that are missing.
    """
    if layout.mark is None or not row.tokens or len(row.tokens) > n_columns:
        return None
    gaps = [_count(layout.mark, text, left.span.end, right.span.start) for left, right in pairwise(row.tokens)]
    if any(gap < layout.step or gap % layout.step for gap in gaps):
        return None
    width = 1 + sum(gap // layout.step for gap in gaps)
    line = _line_marks(layout.mark, text, row.tokens)
    if layout.line and line and line[0] == layout.line[0]:
        behind = line[1] - layout.line[1]
        before = (n_columns - width) * layout.step - behind
    elif layout.lead is not None:
        before = _count(layout.mark, text, row.label_end, row.tokens[0].span.start) - layout.lead
        behind = (n_columns - width) * layout.step - before
        if _count(layout.mark, text, row.tokens[-1].span.end, row.end) < behind + layout.tail:
            return None
    else:
        return None
    if before < 0 or behind < 0 or before % layout.step:
        return None
    return _spread(row, gaps, layout.step, before // layout.step, behind // layout.step)


def _spread(row: Stretch, gaps: Sequence[int], step: int, before: int, behind: int) -> list[Token]:
    """The row's values with `before` empty cells in front, those of the gaps between, and `behind` after them."""
    cells = _empty(row.label_end, before)
    for token, gap in zip(row.tokens, [*gaps, step], strict=True):
        cells.append(token)
        cells += _empty(token.span.end, gap // step - 1)
    return cells + _empty(row.tokens[-1].span.end, behind)


def _empty(offset: int, count: int) -> list[Token]:
    return [Token(Span(offset, offset), True)] * count


def unrepeated(text: str, tokens: list[Token], n_columns: int) -> list[Token]:
    """Article 20's tables are three values wide: a wider cell of one with fewer columns may be printed for each of them."""
    last = [text[slice(*token.span)] for token in tokens[n_columns - 1 :]]
    return tokens[:n_columns] if n_columns < len(tokens) == 3 and len(set(last)) == 1 else tokens
