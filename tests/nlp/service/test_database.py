import shutil
import sqlite3
from pathlib import Path

import pytest

from nlp.errors import StoreError
from nlp.service.database import Database
from nlp.service.keys import Keys
from nlp.service.records import Filters, Records

OLDER = Path(__file__).parent / "older"


@pytest.mark.parametrize("file", sorted(OLDER.glob("*.sqlite")), ids=lambda file: file.stem)
def test_an_older_store_opens_after_an_upgrade(file: Path, tmp_path: Path) -> None:
    """The files were written by services of these schemas; see tests/nlp/service/older/README.md."""
    shutil.copy(file, tmp_path / "service.sqlite")
    database = Database(tmp_path / "service.sqlite")
    records = Records(database)
    page = records.page(Filters(text="公开"), 10)
    assert page.total == 2
    assert all(records.get(line.id).text for line in page.lines)
    assert [key.name for key in Keys(database).all()] == ["older"]
    newest = max(int(step.stem) for step in (Path(Database.__init__.__code__.co_filename).parent / "migrations").glob("*.sql"))
    assert database.reading.execute("PRAGMA user_version").fetchone()[0] == newest
    tables = {name for (name,) in database.reading.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    fresh = Database(tmp_path / "fresh.sqlite")
    assert tables == {name for (name,) in fresh.reading.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_a_newer_store_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "service.sqlite") as connection:
        connection.execute("PRAGMA user_version = 999")
    with pytest.raises(StoreError, match="newer gongkai"):
        Database(tmp_path / "service.sqlite")


def test_a_transaction_that_raises_leaves_nothing(tmp_path: Path) -> None:
    database = Database(tmp_path / "service.sqlite")
    with pytest.raises(ZeroDivisionError), database.writing() as connection:
        connection.execute("INSERT INTO job_shards VALUES ('a', 1)")
        raise ZeroDivisionError
    assert database.reading.execute("SELECT count(*) FROM job_shards").fetchone()[0] == 0


def test_a_file_that_is_no_store_is_said(tmp_path: Path) -> None:
    (tmp_path / "service.sqlite").write_bytes(b"not a database at all" * 100)
    with pytest.raises(StoreError, match="cannot open"):
        Database(tmp_path / "service.sqlite")
