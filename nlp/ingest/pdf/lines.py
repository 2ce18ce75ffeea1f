"""Glyphs → lines of text, lines → paragraphs: what a page breaks for its width alone is put together again."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from nlp.ingest.pdf.page import Box, Glyph

_SAME_LINE = 0.45  # of the font's size: how far glyphs of a line may stand above each other (superscripts)
_COLUMN_GAP = 1.5  # of the font's size: a wider gap separates columns
# Gaps, of the font's size, beyond which a blank stands between two narrow characters, a narrow and a wide one (which
# word processors keep 0.25 apart without one), two wide ones (which justified lines pull apart).
_BLANKS = (0.22, 0.3, 0.8)
_SAME_SIZE = 1.12  # ratio of font sizes beyond which a line is no continuation (headings)
_WIDE_PITCH = 1.45  # of the usual distance of lines: a greater one ends a paragraph
_MAX_BLANKS = 80  # that stand for a gap between columns
_BODY = 0.5  # of a page's width: running text is no narrower
_INDENT = 0.9  # of the font's size
_SENTENCE_END = re.compile(r"[。！？；：!?;:.”」)）]$")
_UNBROKEN = re.compile(r"(?:[“‘《（(「]*(?:[\x21-\x7e]+|.))[，。、；：！？”’》）」,.;:!?)]*")
_NUMBER = re.compile(
    r"[(（]?(?:[一二三四五六七八九十]{1,3}|\d{1,2})[)）、.．]|第[一二三四五六七八九十]+[条项章]|[①-⑳●◆■▪•]"
)


class Column(NamedTuple):
    """Where the lines of running text begin and end."""

    left: float
    right: float
    pitch: float


class Line(NamedTuple):
    """A line of text on a page; `n_gaps`: how many of its gaps are as wide as between columns.

    `column` is set where text runs in several columns side by side.
    """

    text: str
    box: Box
    page: int
    size: float
    n_gaps: int = 0
    column: Column | None = None

    @property
    def is_row(self) -> bool:
        """Whether it looks like a row of a table without rules."""
        return self.n_gaps > 1


def lines_of(glyphs: Iterable[Glyph], page: int) -> list[Line]:
    """The lines of text that glyphs make up, from the top."""
    lines: list[list[Glyph]] = []
    for glyph in sorted(glyphs, key=lambda glyph: glyph.baseline):
        if lines and glyph.baseline - lines[-1][0].baseline <= _SAME_LINE * min(glyph.size, lines[-1][0].size):
            lines[-1].append(glyph)
        else:
            lines.append([glyph])
    return [line for group in lines if (line := _line(group, page)) is not None]


def union(boxes: Iterable[Box]) -> Box:
    """The smallest box around boxes."""
    x0, top, x1, bottom = zip(*boxes, strict=True)
    return Box(min(x0), min(top), max(x1), max(bottom))


def is_wide(text: str) -> bool:
    """Whether a character is as wide as it is high: no blank is printed between two of them."""
    return text >= "\u2e80" or text in "“”‘’—…·"


def glue(left: str, right: str) -> str:
    """What stands between two parts of a text that a line's end separates."""
    if not left or not right or is_wide(left[-1]) or is_wide(right[0]) or (left[-1].isdigit() and right[0].isdigit()):
        return ""
    return "" if left[-1] in "-/(（" or right[0] in ".,%)）" else " "


def cell_text(glyphs: Sequence[Glyph], lines: Iterable[Line]) -> str:
    """The text of a table cell, whose lines these are, as one line; also where it is written from top to bottom."""
    shown = [glyph for glyph in glyphs if not glyph.text.isspace()]
    if _is_vertical(shown):
        return "".join(glyph.text for glyph in shown)
    text = ""
    for line in lines:
        text += glue(text, line.text) + line.text
    return text


def column_of(lines: Sequence[Line], width: float) -> Column:
    """The column of running text on pages `width` wide: margins that several lines reach, and the usual distance of lines.

    Where the lines are too few or too short to tell, the right margin is as wide as the left.
    """
    if not lines:
        return Column(0, width, 0)
    size = sorted(line.size for line in lines)[len(lines) // 2]
    left = _margin([line.box.x0 for line in lines], 0.5 * size) or min(line.box.x0 for line in lines)
    right = -(_margin([-line.box.x1 for line in lines], 1.5 * size) or 0)
    pitches = sorted(
        b.box.bottom - a.box.bottom for a, b in pairwise(lines) if a.page == b.page and b.box.bottom > a.box.bottom
    )
    right = right if right - left > _BODY * width else width - left
    return Column(left, right, pitches[len(pitches) // 2] if pitches else 2 * size)


def _margin(ends: Sequence[float], slack: float) -> float | None:
    """The least of the ends that several others are near to."""
    enough, ordered = max(2, len(ends) // 20), sorted(ends)
    return next((end for n, end in enumerate(ordered) if bisect_right(ordered, end + slack) - n >= enough), None)


def paragraphs(lines: Sequence[Line], columns: Mapping[int, Column]) -> Iterator[list[Line]]:
    """Consecutive lines grouped to paragraphs; `columns` by the number of the page."""
    group: list[Line] = []
    for line in lines:
        if group and not _continues(group[-1], line, columns):
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def _continues(before: Line, line: Line, columns: Mapping[int, Column]) -> bool:
    """Whether a line goes on with the sentence of the line before, which ended because the page did not hold more."""
    full, column = before.column or columns[before.page], line.column or columns[line.page]
    if before.is_row or line.is_row or max(before.size, line.size) > _SAME_SIZE * min(before.size, line.size):
        return False
    if before.page == line.page and before.column != line.column and line.box.top > before.box.top:
        return False  # from columns to text as wide as the page, or back
    if before.box.x1 + _first_width(line) < full.right - 0.6 * line.size:
        return False
    if before.page == line.page and line.box.bottom - before.box.bottom > _WIDE_PITCH * column.pitch:
        return False
    if line.box.x0 <= column.left + _INDENT * line.size and before.box.x0 > full.left + _INDENT * line.size:
        return True  # the second line of an indented paragraph
    is_new = bool(_SENTENCE_END.search(before.text)) and bool(_NUMBER.match(line.text))
    if line.box.x0 <= column.left + _INDENT * line.size:
        return not is_new
    return abs(line.box.x0 - before.box.x0) < 0.5 * line.size and not _SENTENCE_END.search(before.text)


def _first_width(line: Line) -> float:
    """Width of what may not be broken off a line's beginning: a character, number or word, with the mark behind it."""
    match = _UNBROKEN.match(line.text)
    return (
        sum(line.size if is_wide(character) else line.size / 2 for character in match.group()) if match else line.size
    )


def _line(glyphs: list[Glyph], page: int) -> Line | None:
    shown = sorted(glyphs, key=lambda glyph: glyph.box.x0)
    while shown and shown[0].text.isspace():
        shown.pop(0)
    while shown and shown[-1].text.isspace():
        shown.pop()
    if not shown:
        return None
    pieces, n_gaps, last, blank = [shown[0].text], 0, shown[0], False
    for glyph in shown[1:]:
        if glyph.text.isspace():
            blank = True
            continue
        if glyph.text == last.text and abs(glyph.box.x0 - last.box.x0) < 0.1 * glyph.size:
            continue  # printed twice to look bold
        gap = glyph.box.x0 - last.box.x1
        wide_gap = gap > _COLUMN_GAP * glyph.size
        n_gaps += wide_gap
        pieces += [_between(last, glyph, gap, blank), glyph.text]
        last, blank = glyph, False
    solid = [glyph for glyph in shown if not glyph.text.isspace()]
    sizes = sorted(glyph.size for glyph in solid)
    return Line("".join(pieces), union(glyph.box for glyph in solid), page, sizes[len(sizes) // 2], n_gaps)


def _between(left: Glyph, right: Glyph, gap: float, blank: bool) -> str:
    if gap > _COLUMN_GAP * right.size:
        return " " * round(min(max(2, 2 * gap / right.size), _MAX_BLANKS))
    n_wide = is_wide(left.text[-1]) + is_wide(right.text[0])
    return " " if blank or gap > _BLANKS[n_wide] * right.size else ""


def _is_vertical(glyphs: Sequence[Glyph]) -> bool:
    """Whether most glyphs stand below the one drawn before."""
    steps = [(b.box.x0 - a.box.x0, b.baseline - a.baseline, a.size) for a, b in pairwise(glyphs)]
    down = sum(dy > 0.7 * size and abs(dx) < 0.5 * size for dx, dy, size in steps)
    return len(steps) > 1 and down > 0.6 * len(steps)
