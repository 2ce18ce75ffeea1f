"""Words and numbers as a Chinese reader expects them."""

from __future__ import annotations

from functools import cache

from nlp.forms import load_forms
from nlp.record import Number
from nlp.settings import load_toml
from nlp.summary.measures import Share
from nlp.summary.model import ReportFacts


def number(value: Number | None) -> str:
    """`12,345`; a dash for what is unknown."""
    return "—" if value is None else f"{value:,.10g}" if isinstance(value, float) else f"{value:,}"


def percent(value: float | None) -> str:
    """`12.3%`; a dash for what is unknown."""
    return "—" if value is None else f"{value:.1%}"


def interval(share: Share | None) -> str:
    """`10.2–14.6%`."""
    return "" if share is None else f"{share.low * 100:.1f}–{share.high * 100:.1f}%"


def category(code: str) -> str:
    """The Chinese name of a category."""
    return str(load_toml("labels.toml")["categories"].get(code, code))


def source(report: ReportFacts) -> str:
    """Where the report's file is."""
    return f"{report.path} › {report.member}" if report.member else report.path


@cache
def cell_names() -> dict[str, str]:
    """Path of a cell → the labels printed beside it; the later form's where both have it."""
    names: dict[str, str] = {}
    for form in load_forms().values():
        for table in (*form.disclosure, form.applications):
            prefix = "applications" if table is form.applications else f"disclosure.{table.key}"
            for row in table.rows:
                names |= {f"{prefix}.{row.key}.{column.key}": f"{row.label} · {column.label}" for column in table.columns}
        for block in form.review_litigation:
            names |= {f"review_litigation.{block.key}.{c.key}": f"{block.label} · {c.label}" for c in block.columns}
    return names


def cell_name(path: str) -> str:
    """The printed labels of a cell, or its path where no form knows it (a row that the report added)."""
    return cell_names().get(path, path)
