"""Two reports side by side: what changed, and which problems are the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nlp.record import Person, Problem, Record, Span
from nlp.summary.compare import Matrix, Member, compare, match, meaning
from tests.nlp.handmade import make_record
from tests.nlp.summary.stating import PROBLEMS
from tests.nlp.summary.topics import Topics

BEFORE, AFTER = make_record(year=2021), make_record(year=2022, carried=(4, 1))
SAME = meaning(Topics())
problems = st.lists(st.sampled_from([*PROBLEMS["late"], *PROBLEMS["staff"], "平台老旧"]), max_size=5)


def with_problems(record: Record, texts: Sequence[str]) -> Record:
    found = [Problem(text, Span(10 * n, 10 * n + len(text))) for n, text in enumerate(texts)]
    return replace(record, narrative=replace(record.narrative, problems=found))


def test_the_same_report_has_nothing_new() -> None:
    found = compare(BEFORE, BEFORE, SAME)
    assert not (found.figures or found.counts or found.left or found.joined or found.solved or found.new)
    assert [(r.before.n, r.after.n) for r in found.repeated] == [(0, 0), (1, 1)]


def test_figures_counts_and_people_that_differ() -> None:
    (group,) = AFTER.narrative.leadership_groups
    (count,) = AFTER.narrative.counts
    changed = replace(
        AFTER.narrative,
        leadership_groups=[replace(group, leaders=[Person("闻人朔", "局长")])],
        counts=[replace(count, value=700, period=2022)],
    )
    found = compare(BEFORE, replace(AFTER, narrative=changed), SAME)
    assert [(f.path, f.before, f.after) for f in found.figures] == [
        ("applications.carried_in.natural_person", 0, 4),
        ("applications.carried_in.total", 0, 4),
    ]
    assert [(c.item, c.before, c.after) for c in found.counts] == [("政府信息", 600, 700)]
    assert (found.left, found.joined) == ((Member(group.name, "组长", "柳望川"),), (Member(group.name, "组长", "闻人朔"),))


def test_a_callers_similarity_and_threshold_decide() -> None:
    def by_length(before: Sequence[str], after: Sequence[str]) -> Matrix:
        return np.array([[float(len(a) == len(b)) for b in after] for a in before])

    older, newer = with_problems(BEFORE, ["更新慢", "人手不足"]), with_problems(AFTER, ["解读形式", "平台老旧破败"])
    found = compare(older, newer, by_length, threshold=0.5)
    assert [s.text for s in found.solved] == ["更新慢"]
    assert [(r.before.text, r.after.text) for r in found.repeated] == [("人手不足", "解读形式")]
    assert [s.text for s in found.new] == ["平台老旧破败"]


@given(problems, problems)
def test_every_problem_is_solved_repeated_or_new_once(before: list[str], after: list[str]) -> None:
    found = compare(with_problems(BEFORE, before), with_problems(AFTER, after), SAME)
    assert sorted([s.n for s in found.solved] + [r.before.n for r in found.repeated]) == list(range(len(before)))
    assert sorted([s.n for s in found.new] + [r.after.n for r in found.repeated]) == list(range(len(after)))


@given(problems, problems)
def test_meaning_is_a_similarity(before: list[str], after: list[str]) -> None:
    scores = SAME(before, after)
    assert scores.shape == (len(before), len(after))
    assert np.allclose(scores, SAME(after, before).T)
    assert all(np.isclose(scores[i, j], 1) for i, a in enumerate(before) for j, b in enumerate(after) if a == b)


def test_problems_in_other_words_are_repeated() -> None:
    older, newer = with_problems(BEFORE, ["网站栏目更新滞后", "平台老旧"]), with_problems(AFTER, ["有的信息迟迟不更新"])
    found = compare(older, newer, SAME)
    assert [(r.before.text, r.after.text) for r in found.repeated] == [("网站栏目更新滞后", "有的信息迟迟不更新")]
    assert [s.text for s in found.solved] == ["平台老旧"]


def test_what_differs_stands_at_its_places() -> None:
    (group,) = AFTER.narrative.leadership_groups
    gone = replace(AFTER.narrative, leadership_groups=[replace(group, leaders=[])], counts=[])
    found = compare(BEFORE, replace(AFTER, narrative=gone), SAME)
    for change in found.figures:
        assert change.before_span and change.after_span
        assert BEFORE.text[slice(*change.before_span)] == str(change.before)
        assert AFTER.text[slice(*change.after_span)] == str(change.after)
    (count,), (member,) = found.counts, found.left
    assert count.before_span and BEFORE.text[slice(*count.before_span)] == "600余条"
    assert count.after_span is None
    assert member.span and BEFORE.text[slice(*member.span)] == member.name == "柳望川"


@given(problems, problems)
def test_the_threshold_holds(before: list[str], after: list[str]) -> None:
    assert all(score >= 0.5 for _, _, score in match(before, after, SAME, 0.5))
