"""Pages of PDF files drawn in a guarded process: a file that breaks the drawing program breaks that process only."""

from __future__ import annotations

import os
import signal
import threading
import time
from multiprocessing.connection import Connection

import msgspec

from nlp.batch.guard import Guard
from nlp.batch.settings import BatchSettings
from nlp.document import Source
from nlp.errors import SourceError
from nlp.ingest.raw import RawSource
from nlp.settings import Settings
from nlp.show.pictures import Size, page_png, page_sizes

_SECONDS = 20.0  # for one page
_SIZES = "sizes"
_GOOD, _BAD = "drawn", "failed"


class Pictures:
    """Draws one page at a time."""

    def __init__(self, settings: Settings, batch: BatchSettings) -> None:
        self._guard = Guard(settings, batch.model_copy(update={"seconds": _SECONDS}), _draw_for_ever)
        self._one = threading.Lock()

    def sizes(self, data: bytes) -> list[Size]:
        """The pages of a PDF. Raises SourceError when it is none that can be shown."""
        return msgspec.json.decode(self._ask(data, _SIZES), type=list[Size])

    def page(self, data: bytes, number: int) -> bytes:
        """A page (the first is 1) as a PNG. Raises SourceError when there is none that can be shown."""
        return self._ask(data, str(number))

    def stop(self) -> None:
        """End the process."""
        self._guard.stop()

    def _ask(self, data: bytes, what: str) -> bytes:
        with self._one:
            answer = self._guard.read(RawSource(Source(what), data))
        if answer.broken is not None:
            raise SourceError(f"the page cannot be shown: {answer.broken.message}")
        status, drawn = answer.records[0]
        if status == _BAD:
            raise SourceError(drawn.decode())
        return drawn


def _draw_for_ever(connection: Connection, settings: Settings, parent: int) -> None:
    """The life of the process: a PDF and what is wanted of it in, the answer out, until the pipe ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    connection.send("ready")
    try:
        while True:
            raw: RawSource = connection.recv()
            connection.send([_answer(raw.data or b"", raw.source.path)])
    except (EOFError, BrokenPipeError):
        return


def _answer(data: bytes, what: str) -> tuple[str, bytes]:
    try:
        return _GOOD, msgspec.json.encode(page_sizes(data)) if what == _SIZES else page_png(data, int(what))
    except SourceError as error:
        return _BAD, str(error).encode()


def _watch(parent: int) -> None:
    """End with the parent, also when it was killed."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)
