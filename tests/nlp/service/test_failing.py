"""What the service does when the disk is full, threads change, or another service is there."""

import sqlite3
import threading
from argparse import Namespace
from pathlib import Path

import pytest

from nlp.errors import SettingsError, StoreError
from nlp.service import command
from nlp.service.blobs import Blobs
from nlp.service.database import Database
from nlp.service.errors import UnusableError
from nlp.service.records import Filters, _decode, _encode
from nlp.service.state import State
from tests.nlp.batch.making import report


def test_a_commit_that_fails_leaves_no_transaction_open(tmp_path: Path) -> None:
    database = Database(tmp_path / "service.sqlite")
    with pytest.raises(sqlite3.IntegrityError), database.writing() as connection:
        connection.execute("CREATE TABLE child (of INTEGER REFERENCES jobs (n) DEFERRABLE INITIALLY DEFERRED)")
        connection.execute("INSERT INTO child VALUES (99)")
    with database.writing() as connection:
        connection.execute("INSERT INTO job_shards VALUES ('a', 1)")


def test_a_transaction_that_sqlite_ended_keeps_its_error(tmp_path: Path) -> None:
    database = Database(tmp_path / "service.sqlite")
    with pytest.raises(sqlite3.OperationalError, match="full"), database.writing() as connection:
        connection.execute("ROLLBACK")
        raise sqlite3.OperationalError("database or disk is full")


def test_records_are_given_out_in_steps_of_different_threads(state: State) -> None:
    for number in range(3):
        state.reader.read(state.blobs.add([report(number).encode()]), f"{number}.txt")
    steps, found = state.records.each(Filters(), 10), []
    for _ in range(3):
        thread = threading.Thread(target=lambda: found.append(next(steps, None)))
        thread.start()
        thread.join()
    assert len({one[0] for one in found if one}) == 3
    assert len(list(state.records.each(Filters(), 2))) == 2


def test_a_cursor_beyond_the_numbers_of_sqlite_is_no_failure(state: State) -> None:
    assert state.records.page(Filters(), 5, _encode(10**40)).lines == []
    assert _decode(_encode(7)) == 7
    with pytest.raises(UnusableError):
        _decode("!!")


def test_an_upload_that_fails_leaves_nothing_aside(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path / "blobs")

    def full():
        yield b"half"
        raise OSError(28, "No space left on device")

    with pytest.raises(StoreError, match="No space"):
        blobs.add(full())
    assert not list((tmp_path / "blobs" / "aside").iterdir())


def test_a_second_service_on_one_data_folder_is_refused(tmp_path: Path) -> None:
    arguments = Namespace(data=tmp_path / "data", host=None, port=0, service_settings=None, settings=None)
    with command._alone(arguments.data), pytest.raises(StoreError, match="another service"):
        command.run(arguments)
    with command._alone(arguments.data):
        pass


def test_a_port_that_is_taken_is_said() -> None:
    with command._listener("127.0.0.1", 0) as taken, pytest.raises(SettingsError, match="give another --port"):
        command._listener("127.0.0.1", taken.getsockname()[1])


def test_the_queue_outlives_a_full_disk(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = threading.Event()
    run_next = state.jobs._run_next

    def full_once() -> bool:
        if not asked.is_set():
            asked.set()
            raise sqlite3.OperationalError("database or disk is full")
        return run_next()

    monkeypatch.setattr(state.jobs, "_run_next", full_once)
    state.jobs._wake.set()
    assert asked.wait(30)
    state.jobs._thread.join(0.2)
    assert state.jobs._thread.is_alive()
