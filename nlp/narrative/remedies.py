"""Problems and remedies as facts: whether a remedy is planned or done, and which problems it answers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from nlp.narrative.clauses import sentences, squeeze
from nlp.narrative.snap import Statement
from nlp.record import RemedyStatus
from nlp.settings import load_toml

_LEAD = 80
_ENUMERATOR = 5
_TOLD = 1.5
# What speaks for a link, in parts: shared rare words, the model's opinion of the pair, like topics, the same place in lists of
# one length, standing right behind. Best of some 1,700 settings on the authored dev documents (202 links, F1 0.95).
_WORDS, _MODEL, _TOPIC, _SAME_PLACE, _NEXT = 2.5, 0.25, 0.4, 0.35, 0.3
_LEAST = 0.2
_SHARE_OF_BEST = 0.95
_FROM_PROBLEM, _FROM_REMEDY = 0.4, 0.2
Shares = npt.NDArray[np.float32]


@cache
def _pattern(key: str) -> re.Pattern[str]:
    return re.compile(load_toml("narrative.toml")["remedies"][key])


def statuses(
    plain: str, remedies: Sequence[Statement], year: int | None, told: Sequence[RemedyStatus] | None = None
) -> list[RemedyStatus]:
    """For each remedy whether its wording, or what leads in to its list, tells of work behind (`done`) or ahead (`planned`).

    `told` is what the model says of each; it decides where the wording does not.
    """
    points = [_points(plain, one, remedies, year) for one in remedies]
    if told is not None:
        points = [own + (_TOLD if one == "done" else -_TOLD) for own, one in zip(points, told, strict=True)]
    return ["done" if one > 0 else "planned" for one in points]


def _points(plain: str, statement: Statement, remedies: Sequence[Statement], year: int | None) -> float:
    text = squeeze(plain[statement.start : statement.end])
    first = next(one for one in remedies if one.group == statement.group)
    lead = _lead(plain, statement.start) + _lead(plain, first.start)
    points = 2 * bool(_pattern("done").search(text)) - 2 * bool(_pattern("planned").search(text))
    points += bool(_pattern("done_lead").search(lead)) - bool(_pattern("planned_lead").search(lead))
    return points - (year is not None and f"{year + 1}年" in text + lead)


def _lead(plain: str, at: int) -> str:
    """What stands before a statement in its sentence, or the sentence or heading before when it begins one."""
    parts = [squeeze(plain[slice(*part)]) for part in sentences(plain, max(0, at - _LEAD), at)]
    return "".join(parts[-2:]) if parts and len(parts[-1]) <= _ENUMERATOR else parts[-1] if parts else ""


def link(
    plain: str,
    problems: Sequence[Statement],
    remedies: Sequence[Statement],
    topics: tuple[Shares, Shares] | None = None,
    scores: Shares | None = None,
) -> list[list[int]]:
    """For each problem the remedies that answer it, by place in lists of equal length and by content.

    `topics` are category probabilities of problems and of remedies, `scores[p, r]` what the model thinks of each pair, 0 to 1.
    """
    if not problems or not remedies:
        return [[] for _ in problems]
    places = [[_same_place(problems, remedies, row, column) for column in range(len(remedies))] for row in range(len(problems))]
    followed = [[_next_to(problem, remedy) for remedy in remedies] for problem in problems]
    matrix = _WORDS * np.array(_similarities(plain, problems, remedies))
    matrix += _SAME_PLACE * np.array(places) + _NEXT * np.array(followed)
    if topics is not None:
        matrix += _TOPIC * (_unit(topics[0]) @ _unit(topics[1]).T)
    if scores is not None:
        matrix += _MODEL * scores
    return _choose(matrix.tolist())


def _unit(rows: Shares) -> Shares:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6), dtype=np.float32)


def shared_topics(problems: Shares, remedies: Shares, links: Sequence[Sequence[int]]) -> tuple[Shares, Shares]:
    """Category probabilities of problems and remedies, each with a part of what those it is linked with say.

    A measure is mostly about what its problem is about, and often too short to tell by itself.
    """
    joined = np.zeros((len(problems), len(remedies)), dtype=np.float32)
    for number, answers in enumerate(links):
        joined[number, list(answers)] = 1.0
    return _mixed(problems, joined, remedies, _FROM_REMEDY), _mixed(remedies, joined.T, problems, _FROM_PROBLEM)


def _mixed(own: Shares, joined: Shares, others: Shares, part: float) -> Shares:
    n_others = joined.sum(axis=1, keepdims=True)
    means = joined @ others / np.maximum(n_others, 1.0)
    return np.asarray(np.where(n_others > 0, (1 - part) * own + part * means, own), dtype=np.float32)


def _choose(matrix: Sequence[Sequence[float]]) -> list[list[int]]:
    """Each remedy answers the problem it fits best, and others that it fits nearly as well; none when it fits none."""
    links: list[list[int]] = [[] for _ in matrix]
    for column in range(len(matrix[0])):
        best = max(row[column] for row in matrix)
        if best < _LEAST:
            continue
        for number, row in enumerate(matrix):
            if row[column] >= _SHARE_OF_BEST * best:
                links[number].append(column)
    return links


def _same_place(problems: Sequence[Statement], remedies: Sequence[Statement], row: int, column: int) -> bool:
    """Whether both hold the same place in two lists of the same length."""
    own = [one for one in problems if one.group == problems[row].group]
    other = [one for one in remedies if one.group == remedies[column].group]
    return len(own) == len(other) and own.index(problems[row]) == other.index(remedies[column])


def _next_to(problem: Statement, remedy: Statement) -> bool:
    """Whether the measure follows its problem in the same item or sentence."""
    return problem.group == remedy.group and 0 <= remedy.start - problem.end <= _LEAD // 4


def _similarities(plain: str, problems: Sequence[Statement], remedies: Sequence[Statement]) -> list[list[float]]:
    """Cosine of rare pairs of characters: pairs that many statements share say little."""
    grams = [[_pairs(plain, one) for one in side] for side in (problems, remedies)]
    spread = Counter(pair for side in grams for one in side for pair in one)
    return [[_cosine(left, right, spread) for right in grams[1]] for left in grams[0]]


def _pairs(plain: str, statement: Statement) -> Counter[str]:
    text = _pattern("empty").sub(" ", squeeze(plain[statement.start : statement.end]))
    runs = re.findall(r"[\u3400-\u9fffA-Za-z]+", text)
    return Counter(run[at : at + 2] for run in runs for at in range(len(run) - 1))


def _cosine(left: Counter[str], right: Counter[str], spread: Counter[str]) -> float:
    shared = sum(min(left[pair], right[pair]) / spread[pair] for pair in left.keys() & right.keys())
    size = (_size(left, spread) * _size(right, spread)) ** 0.5
    return shared / size if size else 0.0


def _size(pairs: Counter[str], spread: Counter[str]) -> float:
    return sum(count / spread[pair] for pair, count in pairs.items())
