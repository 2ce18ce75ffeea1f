"""The rules-only labeller: patterns, word lists (`rules.toml`) and the document's own items; it learns nothing.

A fair baseline for all labels: it uses what the project's rules know already (enumerators and items, wording of shortcomings, section
kinds), and words that someone would list who has read the annotation guidelines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from nlp.narrative.clauses import reading_copy, sentences
from nlp.narrative.edges import lead_label, shortcoming, without_open_end
from nlp.narrative.items import Item, find_items
from nlp.narrative.labels import TagSpan
from nlp.narrative.windows import Passage
from nlp.record import Mention
from nlp.settings import read_toml
from training.peers.peer import Budget, Opened, Peer
from training.peers.reading import mentions_of

_FURTHEST = 60  # characters between an outlet and the count that depends on it
_AROUND_FOUNDING = 30


@cache
def _words() -> dict[str, Any]:
    return read_toml(Path(__file__).with_name("rules.toml"))


@cache
def _pattern(table: str, key: str) -> re.Pattern[str]:
    return re.compile(_words()[table][key])


@cache
def _quantity() -> re.Pattern[str]:
    words = _words()["quantity"]
    return re.compile(rf"(?<![\d.]){words['before']}{words['number']}(?:{words['unit']}{words['after']})")


@cache
def _item() -> re.Pattern[str]:
    words = _words()["item"]
    return re.compile(rf"(?:{_any(words['modifiers'])})*(?:{_any(words['heads'])})")


@cache
def _channel() -> re.Pattern[str]:
    words = _words()["channel"]
    return re.compile(rf"{words['owners']}{words['quoted']}(?:{_any(words['outlets'])})")


def _any(words: Sequence[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


def label(text: str, passages: Sequence[Passage]) -> list[Mention]:
    """Mentions of all labels in a folded text."""
    plain = reading_copy(text)
    spans: list[TagSpan] = []
    for passage in passages:
        statements = list(_statements(plain, passage))
        found = [*statements, *_groups(plain, passage)]
        for sentence in sentences(plain, passage.start, passage.end):
            found += _counts(plain, *sentence)
        spans += _apart(found)
    return mentions_of(text, spans)


def _apart(spans: Sequence[TagSpan]) -> list[TagSpan]:
    """Spans that do not overlap; of two that do the one named first stays."""
    kept: list[TagSpan] = []
    for one in spans:
        if all(one[2] <= other[1] or other[2] <= one[1] for other in kept):
            kept.append(one)
    return kept


def _statements(plain: str, passage: Passage) -> Iterator[TagSpan]:
    """Items of the section on problems: a list is what its lead-in announces, else what its wording says."""
    if passage.section != "problems":
        return
    announced: dict[int, str | None] = {}
    for item in find_items(plain, passage.start, passage.end):
        if item.group not in announced:
            announced[item.group] = lead_label(plain, item.mark, passage.start)
        name = _statement(plain, item, announced[item.group])
        if name:
            yield name, item.start, without_open_end(plain, item.end)


def _statement(plain: str, item: Item, announced: str | None) -> str | None:
    if item.enumerated and announced:
        return announced
    if shortcoming(plain, item.start, item.end):
        return "PROBLEM"
    return "REMEDY" if item.enumerated or plain[item.start : item.end].startswith(("将", "进一步", "加强", "加大", "继续")) else None


def _groups(plain: str, passage: Passage) -> Iterator[TagSpan]:
    """Leadership groups, and near them roles, people, posts, the office and the date."""
    body = _words()["group"]["body"]
    named = re.compile(rf"(?:{_words()['group']['name']})?{body}")
    for match in named.finditer(plain, passage.start, passage.end):
        name = match.group()
        start = match.start() + (lead.end() if (lead := _pattern("group", "not_name").match(name)) else 0)
        end = match.end()
        about = _pattern("group", "about").search(name) or name == "领导小组"
        if not about or plain[end : end + 3] == "办公室":
            continue
        yield "GROUP", start, end
        near = plain[max(passage.start, start - _AROUND_FOUNDING) : start]
        date = _pattern("group", "date").search(near)
        if date and _pattern("group", "founding").search(near):
            yield "DATE", start - len(near) + date.start(), start - len(near) + date.end()
        yield from _people(plain, end, min(passage.end, end + _words()["group"]["reach"]))


def _people(plain: str, start: int, end: int) -> Iterator[TagSpan]:
    """Roles behind the name of a group, and who fills them: a name stands beside a post or a role."""
    roles = list(_pattern("group", "role").finditer(plain, start, end))
    yield from (("ROLE", *one.span()) for one in roles)
    for office in _pattern("group", "office").finditer(plain, start, end):
        yield "OFFICE", *office.span("office")
    if not roles:
        return
    titles = list(_pattern("group", "title").finditer(plain, start, end))
    yield from (("TITLE", *one.span()) for one in titles)
    beside = {at for one in (*roles, *titles) for at in one.span()}
    for person in _pattern("group", "person").finditer(plain, start, end):
        touching = {person.start(), person.start() - 1, person.end(), person.end() + 1}
        if beside & touching:
            yield "PERSON", *person.span()


def _counts(plain: str, start: int, end: int) -> Iterator[TagSpan]:
    """Quantities of a sentence, what each counts, and the outlets before them."""
    quantities = [one for one in _quantity().finditer(plain, start, end) if _counts_something(plain, one)]
    items: list[tuple[int, int]] = []
    for one in quantities:
        yield "QUANTITY", *one.span()
        items += _counted(plain, one, start, end)
    yield from (("ITEM", *one) for one in items)
    for outlet in _channel().finditer(plain, start, end):
        if any(0 < one.start() - outlet.end() < _FURTHEST for one in quantities):
            yield "CHANNEL", *outlet.span()


def _counts_something(plain: str, quantity: re.Match[str]) -> bool:
    before, after = plain[max(0, quantity.start() - 32) : quantity.start()], plain[quantity.end() : quantity.end() + 6]
    refused = _pattern("quantity", "not_before").search(before) or _pattern("quantity", "not_after").match(after)
    return not refused and not _pattern("quantity", "not_whole").fullmatch(quantity.group())


def _counted(plain: str, quantity: re.Match[str], start: int, end: int) -> list[tuple[int, int]]:
    """The thing right before a quantity, with words such as 共 between, else the one right after it."""
    before = list(_item().finditer(plain, max(start, quantity.start() - 32), quantity.start()))
    if before and re.fullmatch(_words()["item"]["bridge"], plain[before[-1].end() : quantity.start()]):
        return [before[-1].span()]
    after = _item().match(plain, quantity.end(), end)
    return [after.span()] if after else []


def _open(_: Budget) -> Opened:
    return Opened(label)


RULES = Peer("rules only", "patterns, word lists, the document's items; learns nothing", _open)
