"""One correction: what it is about, what was there, what is there instead, by whom, when."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from nlp.errors import GongkaiError
from nlp.record import CellState, Number

Kind = Literal["cell", "span", "fact"]


class UnfitError(GongkaiError):
    """A correction does not go with the record; the message says what is wrong and what to do."""


class CellTarget(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A cell: dotted path below `statistics` (`applications.new.total`, `indicators.3`)."""

    path: str


class SpanTarget(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A stretch `[start, end)` of the record's text, in code points, and the text that stands there."""

    start: int
    end: int
    text: str


class FactTarget(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A value: its dotted path, and for what lies inside a list of the narrative the places from which that fact was made.

    The places find the fact again when the list has changed; None for what is no element of such a list.
    """

    path: str
    places: tuple[tuple[int, int], ...] | None = None


class CellValue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a cell holds: a number, or null with the reason."""

    value: Number | None
    state: CellState


class Change(msgspec.Struct, frozen=True):
    """What is to be changed: `new` is a CellValue as JSON, a label (None removes the mention), or any value of a fact."""

    kind: Kind
    target: CellTarget | SpanTarget | FactTarget
    new: Any


class Correction(msgspec.Struct, frozen=True):
    """A change that was made: number, what stood there before, who, when; `undone` is when it was taken back."""

    n: int
    change: Change
    old: Any
    who: str
    at: str
    undone: str | None = None


TARGETS: dict[str, type[CellTarget] | type[SpanTarget] | type[FactTarget]] = {
    "cell": CellTarget, "span": SpanTarget, "fact": FactTarget,
}  # fmt: skip
