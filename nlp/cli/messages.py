"""What a command says on standard error, and where it prints tables."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from nlp.record import Record


def tell(message: str) -> None:
    """One line on standard error, whatever line breaks the message has."""
    print(f"gongkai: {' '.join(message.split())}", file=sys.stderr)


def tell_failure(record: Record) -> None:
    """Which source failed and why."""
    place = " › ".join(filter(None, (record.source.path, record.source.member)))
    reason = next((issue.message for issue in record.issues if issue.severity == "error"), "no reason given")
    tell(f"failed: {place}: {reason}")


@contextmanager
def progress(records: Iterable[Record]) -> Iterator[Iterable[Record]]:
    """The records, with their number, rate and time on standard error where that is a terminal."""
    if not sys.stderr.isatty():
        yield records
        return
    from rich.progress import Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn

    shown = TextColumn("{task.completed} reports"), TaskProgressColumn(show_speed=True), TimeElapsedColumn()
    with Progress(SpinnerColumn(), *shown, console=console(sys.stderr), transient=True, redirect_stdout=False) as bar:
        yield bar.track(records)


def console(stream: IO[str]) -> Console:
    """Where tables are printed: as wide as the terminal; a file or pipe takes lines of any length."""
    from rich.console import Console

    return Console(file=stream, width=None if stream.isatty() else 10_000, highlight=False)
