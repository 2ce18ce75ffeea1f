"""How much of a newer text stands in an older one, passage by passage, the language of the form left out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from nlp.summary.align import Flags, Hashes, align, runs, shingles
from nlp.summary.prose import BREAK, Prose
from nlp.summary.settings import ReuseSettings, load_reuse_settings


@dataclass(frozen=True, slots=True)
class Passage:
    """`[a_start, a_end)` of the older record's text says what `[b_start, b_end)` of the newer one's says, in code points.

    The two are equal but for script, width, numbers, punctuation and white space.
    """

    a_start: int
    a_end: int
    b_start: int
    b_end: int


@dataclass(frozen=True, slots=True)
class Reuse:
    """`reused` of the `characters` of the newer text's prose (normal form, language of the form left out) are older."""

    passages: tuple[Passage, ...]
    reused: int
    characters: int

    @property
    def share(self) -> float:
        """Share of the newer text that stands in the older, 0 to 1; 0 for a text without prose."""
        return self.reused / self.characters if self.characters else 0.0


@dataclass(frozen=True)
class FormLanguage:
    """What every agency writes because the law or the form says so: sorted hashes of common shingles, and phrases."""

    common: Hashes = field(default_factory=lambda: np.empty(0, np.uint64))
    settings: ReuseSettings = field(default_factory=load_reuse_settings)

    def within(self, prose: Prose) -> Flags:
        """For each character of the normal form whether it is language of the form (or a break)."""
        flags: Flags = np.frombuffer(prose.text.encode("utf-32-le"), np.uint32) == ord(BREAK)
        hashes, _ = shingles(prose.text, self.settings.gram)
        common = np.zeros(len(flags), np.bool_)
        for start in np.flatnonzero(np.isin(hashes, self.common)).tolist():
            common[start : start + self.settings.gram] = True
        for start, end in runs(common):
            flags[start:end] |= end - start <= self.settings.form_longest
        for phrase in self._phrases.finditer(prose.text):
            flags[slice(*phrase.span())] = True
        return flags

    @cached_property
    def _phrases(self) -> re.Pattern[str]:
        return re.compile("|".join(self.settings.form_phrases))


def reuse(older: Prose, newer: Prose, form: FormLanguage) -> Reuse:
    """Passages of `newer` that stand in `older`, in the order of the newer text."""
    shortest = form.settings.shortest
    own = ~form.within(newer)
    passages, reused = [], 0
    for match in align(older.text, newer.text, shortest):
        for start, end in runs(own[match.b_start : match.b_start + match.length]):
            if end - start >= shortest:
                reused += end - start
                a = older.original(match.a_start + start, match.a_start + end)
                b = newer.original(match.b_start + start, match.b_start + end)
                passages.append(Passage(a.start, a.end, b.start, b.end))
    return Reuse(tuple(passages), reused, int(own.sum()))
