"""Full text of records: runs of two characters as the terms, so that Chinese is found without cutting it into words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nlp.fold import fold

_RUN = re.compile(r"[^\W_]+")
_AROUND = 30  # characters shown on each side of a hit


def grams(text: str) -> str:
    """The terms of a text: its runs of two letters or digits, folded (simplified, lower case), in order.

    The last one of a run stands alone too, for queries of one character, which ask for the beginnings of terms.
    """
    return " ".join(gram for run in _runs(text) for gram in (*_pairs(run), run[-1]))


def match(query: str) -> str | None:
    """The query as SQLite's FTS5 takes it: every word of it must stand in the text as it is. None when it has no letter."""
    phrases = [f'"{" ".join(_pairs(run))}"' if len(run) > 1 else f'"{run}" *' for run in _runs(query)]
    return " AND ".join(phrases) or None


def excerpt(text: str, query: str) -> tuple[str, str, str] | None:
    """The first place in a text where the query's first word stands: what is before it, it, and what is after."""
    word = next(_runs(query), None)
    folded = fold(text)
    place = folded.text.lower().find(word) if word else -1
    if word is None or place < 0:
        return None
    start, end = folded.original(place, place + len(word))
    return text[max(0, start - _AROUND) : start], text[start:end], text[end : end + _AROUND]


def _runs(text: str) -> Iterator[str]:
    return iter(_RUN.findall(fold(text).text.lower()))


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)] or [run]
