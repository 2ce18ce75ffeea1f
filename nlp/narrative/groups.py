"""Leadership groups: which mentions speak of one body, who fills which role, where its office sits, when it was set up."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from nlp.narrative.clauses import squeeze
from nlp.narrative.dates import iso_date
from nlp.record import LeadershipGroup, Mention, Person
from nlp.settings import load_toml

_ROLES = ("leaders", "deputies", "members")
_REACH = 600  # a role further than this from the last mention of a group is not tied to it
_RUN = 200  # names and titles of one role that are read
_PEOPLE = ("PERSON", "TITLE")


@cache
def _pattern(key: str) -> re.Pattern[str]:
    return re.compile(load_toml("narrative.toml")["groups"][key])


def role_kind(role: str) -> str | None:
    """`leaders`, `deputies` or `members`; None for a role outside the group proper, such as the head of its office."""
    words = load_toml("narrative.toml")["groups"]
    plain = squeeze(role)
    return next((kind for kind in _ROLES if any(re.fullmatch(word, plain) for word in words[kind])), None)


@dataclass(slots=True)
class _Body:
    """One body: the indices of its mentions, who fills its roles."""

    names: list[int]
    others: list[int] = field(default_factory=list)
    people: dict[str, list[Person]] = field(default_factory=lambda: {kind: [] for kind in _ROLES})


def find_groups(plain: str, text: str, mentions: Sequence[Mention], year: int | None) -> list[LeadershipGroup]:
    """Groups in the order of their first mention; `mentions` of a group index the sequence given.

    `plain` is `text` in simplified script and half-width punctuation, same length; names are as printed in `text`, without blanks.
    """
    bodies = _bodies(plain, mentions)
    places = sorted(((at, number) for number, body in enumerate(bodies) for at in body.names))
    for index, mention in enumerate(mentions):
        if mention.label not in ("ROLE", "OFFICE", "DATE", *_PEOPLE):
            continue
        after = bisect_left(places, (index, 0))
        body = _body_of(plain, mentions, index, [(at, bodies[number]) for at, number in places[max(0, after - 1) : after + 1]])
        if body:
            body.others.append(index)
    for body in bodies:
        _fill_roles(plain, mentions, body)
    return [_group(plain, text, mentions, body, year) for body in bodies]


def _core(name: str) -> str:
    return re.sub(r"[本该我]|工作(?=领导|协调|小组)", "", squeeze(name))


def _bodies(plain: str, mentions: Sequence[Mention]) -> list[_Body]:
    """A name that ends another name speaks of the same body; a bare one joins the nearest before it, else the next."""
    found: list[tuple[str, _Body]] = []
    waiting: list[tuple[str, int]] = []
    for index, mention in enumerate(mentions):
        if mention.label != "GROUP":
            continue
        core = _core(plain[mention.start : mention.end])
        place = next((n for n in reversed(range(len(found))) if _same(found[n][0], core)), None)
        if place is None:
            early = [at for name, at in waiting if core.endswith(name) and len(core) > len(name)]
            if early:
                place = next(n for n, (_, body) in enumerate(found) if body.names[0] == early[0])
        if place is None:
            found.append((core, _Body([index])))
            waiting.append((core, index))
            continue
        name, body = found[place]
        body.names.append(index)
        found[place] = (max(name, core, key=len), body)
    return [body for _, body in found]


def _same(name: str, other: str) -> bool:
    return name.endswith(other)


def _body_of(plain: str, mentions: Sequence[Mention], index: int, places: Sequence[tuple[int, _Body]]) -> _Body | None:
    """The body that a role, person, office or date is tied to: the last named in its sentence or before, or the one it leads up to.

    `places`: the mentions of bodies next before and after it.
    """
    before = next((one for one in places if one[0] < index), None)
    after = next((one for one in places if one[0] > index), None)
    mention = mentions[index]
    if after is not None:
        gap = plain[mention.end : mentions[after[0]].start]
        before_end = mentions[before[0]].end if before else 0
        own_sentence = not re.search(r"[。!?]", gap)
        no_rival = before is None or bool(re.search(r"[。!?]", plain[before_end : mention.start]))
        leads_up = mention.label == "DATE" or _leads_up(plain, mentions, index, after[0])
        if own_sentence and no_rival and leads_up:
            return after[1]
    if before is not None and mention.start - mentions[before[0]].end <= _REACH:
        return before[1]
    return after[1] if after is not None and mentions[after[0]].start - mention.end <= _REACH // 4 else None


def _leads_up(plain: str, mentions: Sequence[Mention], index: int, group: int) -> bool:
    """Whether the text between runs from who fills roles to the group they make up (`…任组长的X领导小组`, `…组成X领导小组`)."""
    last = mentions[group - 1].end
    joint = plain[last : mentions[group].start]
    return bool(re.search(r"(?:的|组成|成立|组成的|任)[^,。;]{0,12}$|^$", joint))


def _fill_roles(plain: str, mentions: Sequence[Mention], body: _Body) -> None:
    """People of each role: those before it when it closes a phrase (`张三任组长`), else those after it (`组长由张三担任`)."""
    order = sorted(body.others + body.names)
    roles = [place for place, index in enumerate(order) if mentions[index].label == "ROLE"]
    backward = {place for place in roles if _is_filled_before(plain, mentions, order, place)}
    filled: dict[int, list[int]] = {}
    taken: set[int] = set()
    for place in sorted(roles, key=lambda one: one not in backward):
        find = _before if place in backward else _after
        filled[place] = find(plain, mentions, order, place, taken)
        taken.update(filled[place])
    for place in roles:
        kind = role_kind(plain[mentions[order[place]].start : mentions[order[place]].end])
        if kind:
            people = _persons(plain, [mentions[index] for index in filled[place]])
            people = people if kind == "members" else _join_posts(people)
            body.people[kind] += [one for one in people if one not in body.people[kind]]


def _is_filled_before(plain: str, mentions: Sequence[Mention], order: Sequence[int], place: int) -> bool:
    previous = place - 1
    start = mentions[order[place]].start
    while previous >= 0 and mentions[order[previous]].label == "GROUP" and start - mentions[order[previous]].end <= 3:
        start = mentions[order[previous]].start
        previous -= 1
    begin = mentions[order[previous]].end if previous >= 0 else max(0, start - 12)
    gap = squeeze(plain[begin:start])
    return previous >= 0 and mentions[order[previous]].label in (*_PEOPLE, "ROLE") and bool(_pattern("filled_before").search(gap))


def _before(plain: str, mentions: Sequence[Mention], order: Sequence[int], place: int, taken: set[int]) -> list[int]:
    """Who stands before a role that closes a phrase, back to the role before it or the start of the sentence."""
    members: list[int] = []
    right = mentions[order[place]].start
    for index in reversed(order[max(0, place - _RUN) : place]):
        mention = mentions[index]
        if mention.label == "GROUP" and not members:
            right = mention.start
            continue
        gap = plain[mention.end : right]
        if mention.label not in _PEOPLE or index in taken or (re.search(r"[。!?;]|担任|兼任", gap) and members) or "。" in gap:
            break
        members.append(index)
        right = mention.start
    return members[::-1]


def _after(plain: str, mentions: Sequence[Mention], order: Sequence[int], place: int, taken: set[int]) -> list[int]:
    """Who stands after a role that opens a phrase, on to the next role or the end of the list."""
    members: list[int] = []
    left = mentions[order[place]].end
    for index in order[place + 1 : place + _RUN]:
        mention = mentions[index]
        if mention.label not in _PEOPLE or index in taken or _pattern("list_end").search(plain[left : mention.start]):
            break
        members.append(index)
        left = mention.end
    gloss = members and plain[mentions[order[place]].end : mentions[members[0]].start].strip() == "("
    if gloss and len(members) > 1 and plain[mentions[members[0]].end :][:2] in (")由", "):", ")为"):
        return members[1:]
    return members


def _persons(plain: str, run: Sequence[Mention]) -> list[Person]:
    """Names and titles of one run, paired where they touch; a title that heads or closes a list of names is shared by them."""
    people: list[Person] = []
    place = 0
    while place < len(run):
        one = run[place]
        following = run[place + 1] if place + 1 < len(run) else None
        bound = following is not None and following.label != one.label and _touch(plain, one, following)
        if bound and following is not None and one.label == "PERSON":
            rival = run[place + 2] if place + 2 < len(run) else None
            if rival and rival.label == "PERSON" and _touch(plain, following, rival) and not _in_brackets(plain, following):
                bound = False
        touching = [one, following] if bound and following is not None else [one]
        people.append(Person(_text(touching, "PERSON"), _text(touching, "TITLE")))
        place += len(touching)
    return _share_titles(plain, run, people)


def _touch(plain: str, left: Mention, right: Mention) -> bool:
    return bool(_pattern("bond").fullmatch(plain[left.end : right.start]))


def _in_brackets(plain: str, mention: Mention) -> bool:
    return plain[mention.start - 1] == "("


def _text(mentions: Sequence[Mention], label: str) -> str | None:
    return next((squeeze(one.text) for one in mentions if one.label == label), None)


def _share_titles(plain: str, run: Sequence[Mention], people: list[Person]) -> list[Person]:
    """`副局长张三、李四` gives both the title; so does `张三、李四两位副局长`."""
    shared: list[Person] = []
    after = run[-1] if run and run[-1].label == "TITLE" else None
    counted = after is not None and len(run) > 1 and _pattern("shared_title_after").search(squeeze(plain[run[-2].end : after.start]))
    if counted and after is not None:
        title = squeeze(after.text)
        return [Person(one.name, one.title or title) for one in people if one.name]
    heads = run and run[0].label == "TITLE"
    title_before: str | None = None
    for one in people:
        if one.title is not None:
            title_before = one.title if one.name else None
        shared.append(Person(one.name, one.title or (title_before if heads else None)))
    return shared


def _join_posts(people: Sequence[Person]) -> list[Person]:
    """`党委书记`, `局长`张三 → both are posts of 张三: a post without a name right before a named one, where people are named."""
    joined: list[Person] = []
    post: str | None = None
    for one in people:
        if one.name is None and any(other.name for other in people):
            post = f"{post}、{one.title}" if post else one.title
            continue
        joined.append(Person(one.name, f"{post}、{one.title}" if post and one.title else one.title or post))
        post = None
    return joined + ([Person(None, post)] if post else [])


def _group(plain: str, text: str, mentions: Sequence[Mention], body: _Body, year: int | None) -> LeadershipGroup:
    indices = sorted(body.names + body.others)
    names = [squeeze(text[mentions[index].start : mentions[index].end]) for index in body.names]
    return LeadershipGroup(
        name=max(names, key=len),
        established=_established(plain, mentions, body, year),
        leaders=body.people["leaders"],
        deputies=body.people["deputies"],
        members=body.people["members"],
        office=_office(plain, mentions, body),
        mentions=indices,
        score=min(mentions[index].score for index in indices),
    )


def _office(plain: str, mentions: Sequence[Mention], body: _Body) -> str | None:
    """Where the office is said to sit, else the first unit named."""
    offices = [mentions[index] for index in body.others if mentions[index].label == "OFFICE"]
    sits = [one for one in offices if _pattern("office_place").search(plain[max(0, one.start - 8) : one.start])]
    return squeeze((sits or offices)[0].text) if offices else None


def _established(plain: str, mentions: Sequence[Mention], body: _Body, year: int | None) -> str | None:
    dates = [mentions[index] for index in body.others if mentions[index].label == "DATE"]
    found = (iso_date(plain[one.start : one.end], year) for one in dates)
    return next((date for date in found if date), None)
