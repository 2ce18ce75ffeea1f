"""One record as one HTML page that needs nothing from outside: no request leaves it, and nothing in a report can run."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from nlp.record import Check, Record
from nlp.settings import load_toml
from nlp.show.grids import grids
from nlp.show.marks import pieces
from nlp.show.names import describe, label_of, name, number
from nlp.show.places import anchors_by_path, anchors_of_facts, cells_by_path
from nlp.show.texts import CHINESE, Words, texts

_HERE = Path(__file__).resolve().parent
_CHECK_ORDER = ("fail", "unknown", "pass")


def page(record: Record, index: str | None = None) -> str:
    """The record as an HTML page; `index` is the address of the list that it belongs to, if any."""
    return render("page.html.j2", "page.js", index=index, label_css=Markup(label_css()), t=texts("zh"), **values(record))  # noqa: S704  from our labels


def values(record: Record, words: Words = CHINESE) -> dict[str, Any]:
    """What `results.html.j2` and `source.html.j2` need to show a record, save `t` and `name`, which all templates have.

    `changed` are paths of cells that a person has set.
    """
    cells = cells_by_path(record)
    return {
        "record": record,
        "language": "zh-Hant" if record.script == "hant" else "zh-Hans",
        "words": words,
        "heading": heading(record, words),
        "pieces": pieces(record, words),
        "grids": grids(record, words),
        "places": anchors_by_path(record),
        "sources": anchors_of_facts(record),
        "checks": sorted(record.checks, key=lambda check: _CHECK_ORDER.index(check.status)),
        "n_checks": Counter(check.status for check in record.checks),
        "n_states": Counter(cell.state for cell in cells.values()),
        "suspects": _suspects(record.checks, words),
        "unanswered": _unanswered(record),
        "changed": frozenset(),
        "labels": load_toml("labels.toml")["labels"],
        "present": Counter(mention.label for mention in record.narrative.mentions),
        "label_of": lambda path: label_of(record, path),
        "describe": lambda path: describe(record, path, cells.get(path), words),
    }


def label_css() -> str:
    """The colour of each label's marks, and the rule by which its box in the legend hides them."""
    return "".join(
        f".l-{label} {{ --hue: {look['hue']}; }}\n"
        f"body:has(#show-{label}:not(:checked)) .source .l-{label} {{ background: none; box-shadow: none; }}\n"
        for label, look in load_toml("labels.toml")["labels"].items()
    )


def render(template: str, script: str, **values: object) -> str:
    """A template with its style and its script inside; a Content-Security-Policy lets run that script and nothing else."""
    code = (_HERE / script).read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    return (
        environment()
        .get_template(template)
        .render(
            style=Markup((_HERE / "style.css").read_text(encoding="utf-8")),  # noqa: S704  our own files, not a report's text
            script=Markup(code),  # noqa: S704
            script_sha256=digest,
            **values,
        )
    )


def heading(record: Record, words: Words = CHINESE) -> str:
    """What to call the report: its title, its agency and year, or the name of its file."""
    if record.title:
        return record.title
    if record.agency.name:
        year = words.t("in_year", year=record.year) if record.year else ""
        return words.t("no_title", agency=record.agency.name, year=year)
    return record.source.member or record.source.path


def _suspects(checks: list[Check], words: Words) -> dict[str, list[str]]:
    """For each cell that a failed check names, what the checks say."""
    suspects: dict[str, list[str]] = {}
    for check in checks:
        if check.status == "fail":
            for path in check.cells:
                suspects.setdefault(path, []).append(words.t("cell_suspect", rule=check.rule, says=words.of_check(check)))
    return suspects


def _unanswered(record: Record) -> list[int]:
    """Remedies that answer no problem of the report."""
    answered = {remedy for problem in record.narrative.problems for remedy in problem.remedies}
    return [n for n in range(len(record.narrative.remedies)) if n not in answered]


@cache
def environment(*folders: Path) -> Environment:
    """Our templates, and those of further folders, which may include ours; everything that a report says is escaped."""
    found = Environment(
        loader=FileSystemLoader([*folders, _HERE]), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    found.filters |= {"number": number, "percent": lambda score: f"{score:.0%}"}
    found.globals |= {"name": name}
    return found
