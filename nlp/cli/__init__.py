"""The command `gongkai`: parses, calls, prints. One file a command; heavy imports wait until a command runs.

Further commands are modules of the same kind that an installed package names in the entry points `gongkai.commands`.
"""

from __future__ import annotations

import argparse
import logging
import os
import re
import sys
from collections.abc import Sequence
from importlib.metadata import entry_points, requires
from typing import NoReturn, Protocol

from nlp import __version__
from nlp.cli import batch, compare, extract, models, query, schema, show, summarize
from nlp.cli.messages import tell
from nlp.errors import GongkaiError

WRONG_USE, INTERRUPTED, BROKEN_PIPE = 2, 130, 141
_PLUG_INS = "gongkai.commands"
_EXAMPLES = """examples:
  gongkai extract reports.zip -o records.jsonl --store reports.duckdb
  gongkai show records.jsonl -o pages/
  gongkai query reports.duckdb "SELECT agency, year, total FROM applications WHERE row_key = 'new'"
"""


class Command(Protocol):
    """What a command's module has; the first line of its docstring is its summary."""

    __doc__: str | None
    EXAMPLES: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare what the command takes."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Do it; returns the exit status."""


_COMMANDS: dict[str, Command] = {
    "extract": extract, "batch": batch, "show": show, "query": query, "summarize": summarize, "compare": compare, "schema": schema,
    "models": models,
}  # fmt: skip


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status: 0 done, 1 some source failed, 2 wrong use."""
    words = list(sys.argv[1:] if argv is None else argv)
    first = words[0] if words else ""
    known = _COMMANDS if first in _COMMANDS else _COMMANDS | _plug_ins(first)
    missing = known.get(first)
    if isinstance(missing, _Missing):
        tell(f"error: {missing}")
        return WRONG_USE
    arguments = _parser(known).parse_args(words)
    _set_up_logging(arguments.verbose)
    try:
        status: int = arguments.run(arguments)
        sys.stdout.flush()
    except GongkaiError as error:
        tell(f"error: {error}")
        return WRONG_USE
    except ModuleNotFoundError as error:
        if not _is_extra(error):
            raise
        tell(f"error: {_Missing(error)}")
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


class _Missing:
    """needs a package that is not installed"""

    EXAMPLES = ""

    def __init__(self, error: ModuleNotFoundError) -> None:
        self._error = error
        self.__doc__ = f"needs `pip install 'gongkai[{_extra_of(error.name or '')}]'`"

    def __str__(self) -> str:
        return f"{self.__doc__} ({self._error})"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """It takes none that are known."""

    def run(self, arguments: argparse.Namespace) -> int:
        """It cannot be run."""
        raise self._error


def _plug_ins(first: str) -> dict[str, Command]:
    """Commands of the entry points: the one named `first`, or all; one whose packages are not installed says so when run."""
    found: dict[str, Command] = {}
    entries = sorted(entry_points(group=_PLUG_INS), key=lambda entry: entry.name)
    for entry in [entry for entry in entries if entry.name == first] or entries:
        try:
            found[entry.name] = entry.load()
        except ModuleNotFoundError as error:
            if not _is_extra(error):
                raise
            found[entry.name] = _Missing(error)
    return found


def _extra_of(module: str) -> str:
    """The extra of ours that brings a module's package; `train`, the largest, where none names it."""
    package = module.partition(".")[0].replace("_", "-").lower()
    for line in requires("gongkai") or ():
        named = re.match(r"[\w.-]+", line)
        extra = re.search(r"extra == ['\"]([\w-]+)['\"]", line)
        if named and extra and named[0].replace("_", "-").lower() == package and extra[1] != "dev":
            return extra[1]
    return "train"


def _is_extra(error: ModuleNotFoundError) -> bool:
    """Whether the module that is not there is of another package than ours."""
    return (error.name or "").partition(".")[0] not in ("", "nlp", "training")


def _parser(known: dict[str, Command]) -> _Parser:
    parser = _Parser(
        prog="gongkai",
        description="One trustworthy record from each government-information-disclosure annual report (政府信息公开工作年度报告).",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"gongkai {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, command in known.items():
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
