"""Workers that hang, grow or die: the document is tried twice, its failure says how, and the next one is read."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from multiprocessing.connection import Connection

import psutil
import pytest

from nlp.batch.guard import Guard
from nlp.document import Source
from nlp.errors import ModelError
from nlp.ingest.raw import RawSource
from nlp.settings import Settings, load_settings
from tests.nlp.batch.making import batch_settings, report


def misbehave(connection: Connection, settings: Settings, parent: int) -> None:
    """A worker whose documents are orders; `n`: how many it has had."""
    connection.send("ready")
    held = []
    for n in range(1000):
        try:
            order = connection.recv().data.decode()
        except EOFError:
            return
        if order == "hang":
            time.sleep(60)
        elif order == "grow":
            while True:
                held.append(bytearray(b"x") * (16 << 20))
        elif order == "start another":
            subprocess.Popen(["sleep", "61.25"], start_new_session=True)
            time.sleep(60)
        elif order == "die":
            os.kill(os.getpid(), signal.SIGSEGV)
        elif order == "die later" and n:
            os._exit(3)
        connection.send([("complete", f"{n} {order}".encode())])


def unable(connection: Connection, settings: Settings, parent: int) -> None:
    """A worker that cannot load its model."""
    connection.send("no model at /nowhere")


def ask(guard: Guard, order: str):
    return guard.read(RawSource(Source("x"), order.encode()))


@pytest.fixture
def guard():
    guard = Guard(load_settings(), batch_settings(seconds=4, memory=400 << 20, recycle=5), misbehave)
    yield guard
    guard.close()


@pytest.mark.parametrize(("order", "code"), [("hang", "timeout"), ("grow", "out_of_memory"), ("die", "crashed")])
def test_what_breaks_a_worker_twice_is_a_failure_that_says_how(guard: Guard, order: str, code: str):
    broken = ask(guard, order)
    assert broken.has_failed and broken.broken
    assert (broken.broken.stage, broken.broken.code, broken.broken.severity) == ("batch", code, "error")
    assert ask(guard, "fine") == ([("complete", b"0 fine")], None)


def test_the_signal_stands_in_the_message(guard: Guard):
    assert "SIGSEGV" in ask(guard, "die").broken.message


def test_a_document_that_broke_a_used_worker_is_read_by_a_fresh_one(guard: Guard):
    ask(guard, "fine")
    assert ask(guard, "die later") == ([("complete", b"0 die later")], None)


def test_a_worker_is_started_afresh_after_so_many_documents(guard: Guard):
    assert [ask(guard, "x").records[0][1] for _ in range(7)] == [b"0 x", b"1 x", b"2 x", b"3 x", b"4 x", b"0 x", b"1 x"]


def test_a_worker_that_cannot_start_is_an_error_with_its_reason():
    with pytest.raises(ModelError, match="no model at /nowhere"):
        ask(Guard(load_settings(), batch_settings(), unable), "fine")


def test_no_process_is_left_behind(guard: Guard):
    ask(guard, "fine")
    (child,) = [one for one in psutil.Process().children() if "spawn" in " ".join(one.cmdline())][-1:]
    guard.close()
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_what_a_worker_has_started_ends_with_it(guard: Guard):
    ask(guard, "start another")
    assert not [one for one in psutil.process_iter(["cmdline"]) if one.info["cmdline"] == ["sleep", "61.25"]]


def test_the_real_worker_gives_records():
    guard = Guard(load_settings().model_copy(update={"labeller": False}), batch_settings())
    ((status, said),), _ = guard.read(RawSource(Source("x"), report(3).encode()))
    guard.close()
    assert status == "complete" and '"year":2013' in said.decode()
