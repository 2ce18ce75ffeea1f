"""Corrections in the service's state: added, taken back, listed; a row is never removed and no machine's record changed."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

import msgspec

from nlp.record import CellState, Number, Record, from_json
from nlp.service.correcting import Change, Corrected, Correction, UnfitError, apply, corrected
from nlp.service.correcting.cells import cell_at, check_value, value_of
from nlp.service.correcting.change import CellTarget, CellValue, Kind, SpanTarget
from nlp.service.correcting.facts import target_of as fact_target
from nlp.service.correcting.facts import value_at, with_fact
from nlp.service.correcting.spans import check_label, exact, touched
from nlp.service.correcting.spans import target_of as span_target
from nlp.service.database import Database, now
from nlp.service.errors import NotFoundError, UnusableError
from nlp.service.records import Records, columns, corrections_of, next_change

__all__ = ["CorrectedText", "Corrections", "Line", "Wish", "corrected"]

_LARGEST = 65_536  # characters of a fact's JSON
_MOST = 5_000  # live corrections of a record


@dataclass(frozen=True)
class Wish:
    """A correction as it is asked for: the target by kind (path; start and end), the new value, of a cell its state."""

    kind: Kind
    path: str = ""
    start: int = 0
    end: int = 0
    new: Any = None
    state: CellState | None = None


@dataclass(frozen=True)
class Line:
    """A correction in a list. `target` is a path, of a span its place and text.

    `old` and `new` of a cell are value and state, of a span the mentions that stood there and the label (null: removed), of a
    fact any value. `undone`: when it was taken back. `unfit`: why it is not applied, null when it is.
    """

    n: int
    kind: Literal["cell", "span", "fact"]
    target: Any
    old: Any
    new: Any
    who: str
    at: str
    undone: str | None
    unfit: str | None


@dataclass(frozen=True)
class CorrectedText:
    """A record as people have corrected it, for annotation: the machine's record is left behind."""

    record: Record
    n_corrections: int
    who: tuple[str, ...]


class Corrections:
    """The corrections of a service's records."""

    def __init__(self, database: Database, records: Records) -> None:
        self._database, self._records = database, records

    def of(self, identity: str) -> list[Line]:
        """The corrections of a record, the oldest first, with those that were taken back. Raises NotFoundError."""
        made = corrections_of(self._database.reading, identity, live=False)
        unfit = self._applied(self._database.reading, identity, made).unfit
        return [_line(one, unfit.get(one.n)) for one in made]

    def record(self, identity: str) -> Record:
        """The record as people have corrected it. Raises NotFoundError."""
        return self.corrected(self._records.get(identity))

    def corrected(self, record: Record) -> Record:
        """A machine's record with its live corrections."""
        return corrected(record, corrections_of(self._database.reading, record.id))

    def put(self, identity: str, wish: Wish, who: str) -> int | None:
        """Correct; returns the number of the correction, None when the same one is in force already.

        Raises NotFoundError, and UnusableError with what is wrong and why.
        """
        with self._database.writing() as connection:
            live = corrections_of(connection, identity)
            stands = self._applied(connection, identity, live).record
            try:
                change = _change(stands, wish)
                if any(one.change == change for one in live) and _is_in_force(stands, change):
                    return None
                if isinstance(change.target, SpanTarget):
                    check_label(stands, change.target, change.new)
                draft = Correction(-1, change, _standing(stands, change), who, now())
            except UnfitError as error:
                raise UnusableError(str(error)) from error
            if len(live) >= _MOST:
                raise UnusableError(f"the record has {_MOST} corrections; take some back, or give in a better document")
            n = _insert(connection, identity, draft)
            self._follow(connection, identity)
        return n

    def undo(self, identity: str, n: int) -> bool:
        """Take a correction back; returns whether it was in force. Raises NotFoundError."""
        with self._database.writing() as connection:
            question = "SELECT undone FROM corrections WHERE record_id = ? AND n = ?"
            row = connection.execute(question, (identity, n)).fetchone()
            if row is None:
                raise NotFoundError(f"the record has no correction {n}; GET /v1/records/{identity[:64]}/corrections lists them")
            if row["undone"] is not None:
                return False
            connection.execute("UPDATE corrections SET undone = ? WHERE n = ?", (now(), n))
            self._follow(connection, identity)
        return True

    def texts(self, since: str | None, limit: int) -> Iterator[CorrectedText]:
        """Records with live corrections of spans or facts, of which one was made since a time (as `now` writes it), by age."""
        question = """SELECT record_id FROM corrections WHERE undone IS NULL AND kind IN ('span', 'fact')
                      GROUP BY record_id HAVING max(at) >= ? ORDER BY min(n) LIMIT ?"""
        for (identity,) in self._database.reading.execute(question, (since or "", limit)).fetchall():
            live = corrections_of(self._database.reading, identity)
            record = corrected(self._records.get(identity), live)
            yield CorrectedText(record, len(live), tuple(dict.fromkeys(one.who for one in live)))

    def n_texts(self) -> int:
        """How many records `texts` would give."""
        question = "SELECT count(DISTINCT record_id) FROM corrections WHERE undone IS NULL AND kind IN ('span', 'fact')"
        number: int = self._database.reading.execute(question).fetchone()[0]
        return number

    def _applied(self, connection: sqlite3.Connection, identity: str, made: Sequence[Correction]) -> Corrected:
        row = connection.execute("SELECT record FROM records WHERE id = ?", (identity,)).fetchone()
        if row is None:
            raise NotFoundError(f"there is no record {identity[:64]!r}; GET /v1/records lists them")
        return apply(from_json(zlib.decompress(row["record"])), made)

    def _follow(self, connection: sqlite3.Connection, identity: str) -> None:
        """Let the record's line in lists follow its corrections, as a change of the record."""
        live = corrections_of(connection, identity)
        values = {**columns(self._applied(connection, identity, live).record), "n_corrections": len(live),
                  "changed": next_change(connection), "id": identity}  # fmt: skip
        names = ", ".join(f"{name} = :{name}" for name in values)
        connection.execute(f"UPDATE records SET {names} WHERE id = :id", values)  # noqa: S608  names are ours


def _change(record: Record, wish: Wish) -> Change:
    """What a wish changes in a record. Raises UnfitError for what no record can hold there."""
    if wish.kind == "cell":
        default: CellState = "blank" if wish.new is None else "printed"
        value = check_value(CellValue(cast(Number | None, wish.new), wish.state or default))
        cell_at(record, wish.path)
        return Change("cell", CellTarget(wish.path), msgspec.to_builtins(value))
    if wish.kind == "span":
        return Change("span", span_target(record, wish.start, wish.end), wish.new)
    if len(_json(wish.new, wish.path)) > _LARGEST:
        raise UnfitError(f"{wish.path}: the value has more than {_LARGEST} characters")
    target = fact_target(record, wish.path)
    new = value_at(with_fact(record, target, wish.new), wish.path)  # as the record holds it, without fields that it has not
    return Change("fact", target, new)


def _standing(record: Record, change: Change) -> Any:
    """What stands where a change is to be made, as JSON has it."""
    target = change.target
    if isinstance(target, CellTarget):
        return msgspec.to_builtins(value_of(cell_at(record, target.path)))
    if isinstance(target, SpanTarget):
        return msgspec.to_builtins(touched(record, target.start, target.end))
    return value_at(record, target.path)


def _is_in_force(record: Record, change: Change) -> bool:
    """Whether a record has already what a change asks for."""
    if not isinstance(change.target, SpanTarget):
        return bool(_standing(record, change) == change.new)
    there = exact(record.narrative.mentions, change.target)
    return (None if there is None else there.label) == cast(str | None, change.new)


def _json(value: Any, path: str) -> str:
    """A value as JSON. Raises UnfitError for what a JSON parser may let through and a record cannot hold."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        text.encode()
    except (ValueError, RecursionError) as error:
        raise UnfitError(f"{path}: the value holds what is no number or no character") from error
    return text


def _insert(connection: sqlite3.Connection, identity: str, one: Correction) -> int:
    texts = (msgspec.json.encode(value).decode() for value in (one.change.target, one.old, one.change.new))
    target, old, new = texts
    question = "INSERT INTO corrections (record_id, kind, target, old, new, who, at) VALUES (?, ?, ?, ?, ?, ?, ?)"
    n = connection.execute(question, (identity, one.change.kind, target, old, new, one.who, one.at)).lastrowid
    assert n is not None
    return n


def _line(one: Correction, unfit: str | None) -> Line:
    target = one.change.target
    shown = msgspec.to_builtins(target) if isinstance(target, SpanTarget) else target.path
    return Line(one.n, one.change.kind, shown, one.old, one.change.new, one.who, one.at, one.undone, unfit)
