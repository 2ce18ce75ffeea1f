"""Paths → sources: bytes of single documents out of files, folders and archives."""

from __future__ import annotations

from dataclasses import dataclass

from nlp.document import Issue, Source


@dataclass(frozen=True, slots=True)
class RawSource:
    """One document's bytes as found. `data` is None where they could not be had; `issues` then say why."""

    source: Source
    data: bytes | None
    issues: tuple[Issue, ...] = ()
