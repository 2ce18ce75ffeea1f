"""A text's Chinese characters alone, with the way back.

Labels of the forms are looked for here, so that line breaks, pipes, page numbers, digits of a neighbouring cell and any
kind of punctuation inside a label neither help nor hurt. Offsets are those of the folded text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass

from nlp.document import Span
from nlp.tables.numbers import words_beside_numbers

_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
# The line of dashes below the heads of a Markdown table.
_RULE = re.compile(r"^[ \t]*\|?(?:[ \t]*:?-{3,}:?[ \t]*\|)+[ \t:\-]*$", re.M)
_NUMERALS = re.compile("[一二三四五六七八九十]")
_BRACKETED = re.compile(r"[（(][^（）()]{4,400}[)）]")


@dataclass(frozen=True, slots=True)
class Skeleton:
    """`text` holds only Chinese characters; `offsets[i]` is where character `i` stands; `ignored` spans hold none of them."""

    text: str
    offsets: tuple[int, ...]
    ignored: tuple[Span, ...]

    def index(self, offset: int) -> int:
        """The number of skeleton characters before `offset` of the folded text."""
        return bisect_left(self.offsets, offset)


def han(text: str) -> str:
    """Only the Chinese characters of `text`."""
    return "".join(_HAN.findall(text))


def words(text: str) -> str:
    """The Chinese characters of `text` that no value brings along: no numerals of labels, no units behind numbers."""
    position, kept = 0, []
    for start, end in [*words_beside_numbers(text), (len(text), len(text))]:
        kept.append(text[position:start])
        position = end
    return han(_NUMERALS.sub("", "".join(kept)))


def skeleton(text: str, known: str) -> Skeleton:
    """The skeleton of `text` without rules of dashes, units behind numbers, and glosses.

    A gloss is a bracket with four characters or more whose words do not occur in `known` (the forms' own words, joined):
    `本年增/减(指2020年增加或减少的事项数,减用负值表示,如-8)`.
    """
    spans = [Span(*m.span()) for m in _RULE.finditer(text)]
    spans += [Span(*m.span()) for m in _BRACKETED.finditer(text) if _is_gloss(m[0], known)]
    ignored = tuple(sorted(spans))
    spans = sorted([*spans, *(Span(*span) for span in words_beside_numbers(text))])
    offsets: list[int] = []
    position = 0
    for start, end in [*spans, Span(len(text), len(text))]:
        offsets.extend(m.start() for m in _HAN.finditer(text, position, max(start, position)))
        position = max(position, end)
    return Skeleton("".join(text[i] for i in offsets), tuple(offsets), ignored)


def _is_gloss(bracket: str, known: str) -> bool:
    words = han(bracket)
    return len(words) >= 2 and words not in known
