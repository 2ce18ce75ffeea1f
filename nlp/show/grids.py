"""The official tables of a record in the layout in which the form prints them: heads, groups over rows, cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from nlp.forms import Form, FormBlock, FormRow, FormTable, load_forms
from nlp.record import Cell, Indicator, Record, Row
from nlp.show.texts import CHINESE, Words

# Article 20 is one printed table over sub-tables of one, two and three columns; six divides by all of them.
_DISCLOSURE_WIDTH = 6
# A row of the matrix has its number, its group's label and its own: three columns of labels.
_LABEL_WIDTH = 3


@dataclass(frozen=True, slots=True)
class Box:
    """A box of a printed table: a head with `text`, or a cell with its dotted `path` below `statistics`."""

    text: str = ""
    path: str | None = None
    cell: Cell | None = None
    rowspan: int = 1
    colspan: int = 1
    upright: bool = False

    @property
    def is_head(self) -> bool:
        """Whether the box holds a label of the form."""
        return self.path is None


@dataclass(frozen=True, slots=True)
class Grid:
    """A table for the page: its key, the form it follows (None for tables from before the forms), head and body rows."""

    key: str
    form: str | None
    head: tuple[tuple[Box, ...], ...] = ()
    body: tuple[tuple[Box, ...], ...] = field(default=())


def grids(record: Record, words: Words = CHINESE) -> list[Grid]:
    """The tables that the record holds, in the order of the form."""
    statistics = record.statistics
    found: list[Grid] = []
    if statistics.disclosure:
        form = _form(record, "disclosure")
        found.append(Grid("disclosure", form.name, (), tuple(_disclosure(form, statistics.disclosure))))
    if statistics.applications:
        form = _form(record, "applications")
        matrix = form.applications
        found.append(
            Grid("applications", form.name, _matrix_head(matrix), tuple(_matrix(matrix, statistics.applications)))
        )
    if statistics.review_litigation:
        form = _form(record, "review_litigation")
        head = _blocks_head(form.review_litigation)
        found.append(
            Grid("review_litigation", form.name, head, (_blocks(form.review_litigation, statistics.review_litigation),))
        )
    if statistics.indicators:
        found.append(_indicators(statistics.indicators, words))
    return found


def _form(record: Record, table: str) -> Form:
    """The form that the table follows; the latest one where the record does not say."""
    forms = load_forms()
    return forms.get(record.statistics.forms.get(table, ""), forms[max(forms)])


def _cells(prefix: str, row: Row, columns: Sequence[str], colspan: int = 1) -> list[Box]:
    return [Box(path=f"{prefix}.{column}", cell=row.get(column), colspan=colspan) for column in columns]


def _with_extra(known: Sequence[FormRow], rows: Mapping[str, Row]) -> list[FormRow]:
    """The form's rows, then those that the report adds (their slug is their label)."""
    keys = {row.key for row in known}
    return [*known, *(FormRow(key, key) for key in rows if key not in keys)]


def _disclosure(form: Form, tables: Mapping[str, Mapping[str, Row]]) -> Iterator[tuple[Box, ...]]:
    for table in form.disclosure:
        rows = tables.get(table.key, {})
        width = _DISCLOSURE_WIDTH // len(table.columns)
        yield (Box(table.caption, colspan=_DISCLOSURE_WIDTH + 1),)
        yield (Box(table.heads[0]), *(Box(column.label, colspan=width) for column in table.columns))
        for row in _with_extra(table.rows, rows):
            keys = [column.key for column in table.columns]
            yield (Box(row.label), *_cells(f"disclosure.{table.key}.{row.key}", rows.get(row.key, {}), keys, width))


def _matrix_head(matrix: FormTable) -> tuple[tuple[Box, ...], ...]:
    applicants, organisations = matrix.heads
    labels = [column.label for column in matrix.columns]
    return (
        (Box(matrix.caption, rowspan=3, colspan=_LABEL_WIDTH), Box(applicants, colspan=len(labels))),
        (Box(labels[0], rowspan=2), Box(organisations, colspan=len(labels) - 2), Box(labels[-1], rowspan=2)),
        tuple(Box(label) for label in labels[1:-1]),
    )


def _matrix(matrix: FormTable, rows: Mapping[str, Row]) -> Iterator[tuple[Box, ...]]:
    keys = [column.key for column in matrix.columns]
    form_rows = _with_extra(matrix.rows, rows)
    grouped = [row for row in form_rows if row.group]
    top = grouped[0].group if grouped else None
    for group, members in groupby(form_rows, key=lambda row: row.group):
        same = list(members)
        for place, row in enumerate(same):
            labels = []
            if grouped and row is grouped[0]:
                labels.append(Box(top or "", rowspan=len(grouped), upright=True))
            if group and group != top and place == 0:
                labels.append(Box(group, rowspan=len(same), upright=True))
            labels.append(Box(row.label, colspan=_LABEL_WIDTH if not group else 2 if group == top else 1))
            yield (*labels, *_cells(f"applications.{row.key}", rows.get(row.key, {}), keys))


def _blocks_head(blocks: Sequence[FormBlock]) -> tuple[tuple[Box, ...], ...]:
    """Three rows: 行政复议 and 行政诉讼, the kinds of lawsuit, the results; `label` has its levels apart by a slash."""
    first: list[Box] = []
    second: list[Box] = []
    for name, members in groupby(blocks, key=lambda block: block.label.split("/")[0]):
        same = list(members)
        width = sum(len(block.columns) for block in same)
        plain = "/" not in same[0].label
        first.append(Box(name, colspan=width, rowspan=2 if plain else 1))
        if not plain:
            second += [Box(block.label.split("/")[1], colspan=len(block.columns)) for block in same]
    return tuple(first), tuple(second), tuple(Box(column.label) for block in blocks for column in block.columns)


def _blocks(blocks: Sequence[FormBlock], rows: Mapping[str, Row]) -> tuple[Box, ...]:
    return tuple(
        box
        for block in blocks
        for box in _cells(
            f"review_litigation.{block.key}", rows.get(block.key, {}), [column.key for column in block.columns]
        )
    )


def _indicators(indicators: Sequence[Indicator], words: Words) -> Grid:
    columns = list(dict.fromkeys(indicator.column for indicator in indicators))
    head = (Box(words.t("indicator")), Box(words.t("unit")), *(Box(column or words.t("value")) for column in columns))
    body: list[tuple[Box, ...]] = []
    numbered = [(indicator, f"indicators.{n}") for n, indicator in enumerate(indicators)]
    for (label, unit, _), members in groupby(numbered, key=lambda pair: (pair[0].label, pair[0].unit, pair[0].parent)):
        cells = {indicator.column: Box(path=path, cell=indicator.cell) for indicator, path in members}
        body.append((Box(label), Box(unit or ""), *(cells.get(column, Box()) for column in columns)))
    return Grid("indicators", None, (head,), tuple(body))
