"""Cells between separators: how many empty ones stand between a label and its first value is decided for a whole table.

A label that covers several columns may be followed by an empty cell for each further one (Markdown, padded grids), by none
(a real grid), or the row's end may carry them. No row shows which; the rows of a table together mostly do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from nlp.document import Span
from nlp.tables.cells import SEPARATORS, Slot, Stretch, Token
from nlp.tables.skeleton import words

_OUTER = (
    "new",
    "carried_in",
    "carried_out",
)  # labels over three columns of the matrix; group members stand in the third
_MIDDLE = ("granted", "partial", "other", "result_total")  # labels over two


@dataclass(frozen=True, slots=True)
class SlotRow:
    """The slots right of a label, and how many values the row has."""

    key: str
    slots: tuple[Slot, ...]
    n_columns: int


def between(text: str, row: Stretch, mark: str, one_line: bool) -> list[Slot]:
    """All slots of a row in text whose cells are kept apart by `mark`, the label's own (the rest of it) first.

    With `one_line`, as tables of one row a line are printed, nothing below the line of the last mark belongs to the row.
    """
    marks = list(SEPARATORS[mark].finditer(text, row.label_end, row.end))
    bounds = [row.label_end, *(m.end() for m in marks)]
    ends = [*(m.start() for m in marks), row.end]
    if one_line and (line_end := text.find("\n", bounds[-1], ends[-1])) >= 0:
        ends[-1] = line_end
    return [_slot(text, start, end, row.tokens) for start, end in zip(bounds, ends, strict=True)]


def right_of_label(slots: Sequence[Slot], one_line: bool) -> Sequence[Slot]:
    """The slots of values: without the label's own unless a value stands in it, and without text behind the last mark.

    Only a line's end may stand for the mark behind an empty last cell.
    """
    last = len(slots) if one_line or slots[-1].token else len(slots) - 1
    return slots[0 if slots[0].token else 1 : last]


def _slot(text: str, start: int, end: int, tokens: Sequence[Token]) -> Slot:
    inside = [token for token in tokens if start <= token.span.start < end]
    if not inside:
        return Slot(Span(start, start), clear=not words(text[start:end]))
    first, line_end = inside[0], text.find("\n", inside[0].span.end, end)
    clear = not words(text[start : first.span.start]) and not words(
        text[first.span.end : line_end if line_end >= 0 else end]
    )
    alone = all("\n" in text[first.span.end : token.span.start] for token in inside[1:])
    return Slot(first.span, first, clear and alone)


def trimmed(text: str, slots: Sequence[Slot], n_columns: int) -> tuple[Slot, ...]:
    """Slots without those of words at either end (labels printed again, units, remarks) and without repeats.

    Article 20's tables are three values wide: a cell over several columns may be printed once for each of them.
    """
    first, last = 0, len(slots)
    while first < last and not slots[first].clear and slots[first].token is None:
        first += 1
    while last > first and not slots[last - 1].clear and slots[last - 1].token is None:
        last -= 1
    filled = last
    while filled > first + n_columns and slots[filled - 1].token is None:
        filled -= 1
    shown = {text[slice(*slot.span)] for slot in slots[first + n_columns - 1 : filled]}
    return tuple(slots[first : first + n_columns if n_columns < filled - first == 3 and len(shown) == 1 else last])


def arrange(rows: Sequence[SlotRow], number: Callable[[Token], float]) -> Mapping[str, list[Token]]:
    """The cells of all rows whose slots tell them, by key; empty where the table does not show where values begin.

    `number` gives a token's value, 0 for a blank mark.
    """
    clear = [row for row in rows if all(slot.clear for slot in row.slots)]
    readings = [_reading(clear, lead) for lead in (_no_lead, _covered)]
    fewest = min(broken for _, broken in readings)
    best = [found for found, broken in readings if broken == fewest]
    if len(best) == 2 and best[0] != best[1]:
        sums = [sum(_sum_holds(found.get(row.key, ()), number) for row in clear) for found in best]
        filled = [len({i for cells in found.values() for i, t in enumerate(cells) if not t.blank}) for found in best]
        ranks = [(count, -columns) for count, columns in zip(sums, filled, strict=True)]
        best = [found for found, rank in zip(best, ranks, strict=True) if rank == max(ranks)]
        if len(best) == 2:
            return {}
    return best[0] if fewest * 5 <= len(clear) else {}


def _no_lead(key: str) -> int:
    return 0


def _covered(key: str) -> int:
    """How many columns a matrix label covers beside its first; labels of article 20 cover one."""
    return 2 if key in _OUTER else 1 if key in _MIDDLE else 0


def _reading(rows: Sequence[SlotRow], lead: Callable[[str], int]) -> tuple[dict[str, list[Token]], int]:
    """All rows with their values after `lead` slots, and how many rows have a value elsewhere or too few slots."""
    found, broken = {}, 0
    for row in rows:
        first = lead(row.key)
        last = first + row.n_columns
        cells = row.slots[first:last]
        if any(slot.token for slot in (*row.slots[:first], *row.slots[last:])) or len(cells) < row.n_columns:
            broken += 1
        else:
            found[row.key] = [slot.token or Token(slot.span, True) for slot in cells]
    return found, broken


def _sum_holds(cells: Sequence[Token], number: Callable[[Token], float]) -> bool:
    values = [number(token) for token in cells]
    return any(values) and sum(values[:-1]) == values[-1]
