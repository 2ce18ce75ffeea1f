"""No input may hang the run: each test of this folder ends after a minute."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

PATIENCE = 60  # seconds after which an input counts as hanging; each takes a few


class Hang(BaseException):
    """Not an Exception, so that nothing that keeps a run going takes it for a broken report."""


@pytest.fixture(autouse=True)
def no_hang() -> Iterator[None]:
    def give_up(*_: object) -> None:
        raise Hang(f"still reading after {PATIENCE} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(PATIENCE)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)
