"""Members of a 7z archive, one by one, never unpacked to disk."""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING

from nlp.document import Issue, Source
from nlp.ingest.archive.packed import BROKEN
from nlp.ingest.raw import Budget, RawSource, failed, inside, is_junk, printable, problem, too_large, unsafe

if TYPE_CHECKING:
    from py7zr import SevenZipFile

_LOG = logging.getLogger(__name__)
_PATIENCE = 0.2  # seconds after which the unpacking thread asks again whether anybody still waits for it


def sevenzip_members(file: IO[bytes], source: Source, budget: Budget) -> Iterator[RawSource]:
    """The files of a 7z archive. Links, encrypted and oversized files, and names that lead outside are issues."""
    import py7zr
    from py7zr.exceptions import ArchiveError, InternalError, PasswordRequired

    try:
        with py7zr.SevenZipFile(file) as archive:
            if archive.needs_password():
                raise PasswordRequired([], "the archive needs a password")
            wanted, refused = _sorted_out(archive, source, budget)
            yield from refused
            if wanted:
                yield from _unpacked(archive, wanted, source, budget)
    except PasswordRequired:
        message = "the archive is encrypted; unpack it with its password first"
        yield failed(source.path, source.member, "encrypted", message)
    except (
        ArchiveError,
        InternalError,
        *BROKEN,
        TypeError,
        LookupError,
        AttributeError,
        AssertionError,
        RuntimeError,
    ) as error:
        message = f"the 7z archive is cut off or damaged ({printable(str(error))[:200]}); fetch it again"
        yield failed(source.path, source.member, "damaged_archive", message)


def _sorted_out(archive: SevenZipFile, source: Source, budget: Budget) -> tuple[set[str], list[RawSource]]:
    """The names to be unpacked, and what is refused by what the archive says of it."""
    wanted: set[str] = set()
    refused: list[RawSource] = []
    for info in archive.files:
        name = printable(info.filename)
        if info.is_directory or is_junk(name):
            continue
        issue = _refusal(name, info.is_file and not info.is_symlink, info.uncompressed or 0, budget)
        if issue is None:
            wanted.add(info.filename)
            continue
        budget.n_members += 1
        excess = budget.excess()
        refused.append(RawSource(inside(source, name), None, (excess or issue,)))
        if excess is not None:
            return set(), refused
    return wanted, refused


def _refusal(name: str, is_file: bool, size: int, budget: Budget) -> Issue | None:
    if unsafe(name):
        return problem(
            "unsafe_name", "the member's name points outside the archive; rename it and pack the archive again"
        )
    if not is_file:
        return problem("not_a_file", "the member is a link or a device, not a file; leave it out of the archive")
    return too_large(str(size), budget.limits) if size > budget.limits.max_bytes else None


def _unpacked(archive: SevenZipFile, wanted: set[str], source: Source, budget: Budget) -> Iterator[RawSource]:
    """One file after the other; unpacking runs in a thread that waits until the last one has been taken."""
    stream = _Handover(budget)
    thread = threading.Thread(target=stream.fill, args=(archive, wanted), daemon=True)
    thread.start()
    try:
        while (item := stream.ready.get()) is not None:
            name, data = item
            budget.n_members += 1
            budget.n_bytes += len(data)
            place, issue = inside(source, printable(name)), budget.excess()
            if issue is None and len(data) > budget.limits.max_bytes:
                issue = too_large(f"more than {budget.limits.max_bytes}", budget.limits)
            yield RawSource(place, data) if issue is None else RawSource(place, None, (issue,))
            if issue is not None and issue.code != "too_large":
                return
    finally:
        stream.is_over.set()
        thread.join()
    if stream.error is not None:
        raise OSError(str(stream.error)) from stream.error


class _Handover:
    """Turns py7zr, which pushes data into writers, into something to iterate over: at most two files in memory."""

    def __init__(self, budget: Budget) -> None:
        self.ready: queue.Queue[tuple[str, bytes] | None] = queue.Queue(maxsize=1)
        self.is_over = threading.Event()
        self.error: Exception | None = None
        self.budget = budget

    def fill(self, archive: SevenZipFile, wanted: set[str]) -> None:
        """Unpack `wanted` into the queue; None ends it."""
        try:
            archive.extract(targets=wanted, factory=self)  # type: ignore[arg-type]  # duck typed: create() alone is used
        except Exception as error:  # noqa: BLE001  # whatever hostile bytes provoke is handed to the reader's thread
            self.error = None if self.is_over.is_set() else error
        with contextlib.suppress(InterruptedError):
            self.put(None)

    def create(self, filename: str) -> _Member:
        """A writer for one file, as py7zr asks for it."""
        return _Member(filename, self)

    def put(self, item: tuple[str, bytes] | None) -> None:
        """Wait until the reader takes `item`. Raises InterruptedError when it has gone."""
        while not self.is_over.is_set():
            try:
                self.ready.put(item, timeout=_PATIENCE)
            except queue.Full:
                continue
            return
        raise InterruptedError


class _Member:
    """A file as py7zr writes it, kept in memory up to one byte more than is allowed."""

    def __init__(self, name: str, handover: _Handover) -> None:
        self._name, self._handover = name, handover
        self._data, self._n_bytes = bytearray(), 0

    def write(self, data: bytes) -> int:
        if self._handover.is_over.is_set():
            raise InterruptedError
        self._data += data[: self._handover.budget.allowance() + 1 - len(self._data)]
        self._n_bytes += len(data)
        return len(data)

    def read(self, size: int | None = None) -> bytes:  # the interface of py7zr
        return b""

    def seek(self, offset: int, whence: int = 0) -> int:
        return 0

    def flush(self) -> None:
        """Nothing to do."""

    def size(self) -> int:
        return self._n_bytes

    def close(self) -> None:
        self._handover.put((self._name, bytes(self._data)))
