"""The facts of a narrative after its mentions have changed.

Groups and counts are found anew by `nlp.narrative`, as the pipeline does; those whose mentions did not change stay as they
are, with what people corrected in them. A problem or remedy keeps categories, state and links as long as its span shares
characters with one that was there; a new one has none (its state is told by its wording), because these come from the
labeller, which is not asked again. Edges stay where the person has set them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TypeVar

from nlp.document import Span
from nlp.narrative.clauses import reading_copy
from nlp.narrative.counts import find_counts
from nlp.narrative.groups import find_groups
from nlp.narrative.remedies import statuses
from nlp.narrative.snap import Statement
from nlp.record import Count, LeadershipGroup, Mention, Narrative, Problem, Record, Remedy

_Fact = TypeVar("_Fact", Count, LeadershipGroup)
_Stated = TypeVar("_Stated", Problem, Remedy)
Place = tuple[str, int, int]
_copy = lru_cache(maxsize=4)(reading_copy)


def rebuilt(record: Record, mentions: Sequence[Mention]) -> Record:
    """The record with these mentions, sorted and without overlaps, and the facts that follow from them."""
    facts, plain = record.narrative, _copy(record.text)
    problems, remedies = _statements(record, plain, mentions)

    def counts(some: Sequence[Mention]) -> list[Count]:
        return find_counts(plain, record.text, some, record.year)

    def groups(some: Sequence[Mention]) -> list[LeadershipGroup]:
        return find_groups(plain, record.text, some, record.year)

    found = Narrative(
        list(mentions), _follow(facts.mentions, mentions, facts.leadership_groups, groups),
        _follow(facts.mentions, mentions, facts.counts, counts), problems, remedies,
    )  # fmt: skip
    return replace(record, narrative=found)


def _follow(
    old: Sequence[Mention], new: Sequence[Mention], facts: Sequence[_Fact], find: Callable[[Sequence[Mention]], list[_Fact]]
) -> list[_Fact]:
    """Facts after the mentions: found anew, except where they stand on the same mentions and a person has changed them."""
    before, after = _by_place(old, find(old)), _by_place(new, find(new))
    stand = _by_place(old, facts)
    numbers = {_place(one): number for number, one in enumerate(new)}
    kept: list[_Fact] = []
    for key, fact in after.items():
        if key not in before or stand.get(key) == before[key]:
            kept.append(fact)
        elif key in stand:
            kept.append(_numbered(stand[key], key, numbers))
    own = [key for key in stand if key not in before and key not in after]  # what a person made of other mentions
    return kept + [_numbered(stand[key], key, numbers) for key in own]


def _by_place(mentions: Sequence[Mention], facts: Sequence[_Fact]) -> dict[tuple[Place, ...], _Fact]:
    """Facts by the places of their mentions, so that they can be compared when the mentions' numbers differ."""
    found = {}
    for fact in facts:
        found[tuple(_place(mentions[number]) for number in fact.mentions)] = fact
    return found


def _place(mention: Mention) -> Place:
    return mention.label, mention.start, mention.end


def _numbered(fact: _Fact, key: Sequence[Place], numbers: Mapping[Place, int]) -> _Fact:
    return replace(fact, mentions=[numbers[place] for place in key if place in numbers])


def _statements(record: Record, plain: str, mentions: Sequence[Mention]) -> tuple[list[Problem], list[Remedy]]:
    facts = record.narrative
    stated = [[one for one in mentions if one.label == label] for label in ("PROBLEM", "REMEDY")]
    sources = [_nearest(one, facts.problems) for one in stated[0]], [_nearest(one, facts.remedies) for one in stated[1]]
    problems = []
    for one, source in zip(stated[0], sources[0], strict=True):
        same = None if source is None else facts.problems[source]
        answers = [] if same is None else [number for number, of in enumerate(sources[1]) if of is not None and of in same.remedies]
        kept = same if same is not None and same.span == (one.start, one.end) else None
        codes = _codes(one, same, facts.remedies)
        problems.append(Problem(one.text, Span(one.start, one.end), codes, answers, kept.score if kept else one.score))
    told = statuses(plain, [Statement(one.label, one.start, one.end, 1.0, n, False) for n, one in enumerate(stated[1])], record.year)
    remedies = []
    for one, source, worded in zip(stated[1], sources[1], told, strict=True):
        same_remedy = None if source is None else facts.remedies[source]
        if same_remedy is not None and same_remedy.span == (one.start, one.end):
            remedies.append(same_remedy)
            continue
        state = worded if same_remedy is None else same_remedy.status
        remedies.append(Remedy(one.text, Span(one.start, one.end), _codes(one, same_remedy, facts.problems), state, one.score))
    return problems, remedies


def _codes(one: Mention, same: Problem | Remedy | None, others: Sequence[_Stated]) -> list[str]:
    """The categories of what stood there, whether it was a problem or a remedy."""
    if same is not None:
        return list(same.categories)
    other = _nearest(one, others)
    return [] if other is None else list(others[other].categories)


def _nearest(one: Mention, facts: Sequence[_Stated]) -> int | None:
    """The number of the statement that shares most characters with a mention; None when none does."""
    shared = [(min(one.end, fact.span.end) - max(one.start, fact.span.start), -number) for number, fact in enumerate(facts)]
    most, number = max(shared, default=(0, 0))
    return -number if most > 0 else None
