"""Names for people: labels, states, paths of cells and numbers from `configs/labels.toml`, `configs/show.toml` and the forms."""

from __future__ import annotations

from functools import cache

from nlp.forms import load_forms
from nlp.record import Cell, Number, Record
from nlp.show.texts import CHINESE, Words, names

name = names("zh")
"""The Chinese name of a code of one kind (a table of labels.toml); the code itself where it has none."""


def number(value: Number | None) -> str:
    """A number as people write it: no needless decimals."""
    if value is None:
        return ""
    return str(int(value)) if float(value).is_integer() else repr(value)


def label_of(record: Record, path: str) -> str:
    """The printed labels of a cell: `一、本年新收政府信息公开申请数量 · 总计`; the path where its form does not know it."""
    table, _, rest = path.partition(".")
    if table == "indicators" and rest.isdigit() and int(rest) < len(record.statistics.indicators):
        indicator = record.statistics.indicators[int(rest)]
        return " · ".join(filter(None, (indicator.label, indicator.column)))
    return _labels(record.statistics.forms.get(table, "")).get(path, path)


def describe(record: Record, path: str, cell: Cell | None, words: Words = CHINESE) -> str:
    """What is known of a cell, on one line: labels, printed text, value, state, place."""
    label, t = label_of(record, path), words.t
    if cell is None:
        return t("cell_missing", label=label)
    facts = [words.name("states", cell.state)]
    if cell.recovered_by:
        facts.append(t("cell_recovered_by", how=words.name("recovered_by", cell.recovered_by)))
    if cell.raw is not None:
        facts.append(t("cell_raw", raw=cell.raw))
    if cell.value is not None:
        facts.append(t("cell_value", value=number(cell.value), unit=cell.unit or ""))
    if cell.value_yuan is not None:
        facts.append(t("cell_yuan", value=number(cell.value_yuan)))
    if cell.span:
        facts.append(t("cell_place", start=cell.span.start, end=cell.span.end))
    return t("cell", label=label, facts=t("comma").join(facts))


@cache
def _labels(form_name: str) -> dict[str, str]:
    form = load_forms().get(form_name)
    if form is None:
        return {}
    labels: dict[str, str] = {}
    for table in (*form.disclosure, form.applications):
        prefix = "applications" if table is form.applications else f"disclosure.{table.key}"
        for row in table.rows:
            labels |= {f"{prefix}.{row.key}.{column.key}": f"{row.label} · {column.label}" for column in table.columns}
    for block in form.review_litigation:
        path = f"review_litigation.{block.key}"
        labels |= {f"{path}.{column.key}": f"{block.label} · {column.label}" for column in block.columns}
    return labels
