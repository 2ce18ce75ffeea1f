"""Measure a model on annotated documents: spans, facts, categories, links, status, calibration, with intervals."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nlp.cli.messages import console, tell
from nlp.errors import SettingsError

if TYPE_CHECKING:
    from rich.table import Table

EXAMPLES = """examples:
  gongkai evaluate annotated/                     the chosen model on your documents
  gongkai evaluate annotated/ --model my-model/ --split test
  gongkai evaluate ../shared/gold --json

FOLDER holds inline markup, <family>/<id>.txt, perhaps below train/, dev/, test/; or gold JSON (narrative/, text/).
"""
_KINDS = {
    "strict": "spans, label and both edges right",
    "overlap": "spans, half of both covered",
    "facts": "facts",
    "categories": "categories of statements found",
    "one category": "each category",
    "links": "links",
    "remedies": "status of remedies found",
}
Figures = Mapping[str, Any]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="annotated documents")
    parser.add_argument("--model", metavar="MODEL", help="name or folder; default: the chosen one, else the released one")
    parser.add_argument("--split", choices=("train", "dev", "test", "all"), help="default: test, else dev, else all")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Measure; see the module."""
    from nlp.cli.reading import read_settings
    from nlp.narrative.release import model_folder, open_release
    from training.cases import find_cases
    from training.evaluate import measure

    model = model_folder(read_settings().model if arguments.model is None else arguments.model)
    try:
        cases = find_cases(arguments.folder, open_release(model).scheme.labels, arguments.split)
    except SettingsError as error:
        for line in str(error).splitlines():  # wrong markup: a line each fault
            tell(f"error: {line}")
        return 2
    found = measure(model, cases)
    if arguments.json:
        print(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        console(sys.stdout).print(figures_table(found))
    return 0


def figures_table(found: Figures) -> Table:
    """The figures as a table with a part for each kind."""
    from rich.table import Table

    error = found["calibration"]["expected_calibration_error"]
    table = Table(title=f"{found['model']} on {found['documents']} documents", caption=f"calibration error {error:.3f}")
    for head in ("", "F1", "95 % interval", "precision", "recall", "gold", "found"):
        table.add_column(head, justify="right" if head else "left")
    for kind, about in _KINDS.items():
        if kind not in found:
            continue
        table.add_section()
        table.add_row(f"[bold]{about}[/bold]")
        for name, row in _ordered(found[kind]):
            low, high = row["interval"] or (0.0, 1.0)  # nothing found or wanted: nothing is known
            shares = (f"{row['f1']:.3f}", f"{low:.3f} – {high:.3f}", f"{row['p']:.3f}", f"{row['r']:.3f}")
            table.add_row(f"  {name}", *shares, f"{row['gold']:,}", f"{row['found']:,}")
    return table


def comparison_table(before: Figures | None, after: Figures, title: str) -> Table:
    """Strict F1 of two models on the same documents; `before` is None where the start knew no labels."""
    from rich.table import Table

    table = Table(title=title)
    for head in ("strict F1", "before", "after", "95 % interval", "gold"):
        table.add_column(head, justify="left" if head == "strict F1" else "right")
    for name, row in _ordered(after["strict"]):
        low, high = row["interval"] or (0.0, 1.0)  # nothing found or wanted: nothing is known
        old = (before or {"strict": {}})["strict"].get(name)
        was = f"{old['f1']:.3f}" if old else "–"
        table.add_row(name, was, f"{row['f1']:.3f}", f"{low:.3f} – {high:.3f}", f"{row['gold']:,}")
    errors = [f"{one['calibration']['expected_calibration_error']:.3f}" if one else "–" for one in (before, after)]
    table.add_section()
    table.add_row("calibration error", *errors)
    return table


def _ordered(rows: Mapping[str, Figures]) -> list[tuple[str, Figures]]:
    """All together first."""
    return sorted(rows.items(), key=lambda item: (item[0] not in ("all", "short"), item[0]))
