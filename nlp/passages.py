"""Where the prose of a report is: its sections without headings, tables and page chrome."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from nlp.document import Document, Folded, Section, Span
from nlp.narrative.windows import Passage

_PAGE_NUMBER = re.compile(r"[\s\d\-—–－−/·.第页共]{0,20}")


def find_passages(document: Document, folded: Folded, sections: Sequence[Section], tables: Sequence[Span]) -> list[Passage]:
    """Passages of the folded text in order. `tables` are spans of the document's own text.

    A page number does not end a passage: the sentence that it interrupts is one.
    """
    layout = [block.span for block in document.blocks if block.kind in ("chrome", "table")]
    outside = [*tables, *(span for span in layout if not _PAGE_NUMBER.fullmatch(document.text, *span))]
    outside += [section.title_span for section in sections]
    passages: list[Passage] = []
    for section in sections:
        for start, end in _without(section.span, outside):
            passage = Passage(bisect_left(folded.offsets, start), bisect_left(folded.offsets, end), section.kind)
            if folded.text[passage.start : passage.end].strip():
                passages.append(passage)
    return passages


def _without(whole: Span, holes: Sequence[Span]) -> list[Span]:
    """What is left of `whole` when the holes are cut out."""
    left: list[Span] = []
    position = whole.start
    for start, end in sorted(holes):
        if end <= position or start >= whole.end:
            continue
        if start > position:
            left.append(Span(position, start))
        position = end
    if position < whole.end:
        left.append(Span(position, whole.end))
    return left
