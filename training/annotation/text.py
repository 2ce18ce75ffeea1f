"""The one form in which annotated texts pass between formats, and what is wrong with one whatever its format."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from training.annotation.faults import Faults
from training.markup import Annotated

ANSWERING, ANSWERED = "REMEDY", "PROBLEM"
_LABEL = re.compile(r"(?P<label>[^\s/!{}]+)(?:/(?P<codes>[^\s!{}]+))?(?P<done>!)?")
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class AnnotatedText:
    """A text that never changes, and its spans by start, `[start, end)` in code points, none overlapping another.

    `answers` of a span are indexes among the text's PROBLEM spans. `meta` is whatever is to be remembered of the text.
    """

    id: str
    text: str
    spans: tuple[Annotated, ...] = ()
    meta: Mapping[str, str] = field(default_factory=dict)


def labelled(label: str, start: int, end: int) -> Annotated:
    """A span of a tool that knows labels only: `PROBLEM/timeliness+scope` and `REMEDY/platform!` say codes and done."""
    match = _LABEL.fullmatch(label)
    if match is None:
        return Annotated(label, start, end)
    codes = tuple(match["codes"].split("+")) if match["codes"] else ()
    return Annotated(match["label"], start, end, codes, bool(match["done"]))


def links_of(spans: Sequence[Annotated]) -> Iterator[tuple[int, int]]:
    """Which span answers which: positions in `spans`."""
    answered = [place for place, span in enumerate(spans) if span.label == ANSWERED]
    return ((place, answered[number]) for place, span in enumerate(spans) for number in span.answers)


def linked(spans: Sequence[Annotated], links: Sequence[tuple[int, int]]) -> tuple[Annotated, ...]:
    """The spans with `answers` as `links` say; the inverse of `links_of`."""
    numbers = {place: number for number, place in enumerate(n for n, one in enumerate(spans) if one.label == ANSWERED)}
    return tuple(
        replace(span, answers=tuple(numbers[to] for from_, to in links if from_ == place))
        for place, span in enumerate(spans)
    )


def add_faults(one: AnnotatedText, place: str, faults: Faults) -> None:
    """Report what would make a text unusable in any format; `place` says where it stands."""
    if not one.id:
        faults.add(place, "the text has no id", "give it one")
    if _SURROGATE.search(one.text):
        faults.add(place, "the text holds half a character (a lone surrogate)", "mend or leave out that character")
        return
    for span in one.spans:
        what = f"{span.label} [{span.start}, {span.end})"
        if not 0 <= span.start < span.end <= len(one.text):
            faults.add(place, f"{what} is empty or outside the text of {len(one.text)} characters", "correct its offsets")
        if not re.fullmatch(r"[^\s/!{}]+", span.label):
            faults.add(place, f"{span.label!r} is no label", "a label is one word without / ! { }")
    for before, after in pairwise(one.spans):
        if after.start < before.end:
            quoted = one.text[after.start : min(before.end, after.end)][:30]
            faults.add(
                place,
                f"{before.label} [{before.start}, {before.end}) and {after.label} [{after.start}, {after.end}) "
                f"overlap at {quoted!r}",
                "keep one of them: spans are one flat layer",
            )
    n_answered = sum(span.label == ANSWERED for span in one.spans)
    for span in one.spans:
        if span.answers and (span.label != ANSWERING or not all(0 <= number < n_answered for number in span.answers)):
            what = f"{span.label} [{span.start}, {span.end}) answers what is not there"
            faults.add(place, what, f"only a {ANSWERING} answers, and only a {ANSWERED} of the same text")
