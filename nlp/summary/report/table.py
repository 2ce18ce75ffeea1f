"""What a table of a report is, whatever it is written as."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Value = str | int | float | None
Kind = Literal["text", "long", "count", "share", "year", "place"]


@dataclass(frozen=True, slots=True)
class Column:
    """A head and what stands below it; a `share` is a number from 0 to 1, a `place` says where in a text."""

    name: str
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Table:
    """A table by its name, at most 31 characters."""

    name: str
    columns: tuple[Column, ...]
    rows: Iterable[Sequence[Value]]


def columns(names: str) -> tuple[Column, ...]:
    """Columns by their heads; the first character says what stands below: `*` long text, `:` count, `%` share, `@` year."""
    kinds: dict[str, Kind] = {"*": "long", ":": "count", "%": "share", "@": "year"}
    return tuple(Column(name[1:], kinds[name[0]]) if name[0] in kinds else Column(name) for name in names.split())
