"""Two reports side by side: figures, counts, people, and problems that are solved, repeated or new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nlp.columns import placed_cells
from nlp.fold import fold
from nlp.record import Number, Problem, Record
from nlp.settings import load_toml

Matrix = npt.NDArray[np.float64]
Similarity = Callable[[Sequence[str], Sequence[str]], Matrix]
"""Similarity of every text of the first list (rows) to every one of the second (columns), at most 1."""


@dataclass(frozen=True, slots=True)
class FigureChange:
    """A cell of the official tables, `path` below `statistics`, that differs; None where a report has no number there."""

    path: str
    before: Number | None
    after: Number | None


@dataclass(frozen=True, slots=True)
class CountChange:
    """A count of the prose that differs; None where a report does not state it."""

    kind: str
    channel: str | None
    item: str
    unit: str | None
    before: Number | None
    after: Number | None


@dataclass(frozen=True, slots=True)
class Member:
    """A person of a leadership group and the role there."""

    group: str
    role: str
    name: str


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
    """What differs from the report `before` to the report `after` (ids), and which problems stay.

    Of two years of one agency, `solved` are problems that the later report no longer states; of two agencies, those
    that only the first has, as `new` are those that only the second has.
    """

    before: str
    after: str
    figures: tuple[FigureChange, ...]
    counts: tuple[CountChange, ...]
    left: tuple[Member, ...]
    joined: tuple[Member, ...]
    solved: tuple[Statement, ...]
    repeated: tuple[Repetition, ...]
    new: tuple[Statement, ...]


def compare(
    before: Record, after: Record, similarity: Similarity | None = None, threshold: float | None = None
) -> Comparison:
    """Compare two years of one agency, or two agencies.

    `similarity` defaults to `wording`; `threshold` (from which two problems are one) to the setting made for `wording`.
    """
    olds, news = _statements(before.narrative.problems), _statements(after.narrative.problems)
    pairs = match([s.text for s in olds], [s.text for s in news], similarity or wording, threshold)
    members, later_members = set(_members(before)), set(_members(after))
    kept, kept_later = {i for i, _, _ in pairs}, {j for _, j, _ in pairs}
    return Comparison(
        before.id, after.id, tuple(_figures(before, after)), tuple(_counts(before, after)),
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


def wording(before: Sequence[str], after: Sequence[str]) -> Matrix:
    """Similarity of words alone: cosine of the characters, of which those that many of these texts have weigh less.

    For want of something better: it knows no synonyms. Pairs of characters tell the authored years no better
    (`python -m training.summary.years dev`: accuracy 0.858 with characters, 0.837 with pairs too).
    """
    counts = [Counter(filter(str.isalnum, fold(text).text)) for text in (*before, *after)]
    spread = Counter(character for counted in counts for character in counted)
    columns = {character: n for n, character in enumerate(sorted(spread))}
    vectors = np.zeros((len(counts), len(columns)))
    for row, counted in enumerate(counts):
        for character, count in counted.items():
            vectors[row, columns[character]] = count * (1 + np.log(len(counts) / spread[character]))
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    product: Matrix = vectors[: len(before)] @ vectors[len(before) :].T
    return product


def _statements(problems: Sequence[Problem]) -> list[Statement]:
    return [Statement(n, problem.text, *problem.span) for n, problem in enumerate(problems)]


def _figures(before: Record, after: Record) -> Iterator[FigureChange]:
    old, new = ({placed.path: placed.cell.value for placed in placed_cells(record)} for record in (before, after))
    for path in [*old, *(path for path in new if path not in old)]:
        if old.get(path) != new.get(path):
            yield FigureChange(path, old.get(path), new.get(path))


def _counts(before: Record, after: Record) -> Iterator[CountChange]:
    old, new = _counted(before), _counted(after)
    for key in [*old, *(key for key in new if key not in old)]:
        if old.get(key) != new.get(key):
            yield CountChange(*key, old.get(key), new.get(key))


def _counted(record: Record) -> dict[tuple[str, str | None, str, str | None], Number | None]:
    """Counts of the report's own year by kind, outlet, item and unit; the first where one is stated twice."""
    found: dict[tuple[str, str | None, str, str | None], Number | None] = {}
    for count in record.narrative.counts:
        if count.item is not None and count.period in (None, record.year):
            found.setdefault((count.kind, count.channel, count.item, count.unit), count.value)
    return found


def _members(record: Record) -> Iterator[Member]:
    for group in record.narrative.leadership_groups:
        roles = {"组长": group.leaders, "副组长": group.deputies, "成员": group.members}
        yield from (Member(group.name, role, p.name) for role, people in roles.items() for p in people if p.name)


def _in_order(member: Member) -> tuple[str, str, str]:
    return member.group, member.role, member.name
