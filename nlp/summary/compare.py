"""Two reports side by side: figures, counts, people, and problems that are solved, repeated or new."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from nlp.columns import placed_cells
from nlp.record import Count, LeadershipGroup, Number, Problem, Record, Span
from nlp.settings import load_toml
from nlp.summary import vectors
from nlp.summary.vectors import Bytes, plain

Matrix = npt.NDArray[np.float64]
Similarity = Callable[[Sequence[str], Sequence[str]], Matrix]
"""Similarity of every text of the first list (rows) to every one of the second (columns), at most 1."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two reports: which it is, and where its file is."""

    id: str
    agency: str | None
    year: int | None
    title: str | None
    path: str
    member: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class FigureChange:
    """A cell of the official tables, `path` below `statistics`, that differs; None where a report has no number there.

    The spans are the cells' places in the texts, None where a report has no such cell or shows no place.
    """

    path: str
    before: Number | None
    after: Number | None
    before_span: Span | None = None
    after_span: Span | None = None


@dataclass(frozen=True, slots=True)
class CountChange:
    """A count of the prose that differs; None where a report does not state it. The spans are of the quantities."""

    kind: str
    channel: str | None
    item: str
    unit: str | None
    before: Number | None
    after: Number | None
    before_span: Span | None = None
    after_span: Span | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A person of a leadership group and the role there; `span` is the name's first place in the text."""

    group: str
    role: str
    name: str
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Statement:
    """A problem: the `n`-th of its record, `[start, end)` of its text."""

    n: int
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Repetition:
    """A problem of the first report that the second states again, in these words or others."""

    before: Statement
    after: Statement
    similarity: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs from the report `before` to the report `after`, and which problems stay.

    Of two years of one agency, `solved` are problems that the later report no longer states; of two agencies, those
    that only the first has, as `new` are those that only the second has.
    """

    before: Side
    after: Side
    figures: tuple[FigureChange, ...]
    counts: tuple[CountChange, ...]
    left: tuple[Member, ...]
    joined: tuple[Member, ...]
    solved: tuple[Statement, ...]
    repeated: tuple[Repetition, ...]
    new: tuple[Statement, ...]


def compare(before: Record, after: Record, similarity: Similarity, threshold: float | None = None) -> Comparison:
    """Compare two years of one agency, or two agencies.

    `threshold` is the similarity from which two problems are one, by default the setting made for `meaning`.
    """
    olds, news = _statements(before.narrative.problems), _statements(after.narrative.problems)
    pairs = match([s.text for s in olds], [s.text for s in news], similarity, threshold)
    members, later_members = set(_members(before)), set(_members(after))
    kept, kept_later = {i for i, _, _ in pairs}, {j for _, j, _ in pairs}
    return Comparison(
        _side(before), _side(after), tuple(_figures(before, after)), tuple(_counts(before, after)),
        tuple(sorted(members - later_members, key=_in_order)), tuple(sorted(later_members - members, key=_in_order)),
        tuple(s for s in olds if s.n not in kept),
        tuple(Repetition(olds[i], news[j], score) for i, j, score in pairs),
        tuple(s for s in news if s.n not in kept_later),
    )  # fmt: skip


def match(
    before: Sequence[str], after: Sequence[str], similarity: Similarity, threshold: float | None = None
) -> list[tuple[int, int, float]]:
    """Pairs (index before, index after, similarity) that state one problem, by place; none is in two pairs.

    The most similar pair is taken first, then the most similar of what is left, down to `threshold`.
    """
    if not before or not after:
        return []
    least = load_toml("summary.toml")["compare"]["repeated"] if threshold is None else threshold
    scores = similarity(before, after)
    pairs: list[tuple[int, int, float]] = []
    for place in np.argsort(-scores, axis=None, kind="stable").tolist():
        i, j = divmod(place, len(after))
        if scores[i, j] < least:
            break
        if all(i != taken and j != other for taken, other, _ in pairs):
            pairs.append((i, j, float(scores[i, j])))
    return sorted(pairs)


def meaning(encode: Callable[[Sequence[str]], Bytes]) -> Similarity:
    """Similarity of what problems say: cosine of the vectors that `encode`, an `Encoder`, gives them.

    Chosen on the dev half of the authored years, where accuracy is 0.972 (words alone: 0.844); on the test half it is 0.930
    (words alone: 0.944, two problems more). `python -m training.summary.years` measures both.
    """

    def cosine(before: Sequence[str], after: Sequence[str]) -> Matrix:
        left, right = (encode([plain(text) for text in texts]) for texts in (before, after))
        return vectors.similarity(left, right).astype(np.float64)

    return cosine


def _side(record: Record) -> Side:
    source = record.source
    return Side(record.id, record.agency.name, record.year, record.title, source.path, source.member, source.url)


def _statements(problems: Sequence[Problem]) -> list[Statement]:
    return [Statement(n, problem.text, *problem.span) for n, problem in enumerate(problems)]


_Key = TypeVar("_Key", bound=Hashable)
Stated = tuple[Number | None, Span | None]
_ABSENT: Stated = (None, None)


def _figures(before: Record, after: Record) -> Iterator[FigureChange]:
    old, new = (
        {placed.path: (placed.cell.value, placed.cell.span) for placed in placed_cells(record)} for record in (before, after)
    )
    for path, (value, later), (span, later_span) in _changes(old, new):
        yield FigureChange(path, value, later, span, later_span)


def _counts(before: Record, after: Record) -> Iterator[CountChange]:
    for key, (value, later), (span, later_span) in _changes(_counted(before), _counted(after)):
        yield CountChange(*key, value, later, span, later_span)


def _changes(
    old: Mapping[_Key, Stated], new: Mapping[_Key, Stated]
) -> Iterator[tuple[_Key, tuple[Number | None, Number | None], tuple[Span | None, Span | None]]]:
    """What has another number in the one than in the other: the key, both numbers, both places."""
    for key in [*old, *(key for key in new if key not in old)]:
        (value, span), (later, later_span) = old.get(key, _ABSENT), new.get(key, _ABSENT)
        if value != later:
            yield key, (value, later), (span, later_span)


def _counted(record: Record) -> dict[tuple[str, str | None, str, str | None], Stated]:
    """Counts of the report's own year by kind, outlet, item and unit; the first where one is stated twice."""
    found: dict[tuple[str, str | None, str, str | None], Stated] = {}
    for count in record.narrative.counts:
        if count.item is not None and count.period in (None, record.year):
            key = count.kind, count.channel, count.item, count.unit
            found.setdefault(key, (count.value, _mentioned(record, count, "QUANTITY")))
    return found


def _members(record: Record) -> Iterator[Member]:
    for group in record.narrative.leadership_groups:
        roles = {"组长": group.leaders, "副组长": group.deputies, "成员": group.members}
        for role, people in roles.items():
            for name in (person.name for person in people if person.name):
                yield Member(group.name, role, name, _mentioned(record, group, "PERSON", name))


def _mentioned(record: Record, fact: Count | LeadershipGroup, label: str, text: str | None = None) -> Span | None:
    """Where the first mention of a fact stands that has the label (and the text)."""
    mentions = (record.narrative.mentions[n] for n in fact.mentions)
    return next((Span(m.start, m.end) for m in mentions if m.label == label and text in (None, m.text)), None)


def _in_order(member: Member) -> tuple[str, str, str]:
    return member.group, member.role, member.name
