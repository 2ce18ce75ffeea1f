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
from nlp.ingest.containers import container, members
from nlp.ingest.beside import with_companions
from nlp.ingest.raw import Budget, RawSource, failed, is_junk, problem, repaired, too_large
from nlp.settings import Limits

__all__ = ["RawSource", "sources"]

_SPOOL = 64 << 20  # bytes of standard input kept in memory


def sources(paths: Sequence[Path | str], limits: Limits) -> Iterator[RawSource]:
    """One RawSource a document, in the order of `paths`; folders sorted by name, archives in their own order.

    A path is a file, a folder (read to any depth), an archive (`.zip`, `.tar`, `.tar.gz`, by content), or `-` for standard
    input. Raises SourceError at once for a path that does not exist; whatever happens later is an issue of its source.
    """
    for path in paths:
        if str(path) != "-" and not os.path.lexists(path):
            raise SourceError(f"{path}: no such file or folder; check the path, or give - to read standard input")
    return with_companions(
        raw for path in paths for raw in (_from_stdin(limits) if str(path) == "-" else _from_path(str(path), limits))
    )


def _from_stdin(limits: Limits) -> Iterator[RawSource]:
    with tempfile.SpooledTemporaryFile(max_size=_SPOOL) as spool:
        while block := sys.stdin.buffer.read(1 << 20):
            spool.write(block)
        size = spool.tell()
        spool.seek(0)
        yield from _from_file(spool, Source("-"), size, Budget(limits, size), 1)


def _from_path(path: str, limits: Limits) -> Iterator[RawSource]:
    """Depth first without recursion, so that no depth of folders is too deep."""
    top = Path(path)
    stack = [top]
    while stack:
        current = stack.pop()
        if not current.is_dir():
            yield from _from_disk(current, limits)
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


def _from_disk(path: Path, limits: Limits) -> Iterator[RawSource]:
    shown = _shown(path)
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would wait for ever
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
