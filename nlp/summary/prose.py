"""The prose of a record in the form in which copies are looked for, with the way back to the record's text.

Normal form: simplified script, half width, every number `0`, no punctuation and no white space, so that a copy with new
figures, other line breaks or in the other script reads the same. `BREAK` stands between stretches of prose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from nlp.columns import placed_cells
from nlp.document import Document, Span
from nlp.fold import fold
from nlp.passages import find_passages
from nlp.record import Record

Ints = npt.NDArray[np.int32]
BREAK = "\n"
_TOKEN = re.compile(r"\d+(?:[.,，．]\d+)*|\w")
_SENTENCE_END = re.compile(r"[。！？!?]")
_ROW_GAP = 150  # characters between two cells of one table at most: the longest label of the forms has about 60
_TABLE_HEAD = 400  # characters of column heads before a table's first cell at most


@dataclass(frozen=True, slots=True)
class Prose:
    """Normal form `text`; character `i` stands for `[starts[i], ends[i])` of the original."""

    text: str
    starts: Ints = field(repr=False)
    ends: Ints = field(repr=False)

    def original(self, start: int, end: int) -> Span:
        """The span of the original that stands behind `text[start:end]`, which is not empty."""
        return Span(int(self.starts[start]), int(self.ends[end - 1]))


def prose_of_text(text: str) -> Prose:
    """The normal form of a whole text."""
    folded = fold(text)
    return _normal(folded.text, folded.offsets, [Span(0, len(folded.text))])


def prose_of(record: Record) -> Prose:
    """The normal form of a record's prose: sections without headings, tables and page chrome."""
    document = Document(record.id, record.source, record.text, tuple(record.blocks))
    folded = fold(record.text)
    passages = find_passages(document, folded, record.sections, list(_tables(record)))
    return _normal(folded.text, folded.offsets, [Span(p.start, p.end) for p in passages])


def _normal(folded: str, offsets: Sequence[int], spans: Sequence[Span]) -> Prose:
    characters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for span in spans:
        for token in _TOKEN.finditer(folded, *span):
            characters.append("0" if token[0][0].isdigit() else token[0])
            starts.append(offsets[token.start()])
            ends.append(offsets[token.end() - 1] + 1)
        characters.append(BREAK)
        starts.append(offsets[span.end])
        ends.append(offsets[span.end])
    return Prose("".join(characters), np.array(starts, np.int32), np.array(ends, np.int32))


def _tables(record: Record) -> Iterator[Span]:
    """Stretches of text that the record's cells stand in, column heads included: between cells no sentence ends."""
    cells = [placed.cell for placed in placed_cells(record)] + [i.cell for i in record.statistics.indicators]
    spans = sorted(cell.span for cell in cells if cell.span)
    first = 0
    for n, span in enumerate(spans):
        following = spans[n + 1] if n + 1 < len(spans) else None
        if following and _same_table(record.text, span, following):
            continue
        yield Span(_head(record.text, spans[first].start), max(s.end for s in spans[first : n + 1]))
        first = n + 1


def _same_table(text: str, cell: Span, following: Span) -> bool:
    return following.start - cell.end <= _ROW_GAP and not _SENTENCE_END.search(text, cell.end, following.start)


def _head(text: str, first_cell: int) -> int:
    """Where the table with its column heads begins: after the last sentence before its first cell."""
    earliest = max(0, first_cell - _TABLE_HEAD)
    return max((m.end() for m in _SENTENCE_END.finditer(text, earliest, first_cell)), default=earliest)
