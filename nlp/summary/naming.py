"""What a key point is called: an id that stays from run to run, and the words of one of its members."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from nlp.summary.model import Summary

Key = tuple[str, int]
"""A problem in a store: the record's id and the problem's number there."""
_SHORTEST_NAME = 6


def ids_of(summary: Summary) -> dict[Key, str]:
    """The id of the key point of every problem that has one."""
    return {(summary.reports[member.report].id, member.n): point.id for point in summary.key_points for member in point.members}


def stable_ids(members: Sequence[Sequence[Key]], origins: Sequence[str], earlier: Mapping[Key, str]) -> list[str]:
    """An id for each key point, given its members and its origin: the key of its anchor, or the digest of a statement.

    `earlier`: the ids that problems had before (`ids_of`).

    A key point keeps the id of the earlier one with which it shares most members, at least half of the smaller one's that
    are still in the store; otherwise its id is made of its origin.
    """
    found = dict(_kept(members, earlier))
    taken = set(earlier.values())
    for place, origin in enumerate(origins):
        if place not in found:
            found[place] = _free(f"kp-{origin}", taken)
            taken.add(found[place])
    return [found[place] for place in range(len(members))]


def choose_name(texts: Sequence[str], similarities: Sequence[float], weights: Sequence[int], slack: float) -> int:
    """Which of some distinct statements names their key point: the shortest of those that are about as central as any.

    Of equally short ones that which most reports state, then the first. Very short statements name only where all are.
    """
    least = max(similarities) - slack
    central = [place for place in range(len(texts)) if similarities[place] >= least]
    long_enough = [place for place in central if len(texts[place]) >= _SHORTEST_NAME]
    return min(long_enough or central, key=lambda place: (len(texts[place]), -weights[place], place))


def _kept(members: Sequence[Sequence[Key]], before: Mapping[Key, str]) -> list[tuple[int, str]]:
    now = {key for keys in members for key in keys}
    sizes = Counter(identity for key, identity in before.items() if key in now)
    shared = Counter((place, before[key]) for place, keys in enumerate(members) for key in keys if key in before)
    kept: dict[int, str] = {}
    for (place, identity), n in sorted(shared.items(), key=lambda item: (-item[1], item[0])):
        enough = 2 * n >= min(len(members[place]), sizes[identity])
        if enough and place not in kept and identity not in kept.values():
            kept[place] = identity
    return list(kept.items())


def _free(identity: str, taken: set[str]) -> str:
    """The id itself, or with a number where an earlier key point has it."""
    number = 2
    free = identity
    while free in taken:
        free, number = f"{identity}-{number}", number + 1
    return free
