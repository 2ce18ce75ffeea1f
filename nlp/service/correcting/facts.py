"""Facts by dotted path: any value, as long as the record stays one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import msgspec

from nlp.errors import RecordError
from nlp.record import Narrative, Record, from_json
from nlp.service.correcting.change import FactTarget, UnfitError
from nlp.settings import load_toml

_LISTS = ("leadership_groups", "counts", "problems", "remedies")
_ALLOWED = re.compile(
    r"title|year|published|agency(\.(name|level|region(\.(province|city|county|adcode))?))?"
    r"|narrative\.(leadership_groups|counts)(\.\d+(\..+)?)?"
    r"|narrative\.problems\.\d+\.(categories|remedies)(\.\d+)?|narrative\.remedies\.\d+\.(categories(\.\d+)?|status)"
)
_ELEMENT = re.compile(rf"narrative\.({'|'.join(_LISTS)})\.(\d+)(.*)")
_ANSWERS = "title, year, published, agency…, narrative.leadership_groups…, narrative.counts…, narrative.problems.N.categories and " \
    ".remedies, narrative.remedies.N.categories and .status"  # fmt: skip


def target_of(record: Record, path: str) -> FactTarget:
    """The path as a target. Raises UnfitError when nothing is there, or it is no fact."""
    if not _ALLOWED.fullmatch(path):
        raise UnfitError(f"{path[:100]!r} is no fact that can be corrected; those are {_ANSWERS}; cells and spans have their own kinds")
    value_at(record, path)
    element = _ELEMENT.fullmatch(path)
    return FactTarget(path, _places(record.narrative, element[1], int(element[2])) if element else None)


def value_at(record: Record, path: str) -> Any:
    """The value at a path, as JSON has it. Raises UnfitError when nothing is there."""
    value: Any = msgspec.to_builtins(record)
    keys = path.split(".")
    for depth, key in enumerate(keys):
        value = _step(value, key, ".".join(keys[:depth]))
    return value


def with_fact(record: Record, target: FactTarget, new: Any) -> Record:
    """The record with another value. Raises UnfitError when the fact is gone, or the result is no sound record."""
    path = found_again(record, target)
    whole: Any = msgspec.to_builtins(record)
    *before, last = path.split(".")
    holder = whole
    for depth, key in enumerate(before):
        holder = _step(holder, key, ".".join(before[:depth]))
    _step(holder, last, ".".join(before))
    holder[int(last) if isinstance(holder, list) else last] = new
    try:
        changed = from_json(msgspec.json.encode(whole))
    except (RecordError, ValueError, OverflowError, RecursionError) as error:
        told = str(error).removeprefix("not a gongkai record: ").removesuffix("; see `gongkai schema`")
        raise UnfitError(f"{path}: {told}; `gongkai schema` prints what a record holds") from error
    element = _ELEMENT.fullmatch(path)
    if element and not element[3].startswith(".score"):
        changed = _sure(changed, element[1], int(element[2]))
    _check(changed, path)
    return changed


def _step(value: Any, key: str, where: str) -> Any:
    if isinstance(value, dict) and key in value:
        return value[key]
    if isinstance(value, list) and key.isascii() and key.isdecimal() and len(key) < 10 and int(key) < len(value):
        return value[int(key)]
    raise UnfitError(f"the record has nothing at {f'{where}.{key}'.lstrip('.')!r}")


def _places(facts: Narrative, name: str, number: int) -> tuple[tuple[int, int], ...]:
    """From which stretches of the text a fact of a list was made, which tells it from the others."""
    fact = getattr(facts, name)[number]
    if name in ("problems", "remedies"):
        return (tuple(fact.span),)
    return tuple((facts.mentions[at].start, facts.mentions[at].end) for at in fact.mentions)


def found_again(record: Record, target: FactTarget) -> str:
    """The path at which the fact stands now. Raises UnfitError when it is gone."""
    element = _ELEMENT.fullmatch(target.path)
    if element is None or target.places is None:
        return target.path
    name, number, rest = element[1], int(element[2]), element[3]
    n_facts = len(getattr(record.narrative, name))
    numbers = sorted(range(n_facts), key=lambda at: at != number)  # where it was comes first
    for at in numbers:
        if _places(record.narrative, name, at) == target.places:
            return f"narrative.{name}.{at}{rest}"
    raise UnfitError(f"the fact of {target.path} is no longer among narrative.{name}: its mentions have changed")


def _sure(record: Record, name: str, number: int) -> Record:
    """A person has looked at this fact, so that it is not offered as uncertain again."""
    facts: Sequence[Any] = getattr(record.narrative, name)
    changed = [replace(one, score=1.0) if at == number else one for at, one in enumerate(facts)]
    return replace(record, narrative=replace(record.narrative, **{name: changed}))


def _check(record: Record, path: str) -> None:
    """Raise UnfitError for what the types allow and a record does not: numbers that lead nowhere, unknown codes, no dates."""
    facts = record.narrative
    numbers = [*(one.mentions for one in facts.leadership_groups), *(one.mentions for one in facts.counts)]
    for some in numbers:
        if not all(0 <= number < len(facts.mentions) for number in some):
            raise UnfitError(f"{path}: mentions number those of `narrative.mentions`, 0 to {len(facts.mentions) - 1}")
    for problem in facts.problems:
        if not all(0 <= number < len(facts.remedies) for number in problem.remedies):
            raise UnfitError(f"{path}: remedies number those of `narrative.remedies`, 0 to {len(facts.remedies) - 1}")
    codes = [entry["code"] for entry in load_toml("categories.toml")["category"]]
    named = [*(one.categories for one in facts.problems), *(one.categories for one in facts.remedies)]
    unknown = {code for some in named for code in some} - {*codes}
    if unknown:
        raise UnfitError(f"{path}: unknown category {', '.join(sorted(unknown))[:100]}; categories are {', '.join(codes)}")
    if record.year is not None and not 1990 <= record.year <= 2100:
        raise UnfitError(f"{path}: {record.year} is no year of a report")
    for day in (record.published, *(group.established for group in facts.leadership_groups)):
        _check_date(day, path)


def _check_date(day: str | None, path: str) -> None:
    """Raise UnfitError for what is no ISO date; months and years alone are dates too."""
    if day is None or (day.isascii() and re.fullmatch(r"\d{4}(-(0[1-9]|1[0-2]))?", day)):
        return
    try:
        date.fromisoformat(day)
    except ValueError as error:
        raise UnfitError(f"{path}: {day[:40]!r} is no date such as 2021-01-31 or 2021-01") from error
