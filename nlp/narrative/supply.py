"""Short labels that the annotation rules settle by wording alone, where the labeller is silent or says otherwise.

A noun right behind its classifier (`12个类别`), a counted title in 《》, the outlets of a list, reviews and lawsuits right
before their number, whole members of a list, inspections of disclosure work (`组织4次网站检查`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

from nlp.document import Span
from nlp.narrative.clauses import trim
from nlp.narrative.quantities import parse_quantity
from nlp.narrative.windows import Passage
from nlp.record import Mention
from nlp.settings import load_toml

_BEFORE = 50
_TITLE = 45
_SENTENCE = 80
_OUTLET = 24
_MEMBER = 14


@cache
def _pattern(key: str) -> re.Pattern[str]:
    return re.compile(load_toml("narrative.toml")["supply"][key])


def supply(plain: str, text: str, mentions: Sequence[Mention], passages: Sequence[Passage]) -> list[Mention]:
    """The mentions with those that the wording settles; `plain` is the reading copy of `text`. Sorted, without overlaps."""
    found = _added(text, mentions, (one for passage in passages for one in _inspections(plain, passage)))
    found = _titled(plain, text, found)
    found = _added(text, found, (("CHANNEL", span) for span in _outlets(plain, found)))
    found = _added(text, found, (("ITEM", span) for span in _behind_classifiers(plain, found)))
    found = _added(text, found, (("ITEM", span) for span in _before(plain, found)))
    return _added(text, found, (("ITEM", span) for span in _listed(plain, found)))


def _added(text: str, mentions: Sequence[Mention], spans: Iterator[tuple[str, Span]]) -> list[Mention]:
    """With spans that touch no statement and no label but one that they hold, whose place they take."""
    kept = list(mentions)
    score = load_toml("narrative.toml")["supply"]["score"]
    for label, (start, end) in spans:
        met = [one for one in kept if one.start < end and one.end > start]
        if all(one.label == label and start <= one.start and one.end <= end for one in met):
            sure = max((one.score for one in met), default=score)
            kept = [one for one in kept if one not in met] + [Mention(label, start, end, text[start:end], sure)]
    return sorted(kept, key=lambda one: one.start)


def _inspections(plain: str, passage: Passage) -> Iterator[tuple[str, Span]]:
    for match in _pattern("inspection").finditer(plain, passage.start, passage.end):
        yield "QUANTITY", Span(*match.span("quantity"))
        yield "ITEM", Span(*match.span("item"))


def _titled(plain: str, text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """Titles in 《》 that are counted: CHANNEL when they carry counted items or are broadcast, else ITEM."""
    found = list(mentions)
    for quantity in [one for one in mentions if one.label == "QUANTITY" and _pattern("title_unit").search(one.text)]:
        low = max(0, quantity.start - _BEFORE)
        before = _pattern("title_before").search(plain, low, quantity.start)
        after = _pattern("title_after").match(plain, quantity.end, quantity.end + _TITLE)
        if after:
            found = _added(text, found, iter([("ITEM", Span(*after.span("title")))]))
        elif before and not _is_outlet(plain, quantity, before.start("title")):
            title = Span(*before.span("title"))
            as_item = [replace(one, label="ITEM") if (one.start, one.end) == title else one for one in found]
            found = _added(text, as_item, iter([("ITEM", title)]))
    return found


def _is_outlet(plain: str, quantity: Mention, title: int) -> bool:
    """Whether a counted title is broadcast, or goes on to say what it carried."""
    return bool(
        _pattern("broadcast").search(plain, max(0, title - 8), quantity.start)
        or _pattern("carries").match(plain, quantity.end, quantity.end + _SENTENCE)
    )


def _outlets(plain: str, mentions: Sequence[Mention]) -> Iterator[Span]:
    """Each member of a list of outlets (`通过网站、微信、公开栏等渠道`) of which the labeller has found some."""
    known = {(one.start, one.end) for one in mentions if one.label == "CHANNEL"}
    for match in _pattern("outlets").finditer(plain):
        members = [trim(plain, *one.span()) for one in _pattern("outlet").finditer(plain, *match.span("list"))]
        if known & set(members):
            yield from (member for member in members if member.end - member.start <= _OUTLET)


def _behind_classifiers(plain: str, mentions: Sequence[Mention]) -> Iterator[Span]:
    for number, quantity in enumerate(mentions):
        if quantity.label != "QUANTITY" or not _pattern("classifier").search(plain, quantity.start, quantity.end):
            continue
        noun = _pattern("noun").match(plain, quantity.end)
        following = mentions[number + 1].start if number + 1 < len(mentions) else len(plain)
        if noun and noun.end() <= following:
            yield Span(*noun.span("noun"))


def _before(plain: str, mentions: Sequence[Mention]) -> Iterator[Span]:
    """Reviews and lawsuits, and outlets that are themselves counted (`政务新媒体共计9个`), right before their quantity."""
    for quantity in mentions:
        if quantity.label == "QUANTITY":
            for noun, unit in (("dispute", "dispute_unit"), ("counted_outlet", "outlet_unit")):
                found = _pattern(noun).search(plain, max(0, quantity.start - _BEFORE), quantity.start)
                if found and _pattern(unit).search(plain, quantity.start, quantity.end):
                    yield Span(*found.span("noun"))


def _listed(plain: str, mentions: Sequence[Mention]) -> Iterator[Span]:
    """All that stands before the quantity of a list's member (`甲类3条、乙类5条、丙类4条`), where the one before it and the next
    one, or two before it, are such items with the same unit."""
    quantities = [one for one in mentions if one.label == "QUANTITY"]
    items = {Span(one.start, one.end) for one in mentions if one.label == "ITEM"}
    members = [_member(plain, one) for one in quantities]
    units = [parse_quantity(one.text).unit for one in quantities]
    joined = [
        unit == next_unit and plain[left.end : right.start] in ("、", ",")
        for left, right, unit, next_unit in zip(quantities, members[1:], units, units[1:], strict=False)
    ]
    for place in range(1, len(members)):
        near = [other for other in (place - 2, place - 1, place + 1) if 0 <= other < len(members) and members[other] in items]
        linked = [other for other in near if all(joined[min(other, place) : max(other, place)])]
        fits = 1 < members[place].end - members[place].start <= _MEMBER
        if fits and place - 1 in linked and len(linked) > 1 and not _pattern("no_member").search(plain, *members[place]):
            items.add(members[place])
            yield members[place]


def _member(plain: str, quantity: Mention) -> Span:
    """From the mark before a quantity, or 其中 after it, up to the quantity."""
    start = max(plain.rfind(mark, max(0, quantity.start - _BEFORE), quantity.start) for mark in ",;、。:") + 1
    lead = _pattern("member_lead").match(plain, start, quantity.start)
    return Span(lead.end() if lead else start, quantity.start)
