"""Counts: one for each QUANTITY, with the thing counted, the outlet, the number, what kind of thing it is, and the year."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import takewhile
from typing import Any

from nlp.narrative.clauses import is_paragraph_end, squeeze
from nlp.narrative.quantities import parse_quantity
from nlp.record import Count, CountKind, Mention
from nlp.settings import load_toml

_LABELS = ("QUANTITY", "ITEM", "CHANNEL")
_NEAR = 8
_FAR = 40
_AHEAD = 40
_SENTENCE = 3000  # characters of one sentence that are looked back over
_BACK = 200  # labels of one sentence that are looked back over


@cache
def _pattern(key: str) -> re.Pattern[str]:
    return re.compile(load_toml("narrative.toml")["counts"][key])


@cache
def _kinds() -> tuple[tuple[CountKind, dict[str, re.Pattern[str]]], ...]:
    rows: list[dict[str, Any]] = load_toml("narrative.toml")["counts"]["kinds"]
    return tuple((row["kind"], {key: re.compile(value) for key, value in row.items() if key != "kind"}) for row in rows)


@dataclass(frozen=True, slots=True)
class _Found:
    """What one quantity was given, as indices of mentions, and the sentence it stands in."""

    quantity: int
    item: int | None
    channels: tuple[int, ...]
    sentence: int
    kind: CountKind


def find_counts(plain: str, text: str, mentions: Sequence[Mention], year: int | None) -> list[Count]:
    """Counts in the order of their quantities; `mentions` of a count index the sequence given.

    `plain` is `text` in simplified script and half-width punctuation, same length; strings are as printed in `text`, without blanks.
    """
    counter = _Counter(plain, mentions)
    found: list[_Found] = []
    for index, mention in enumerate(mentions):
        if mention.label == "QUANTITY":
            found.append(counter.read(index, found))
    return [_count(plain, text, mentions, one, year) for one in found]


def counted(plain: str, mentions: Sequence[Mention]) -> list[Mention]:
    """The mentions without items and outlets in whose sentence nothing is counted."""
    counter = _Counter(plain, mentions)
    starts = {counter.sentence_start(index) for index, mention in enumerate(mentions) if mention.label == "QUANTITY"}
    return [
        mention
        for index, mention in enumerate(mentions)
        if mention.label not in ("ITEM", "CHANNEL") or counter.sentence_start(index) in starts
    ]


class _Counter:
    """Finds item, outlet and kind of each quantity of one text."""

    def __init__(self, plain: str, mentions: Sequence[Mention]) -> None:
        self.plain = plain
        self.mentions = mentions
        self.order = [index for index, mention in enumerate(mentions) if mention.label in _LABELS]
        self.rank = {index: place for place, index in enumerate(self.order)}
        self.ends = [at for at in range(len(plain)) if plain[at] in "。!?" or is_paragraph_end(plain, at)]

    def read(self, quantity: int, earlier: Sequence[_Found]) -> _Found:
        start = self.sentence_start(quantity)
        item = self.item(quantity, start)
        channels = self.channels(quantity, start)
        last = earlier[-1] if earlier else None
        if not channels and last and self.is_breakdown(quantity, start, last):
            channels = last.channels
        same = takewhile(lambda one: one.sentence == start, reversed(earlier))
        base: CountKind = next((one.kind for one in same if one.kind != "share"), "other")
        return _Found(quantity, item, channels, start, self.kind(quantity, item, base))

    def is_breakdown(self, quantity: int, start: int, last: _Found) -> bool:
        """Whether the sentence of a quantity breaks down what the sentence before it counted (`包括…`)."""
        if not _pattern("breakdown").search(self.plain[start : self.mentions[quantity].start]):
            return False
        return last.sentence == start or start - self.mentions[last.quantity].end < _FAR

    def sentence_start(self, index: int) -> int:
        start = self.mentions[index].start
        place = bisect_left(self.ends, start)
        return max(self.ends[place - 1] + 1 if place else 0, start - _SENTENCE)

    def sentence_end(self, index: int) -> int:
        place = bisect_left(self.ends, self.mentions[index].end)
        return self.ends[place] if place < len(self.ends) else len(self.plain)

    def earlier(self, quantity: int, start: int) -> list[int]:
        """Items, outlets and quantities of the sentence before a quantity."""
        place = first = self.rank[quantity]
        while first > place - _BACK and first and self.mentions[self.order[first - 1]].start >= start:
            first -= 1
        return self.order[first:place]

    def item(self, quantity: int, start: int) -> int | None:
        """The nearest ITEM of the sentence: unused before it, else the one it stands before, else the last one used."""
        before = self.earlier(quantity, start)
        free = self.free_item(quantity, before)
        following = self.following_item(quantity)
        if free is not None and following is not None:
            if self.is_post(free) and self.mentions[following].start == self.mentions[quantity].end:
                return following
            gap = self.mentions[quantity].start - self.mentions[free].end
            return following if gap > _NEAR and self.is_last_of_list(following) else free
        if free is not None or following is not None:
            return free if free is not None else following
        used = [index for index in before if self.mentions[index].label == "ITEM"]
        in_clause = [index for index in used if ";" not in self.plain[self.mentions[index].end : self.mentions[quantity].start]]
        ahead = self.item_ahead(quantity)
        if ahead is not None and (not in_clause or self.is_last_of_list(ahead)):
            return ahead
        return used[-1] if used else None

    def free_item(self, quantity: int, before: Sequence[int]) -> int | None:
        """The ITEM before a quantity with no other quantity between them, in one clause group."""
        for index in reversed(before):
            if self.mentions[index].label == "QUANTITY":
                return None
            if self.mentions[index].label == "ITEM":
                gap = self.plain[self.mentions[index].end : self.mentions[quantity].start]
                taken = self.is_post(index) and "," in gap
                return None if ";" in gap or taken else index
        return None

    def is_post(self, item: int) -> bool:
        """Whether an ITEM stands right after a quantity (`4次检查`) and so belongs to it."""
        place = self.rank[item] - 1
        if place < 0 or self.mentions[self.order[place]].label != "QUANTITY":
            return False
        gap = self.plain[self.mentions[self.order[place]].end : self.mentions[item].start]
        return len(gap.strip()) <= 1 and not re.search(r"[,;。、:()]", gap)

    def following_item(self, quantity: int) -> int | None:
        """The ITEM that a quantity stands before in the same clause (`12个类别`, `对5个发挥作用不明显的政务新媒体`)."""
        place = self.rank[quantity] + 1
        if place >= len(self.order) or self.mentions[self.order[place]].label != "ITEM":
            return None
        item = self.order[place]
        gap = self.plain[self.mentions[quantity].end : self.mentions[item].start]
        if re.search(r"[,;。:!?()]", gap) or re.match(r"\s*[、和及与]", gap) or len(gap) > _FAR:
            return None
        return item if len(gap.strip()) <= 1 or gap.endswith("的") or self.is_last_of_list(item) else None

    def is_last_of_list(self, item: int) -> bool:
        """Whether no quantity follows an ITEM closely enough to be its own."""
        place = self.rank[item] + 1
        if place >= len(self.order) or self.mentions[self.order[place]].label != "QUANTITY":
            return True
        gap = self.plain[self.mentions[item].end : self.mentions[self.order[place]].start]
        return bool(re.search(r"[,;。:!?、]", gap))

    def item_ahead(self, quantity: int) -> int | None:
        """The ITEM that follows a run of quantities led by words of total (`共发布253期,合计936条信息`)."""
        last = quantity
        for index in self.order[self.rank[quantity] + 1 : self.rank[quantity] + _AHEAD]:
            gap = self.plain[self.mentions[last].end : self.mentions[index].start]
            if re.search(r"[;。!?]", gap) or len(gap) > _NEAR:
                return None
            if self.mentions[index].label == "ITEM":
                return index if last != quantity and len(gap) <= 2 else None
            if self.mentions[index].label != "QUANTITY" or not _pattern("total").search(gap):
                return None
            last = index
        return None

    def channels(self, quantity: int, start: int) -> tuple[int, ...]:
        """The outlets named last before a quantity in its sentence, else those its clause goes on to name."""
        place = self.rank[quantity]
        before = [index for index in self.earlier(quantity, start) if self.mentions[index].label == "CHANNEL"]
        if before:
            run = self.run_back(before)
            counted = [index for index in self.order[self.rank[run[-1]] : place] if self.mentions[index].label == "QUANTITY"]
            between = self.plain[self.mentions[counted[-1]].end : self.mentions[quantity].start] if counted else ""
            lapsed = ";" in self.plain[self.mentions[run[-1]].end : self.mentions[quantity].start]
            if lapsed and not _pattern("within").search(self.plain[start : self.mentions[quantity].start]):
                return ()
            return () if _pattern("restart").match(between) else run
        return self.channels_after(quantity)

    def run_back(self, channels: Sequence[int]) -> tuple[int, ...]:
        run = [channels[-1]]
        for index in reversed(channels[:-1]):
            gap = self.plain[self.mentions[index].end : self.mentions[run[0]].start]
            if not re.fullmatch(r"[\s、,及和与以等\"()/]{0,4}", gap):
                break
            run.insert(0, index)
        return tuple(run)

    def channels_after(self, quantity: int) -> tuple[int, ...]:
        end = self.sentence_end(quantity)
        ahead = self.order[self.rank[quantity] + 1 : self.rank[quantity] + _AHEAD]
        after = list(takewhile(lambda one: self.mentions[one].start < end, ahead))
        run: list[int] = []
        left = self.mentions[quantity].end
        for index in after:
            mention = self.mentions[index]
            if mention.label == "QUANTITY" or (mention.label == "ITEM" and run):
                break
            if mention.label == "CHANNEL":
                if not run and not _pattern("through").search(self.plain[left : mention.start]):
                    return ()
                run.append(index)
            left = mention.end
        followed = run and any(self.mentions[index].label == "QUANTITY" for index in after)
        return () if followed else tuple(run)

    def kind(self, quantity: int, item: int | None, base: CountKind) -> CountKind:
        mention = self.mentions[quantity]
        parsed = parse_quantity(mention.text)
        if parsed.share:
            return "share"
        start = max((at + 1 for at in range(max(0, mention.start - 60), mention.start) if self.plain[at] in "。;!?,\n"), default=0)
        item_start = self.mentions[item].start if item is not None else start
        context = {
            "item": squeeze(self.plain[item_start : self.mentions[item].end]) if item is not None else "",
            "before": squeeze(self.plain[min(start, item_start) if mention.start - item_start < 60 else start : mention.start]),
            "after": squeeze(self.plain[mention.end : mention.end + 40]),
            "unit": parsed.unit or "",
        }
        context["around"] = context["before"] + re.split(r"[,;。]", context["after"])[0]
        for kind, wanted in _kinds():
            if _fits(wanted, context):
                return kind
        return base


def _fits(wanted: dict[str, re.Pattern[str]], context: dict[str, str]) -> bool:
    for key, pattern in wanted.items():
        if key.startswith("except_"):
            if pattern.search(context[key.removeprefix("except_")]):
                return False
        elif not (pattern.fullmatch(context[key]) if key == "unit" else pattern.search(context[key])):
            return False
    return True


def _count(plain: str, text: str, mentions: Sequence[Mention], found: _Found, year: int | None) -> Count:
    mention = mentions[found.quantity]
    parsed = parse_quantity(mention.text)
    indices = sorted({found.quantity, *found.channels, *([found.item] if found.item is not None else [])})
    return Count(
        item=squeeze(mentions[found.item].text) if found.item is not None else None,
        channel="、".join(squeeze(mentions[index].text) for index in found.channels) or None,
        value=parsed.value,
        unit=parsed.unit,
        approximate=parsed.approximate,
        kind=found.kind,
        period=_period(plain, mention, found.sentence, year),
        mentions=indices,
        score=min(mentions[index].score for index in indices),
    )


def _period(plain: str, mention: Mention, sentence: int, year: int | None) -> int | None:
    """The report's year unless the sentence names another one before the quantity; None for a stock (`截至…`, `历年`)."""
    before = squeeze(plain[sentence : mention.start])
    if _pattern("last_year").search(before):
        return year - 1 if year is not None else None
    if _pattern("stock").search(before[-60:]):
        return None
    named = [int(one) for one in re.findall(r"(?<![〔\[(\d])(20\d\d)年(?!\d*月\d*日前)", before)]
    return named[-1] if named else year
