"""Edges of short labels as the annotation rules want them: no 数 after an item, marks in pairs, 近 and 约 with their number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from nlp.document import Span
from nlp.record import Mention
from nlp.settings import load_toml

_LONGEST = 3
_COMPOUND = 6
_BEFORE = 20
_SHORTEST_NAME = 3  # 区 alone before a group may be 我区; 某某镇 is a name


@cache
def _pattern(key: str) -> re.Pattern[str]:
    return re.compile(load_toml("narrative.toml")["tidy"][key])


def tidy(plain: str, text: str, mentions: Sequence[Mention], agency: str | None = None) -> list[Mention]:
    """The mentions with mended edges, without groups that are none; `plain` is the reading copy of `text`.

    `agency` is the reporting body's name, simplified: a group's name begins with it. Mentions are sorted and do not
    overlap, before and after.
    """
    mentions = _lists_parted(plain, text, [one for one in mentions if _is_one(plain, one)])
    mended: list[Mention] = []
    for number, mention in enumerate(mentions):
        low = mended[-1].end if mended else 0
        high = mentions[number + 1].start if number + 1 < len(mentions) else len(plain)
        start, end = _mended(plain, mention, Span(low, high))
        if mention.label == "GROUP":
            start = _without_own(plain, _with_agency(plain, start, low, agency or ""), end)
        mended.append(replace(mention, start=start, end=end, text=text[start:end]))
    return mended


def _is_one(plain: str, mention: Mention) -> bool:
    """Whether a group is worded as one, a quantity no part of an address and no norm (`每期800册`), an outlet more than `平台`."""
    words = plain[mention.start : mention.end].strip()
    if mention.label == "GROUP":
        return bool(_pattern("group_tail").search(words))
    if mention.label == "QUANTITY" and _pattern("quantity_norm").search(plain, max(0, mention.start - _COMPOUND), mention.start):
        return False
    none = {"QUANTITY": "quantity_none", "CHANNEL": "channel_none"}.get(mention.label)
    return none is None or not _pattern(none).match(words)


def _lists_parted(plain: str, text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """A TITLE that lists the posts of several people becomes one for each; two posts of one named person stay one."""
    people = {edge for one in mentions if one.label == "PERSON" for edge in (one.start, one.end)}
    parted: list[Mention] = []
    for one in mentions:
        marks = [m.span() for m in _pattern("titles").finditer(plain, one.start, one.end)] if one.label == "TITLE" else []
        bounds = [one.start, *(edge for mark in marks for edge in mark), one.end]
        parts = list(zip(bounds[::2], bounds[1::2], strict=True))
        many = any(_pattern("titles_of_many").search(plain[start:end]) for start, end in parts)
        if many and not people & {one.start, one.end} and all(end - start > 1 for start, end in parts):
            parted += [replace(one, start=start, end=end, text=text[start:end]) for start, end in parts]
        else:
            parted.append(one)
    return parted


def _without_own(plain: str, start: int, end: int) -> int:
    """Where a group's name begins after 我局, 本单位 and the like."""
    own = _pattern("group_own").search(plain, 0, start) or plain[start] in "我本"
    head = _pattern("group_head").match(plain[start:end]) if own else None
    return start + head.end() if head else start


def _mended(plain: str, mention: Mention, free: Span) -> Span:
    span = Span(mention.start, mention.end)
    while len(plain[slice(*span)].strip()) > 1 and _pattern("trailing").search(plain, *span):
        span = Span(span.start, span.end - 1)
    if mention.label == "QUANTITY":
        return _whole_number(plain, span, free)
    if mention.label == "ITEM":
        span = _whole_compound(plain, _bare_item(plain, _whole_words(plain, span, free)), free)
    if mention.label in ("TITLE", "CHANNEL") and (tail := _pattern("list_tail").search(plain, *span)):
        span = Span(span.start, tail.start())
    if mention.label == "CHANNEL" and _pattern("item_verb").match(plain, span.end - 1, span.end + 1):
        span = Span(span.start, span.end - 1)
    if mention.label == "CHANNEL" and (head := _pattern("channel_head").match(plain[slice(*span)])):
        span = Span(span.start + head.end(), span.end)
    return _paired(plain, span, free) if mention.label in ("ITEM", "CHANNEL", "TITLE") else span


def _with_agency(plain: str, start: int, low: int, agency: str) -> int:
    """Where a group's name begins: with the part of the agency's name that stands right before it, or that the tag cut."""
    first = start
    for begin in range(start - 1, max(low, start - len(agency)) - 1, -1):
        cut = plain[begin : start + 1] in agency
        if plain[begin:start] not in agency:
            break
        if cut or start - begin >= _SHORTEST_NAME:
            first = begin
    return first


def _whole_words(plain: str, span: Span, free: Span) -> Span:
    """Without the second half of a verb before it, with the 数 without which no word remains (`关注人数`)."""
    start, end = span
    if end - start > 2 and _pattern("item_verb").fullmatch(plain, max(0, start - 1), start + 1):
        start += 1
    if end < free.end and plain[end] in "数數" and _pattern("item_whole").search(plain, start, end):
        end += 1
    return Span(start, end)


def _bare_item(plain: str, span: Span) -> Span:
    head = _pattern("item_head").match(plain[slice(*span)])
    start = span.start + head.end() if head else span.start
    mode = _pattern("item_mode").match(plain[start : span.end])
    if mode and not _pattern("item_requested").search(plain[max(0, start - _BEFORE) : start]):
        start += mode.end()
    tail = _pattern("item_tail").search(plain, start, span.end)
    return Span(start, tail.start() if tail and tail.start() - start > 1 else span.end)


def _whole_compound(plain: str, span: Span, free: Span) -> Span:
    """With 政府信息公开 right before a request, review or lawsuit, which is one word with it."""
    if not _pattern("item_compounded").match(plain, *span):
        return span
    before = _pattern("item_compound").search(plain, max(free.start, span.start - _COMPOUND), span.start)
    return Span(before.start() if before else span.start, span.end)


def _whole_number(plain: str, span: Span, free: Span) -> Span:
    """With the approximation that touches it, and 次 of 人次 and the like."""
    before = _pattern("quantity_head").search(plain, max(free.start, span.start - _LONGEST), span.start)
    after = _pattern("quantity_tail").match(plain, span.end, free.end)
    return Span(before.start() if before else span.start, after.end() if after else span.end)


def _opening(plain: str, start: int, end: int, mark: str) -> int:
    """Where the quotation opens that a span closes without having opened it; -1 where it does not. Both halves look alike."""
    closing = plain.find(mark, start, end - 1)
    opening = plain.rfind(mark, max(0, start - _BEFORE), start)
    line = plain.rfind("\n", 0, start) + 1
    if min(closing, opening) < 0 or plain.count(mark, start, end) != 1 or plain.count(mark, line, closing) % 2 == 0:
        return -1
    return -1 if set(plain[opening:start]) & set(",;。\n") else opening


def _paired(plain: str, span: Span, free: Span) -> Span:
    """With the quotation mark or bracket next to it whose other half is inside."""
    start, end = span
    for left, right in load_toml("narrative.toml")["tidy"]["pairs"]:
        inside = plain[start:end]
        lonely = inside.count(left) % 2 == 1 if left == right else inside.count(left) != inside.count(right)
        if not lonely:
            continue
        if left == right and (opening := _opening(plain, start, end, left)) >= free.start:
            start = opening
            continue
        if end < free.end and plain[end] == right and (left == right or inside.count(left) > inside.count(right)):
            end += 1
        elif start > free.start and plain[start - 1] == left and (left == right or inside.count(right) > inside.count(left)):
            start -= 1
        elif left != right and inside.endswith(right) and left not in inside and end - start > 1:
            end -= 1
    return Span(start, end)
