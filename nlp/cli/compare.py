"""Compare two reports of a store: figures, counts, people, and problems solved, repeated or new.

Two years of one agency, or two agencies. Without -o the tables are printed; the end of the output's name tells its form.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from nlp.cli.messages import console
from nlp.cli.summarize import database_of
from nlp.errors import GongkaiError

if TYPE_CHECKING:
    from nlp.record import Record
    from nlp.summary.compare import Comparison

EXAMPLES = """examples:
  gongkai compare reports.duckdb 5f2c9a 81d07b                         two records, by the starts of their ids
  gongkai compare reports.duckdb --agency 白石市水务局 --years 2022 2023
  gongkai compare run/ --agency 白石市水务局 --years 2022 2023 -o years.html
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("store", type=Path, metavar="STORE", help="made by `gongkai extract --store`, or a folder of `gongkai batch`")
    parser.add_argument("ids", nargs="*", metavar="ID", help="the starts of two records' ids, the earlier first")
    parser.add_argument("--agency", metavar="NAME", help="in place of ids: an agency's full name, with --years")
    parser.add_argument("--years", nargs=2, type=int, metavar=("YEAR", "YEAR"), help="two years of that agency")
    parser.add_argument("-o", "--output", metavar="FILE", help="FILE.html, .md or .json; - prints JSON; default: tables, printed")
    parser.add_argument("--model", default="", help="model folder; default: the released one")


def run(arguments: argparse.Namespace) -> int:
    """Compare; see the module."""
    kind = _kind(arguments.output)
    before, after = _chosen(arguments)

    from nlp.narrative.release import model_folder
    from nlp.summary.compare import compare, meaning
    from nlp.summary.vectors import Encoder

    comparison = compare(before, after, meaning(Encoder(model_folder(arguments.model))))
    if kind is None:
        _print(comparison)
    else:
        from nlp.summary.report import write_comparison

        write_comparison(comparison, "-" if arguments.output == "-" else Path(arguments.output))
    return 0


def _kind(output: str | None) -> str | None:
    """The form that the output's name asks for, known before the work is done; None where tables are printed."""
    if output is None:
        return None
    kind = ".json" if output == "-" else Path(output).suffix
    if kind not in (".json", ".html", ".md"):
        raise GongkaiError(f"{output}: a comparison is written as .html, .md or .json; end the name so")
    return kind


def _chosen(arguments: argparse.Namespace) -> tuple[Record, Record]:
    from nlp.summary.reports import report_of, report_with_id

    database = database_of(arguments.store)
    if len(arguments.ids) == 2 and not arguments.agency and not arguments.years:
        first, second = (report_with_id(database, prefix) for prefix in arguments.ids)
        return first, second
    if arguments.agency and arguments.years and not arguments.ids:
        first, second = (report_of(database, arguments.agency, year) for year in arguments.years)
        return first, second
    raise GongkaiError("say which two reports: the starts of two ids, or --agency NAME --years YEAR YEAR")


def _print(comparison: Comparison) -> None:
    from nlp.show.terminal import answer_table
    from nlp.summary.report import comparison_tables

    screen = console(sys.stdout)
    for table in comparison_tables(comparison):
        screen.print(f"\n{table.name}", style="bold", markup=False)
        screen.print(answer_table((column.name for column in table.columns), table.rows))
