"""The service's state: one SQLite file, many readers, one writer at a time; migrations are numbered SQL files."""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from nlp.errors import StoreError

_MIGRATIONS = Path(__file__).parent / "migrations"
_WAIT = 30.0  # seconds that a writer of another process (`gongkai keys`) may hold the file


class Database:
    """Connections to the file: each thread reads with its own, writes go through one lock."""

    def __init__(self, path: Path) -> None:
        """Open or make the file, and bring it to the newest schema. Raises StoreError when that cannot be done."""
        self.path = path
        self._own = threading.local()
        self._writing = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._migrate()
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"cannot open the service's state {path}: {error}") from error

    @property
    def reading(self) -> sqlite3.Connection:
        """This thread's connection."""
        connection: sqlite3.Connection | None = getattr(self._own, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self.path, timeout=_WAIT, isolation_level=None)
            connection.row_factory = sqlite3.Row
            connection.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON")
            self._own.connection = connection
        return connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction: kept whole when the block ends, gone when it raises."""
        with self._writing:
            connection = self.reading
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:  # SQLite ends it itself when the disk is full
                    connection.execute("ROLLBACK")
                raise

    def _migrate(self) -> None:
        with self.writing() as connection:
            (stands,) = connection.execute("PRAGMA user_version").fetchone()
            steps = {int(step.stem): step for step in sorted(_MIGRATIONS.glob("*.sql"))}
            if stands > max(steps):
                raise StoreError(f"{self.path} was written by a newer gongkai (schema {stands}, known {max(steps)}); install that one")
            for number in range(stands + 1, max(steps) + 1):
                for statement in _statements(steps[number].read_text(encoding="utf-8")):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {number}")


def note_write(connection: sqlite3.Connection, who: str, address: str, action: str, target: str, detail: str) -> None:
    """A line in the log of writes, within the caller's transaction."""
    row = (now(), who, address, action, target, detail)
    connection.execute("INSERT INTO audit (at, who, address, action, target, detail) VALUES (?, ?, ?, ?, ?, ?)", row)


def now() -> str:
    """The time, ISO 8601 in UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _statements(script: str) -> Iterator[str]:
    """The statements one by one: `executescript` would end the transaction."""
    for statement in re.sub(r"--[^\n]*", "", script).split(";"):
        if statement.strip():
            yield statement
