"""Where the words of the official forms stand in a text.

Both forms share one order of rows, so one chain of anchors serves both; which form a table follows is decided later, from
its column heads. Labels are compared by their Chinese characters, without the number before them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from hanlp_trie import Trie

from nlp.forms import Form, FormRow, load_forms
from nlp.settings import load_toml
from nlp.tables.skeleton import Skeleton, han

Role = Literal["row", "caption", "head", "column", "group"]
# The number before a label: 一、 （一） 1. 1、 ①; what it numbers decides, never the number.
_NUMBERING = re.compile(r"^[（(]?([一二三四五六七八九十]{1,2}|\d{1,2})[)）、.．]+")


@dataclass(frozen=True, slots=True)
class Anchor:
    """A row or caption of the chain: which table, which row (None for a caption), all spellings, its printed number."""

    table: str
    row: str | None
    spellings: tuple[str, ...]
    number: str | None = None


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A known label in a skeleton, as a half-open stretch of skeleton characters."""

    start: int
    end: int
    word: str


def core(label: str) -> str:
    """A label's Chinese characters without its number and without what stands in brackets for units."""
    return han(_NUMBERING.sub("", label))


def number(label: str) -> str | None:
    """The number printed before a label, as printed; None where there is none."""
    match = _NUMBERING.match(label)
    return match[1] if match else None


def _anchor(table: str, row: FormRow) -> Anchor:
    spellings = dict.fromkeys([core(row.label), *(han(alias) for alias in row.aliases)])
    return Anchor(table, row.key, tuple(spellings), number(row.label))


def _merge(anchors: Iterable[Anchor]) -> tuple[Anchor, ...]:
    """One anchor for each (table, row), in the order of the longer form; spellings of both forms joined."""
    merged: dict[tuple[str, str | None], Anchor] = {}
    for anchor in anchors:
        known = merged.get((anchor.table, anchor.row))
        spellings = dict.fromkeys([*(known.spellings if known else ()), *anchor.spellings])
        merged[anchor.table, anchor.row] = Anchor(anchor.table, anchor.row, tuple(spellings), anchor.number)
    return tuple(merged.values())


def _disclosure(form: Form) -> list[Anchor]:
    anchors = []
    for table in form.disclosure:
        caption = han(table.caption)
        anchors.append(Anchor(table.key, None, (caption,), None))
        anchors += [_anchor(table.key, row) for row in table.rows]
    return anchors


@cache
def disclosure_anchors() -> tuple[Anchor, ...]:
    """Captions and rows of article 20 in print order; the 2019 form has all rows of the 2021 form."""
    forms = load_forms()
    return _merge([*_disclosure(forms["2019"]), *_disclosure(forms["2021"])])


@cache
def matrix_anchors() -> tuple[Anchor, ...]:
    """Rows of the applications matrix in print order: `other` of the 2019 form stands before `other_1` of the 2021 form."""
    forms = load_forms()
    rows = {row.key: row for name in ("2021", "2019") for row in forms[name].applications.rows}
    order = [row.key for row in forms["2021"].applications.rows]
    order.insert(order.index("other_1"), "other")
    return tuple(_anchor("applications", rows[key]) for key in order)


@cache
def vocabulary() -> frozenset[str]:
    """Every word of the forms' tables: rows, captions, heads, columns, groups, and the heads of section four."""
    words: set[str] = {spelling for a in (*disclosure_anchors(), *matrix_anchors()) for spelling in a.spellings}
    for form in load_forms().values():
        for table in (*form.disclosure, form.applications):
            words |= {han(table.caption), *(han(head) for head in table.heads)}
            words |= {han(text) for column in table.columns for text in (column.label, *column.aliases)}
            words |= {core(row.group) for row in table.rows if row.group}
        for block in form.review_litigation:
            words |= {han(part) for part in block.label.split("/")}
            words |= {han(column.label) for column in block.columns}
    return frozenset(words | {han(word) for word in load_toml("forms/tables.toml")["words"]})


@cache
def known_text() -> str:
    """All words joined by a character that no text has, for substring tests."""
    return "\0".join(sorted(vocabulary()))


@cache
def _trie() -> Trie:
    return Trie({word: word for word in vocabulary()})


def occurrences(bones: Skeleton) -> list[Occurrence]:
    """All known words in a skeleton, longest first at each place, one inside another left out; in order."""
    found = sorted(_trie().parse(bones.text), key=lambda hit: (hit[0], -hit[1]))
    kept: list[Occurrence] = []
    for start, end, word in found:
        if kept and end <= kept[-1].end:
            continue
        kept.append(Occurrence(start, end, word))
    return kept
