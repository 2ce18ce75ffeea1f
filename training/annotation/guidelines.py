"""Whether annotations are what the labeller can learn from, and what may be mended on the way when that is asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from training.annotation.faults import Faults
from training.annotation.inline import marked_up, unwritable
from training.annotation.text import ANSWERED, AnnotatedText
from training.markup import CODED, FINAL, compile_marked

ANNOTATED = "labels"  # the header line of training.markup
_REMEDY = "correct it where it was annotated"


def check(texts: Iterable[AnnotatedText], codes: Collection[str], labels: Collection[str], faults: Faults) -> None:
    """Report what inline markup cannot write or `compile_marked` refuses: labels, codes, edges, quantities, links."""
    for one in texts:
        place = f"text {one.id}"
        found = unwritable(one)
        if not found:
            refused = compile_marked(marked_up(one), place, codes, labels).faults
            found = [fault.removeprefix(f"{place}: ") for fault in refused]
        for what in found:
            faults.add(place, what, _REMEDY)


def only(texts: Iterable[AnnotatedText], labels: Sequence[str]) -> Iterator[AnnotatedText]:
    """The texts with spans of these labels alone, and a header that says that no others were annotated."""
    for one in texts:
        spans = [span for span in one.spans if span.label in labels]
        if ANSWERED not in labels:
            spans = [replace(span, answers=()) for span in spans]
        yield replace(one, spans=tuple(spans), meta={**one.meta, ANNOTATED: " ".join(labels)})


def coded(texts: Iterable[AnnotatedText], code: str) -> Iterator[AnnotatedText]:
    """The texts, each problem and remedy without a category given this one."""
    for one in texts:
        spans = [replace(span, codes=(code,)) if span.label in CODED and not span.codes else span for span in one.spans]
        yield replace(one, spans=tuple(spans))


def trimmed(texts: Iterable[AnnotatedText]) -> Iterator[AnnotatedText]:
    """The texts, blanks cut off the edges of spans, and final punctuation off the end of problems and remedies."""
    for one in texts:
        spans = []
        for span in one.spans:
            inner = one.text[span.start : span.end].rstrip()
            if span.label in CODED:
                inner = inner.rstrip(FINAL).rstrip()
            lead = len(inner) - len(inner.lstrip())
            kept = replace(span, start=span.start + lead, end=span.start + len(inner))
            spans.append(kept if kept.start < kept.end else span)
        yield replace(one, spans=tuple(spans))
