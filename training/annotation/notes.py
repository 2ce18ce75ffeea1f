"""What a format cannot say of a span, kept beside the text and given back when the text returns.

A tool may move the edges of a span: a note belongs to the span of its label that shares most characters with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import msgspec

from training.annotation.text import ANSWERED, links_of
from training.markup import Annotated


class Note(msgspec.Struct, omit_defaults=True):
    """Codes, done and what is answered, of the span `[start, end)` in code points; `answers` are spans too."""

    label: str
    start: int
    end: int
    codes: list[str] = []
    done: bool = False
    answers: list[tuple[int, int]] = []


def notes_of(spans: Sequence[Annotated]) -> list[Note]:
    """A note for each span that has more than its label."""
    answers: dict[int, list[tuple[int, int]]] = {}
    for place, to in links_of(spans):
        answers.setdefault(place, []).append((spans[to].start, spans[to].end))
    return [
        Note(span.label, span.start, span.end, list(span.codes), span.done, answers.get(place, []))
        for place, span in enumerate(spans)
        if span.codes or span.done or span.answers
    ]


def with_notes(spans: Sequence[Annotated], notes: Iterable[Note], *, answers: bool = True) -> tuple[Annotated, ...]:
    """The spans with what the notes say, where they do not say it themselves; `answers`: links too."""
    whole = list(spans)
    answered = [place for place, span in enumerate(spans) if span.label == ANSWERED]
    for note in notes:
        place = _nearest(spans, range(len(spans)), note.label, (note.start, note.end))
        if place is None:
            continue
        span = whole[place]
        if not span.codes and not span.done:
            span = replace(span, codes=tuple(note.codes), done=note.done)
        if answers:
            found = [_nearest(spans, answered, ANSWERED, to) for to in note.answers]
            span = replace(span, answers=tuple(answered.index(one) for one in found if one is not None))
        whole[place] = span
    return tuple(whole)


def _nearest(spans: Sequence[Annotated], places: Iterable[int], label: str, at: tuple[int, int]) -> int | None:
    """Which of `places` holds the span of this label that shares most characters with `at`."""
    shared = [
        (min(spans[place].end, at[1]) - max(spans[place].start, at[0]), place)
        for place in places
        if spans[place].label == label
    ]
    best = max(shared, default=(0, 0), key=lambda one: one[0])
    return best[1] if best[0] > 0 else None
