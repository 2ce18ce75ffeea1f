"""Ids as file names: what a file system refuses is written %XX, so that every id has a name and every name an id."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote, unquote

from nlp.errors import SettingsError
from training.annotation.text import AnnotatedText

_REFUSED = re.compile(r'[\x00-\x1f\x7f-\x9f\u2028\u2029%/\\:*?"<>|]|^\.|[. ]$')


def file_name(id: str) -> str:
    """A name without suffix."""
    return _REFUSED.sub(lambda match: quote(match[0], safe="").replace(".", "%2E"), id)


def id_of(name: str) -> str:
    """The id that `file_name` made into `name`."""
    return unquote(name)


def unique(texts: Iterable[AnnotatedText]) -> list[AnnotatedText]:
    """The texts, whose ids will be file names. Raises SettingsError where two share one."""
    seen: dict[str, str] = {}
    kept = list(texts)
    for one in kept:
        other = seen.setdefault(one.id.casefold(), one.id)
        if other is not one.id:
            raise SettingsError(f"two texts have the id {one.id!r}; file names need ids that differ in more than case")
    return kept
