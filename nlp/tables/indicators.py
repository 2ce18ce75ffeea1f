"""Statistics tables from before the 2019 form: a label, its unit, one number a column. Nothing is mapped onto later forms.

Real grids are read by their head row; flattened tables by the rhythm `label unit number…` after heads that name a unit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from nlp.document import Document, Folded, GridCell, Span, Table
from nlp.forms import Column
from nlp.record import Cell, Indicator
from nlp.settings import load_toml
from nlp.tables.numbers import printed_cell

_COUNT = Column("value", "")
_FEWEST = 3  # rows; fewer are a sentence that happens to name a unit
_BETWEEN = r"[\s|｜│]+"
_NUMBER = r"(?:[+\-－−]?\d[\d,，]*(?:\.\d+)?%?|/|—+|－|-|无)"
_CODE = re.compile(r"[A-Za-z]?\d{1,4}")  # 指标代码
_GROUP = re.compile(r"^(?:[一二三四五六七八九十]+、|[（(][一二三四五六七八九十]+[)）])")
_CHILD = re.compile(r"^(?:其中[：:]?)|^\d{1,2}[.．、]|^[（(]\d{1,2}[)）]")


@dataclass(frozen=True, slots=True)
class _Heads:
    """Heads of a flattened table: where they end, and the value columns' names."""

    start: int
    end: int
    columns: tuple[str, ...]


def read_indicators(
    document: Document, folded: Folded, outside: Sequence[Span]
) -> tuple[list[Indicator], tuple[Span, ...]]:
    """All indicators of a document outside the official tables, and the spans (of the document) where their tables stand."""
    found: list[Indicator] = []
    regions: list[Span] = []
    taken = [folded.original(*region) for region in outside]
    for table in document.tables:
        if any(table.span.start < end and start < table.span.end for start, end in taken):
            continue
        rows = list(_grid_rows(document.text, table))
        if rows:
            found += rows
            regions.append(table.span)
    if not found:
        found, regions = _flattened(folded, outside)
    return _with_parents(found), tuple(regions)


def _grid_rows(text: str, table: Table) -> Iterator[Indicator]:
    rows: dict[int, list[GridCell]] = {}
    for cell in table.cells:
        rows.setdefault(cell.row, []).append(cell)
    heads: dict[int, str] | None = None
    for number in sorted(rows):
        cells = sorted(rows[number], key=lambda c: c.column)
        words = {c.column: re.sub(r"\s", "", text[slice(*c.span)]) for c in cells}
        if heads is None:
            heads = words if _is_head(list(words.values())) else None
            continue
        yield from _grid_row(text, cells, heads)


def _is_head(words: list[str]) -> bool:
    data = load_toml("forms/indicators.toml")
    return any(w in data["label_heads"] for w in words) and any(
        w in data["unit_heads"] or re.fullmatch(_value_head(), w) for w in words
    )


def _grid_row(text: str, cells: Sequence[GridCell], heads: dict[int, str]) -> Iterator[Indicator]:
    data = load_toml("forms/indicators.toml")
    label = unit = None
    for cell in cells:
        head, raw = heads.get(cell.column, ""), text[slice(*cell.span)].strip()
        if head in data["label_heads"]:
            label = re.sub(r"\s", "", raw)
        elif head in data["unit_heads"]:
            unit = raw or None
        elif label and head and head not in data["code_heads"] and (unit or re.search(r"\d", raw)):
            yield Indicator(label, unit, head, printed_cell(raw, cell.span, _COUNT))


@cache
def _value_head() -> str:
    heads = [re.escape(head) for head in load_toml("forms/indicators.toml")["value_heads"]]
    names = "|".join(r"\s*".join(head) if "year" not in head else r"\d{4}\s*年\s*度?" for head in heads)
    return rf"(?:{names})(?:[（(][^（）()]{{1,8}}[)）])?"


@cache
def _head_pattern() -> re.Pattern[str]:
    data = load_toml("forms/indicators.toml")

    def spaced(words: list[str]) -> str:
        return "|".join(r"\s*".join(word) for word in sorted(words, key=len, reverse=True))

    codes = rf"(?:(?:{spaced(data['code_heads'])}){_BETWEEN})?"
    return re.compile(
        rf"(?:{spaced(data['label_heads'])}){_BETWEEN}{codes}(?:{spaced(data['unit_heads'])}){_BETWEEN}{codes}"
        rf"(?P<columns>{_value_head()}(?:{_BETWEEN}{_value_head()})*)"
    )


@cache
def _item_pattern(n_columns: int) -> re.Pattern[str]:
    units = "|".join(re.escape(u) for u in sorted(load_toml("forms/indicators.toml")["units"], key=len, reverse=True))
    numbers = "".join(rf"{_BETWEEN}(?P<v{i}>{_NUMBER})" for i in range(n_columns))
    return re.compile(
        rf"{_BETWEEN}(?P<label>[^\s|｜│](?:[^|｜│。]{{0,60}}?[^\s|｜│。])?){_BETWEEN}(?P<unit>{units})"
        rf"{numbers}(?![\d.])"
    )


def _flattened(folded: Folded, outside: Sequence[Span]) -> tuple[list[Indicator], list[Span]]:
    found: list[Indicator] = []
    regions: list[Span] = []
    for head in _head_pattern().finditer(folded.text):
        if any(start <= head.start() < end for start, end in outside):
            continue
        columns = tuple(re.sub(r"\s", "", m[0]) for m in re.finditer(_value_head(), head["columns"]))
        rows, end = _items(folded, head.end(), columns)
        if len(rows) >= _FEWEST * len(columns):
            found += rows
            regions.append(folded.original(head.start(), end))
    return found, regions


def _items(folded: Folded, position: int, columns: tuple[str, ...]) -> tuple[list[Indicator], int]:
    pattern, rows = _item_pattern(len(columns)), []
    while (match := pattern.match(folded.text, position)) is not None:
        label = _last_label(match["label"])
        for number, column in enumerate(columns):
            raw, place = match[f"v{number}"], match.span(f"v{number}")
            cell = printed_cell(raw, place, _COUNT)
            span = folded.original(*place)
            rows.append(Indicator(label, match["unit"], column, Cell(cell.raw, cell.value, None, None, span, cell.state)))
        position = match.end()
    return rows, position


def _last_label(words: str) -> str:
    """The label of a row, without the heading of a group of rows that may stand before it."""
    parts = [part for part in re.split(r"[\s|｜│]+", words) if part and not _CODE.fullmatch(part)]
    while len(parts) > 1 and _GROUP.match(parts[0]) and len(parts[0]) > 3:
        parts = parts[1:]
    return "".join(parts)


def _with_parents(found: list[Indicator]) -> list[Indicator]:
    """Rows after `其中：` and numbered rows belong to the last row without a number."""
    parent, result = None, []
    for row in found:
        child = bool(_CHILD.match(row.label))
        if not child:
            parent = row.label
        result.append(Indicator(row.label, row.unit, row.column, row.cell, parent if child else None))
    return result
