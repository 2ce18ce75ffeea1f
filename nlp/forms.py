"""The official forms as data: tables, rows, columns and labels, read from `configs/forms/*.toml`.

Sources: 国办公开办函〔2019〕60号 (form "2019") and 〔2021〕30号 (form "2021").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from nlp.settings import load_toml

FORM_NAMES = ("2019", "2021")
ColumnKind = Literal["count", "signed", "money"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: key, printed label, what its numbers are, and the unit that its head states."""

    key: str
    label: str
    kind: ColumnKind = "count"
    unit: str | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FormRow:
    """A row: key, printed label with its number, the group it is printed under, variants seen in print."""

    key: str
    label: str
    group: str | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FormTable:
    """A table of rows and columns; `caption` and `heads` are the words printed above it."""

    key: str
    caption: str
    heads: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[FormRow, ...]


@dataclass(frozen=True, slots=True)
class FormBlock:
    """One of the three five-cell blocks of section four."""

    key: str
    label: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """An official form: the tables of article 20, the matrix of applications, the blocks of section four."""

    name: str
    basis: str
    disclosure: tuple[FormTable, ...]
    applications: FormTable
    review_litigation: tuple[FormBlock, ...]


@cache
def load_forms() -> Mapping[str, Form]:
    """Both official forms by name."""
    return {name: _form(load_toml(f"forms/{name}.toml")) for name in FORM_NAMES}


def _form(data: dict[str, Any]) -> Form:
    matrix = data["applications"]
    return Form(
        name=data["name"],
        basis=data["basis"],
        disclosure=tuple(
            FormTable(d["key"], d["caption"], (d["head"],), _columns(d["columns"]), _rows(d["rows"]))
            for d in data["disclosure"]
        ),
        applications=FormTable(
            "applications", matrix["caption"], tuple(matrix["heads"]), _columns(matrix["columns"]), _rows(matrix["rows"])
        ),
        review_litigation=tuple(FormBlock(b["key"], b["label"], _columns(b["columns"])) for b in data["review_litigation"]),
    )


def _columns(items: list[dict[str, Any]]) -> tuple[Column, ...]:
    return tuple(Column(**{**item, "aliases": tuple(item.get("aliases", ()))}) for item in items)


def _rows(items: list[dict[str, Any]]) -> tuple[FormRow, ...]:
    return tuple(FormRow(**{**item, "aliases": tuple(item.get("aliases", ()))}) for item in items)
