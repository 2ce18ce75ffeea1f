"""A copy of the folded text, as long as it, without what stands in tables but belongs to none of their cells.

Page numbers and running heads become blanks together with their line ends, so that they neither split a row nor count as a
separator. Commas between cells become pipes, a letter O or `零` that stands for a number
becomes 0, a `无` alone a slash, and blanks between
thousands become commas. Offsets stay the same; what a cell printed is taken from the document itself.
"""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from nlp.document import Folded

# `- 5 -`, `—5—`, `第 5 页` on a line of their own; a form feed may stand before them.
_PAGE_MARK = re.compile(
    r"^[ \t\f\xa0\u3000]*(?:[-—–－−]+[ \t]*[1-9]\d{0,2}[ \t]*[-—–－−]+|"
    r"第[ \t]*\d{1,3}[ \t]*页(?:[，, /]*共[ \t]*\d{1,3}[ \t]*页)?)[ \t\f]*(?:\n|\Z)",
    re.M,
)
_BARE_NUMBER = re.compile(r"^[ \t]*(\d{1,3})[ \t]*\n+[ \t]*(?=\f)", re.M)
# A line of a comma-separated table: a label, then nothing but numbers; a line of heads has no numbers.
_COMMA_ROW = re.compile(
    r"^[^\d\n|][^\n|]*?[\u4e00-\u9fff）)”\"](?:[,，][ \t]*\"?(?:无|[+\-]?[\d./—\-]*)\"?)+[ \t]*$", re.M
)
_COMMA_VALUES = re.compile(r"(?:[,，][ \t]*\"?(?:无|[+\-]?[\d./—\-]*)\"?)+[ \t]*$")
_FEWEST_COMMA_ROWS = 5
# A row's number in a column of its own, before the label.
_ROW_NUMBER = re.compile(r"^[ \t|｜│]*(\d{1,2})(?=[ \t]*[|｜│\t][ \t|｜│]*[（(\d.、．]*[\u4e00-\u9fff])", re.M)
_FEWEST_NUMBERED_ROWS = 8
_ZERO = re.compile(r"(?<![\w.])[OoОоΟο〇○零](?![\w.])|(?<=\d)[OoОо〇](?![A-Za-z\u4e00-\u9fff])")
_NONE = re.compile(r"(?<=[\s|｜│┃,，])无(?=[\s|｜│┃,，])")
_BLANK_THOUSANDS = re.compile(r"(?<=[|｜│])[ \t]*[1-9]\d{0,2}(?:[ \u00a0\u2009]\d{3})+[ \t]*(?=[|｜│\n]|\Z)")


def clean(folded: Folded) -> Folded:
    """The copy; its offsets are those of `folded`."""
    text = _without_page_marks(folded.text)
    text = _ZERO.sub("0", text)
    text = _BLANK_THOUSANDS.sub(lambda m: re.sub(r"(?<=\d)[ \u00a0\u2009](?=\d)", ",", m[0]), text)
    if sum(1 for _ in _COMMA_ROW.finditer(text)) >= _FEWEST_COMMA_ROWS:
        text = _COMMA_ROW.sub(lambda m: _COMMA_VALUES.sub(lambda v: re.sub("[,，]", "|", v[0]), m[0]), text)
    text = _NONE.sub("/", text)
    for start, end in _row_numbers(text):
        text = text[:start] + " " * (end - start) + text[end:]
    return folded if text == folded.text else dataclasses.replace(folded, text=text)


def _without_page_marks(text: str) -> str:
    for start, end in [*(m.span() for m in _PAGE_MARK.finditer(text)), *_bare_page_numbers(text)]:
        text = text[:start] + " " * (end - start) + text[end:]
    for start, end in _running_heads(text):
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def _bare_page_numbers(text: str) -> Iterator[tuple[int, int]]:
    """Numbers alone on the last line of a page that count up by one from page to page."""
    found = list(_BARE_NUMBER.finditer(text))
    numbers = [int(m[1]) for m in found]
    for i, match in enumerate(found):
        if any(0 <= j < len(found) and numbers[j] - numbers[i] == j - i for j in (i - 1, i + 1)):
            yield match.span()


def _row_numbers(text: str) -> Iterator[tuple[int, int]]:
    """Numbers of rows that count up by one from line to line."""
    found = list(_ROW_NUMBER.finditer(text))
    starts = [i for i, m in enumerate(found) if i == 0 or int(m[1]) != int(found[i - 1][1]) + 1]
    for first, last in pairwise([*starts, len(found)]):
        if last - first >= _FEWEST_NUMBERED_ROWS:
            yield from (match.span(1) for match in found[first:last])


def _running_heads(text: str) -> Iterator[tuple[int, int]]:
    """Lines of words that stand first on several pages."""
    firsts = [re.compile(r"\f[ \t\n]*([^\n\f]*)\n").match(text, m.start()) for m in re.finditer("\f", text)]
    lines = Counter(m[1].strip() for m in firsts if m)
    for match in firsts:
        if match and len(match[1].strip()) >= 4 and lines[match[1].strip()] >= 2 and "年" in match[1]:
            yield match.start() + 1, match.end()
