"""Summarize what the reports of a store say is wrong, who says it, what they do, and who only copies.

The end of the output's name tells its form: .html, .xlsx, .md, or .json, which also keeps ids when given as --previous.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from nlp.errors import GongkaiError

if TYPE_CHECKING:
    from nlp.summary import Summary

EXAMPLES = """examples:
  gongkai summarize reports.duckdb -o summary.json
  gongkai summarize run/ -o summary.html                        a folder that `gongkai batch` made
  gongkai summarize reports.duckdb --by region,year -o new.json --previous summary.json
"""
_STORE = "gongkai.duckdb"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("store", type=Path, metavar="STORE", help="made by `gongkai extract --store`, or a folder of `gongkai batch`")
    parser.add_argument("-o", "--output", metavar="FILE", default="-", help="FILE.json, .html, .xlsx or .md; default: JSON, printed")
    parser.add_argument("--by", default="", metavar="DIMENSIONS", help="of region,level,year,agency-kind; default: all")
    parser.add_argument("--previous", type=Path, metavar="FILE", help="earlier JSON, whose ids stay (default: the last run)")
    parser.add_argument("--model", default="", help="model folder; default: the released one")
    parser.add_argument("--threads", type=int, help="default: all cores")
    parser.add_argument("--no-copies", action="store_true", help="do not look for copied text")
    parser.add_argument("--no-cache", action="store_true", help="keep no vectors, ids and fingerprints beside the store")


def run(arguments: argparse.Namespace) -> int:
    """Summarize; see the module."""
    from nlp.narrative.release import model_folder
    from nlp.summary import Options, summarize
    from nlp.summary.vectors import Encoder

    write = _writer(arguments.output)
    database = database_of(arguments.store)
    options = Options(
        previous=_previous(arguments.previous),
        cache=None if arguments.no_cache else database.with_suffix(".vectors.parquet"),
        ids=None if arguments.no_cache else database.with_suffix(".ids.parquet"),
        index=None if arguments.no_cache else database.with_suffix(".copies.duckdb"),
        copies=not arguments.no_copies,
        **({"by": tuple(arguments.by.split(","))} if arguments.by else {}),
    )
    write(summarize(database, options, Encoder(model_folder(arguments.model), threads=arguments.threads)))
    return 0


def database_of(store: Path) -> Path:
    """The store of a batch folder, or the store itself."""
    return store / _STORE if store.is_dir() else store


def _writer(output: str) -> Callable[[Summary], None]:
    """What writes the summary in the form that the name asks for, known before the work is done."""
    kind = Path(output).suffix
    if output == "-" or kind == ".json":
        return lambda summary: _write_json(summary, output)
    if kind not in (".html", ".xlsx", ".md"):
        raise GongkaiError(f"{output}: a summary is written as .json, .html, .xlsx or .md; end the name so")
    from nlp.summary import report

    writers = {".html": report.write_html, ".xlsx": report.write_xlsx, ".md": report.write_markdown}
    return lambda summary: writers[kind](summary, Path(output))


def _write_json(summary: Summary, output: str) -> None:
    from nlp.output import whole_file
    from nlp.summary import to_json

    with whole_file("-" if output == "-" else Path(output)) as stream:
        stream.write(to_json(summary) + b"\n")


def _previous(file: Path | None) -> Summary | None:
    from nlp.summary import from_json

    if file is None:
        return None
    try:
        return from_json(file.read_bytes())
    except OSError as error:
        raise GongkaiError(f"cannot read the earlier summary {file}: {error.strerror}") from error
