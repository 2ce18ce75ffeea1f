"""Labels to form rows: the best chain of anchors, in print order, through the label occurrences of a text.

The same words occur in prose (`行政处罚`), as heads (`其他`, `总计`) and as rows. A chain is worth the rows it finds and pays
for every Chinese character between two of them that no form knows; a table has none, prose has many.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from nlp.tables.labels import Anchor, Occurrence, known_text
from nlp.tables.skeleton import Skeleton

# A row of n characters is worth n/4, at most 2; an unknown character between rows costs 0.15. On the shared reports the
# worst true gap (an added row with its gloss) costs 1.4 and the best false chain through prose is worth 0.9.
ROW_WORTH = 0.25
ROW_MOST = 2.0
CAPTION_WORTH = 1.5
GAP_COST = 0.15
_BESIDE = 40  # characters before the first and after the last row in which misprinted ones may stand
_LONGEST_BROKEN = 60  # characters between two known words that may be one label broken up
_NUMERALS = "一二三四五六七八九十"
SIMILAR = 80.0  # percent of characters that a misprinted label shares with the form's


@dataclass(frozen=True, slots=True)
class Aligned:
    """An anchor found in the text, as a half-open stretch of skeleton characters."""

    anchor: Anchor
    start: int
    end: int


def unknown_before(bones: Skeleton, occurrences: Sequence[Occurrence]) -> list[int]:
    """For each skeleton position (and the end), how many characters before it belong to no known word or part of one."""
    known = bytearray(len(bones.text))
    for hit in occurrences:
        known[hit.start : hit.end] = b"\1" * (hit.end - hit.start)
    _mark_fragments(bones, known)
    count, totals = 0, []
    for flag in known:
        totals.append(count)
        count += not flag
    return [*totals, count]


def _mark_fragments(bones: Skeleton, known: bytearray) -> None:
    """Between known words, single characters, numerals, units and pieces of labels that numbers broke up are known too."""
    position = 0
    while position < len(known):
        end = position
        while end < len(known) and not known[end]:
            end += 1
        if end - position == 1:
            known[position] = 1
        elif end - position <= _LONGEST_BROKEN:
            _mark_pieces(bones.text, known, position, end)
        position = end + 1


def _mark_pieces(text: str, known: bytearray, start: int, end: int) -> None:
    """Mark the pieces of `text[start:end]` that occur in known words: all of it, or runs of three characters at least."""
    words = known_text()
    while start < end and text[start] in _NUMERALS:
        known[start] = 1
        start += 1
    while start < end:
        longest = next((e for e in range(end, start, -1) if text[start:e] in words), start)
        if longest - start >= min(3, end - start):
            known[start:longest] = b"\1" * (longest - start)
        start = max(longest, start + 1)


def chain(
    anchors: Sequence[Anchor], bones: Skeleton, occurrences: Sequence[Occurrence], unknown: Sequence[int]
) -> list[Aligned]:
    """The worthiest chain of anchors in print order; empty if the text has none. Misprinted labels are looked for after."""
    spellings: dict[str, list[int]] = {}
    for position, anchor in enumerate(anchors):
        for spelling in anchor.spellings:
            spellings.setdefault(spelling, []).append(position)
    nodes: list[tuple[Occurrence, int, int]] = []  # occurrence, anchor, number of the node before it in its best chain
    reach = [(-math.inf, -1)] * len(anchors)  # for each anchor: the best chain so far that ends with it, gaps not yet paid
    best, last = 0.0, -1
    for hit in occurrences:
        found = []
        for a in spellings.get(hit.word, ()):
            before, previous = max(reach[:a], default=(-math.inf, -1), key=lambda end: end[0])
            before -= GAP_COST * unknown[hit.start]
            score = max(0.0, before) + _worth(anchors[a], hit)
            found.append((a, score, len(nodes)))
            nodes.append((hit, a, previous if before > 0 else -1))
            if score > best:
                best, last = score, len(nodes) - 1
        for a, score, node in found:
            reach[a] = max(reach[a], (score + GAP_COST * unknown[hit.end], node), key=lambda end: end[0])
    return _misprinted(anchors, bones, _walk_back(nodes, last, anchors))


def _worth(anchor: Anchor, hit: Occurrence) -> float:
    return CAPTION_WORTH if anchor.row is None else min(ROW_MOST, ROW_WORTH * (hit.end - hit.start))


def _walk_back(nodes: Sequence[tuple[Occurrence, int, int]], last: int, anchors: Sequence[Anchor]) -> list[Aligned]:
    found = []
    while last >= 0:
        hit, a, last = nodes[last]
        found.append(Aligned(anchors[a], hit.start, hit.end))
    return found[::-1]


def _misprinted(anchors: Sequence[Anchor], bones: Skeleton, found: list[Aligned]) -> list[Aligned]:
    """Add rows whose label is misprinted: the form has them beside found rows and the text has something alike there."""
    if not found:
        return []
    order = {id(anchor): position for position, anchor in enumerate(anchors)}
    complete: list[Aligned] = []
    places = [(-1, found[0].start - _BESIDE), *((order[id(item.anchor)], item.end) for item in found)]
    bounds = [*((order[id(item.anchor)], item.start) for item in found), (len(anchors), found[-1].end + _BESIDE)]
    for number, ((before, gap_start), (after, gap_end)) in enumerate(zip(places, bounds, strict=True)):
        complete += found[number - 1 : number] if number else []
        gap_start = max(0, gap_start)
        for anchor in anchors[before + 1 : after]:
            alike = _alike(anchor, bones.text[gap_start:gap_end])
            if alike is not None:
                complete.append(Aligned(anchor, gap_start + alike[0], gap_start + alike[1]))
                gap_start = complete[-1].end
    return complete


def _alike(anchor: Anchor, words: str) -> tuple[int, int] | None:
    label = anchor.spellings[0]
    if len(label) < 4 or len(words) < 0.6 * len(label):
        return None
    match = fuzz.partial_ratio_alignment(label, words, score_cutoff=SIMILAR)
    if match is None or match.dest_end - match.dest_start < 0.6 * len(label):
        return None
    if fuzz.ratio(label, words[match.dest_start : match.dest_end]) < SIMILAR:
        return None
    return match.dest_start, match.dest_end
