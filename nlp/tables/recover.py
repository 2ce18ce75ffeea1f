"""Digits of several cells that ran together: every reading, and the one that all relations leave.

A reading cuts a run into its cells' numbers: canonical (no leading zero), never across a blank that was printed. A row's own
relation (R1, R4, R8, R9, R10) drops readings; then the columns of the whole matrix (R2, R3) together; then figures that
the report's prose states for these very cells. A run is recovered when exactly one reading is left, and never otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from nlp.record import Number, RecoveredBy
from nlp.tables.numbers import to_number

MOST_READINGS = 5_000  # of one run; more cannot be settled by the relations of one report
MOST_STEPS = 200_000  # of the joint search; beyond it the runs stay unreadable
_NUMBER = re.compile(r"(?:0|[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d*)(?:\.\d+)?")

Reading = tuple[Number, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """Digits of one row printed without bounds for some cells. `pieces` are what blanks keep apart, unit marks removed."""

    key: str
    pieces: tuple[str, ...]
    kinds: tuple[str, ...]

    @property
    def digits(self) -> str:
        """All pieces joined."""
        return "".join(self.pieces)


@dataclass(frozen=True, slots=True)
class Recovery:
    """What is left of a run: its readings, and by which relation one alone is left (None if several or none are)."""

    readings: tuple[Reading, ...]
    by: RecoveredBy | None


def readings(run: Run, block: int | None = None) -> list[Reading] | None:
    """All readings of a run; None if there are more than MOST_READINGS.

    With `block` set, every `block` cells end with the sum of those before (R1, R4): cuts that break it are not followed.
    """
    found: list[Reading] = []
    for reading in _cut(run, block):
        found.append(reading)
        if len(found) > MOST_READINGS:
            return None
    return found


def _cut(run: Run, block: int | None) -> Iterator[Reading]:
    text, n_cells = run.digits, len(run.kinds)
    bounds = {0}
    for piece in run.pieces:
        bounds.add(max(bounds) + len(piece))
    starts = sorted(bounds)

    def cells(position: int, so_far: Reading) -> Iterator[Reading]:
        number = len(so_far)
        if number == n_cells:
            if position == len(text):
                yield so_far
            return
        wall = next((b for b in starts if b > position), len(text))
        pieces_left = sum(b >= wall for b in starts[1:])
        if n_cells - number < pieces_left or len(text) - position < n_cells - number:
            return
        last = number == n_cells - 1
        for end in range(len(text) if last else position + 1, wall + 1):
            value = _value(text[position:end], run.kinds[number])
            if value is None:
                continue
            if block and (number + 1) % block == 0 and value != sum(so_far[number + 1 - block :]):
                continue
            yield from cells(end, (*so_far, value))

    if text and n_cells:
        yield from cells(0, ())


def _value(text: str, kind: str) -> Number | None:
    sign = 1
    if kind == "signed" and text[0] in "+-":
        sign, text = (-1 if text[0] == "-" else 1), text[1:]
    if not _NUMBER.fullmatch(text) or ("." in text and kind != "money"):
        return None
    return sign * to_number(text)


def settle(
    candidates: Mapping[str, Sequence[Reading]],
    fixed: Mapping[str, Reading],
    relations: Sequence[Mapping[str, int]],
    stated: Callable[[str, Reading], bool | None],
) -> dict[str, Recovery]:
    """Decide all runs of a table together.

    `candidates` are each run's readings after its row's own relation; `fixed` the rows printed plainly; a relation maps row
    keys to +1 or -1 and wants the signed sum of every column to be 0; relations with an unknown row must not be given.
    `stated(key, reading)` says whether the prose's figures fit a reading; None where the prose is silent about the row.
    """
    settled = {key: Recovery((only[0],), "row") for key, only in candidates.items() if len(only) == 1}
    open_rows = {key: list(found) for key, found in candidates.items() if len(found) > 1}
    known = {**fixed, **{key: value.readings[0] for key, value in settled.items()}}
    solutions = solve(open_rows, known, relations)
    if solutions:
        open_rows = {key: list(dict.fromkeys(s[key] for s in solutions)) for key in open_rows}
    for key, left in open_rows.items():
        if len(left) == 1:
            settled[key] = Recovery((left[0],), "report")
            continue
        agreeing = [reading for reading in left if stated(key, reading)]
        left = agreeing or left
        settled[key] = Recovery(tuple(left), "prose" if len(left) == 1 else None)
    settled.update({key: Recovery((), None) for key, found in candidates.items() if not found})
    return settled


def solve(
    open_rows: Mapping[str, Sequence[Reading]], known: Mapping[str, Reading], relations: Sequence[Mapping[str, int]]
) -> list[dict[str, Reading]] | None:
    """All joint choices that satisfy the relations; None if the search is too long or nothing satisfies them."""
    order = sorted(open_rows, key=lambda key: len(open_rows[key]))
    due = [[r for r in relations if key in r and all(k in known or k in order[: i + 1] for k in r)]
           for i, key in enumerate(order)]
    solutions: list[dict[str, Reading]] = []
    steps = 0

    def choose(i: int, chosen: dict[str, Reading]) -> bool:
        nonlocal steps
        if i == len(order):
            solutions.append(dict(chosen))
            return len(solutions) <= MOST_READINGS
        for reading in open_rows[order[i]]:
            steps += 1
            if steps > MOST_STEPS:
                return False
            chosen[order[i]] = reading
            if all(_holds(r, {**known, **chosen}) for r in due[i]) and not choose(i + 1, chosen):
                return False
        chosen.pop(order[i], None)
        return True

    finished = choose(0, {})
    return solutions if finished and solutions else None


def _holds(relation: Mapping[str, int], rows: Mapping[str, Reading]) -> bool:
    columns = zip(*(tuple(sign * value for value in rows[key]) for key, sign in relation.items()), strict=True)
    return all(sum(column) == 0 for column in columns)
