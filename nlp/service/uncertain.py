"""What of a record a person should look at, and in which order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from math import prod
from typing import Any, Literal

from nlp.record import Cell, Mention, Record
from nlp.service.correcting.cells import cells_of

_RECOVERED = 0.1  # a run of digits was cut in the one way that its sums allow; the sums may be printed wrong
_LISTS = ("leadership_groups", "counts", "problems", "remedies")
Reason = Literal["unreadable", "check", "recovered", "score"]


@dataclass(frozen=True)
class Uncertain:
    """One thing to look at. `target` is what a correction takes: a path, or place and label of a mention.

    `doubt` is the probability that it is wrong, as far as the record tells; `rules` are failed checks that it takes part in.
    """

    kind: Literal["cell", "span", "fact"]
    target: Any
    reason: Reason
    doubt: float
    rules: tuple[str, ...]
    start: int | None
    end: int | None


def uncertain(record: Record, seen: Collection[str] = ()) -> list[Uncertain]:
    """What is uncertain, in the order in which a person should look. `seen`: paths of cells that a person has looked at.

    First the cells that could not be read; then those of failed checks, where something is wrong for certain: one cell of each,
    so that a cell in which two failing sums cross comes before the others; then mentions, facts and recovered cells, the most
    doubtful first, of equal ones in the order of the text. What a person has set is certain.
    """
    cells = {path: cell for path, cell in cells_of(record.statistics).items() if path not in seen}
    failed = _failed(record, cells)
    unread = [_cell(path, cell, "unreadable", 1.0, failed) for path, cell in cells.items() if cell.state == "unreadable"]
    contradicted = [
        _cell(path, cells[path], "check", 1 - prod(1 - 1 / n for _, n in rules), failed)
        for path, rules in failed.items() if cells[path].state != "unreadable"
    ]  # fmt: skip
    recovered = [
        _cell(path, cell, "recovered", _RECOVERED, failed)
        for path, cell in cells.items() if cell.state == "recovered" and path not in failed
    ]  # fmt: skip
    scored = [one for one in (*_mentions(record), *_facts(record)) if one.doubt > 0]
    rest = sorted([*scored, *recovered], key=lambda one: (-one.doubt, one.start or 0))
    return [*unread, *sorted(contradicted, key=lambda one: -one.doubt), *rest]


def _failed(record: Record, cells: Collection[str]) -> dict[str, list[tuple[str, int]]]:
    """For each cell of failed checks their rules, and among how many cells each may be wrong."""
    found: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for check in record.checks:
        if check.status == "fail":
            open_cells = [path for path in dict.fromkeys(check.cells) if path in cells]
            for path in open_cells:
                found[path].append((check.rule, len(open_cells)))
    return found


def _cell(path: str, cell: Cell, reason: Reason, doubt: float, failed: dict[str, list[tuple[str, int]]]) -> Uncertain:
    rules = tuple(dict.fromkeys(rule for rule, _ in failed.get(path, ())))
    start, end = cell.span or (None, None)
    return Uncertain("cell", path, reason, round(doubt, 4), rules, start, end)


def _mentions(record: Record) -> Iterator[Uncertain]:
    for one in record.narrative.mentions:
        target = {"start": one.start, "end": one.end, "label": one.label}
        yield Uncertain("span", target, "score", _doubt(one.score), (), one.start, one.end)


def _facts(record: Record) -> Iterator[Uncertain]:
    facts = record.narrative
    for name in _LISTS:
        for number, fact in enumerate(getattr(facts, name)):
            start, end = _reach(fact, facts.mentions)
            yield Uncertain("fact", f"narrative.{name}.{number}", "score", _doubt(fact.score), (), start, end)


def _reach(fact: Any, mentions: list[Mention]) -> tuple[int | None, int | None]:
    """From where to where a fact's words run."""
    places = [fact.span] if hasattr(fact, "span") else [(mentions[at].start, mentions[at].end) for at in fact.mentions]
    return min((start for start, _ in places), default=None), max((end for _, end in places), default=None)


def _doubt(score: float) -> float:
    return round(1 - score, 4)
