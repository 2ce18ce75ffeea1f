"""What is wrong with a file of annotations, gathered so that all of it is told at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from nlp.errors import SettingsError, SourceError
from nlp.ingest.encoding import decode

MOST = 20
Value = TypeVar("Value")


class Faults:
    """Faults of one file or folder; each says where (file, line or number of the task), what, and what to do."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, place: str, what: str, remedy: str) -> None:
        """One more fault."""
        self.lines.append(f"{place}: {what}; {remedy}")

    def raise_any(self) -> None:
        """Raise SettingsError, one line a fault and at most MOST of them, if there is any."""
        if not self.lines:
            return
        more = [f"… and {len(self.lines) - MOST} more faults"] if len(self.lines) > MOST else []
        raise SettingsError("\n".join(self.lines[:MOST] + more))


def read_utf8(path: Path, faults: Faults, *, mark: bool = True) -> str | None:
    """The text of a file, its line breaks as they are; None with a fault where it is not UTF-8.

    `mark`: a byte-order mark at the beginning is no part of the text. Raises SourceError when the file cannot be read.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror or error}") from error
    try:
        return data.decode("utf-8-sig" if mark else "utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        looks = f" (it looks like {decode(data).encoding})"
        faults.add(f"{path.name}, line {line}", f"the file is not UTF-8{looks}", "save it as UTF-8")
        return None


def shaped(value: object, shape: Callable[..., Value] | type[Value], place: str, faults: Faults) -> Value | None:
    """A decoded JSON value as the type `shape`; None with a fault where it has another shape."""
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        faults.add(place, f"not what this format holds: {error}", "export it from the tool again, or correct this field")
        return None


def parsed(source: str, place: str, faults: Faults) -> object | None:
    """A JSON text's value; None with a fault where it is broken."""
    try:
        value: object = msgspec.json.decode(source)
    except msgspec.DecodeError as error:
        faults.add(place, f"broken JSON ({error}): {source[:40]!r}", "export the file again, or mend this line")
        return None
    if value is None:
        faults.add(place, "null where a value belongs", "export the file again, or delete this line")
    return value
