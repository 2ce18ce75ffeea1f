"""Paths → sources: the bytes of single documents out of files, folders, archives and standard input, in a stable order."""

from __future__ import annotations

import io
import os
import stat
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from nlp.document import Source
from nlp.errors import SourceError
from nlp.ingest.archive.containers import container, members
from nlp.ingest.beside import with_companions
from nlp.ingest.raw import Budget, RawSource, failed, is_junk, problem, repaired, too_large
from nlp.ingest.remote import files_of, is_url, open_url
from nlp.settings import Limits

__all__ = ["RawSource", "sources"]

_SPOOL = 64 << 20  # bytes of standard input kept in memory


def sources(paths: Sequence[Path | str], limits: Limits, since: float | None = None) -> Iterator[RawSource]:
    """One RawSource a document, in the order of `paths`; folders sorted by name, archives in their own order.

    A path is a file, a folder (read to any depth), an archive (by content), a URL that fsspec opens, or `-` for standard
    input. Files not changed `since` (seconds of the epoch) are left out. A page and a file that it links to are one source
    (`RawSource.beside`). Raises SourceError at once for a path that does not exist; whatever happens later is an issue of
    its source.
    """
    names = [str(path) for path in paths]
    for name in names:
        if is_url(name):
            open_url(name)
        elif name != "-" and not os.path.lexists(name):
            raise SourceError(f"{name}: no such file or folder; check the path, or give - to read standard input")
    return with_companions(raw for name in names for raw in _from_name(name, limits, since))


def _from_name(name: str, limits: Limits, since: float | None) -> Iterator[RawSource]:
    if name == "-":
        return _from_stdin(limits)
    return _from_url(name, limits, since) if is_url(name) else _from_path(name, limits, since)


def _from_url(url: str, limits: Limits, since: float | None) -> Iterator[RawSource]:
    try:
        for name, stream, size in files_of(url, since):
            yield from _from_file(stream, Source(name, url=name), size, Budget(limits, size), 1)
    except OSError as error:
        yield failed(url, None, "unreadable_file", f"the address cannot be read ({error}); try again")


def _from_stdin(limits: Limits) -> Iterator[RawSource]:
    with tempfile.SpooledTemporaryFile(max_size=_SPOOL) as spool:
        while block := sys.stdin.buffer.read(1 << 20):
            spool.write(block)
        size = spool.tell()
        spool.seek(0)
        yield from _from_file(spool, Source("-"), size, Budget(limits, size), 1)


def _from_path(path: str, limits: Limits, since: float | None) -> Iterator[RawSource]:
    """Depth first without recursion, so that no depth of folders is too deep."""
    top = Path(path)
    stack = [top]
    while stack:
        current = stack.pop()
        if not current.is_dir():
            yield from _from_disk(current, limits, since)
        elif current != top and current.is_symlink():
            message = "a link to a folder is not followed; give that folder itself as a path"
            yield failed(_shown(current), None, "link_not_followed", message)
        else:
            try:
                entries = sorted(current.iterdir(), key=lambda entry: entry.name, reverse=True)
            except OSError as error:
                yield failed(_shown(current), None, "unreadable_file", f"the folder cannot be listed: {error.strerror}")
                continue
            stack.extend(entry for entry in entries if not is_junk(entry.name))


def _from_disk(path: Path, limits: Limits, since: float | None) -> Iterator[RawSource]:
    shown = _shown(path)
    try:
        found = path.stat()
        if since is not None and found.st_mtime < since:
            return
        if not stat.S_ISREG(found.st_mode):  # opening a pipe would wait for ever
            yield failed(
                shown, None, "not_a_file", "the path is a pipe, socket or device; copy its content into a file"
            )
            return
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            yield from _from_file(file, Source(shown), size, Budget(limits, size), 1)
    except OSError as error:
        message = f"the file cannot be read ({error.strerror}); it may have been moved, or its permissions forbid it"
        yield failed(shown, None, "unreadable_file", message)


def _from_file(file: IO[bytes], source: Source, size: int, budget: Budget, depth: int) -> Iterator[RawSource]:
    """The document in `file`, or the documents of the archive that it is; `depth` counts archives, the outermost is 1."""
    kind = container(file)
    if kind is None:
        if size > budget.limits.max_bytes:
            yield RawSource(source, None, (too_large(str(size), budget.limits),))
        else:
            yield RawSource(source, file.read())
    elif depth > budget.limits.max_depth:
        message = f"archives are nested more than {budget.limits.max_depth} deep; unpack the inner ones first"
        yield RawSource(source, None, (problem("nested_too_deep", message),))
    else:
        yield from _from_container(kind, file, source, budget, depth)


def _from_container(kind: str, file: IO[bytes], source: Source, budget: Budget, depth: int) -> Iterator[RawSource]:
    n_members = 0
    for raw in members(kind, file, source, budget):
        n_members += 1
        if raw.data is None or container(io.BytesIO(raw.data)) is None:
            yield raw
        else:
            yield from _from_file(io.BytesIO(raw.data), raw.source, len(raw.data), budget, depth + 1)
    if not n_members:
        message = "the archive holds no files, or none that can be a report; pack it again"
        yield RawSource(source, None, (problem("empty_archive", message),))


def _shown(path: Path) -> str:
    return repaired(os.fsencode(path))
