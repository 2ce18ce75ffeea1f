"""PROBLEM and REMEDY: from what the labeller tagged to the items that the author set apart.

In an enumerated list the items give the edges and one list speaks of one thing; an item that holds problem and measure is split at
the turn. Where nothing is enumerated the tags decide, moved to the nearest edge of a clause.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from statistics import fmean

from nlp.document import Span
from nlp.narrative.clauses import FINAL, is_progress, sentences, trim
from nlp.narrative.edges import (
    NEAR,
    after_opening,
    begins_measure,
    clause_start,
    end_near,
    ends_short,
    is_announced,
    lead_label,
    marked_turn,
    shortcoming,
    start_near,
    turn_end,
    without_open_end,
)
from nlp.narrative.items import Item, find_items
from nlp.narrative.windows import Passage
from nlp.record import Mention

LONG = ("PROBLEM", "REMEDY")
LabelProbability = Callable[[int, int], Mapping[str, float]]
"""Mean probability of PROBLEM, REMEDY and none over the characters `[start, end)`."""

# Set on the authored documents: a list speaks of what half of its characters are tagged as; a lone item needs as much.
_LIST_SHARE = 0.4
_ITEM_SHARE = 0.4
_SURE = 0.7
_CONTRARY = 0.9
# A clear lead-in stands for this share, but does not make statements of a list in which next to nothing is tagged.
_LEAD_SHARE = 0.3
_LEAST = 0.1
_LIKELY = 0.5
_TURN = 0.45  # of the dev and training documents' statements, those above it hold both kinds
_RUN = 5
_PIECE = 3
_PAGE_FOOT = re.compile(r"[\s\d第共页/|-]{0,24}")
_SECTIONS = ("problems", "other")


@dataclass(frozen=True, slots=True)
class Statement:
    """A final PROBLEM or REMEDY span; `group` numbers its list or stretch of clauses, `place` its place there."""

    label: str
    start: int
    end: int
    score: float
    group: int
    enumerated: bool


def snap(
    plain: str, mentions: Sequence[Mention], passages: Sequence[Passage], probability: LabelProbability | None = None
) -> list[Statement]:
    """Final PROBLEM and REMEDY spans of a document, in order, not overlapping.

    `plain` is the text in simplified script and half-width punctuation, same length; `mentions` are all mentions of the labeller.
    """
    tagged = _mended(plain, [mention for mention in mentions if mention.label in LONG])
    free_form = not any(passage.section == "problems" for passage in passages)
    found: list[Statement] = []
    for number, passage in enumerate(_joined(plain, passages)):
        strict = not free_form and passage.section not in _SECTIONS
        least = _SURE if strict else 0.0
        inside = [one for one in tagged if passage.start <= one.start < passage.end and one.score >= least]
        if not inside:
            continue
        snapper = _Snapper(plain, Span(passage.start, passage.end), inside, probability, strict)
        items = find_items(plain, passage.start, passage.end)
        found += [replace(one, group=one.group + 1000 * number) for one in snapper.passage(items)]
    return _without_overlaps(plain, found)


def _mended(plain: str, tagged: Sequence[Mention]) -> list[Mention]:
    """Tags of both kinds that part a clause between them as one: a turn needs a comma."""
    mended: list[Mention] = []
    for one in tagged:
        last = mended[-1] if mended else None
        if last and last.label != one.label and _is_one_word(plain[last.end - 1 : one.start + 1]):
            longer = max(last, one, key=lambda mention: mention.end - mention.start)
            label = "PROBLEM" if shortcoming(plain, last.start, one.end) else longer.label
            text = last.text + plain[last.end : one.start] + one.text
            mended[-1] = Mention(label, last.start, one.end, text, min(last.score, one.score))
        else:
            mended.append(one)
    return mended


def _is_one_word(text: str) -> bool:
    """Whether nothing but blanks stands between the first and the last character, and both are letters."""
    return len(text) > 1 and text[0].isalnum() and text[-1].isalnum() and not text[1:-1].strip()


def _joined(plain: str, passages: Sequence[Passage]) -> list[Passage]:
    """Passages of one section that only a page number parts, as one: an item may run over the foot of a page."""
    joined: list[Passage] = []
    for passage in passages:
        last = joined[-1] if joined else None
        if last and last.section == passage.section and _PAGE_FOOT.fullmatch(plain, last.end, passage.start):
            joined[-1] = Passage(last.start, passage.end, last.section)
        else:
            joined.append(passage)
    return joined


def _without_overlaps(plain: str, found: Sequence[Statement]) -> list[Statement]:
    kept: list[Statement] = []
    for one in sorted(found, key=lambda statement: (statement.start, -statement.end)):
        start, end = trim(plain, one.start, without_open_end(plain, one.end))
        if one.label == "PROBLEM":
            start = after_opening(plain, start, end, one.enumerated)
        if start < end and (not kept or start >= kept[-1].end):
            kept.append(replace(one, start=start, end=end))
    return kept


class _Snapper:
    """One passage: its tagged spans and the evidence for what its items are."""

    def __init__(
        self, plain: str, span: Span, tagged: Sequence[Mention], probability: LabelProbability | None, strict: bool
    ) -> None:
        self.plain = plain
        self.span = span
        self.tagged = tagged
        self.labels: dict[int, str | None] = {}
        self.starts = [one.start for one in tagged]
        self.ends = [one.end for one in tagged]
        self.probability = probability
        self.strict = strict

    def passage(self, items: Sequence[Item]) -> list[Statement]:
        found: list[Statement] = []
        for _, run in groupby(items, key=lambda item: (item.enumerated, item.group)):
            members = list(run)
            members = [item for item in members if not self.is_bare(item)]
            if members and members[0].enumerated:
                found += self.enumeration(members)
        return found + self.outside(found, [item for item in items if item.enumerated])

    def outside(self, found: Sequence[Statement], items: Sequence[Item]) -> list[Statement]:
        """Statements of the tags, or parts of tags, that no list has taken."""
        taken = sorted((one.start, one.end) for one in found)
        starts = [start for start, _ in taken]
        more: list[Statement] = []
        for number, mention in enumerate(self.tagged):
            place = bisect_left(starts, mention.end)
            rest = max(mention.start, taken[place - 1][1] if place else mention.start)
            if rest == mention.start or _leftover(self.plain, rest, mention.end):
                more += self.clauses(number, rest, items)
        return more

    def touching(self, start: int, end: int) -> Sequence[Mention]:
        """Tagged spans that share a character with `[start, end)`."""
        return self.tagged[bisect_right(self.ends, start) : bisect_left(self.starts, end)]

    def is_bare(self, item: Item) -> bool:
        """Whether the item opens with a heading line that the labeller leaves outside: then it is a passage, not a statement."""
        if item.heading_end is None:
            return False
        return max(self.shares(item.start, item.heading_end).values()) < _ITEM_SHARE

    def shares(self, start: int, end: int) -> dict[str, float]:
        """How much of `[start, end)` speaks for each label: tagged share, and the labeller's own probability where it is known."""
        length = max(1, end - start)
        near = self.touching(start, end)
        shares = {label: sum(_overlap(one, start, end) for one in near if one.label == label) / length for label in LONG}
        if self.probability is None:
            return shares
        told = self.probability(start, end)
        return {label: (shares[label] + told.get(label, 0.0)) / 2 for label in LONG}

    def item_shares(self, item: Item) -> dict[str, float]:
        """As `shares`; an item counts as tagged when its first sentence is (tags tend to stop at a full stop)."""
        whole = self.shares(item.start, item.end)
        first = self.shares(*trim(self.plain, *sentences(self.plain, item.start, item.end)[0]))
        return {label: max(whole[label], min(first[label], 1 - whole[other])) for label, other in (LONG, LONG[::-1])}

    def enumeration(self, members: Sequence[Item]) -> list[Statement]:
        """Statements of one enumerated list."""
        shares = [self.item_shares(item) for item in members]
        of_list = None if self.strict else self.label_of_list(members, shares)
        self.labels[members[0].group] = of_list
        found: list[Statement] = []
        for item, share in zip(members, shares, strict=True):
            pieces = self.turns(item, of_list)
            if len(pieces) > 1:
                found += pieces
                continue
            label = max(LONG, key=lambda name: share[name])
            if of_list and label != of_list and share[label] < _CONTRARY:
                label = of_list
            if share[label] >= _ITEM_SHARE or label == of_list:
                found += self.parted(self.whole(item, label, share[label]))
        return found

    def label_of_list(self, members: Sequence[Item], shares: Sequence[Mapping[str, float]]) -> str | None:
        """What a list speaks of: by its tags, by what leads in to it, and by the list inside whose item it stands."""
        means = {label: sum(one[label] for one in shares) / len(shares) for label in LONG}
        tagged = sum(means.values())
        lead = lead_label(self.plain, members[0].mark, self.span.start)
        for label in (lead, self.labels.get(members[0].parent)):
            if label:
                means[label] += _LEAD_SHARE
        leading = max(LONG, key=lambda label: means[label])
        return leading if tagged >= _LEAST and sum(means.values()) >= _LIST_SHARE else None

    def parted(self, whole: Statement) -> list[Statement]:
        """A statement cut where its sentences turn from problem to measure, as surely as the labeller reads both sides so."""
        parts = [trim(self.plain, *part) for part in sentences(self.plain, whole.start, whole.end)]
        if self.probability is None or len(parts) < 2:
            return self.with_progress(whole)
        problem, measure = ([self.probability(*part).get(label, 0.0) for part in parts] for label in LONG)
        sure, cut = max((fmean(problem[:cut]) * fmean(measure[cut:]), cut) for cut in range(1, len(parts)))
        if sure < _TURN or ends_short(self.plain, parts[cut].start, whole.end):
            return self.with_progress(whole)
        stated = replace(whole, label="PROBLEM", end=parts[cut - 1].end)
        return [stated, *self.with_progress(replace(whole, label="REMEDY", start=parts[cut].start))]

    def with_progress(self, whole: Statement) -> list[Statement]:
        """A measure and the report on its progress (`目前已有…`) apart, where the tags keep them apart."""
        near = self.touching(whole.start, whole.end)
        starts = [one.start for one in near if one.start > whole.start and one.label == whole.label == "REMEDY"]
        for part in sentences(self.plain, whole.start, whole.end)[1:]:
            begin = trim(self.plain, *part).start
            if is_progress(self.plain[slice(*part)]) and any(0 <= start - begin <= _RUN for start in starts):
                start = next(start for start in starts if 0 <= start - begin <= _RUN)
                return [replace(whole, end=trim(self.plain, whole.start, part.start).end), replace(whole, start=start)]
        return [whole]

    def whole(self, item: Item, label: str, share: float) -> Statement:
        """The item as a statement; the last item of a list runs on as far as its tag covers further sentences."""
        inside = [one for one in self.touching(item.start, item.end) if one.label == label]
        end = item.end
        reached = max((one.end for one in inside), default=end)
        for part in sentences(self.plain, item.end, item.reach):
            span = trim(self.plain, *part)
            if reached - span.start >= (span.end - span.start) / 2 and span.end > span.start:
                end = span.end
        start = min((one.start for one in inside), default=item.start)
        announced = start > item.start and is_announced(self.plain, item.start, start)
        score = max([share, *(one.score for one in inside)])
        return Statement(label, start if announced else item.start, end, min(1.0, score), item.group, True)

    def turns(self, item: Item, of_list: str | None) -> list[Statement]:
        """Statements of an item that holds both problem and measure, split where the tags turn; none otherwise."""
        marked = self.marked(item)
        if marked:
            return marked
        near = self.touching(item.start, item.end)
        inside = [one for one in near if one.start > item.start - _RUN and one.end - one.start >= _PIECE]
        runs = [list(run) for _, run in groupby(inside, key=lambda one: one.label)]
        if len(runs) < 2:
            return []
        lows = [item.start, *(trim(self.plain, run[-1].end, item.reach).start for run in runs[:-1])]
        starts = [
            clause_start(self.plain, run[0].start, low, item.reach) for run, low in zip(runs, lows, strict=True)
        ]
        if starts[0] - item.start < _RUN:
            starts[0] = item.start
        found: list[Statement] = []
        for run, start, limit in zip(runs, starts, [*starts[1:], item.reach], strict=True):
            if limit == item.reach:
                end = end_near(self.plain, max(item.end, run[-1].end), start, limit)
            else:
                end = turn_end(self.plain, run[-1].end, start, limit)
            found.append(Statement(run[0].label, start, end, min(one.score for one in run), item.group, True))
        return found if self.is_answered(found) or all(self.is_turn(one, of_list) for one in found) else []

    def marked(self, item: Item) -> list[Statement]:
        """Problem and measure of a tagged item between which the author has written `整改:` or the like."""
        near = self.touching(item.start, item.end)
        turn = marked_turn(self.plain, item.start, item.reach) if near else None
        if turn is None or turn[0].end > item.end:
            return []
        problem, rest = turn
        first = sentences(self.plain, *rest)[0]
        measure = trim(self.plain, rest.start, max(item.end, first.end))
        score = max(one.score for one in near)
        answer = Statement("REMEDY", *measure, score, item.group, True)
        return [Statement("PROBLEM", *problem, score, item.group, True), *self.with_progress(answer)]

    def is_answered(self, pieces: Sequence[Statement]) -> bool:
        """Whether a problem is followed by its measure, which begins as measures do (`今后将…`)."""
        if [one.label for one in pieces] != list(LONG):
            return False
        between = self.plain[pieces[0].end : pieces[1].start].strip()
        return not between[-1:].isalpha() and begins_measure(self.plain, pieces[1].start)

    def is_turn(self, piece: Statement, of_list: str | None) -> bool:
        """Whether a piece of an item can speak of other things than its list: it begins with a clause and is worded accordingly."""
        if piece.label == of_list or piece.score >= _CONTRARY:
            return True
        if of_list == "PROBLEM":
            return begins_measure(self.plain, piece.start)
        before = self.plain[max(0, piece.start - _RUN) : piece.start].rstrip()[-1:]
        worded = shortcoming(self.plain, piece.start, piece.end) == (piece.label == "PROBLEM")
        return worded and not before.isalpha()

    def clauses(self, number: int, start: int, items: Sequence[Item]) -> list[Statement]:
        """A tag outside the lists from `start` on, its edges moved to those of clauses, cut at `;` inside."""
        mention = self.tagged[number]
        after = bisect_left(items, start, key=lambda item: item.end)
        low, high = self.free(start, mention.end, items, after)
        begin = start_near(self.plain, start, low, high)
        following = self.starts[number + 1] if number + 1 < len(self.tagged) else high
        end = self.clause_end(mention.end, begin, following, high)
        group = items[after].group if after < len(items) else 0
        pieces = [trim(self.plain, *piece) for piece in _split(self.plain, begin, end, self.stops(begin))]
        found = [Statement(mention.label, *piece, mention.score, -1 - group, False) for piece in pieces]
        return [self.reworded(one) for one in found if one.start < one.end and self.is_likely(one)]

    def stops(self, begin: int) -> str:
        """What parts statements: a paragraph that is one statement may hold several sentences, running text may not."""
        line = self.plain[max(self.span.start, begin - _RUN) : begin]
        return ";" if not line.strip() or "\n" in line else FINAL

    def is_likely(self, statement: Statement) -> bool:
        """Whether the labeller reads most of a free statement as what it is said to be."""
        if self.probability is None:
            return True
        return self.probability(statement.start, statement.end).get(statement.label, 0.0) >= _LIKELY

    def reworded(self, statement: Statement) -> Statement:
        """A measure of little certainty that ends as only shortcomings do (`有待进一步提升`) is a problem."""
        doubtful = statement.label == "REMEDY" and statement.score < _SURE
        return replace(statement, label="PROBLEM") if doubtful and ends_short(self.plain, statement.start, statement.end) else statement

    def clause_end(self, at: int, begin: int, following: int, high: int) -> int:
        """Where a tag that ends at `at` ends; in the sentence of the `following` tag it ends at the turn."""
        if following >= high:
            return end_near(self.plain, at, begin, high)
        limit = start_near(self.plain, following, begin, high)
        turns = not set(self.plain[at:limit]) & set(FINAL)
        return (turn_end if turns else end_near)(self.plain, at, begin, limit)

    def free(self, start: int, end: int, items: Sequence[Item], after: int) -> Span:
        """The stretch between the lists within which a tag's edges may move; `after`: the first item that ends after its start."""
        low, high = self.span
        for item in items[max(0, after - 1) : after + 2]:
            low = max(low, item.end) if item.end <= start + NEAR else low
            high = min(high, item.mark) if item.mark >= end - NEAR else high
        return Span(min(low, start), max(high, min(end, self.span.end)))


def _split(plain: str, start: int, end: int, stops: str) -> list[Span]:
    """`[start, end)` cut after each sign of `stops`."""
    cuts = [at + 1 for at in range(start, end - 1) if plain[at] in stops]
    return [Span(*piece) for piece in zip([start, *cuts], [*cuts, end], strict=True)]


def _overlap(mention: Mention, start: int, end: int) -> int:
    return max(0, min(mention.end, end) - max(mention.start, start))


def _leftover(plain: str, start: int, end: int) -> bool:
    """Whether a tag reaches past a snapped item by a sentence of its own, not by an edge."""
    span = trim(plain, start, end)
    return span.end - span.start >= 2 * _RUN
