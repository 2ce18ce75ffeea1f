"""What a command says on standard error, and where it prints tables."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from nlp.record import Record


def tell(message: str) -> None:
    """One line on standard error, whatever line breaks the message has."""
    print(f"gongkai: {' '.join(message.split())}", file=sys.stderr)


def tell_failure(record: Record) -> None:
    """Which source failed and why; above a progress bar if one runs."""
    from tqdm import tqdm

    place = " › ".join(filter(None, (record.source.path, record.source.member)))
    reason = next((issue.message for issue in record.issues if issue.severity == "error"), "no reason given")
    with tqdm.external_write_mode(file=sys.stderr):
        tell(f"failed: {place}: {reason}")


def with_progress(records: Iterable[Record]) -> Iterable[Record]:
    """The records, with a progress bar on standard error where that is a terminal."""
    from tqdm import tqdm

    counted: Iterable[Record] = tqdm(records, unit=" reports", file=sys.stderr, disable=None, leave=False)
    return counted


def console(stream: IO[str]) -> Console:
    """Where tables are printed: as wide as the terminal; a file or pipe takes lines of any length."""
    from rich.console import Console

    return Console(file=stream, width=None if stream.isatty() else 10_000, highlight=False)
