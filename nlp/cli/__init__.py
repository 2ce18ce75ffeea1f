"""The command `gongkai`: parses, calls, prints. One file a command; heavy imports wait until a command runs."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from nlp import __version__
from nlp.cli import extract, query, schema, show
from nlp.cli.messages import tell
from nlp.errors import GongkaiError

WRONG_USE, INTERRUPTED, BROKEN_PIPE = 2, 130, 141
_COMMANDS = (extract, show, query, schema)
_EXAMPLES = """examples:
  gongkai extract reports.zip -o records.jsonl --store reports.duckdb
  gongkai show records.jsonl -o pages/
  gongkai query reports.duckdb "SELECT agency, year, total FROM applications WHERE row_key = 'new'"
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status: 0 done, 1 some source failed, 2 wrong use."""
    arguments = _parser().parse_args(argv)
    _set_up_logging(arguments.verbose)
    try:
        status: int = arguments.run(arguments)
        sys.stdout.flush()
    except GongkaiError as error:
        tell(f"error: {error}")
        return WRONG_USE
    except KeyboardInterrupt:
        tell("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader went away (`| head`): be quiet, also when Python flushes standard output at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    return status


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(WRONG_USE, f"gongkai: error: {message} (see `{self.prog} --help`)\n")


def _parser() -> _Parser:
    parser = _Parser(
        prog="gongkai",
        description="One trustworthy record from each government-information-disclosure annual report (政府信息公开工作年度报告).",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"gongkai {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for command in _COMMANDS:
        name = command.__name__.rpartition(".")[2]
        summary = (command.__doc__ or "").strip().splitlines()[0]
        sub = commands.add_parser(
            name,
            help=summary,
            description=summary,
            epilog=command.EXAMPLES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        sub.add_argument("-v", "--verbose", action="store_true", help="print what the libraries log, and tracebacks")
        command.add_arguments(sub)
        sub.set_defaults(run=command.run)
    return parser


def _set_up_logging(verbose: bool) -> None:
    """What libraries log is for those who ask; what a user needs to know stands in records and messages."""
    if verbose:
        logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    else:
        logging.basicConfig(handlers=[logging.NullHandler()])
