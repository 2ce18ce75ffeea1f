import threading
import time

import pytest

from nlp.batch.guard import Answer, Guard, StoppedError
from nlp.batch.pool import Pool
from nlp.document import Source
from nlp.ingest.raw import RawSource
from nlp.settings import load_settings
from tests.nlp.batch.making import batch_settings


def source(name: str) -> RawSource:
    return RawSource(Source(name), b"")


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> tuple[Pool, list[str], threading.Event]:
    """A pool of one worker that notes what it reads, and reads `first` until it is let go."""
    order: list[str] = []
    release = threading.Event()

    def read(self: Guard, raw: RawSource) -> Answer:
        order.append(raw.source.path)
        if raw.source.path == "first":
            assert release.wait(10)
        return Answer([])

    monkeypatch.setattr(Guard, "read", read)
    return Pool(load_settings(), batch_settings(workers=1)), order, release


def ask(pool: Pool, name: str, *, urgent: bool = False) -> threading.Thread:
    thread = threading.Thread(target=lambda: pool.read(source(name), urgent=urgent))
    n_before = len(pool._waiting)
    thread.start()
    until = time.monotonic() + 10
    while len(pool._waiting) == n_before and thread.is_alive() and time.monotonic() < until:
        time.sleep(0.005)
    return thread


def test_who_is_urgent_goes_first_and_others_in_their_order(pool: tuple[Pool, list[str], threading.Event]) -> None:
    shared, order, release = pool
    first = threading.Thread(target=lambda: shared.read(source("first")))
    first.start()
    until = time.monotonic() + 10
    while not order and time.monotonic() < until:
        time.sleep(0.005)
    waiting = [ask(shared, "a"), ask(shared, "b"), ask(shared, "now", urgent=True), ask(shared, "c")]
    release.set()
    for thread in (first, *waiting):
        thread.join(10)
    assert order == ["first", "now", "a", "b", "c"]


def test_a_stopped_pool_tells_who_waits(pool: tuple[Pool, list[str], threading.Event]) -> None:
    shared, order, release = pool
    first = threading.Thread(target=lambda: shared.read(source("first")))
    first.start()
    until = time.monotonic() + 10
    while not order and time.monotonic() < until:
        time.sleep(0.005)
    said: list[BaseException] = []

    def wait() -> None:
        try:
            shared.read(source("late"))
        except StoppedError as error:
            said.append(error)

    late = threading.Thread(target=wait)
    late.start()
    shared.stop()
    late.join(10)
    release.set()
    first.join(10)
    assert len(said) == 1
    assert order == ["first"]


def test_other_settings_hold_from_the_next_document_on(pool: tuple[Pool, list[str], threading.Event]) -> None:
    shared, order, release = pool
    old, other = shared.guards[0], load_settings().model_copy(update={"labeller": False})
    first = threading.Thread(target=lambda: shared.read(source("first")))
    first.start()
    until = time.monotonic() + 10
    while not order and time.monotonic() < until:
        time.sleep(0.005)
    shared.use(other)
    shared.read(source("second"))  # a worker that is under way holds nobody up
    assert not old._stopped.is_set()
    release.set()
    first.join()
    assert old._stopped.is_set()
    assert shared.settings == other
    assert shared._idle == shared.guards
    assert old not in shared.guards
