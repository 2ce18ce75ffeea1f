"""A page and the file that it links to, found among neighbours before either is read, so that one worker reads both.

Only bytes are looked at here: a small page that names a neighbour, which is no page. Whether they are one report is for
`nlp.ingest.assemble` to say, which has read them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from nlp.ingest.encoding import decode
from nlp.ingest.raw import RawSource
from nlp.ingest.recognise import binary_format

_WINDOW = 64  # neighbours looked at together; a page and its attachment are seldom far apart
_BYTES = 64 << 20  # and their bytes
_PAGE = 200_000  # bytes; a longer page says more than that there is a report
_NAME = 5  # characters of a name that can tell one file from another


def with_companions(sources: Iterable[RawSource]) -> Iterator[RawSource]:
    """The sources in order; a file that one page beside it names, and no other, goes with that page (`RawSource.beside`)."""
    for _, neighbours in groupby(sources, key=_folder):
        for window in _windows(neighbours):
            yield from _joined(window)


def _folder(raw: RawSource) -> tuple[str, str]:
    source = raw.source
    if source.member is None:
        return str(PurePosixPath(source.path).parent), ""
    site = urlsplit(source.url).netloc if source.url and source.member.startswith(source.url) else None
    return source.path, site or str(PurePosixPath(source.member).parent)


def _windows(sources: Iterable[RawSource]) -> Iterator[list[RawSource]]:
    window: list[RawSource] = []
    n_bytes = 0
    for raw in sources:
        size = len(raw.data or b"")
        if len(window) == _WINDOW or (window and n_bytes + size > _BYTES):
            yield window
            window, n_bytes = [], 0
        window.append(raw)
        n_bytes += size
    if window:
        yield window


def _joined(window: Sequence[RawSource]) -> Iterator[RawSource]:
    files = {index: _stem(raw) for index, raw in enumerate(window) if raw.data and binary_format(raw.data)}
    pages = [index for index, raw in enumerate(window) if files and index not in files and 0 < len(raw.data or b"") <= _PAGE]
    words = {index: unquote(decode(window[index].data or b"").text) for index in pages}
    named = {file: [page for page in pages if len(stem) >= _NAME and stem in words[page]] for file, stem in files.items()}
    partners = {file: found[0] for file, found in named.items() if len(found) == 1}
    for index, raw in enumerate(window):
        if index in partners:
            continue
        beside = tuple(window[file] for file, page in partners.items() if page == index)
        yield dataclasses.replace(raw, beside=beside) if beside else raw


def _stem(raw: RawSource) -> str:
    source = raw.source
    path = urlsplit(source.url).path if source.url else source.member or source.path
    return PurePosixPath(unquote(path)).stem
