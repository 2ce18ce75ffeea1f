"""Make an HTML page of a record, or a folder of pages with a list of them.

A page needs nothing but itself: it can be mailed, printed, and read offline.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from nlp.cli.messages import progress, tell_failure
from nlp.cli.reading import add_reading_arguments, chosen_settings
from nlp.errors import GongkaiError

if TYPE_CHECKING:
    from nlp.record import Record

EXAMPLES = """examples:
  gongkai show report.html --open               read a report now and look at it
  gongkai show records.jsonl --n 3              the third record of a file
  gongkai show reports.duckdb --id 5f2c9a       from a store, by the start of its id
  gongkai show records.jsonl -o pages/          pages/index.html and a page for each record
"""
_RECORD_FILES = (".jsonl", ".json", ".parquet")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument(
        "report", metavar="REPORT", help="report, archive, file of records (.jsonl .json .parquet) or .duckdb store"
    )
    parser.add_argument(
        "-o", "--output", metavar="FILE|DIR/", help="default: NAME.html in this folder; DIR/ for many; - to print"
    )
    parser.add_argument("--id", default="", help="the record whose id starts so")
    parser.add_argument("--n", type=int, help="the n-th record, from 1")
    parser.add_argument("--open", action="store_true", help="open it in a browser")
    add_reading_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Show; see the module."""
    records = _chosen(arguments)
    status = 0
    if arguments.output and (arguments.output.endswith("/") or Path(arguments.output).is_dir()):
        from nlp.show import write_site

        with progress(records) as counted:
            written: Path | None = write_site(counted, Path(arguments.output))
    else:
        record = _only(records, arguments.report)
        written = _write_page(record, arguments.output or _default_name(arguments.report))
        if record.status == "failed":
            tell_failure(record)
            status = 1
    if written:
        print(written)
        if arguments.open:
            import webbrowser

            webbrowser.open(written.resolve().as_uri())
    return status


def _chosen(arguments: argparse.Namespace) -> Iterator[Record]:
    """The records of a file or store, or of sources read now, as far as `--id` and `--n` choose them."""
    for number, record in enumerate(_records(arguments), 1):
        if record.id.startswith(arguments.id) and arguments.n in (None, number):
            yield record
            if arguments.n is not None:
                return


def _records(arguments: argparse.Namespace) -> Iterable[Record]:
    path = Path(arguments.report)
    if path.suffix == ".duckdb":
        from nlp import store
        from nlp.record import from_json

        return (from_json(line) for line in store.records(path))
    if path.suffix in _RECORD_FILES:
        from nlp import output

        return output.read(path)
    from nlp import extract_many

    return extract_many([arguments.report], chosen_settings(arguments))


def _only(records: Iterator[Record], report: str) -> Record:
    first, second = next(records, None), next(records, None)
    if first is None:
        raise GongkaiError(f"{report} holds no such record; count from --n 1, or give the start of an id")
    if second is not None:
        raise GongkaiError(f"{report} holds several records; choose one with --n or --id, or give a folder: -o pages/")
    return first


def _default_name(report: str) -> str:
    return "report.html" if report == "-" else f"{Path(report).stem}.html"


def _write_page(record: Record, name: str) -> Path | None:
    from nlp.output import whole_file
    from nlp.show import page

    with whole_file("-" if name == "-" else Path(name)) as stream:
        stream.write(page(record).encode())
    return None if name == "-" else Path(name)
