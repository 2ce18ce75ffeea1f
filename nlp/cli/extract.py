"""Read reports and write one record each, as JSON lines, JSON or Parquet.

Exit status 1 when some source failed: its record has status `failed` and says why.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from nlp.cli.messages import console, progress, tell_failure
from nlp.cli.reading import add_reading_arguments, chosen_settings
from nlp.errors import GongkaiError

if TYPE_CHECKING:
    from nlp.output import Format, Put, Target
    from nlp.show.terminal import Line

EXAMPLES = """examples:
  gongkai extract report.html                            one record to the screen
  gongkai extract reports/ more.zip -o records.jsonl     folders, .zip, .tar.gz; one record a line
  gongkai extract reports/ -o records.parquet --store reports.duckdb --workers 4
  curl -s https://example.org/report.html | gongkai extract - | jq .statistics.applications.new.total

exit status: 0 every source gave a record, 1 some source failed, 2 wrong use
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("paths", nargs="+", metavar="PATH", help="file, folder or archive; - for standard input")
    parser.add_argument(
        "-o", "--output", default="-", metavar="FILE", help="where to write; - (default) for standard output"
    )
    parser.add_argument("--format", choices=("jsonl", "json", "parquet"), help="default: by FILE's name, else jsonl")
    parser.add_argument(
        "--workers", type=_count, default=1, metavar="N", help="processes (default 1); the output is the same"
    )
    parser.add_argument(
        "--store", type=Path, metavar="FILE.duckdb", help="also build a DuckDB store for `gongkai query`"
    )
    parser.add_argument(
        "--summary",
        action=argparse.BooleanOptionalAction,
        help="table of the run on standard error (default: on a terminal)",
    )
    add_reading_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Extract; see the module."""
    from nlp import extract_many
    from nlp.show.terminal import line, run_table

    target: Target = "-" if arguments.output == "-" else Path(arguments.output)
    records = extract_many(arguments.paths, chosen_settings(arguments), arguments.workers)
    wants_summary = arguments.summary or (arguments.summary is None and sys.stderr.isatty())
    lines: list[Line] = []
    n_failed = 0
    with ExitStack() as stack:
        puts = [
            stack.enter_context(sink) for sink in _sinks(target, _format(arguments.format, target), arguments.store)
        ]
        for record in stack.enter_context(progress(records)):
            for put in puts:
                put(record)
            if record.status == "failed":
                n_failed += 1
                tell_failure(record)
            if wants_summary:
                lines.append(line(record))
    if wants_summary:
        console(sys.stderr).print(run_table(lines))
    return 1 if n_failed else 0


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes; give 1 or more")
    return int(text)


def _format(wanted: Format | None, target: Target) -> Format:
    by_name: dict[str, Format] = {".parquet": "parquet", ".json": "json"}
    format = wanted or ("jsonl" if target == "-" else by_name.get(target.suffix, "jsonl"))
    if format == "parquet" and target == "-" and sys.stdout.isatty():
        raise GongkaiError("Parquet is not for a terminal; name a file: -o records.parquet")
    return format


def _sinks(target: Target, format: Format, database: Path | None) -> Iterator[AbstractContextManager[Put]]:
    """What takes the records; the store comes first, because it is left last and may be built from the output."""
    from nlp.output import writer

    if database is not None:
        yield _store_over(target, database) if target != "-" and format == "parquet" else _store_of_its_own(database)
    yield writer(target, format)


@contextmanager
def _store_over(parquet: Path, database: Path) -> Iterator[Put]:
    from nlp import store

    yield lambda record: None
    store.build(parquet, database)


@contextmanager
def _store_of_its_own(database: Path) -> Iterator[Put]:
    from nlp import store
    from nlp.output import aside, writer

    shard = aside(database.with_suffix(".parquet"))
    try:
        with writer(shard, "parquet") as put:
            yield put
        store.build(shard, database)
    finally:
        shard.unlink(missing_ok=True)
