"""The narrative as a whole: mentions in order, facts that point to them, strings cut from the text as printed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.narrative.facts import assemble
from nlp.narrative.labels import LABELS
from nlp.narrative.windows import Passage
from nlp.record import Mention, RemedyStatus

TEXT = "成立領導小組，組長由周一鳴擔任。全年公開信息9條。\n存在問題：一是更新1次太慢；二是人手少。\n改進措施：一是勤更新；二是添人手。"


def mention(label: str, part: str) -> Mention:
    return Mention(label, TEXT.index(part), TEXT.index(part) + len(part), part, 0.9)


MENTIONS = [
    mention("GROUP", "領導小組"), mention("ROLE", "組長"), mention("PERSON", "周一鳴"),
    mention("ITEM", "信息"), mention("QUANTITY", "9條"),
    mention("PROBLEM", "更新1次太"), mention("QUANTITY", "1次"), mention("PROBLEM", "人手少"),
    mention("REMEDY", "勤更新"), mention("REMEDY", "添人手"),
]
HALF = TEXT.index("存在")
PASSAGES = [Passage(0, HALF, "overview"), Passage(HALF, len(TEXT), "problems")]


class FakeEvidence:
    """A labeller that knows two categories, which problem is about which, and which remedy answers which."""

    def label_probability(self, start: int, end: int) -> dict[str, float]:
        return {"PROBLEM": 0.1, "REMEDY": 0.1, "none": 0.8}

    def category_probabilities(self, spans: Sequence[object]) -> np.ndarray:
        return np.array([[0.9, 0.1], [0.1, 0.8]], dtype=np.float32)

    def name_categories(self, probabilities: np.ndarray) -> list[tuple[str, ...]]:
        return [(("staff", "timeliness")[int(row.argmax())],) for row in probabilities]

    def link_scores(self, problems: object, remedies: object) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        return np.array([[1.0, 0.0], [0.0, 1.0]], dtype=np.float32)

    def remedy_status(self, spans: object) -> list[RemedyStatus]:
        return ["planned", "done"]


def test_facts_of_traditional_text_are_as_printed() -> None:
    found = assemble(TEXT, MENTIONS, PASSAGES, 2020)
    assert found.leadership_groups[0].name == "領導小組"
    assert found.leadership_groups[0].leaders[0].name == "周一鳴"
    assert [(one.item, one.value, one.unit) for one in found.counts] == [("信息", 9, "條")]
    assert [one.text for one in found.problems] == ["更新1次太慢", "人手少"]
    assert [one.text for one in found.remedies] == ["勤更新", "添人手"]
    assert [one.remedies for one in found.problems] == [[0], [1]]


def test_evidence_gives_categories_links_and_status() -> None:
    found = assemble(TEXT, MENTIONS, PASSAGES, 2020, FakeEvidence())
    assert [one.categories for one in found.problems] == [["staff"], ["timeliness"]]
    assert [one.remedies for one in found.problems] == [[0], [1]]
    assert [one.categories for one in found.remedies] == [["staff"], ["timeliness"]]
    assert [one.status for one in found.remedies] == ["planned", "done"]


@given(st.data())
def test_mentions_of_any_tagging_are_sorted_apart_and_exact(data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(0, len(TEXT)), min_size=2, max_size=14)))
    tagged = [
        Mention(data.draw(st.sampled_from(LABELS)), start, end, TEXT[start:end], 0.5)
        for start, end in zip(cuts[::2], cuts[1::2], strict=False)
    ]
    found = assemble(TEXT, tagged, PASSAGES, 2020)
    assert all(TEXT[one.start : one.end] == one.text and one.text for one in found.mentions)
    assert all(left.end <= right.start for left, right in pairwise(found.mentions))
    for indices in [*(one.mentions for one in found.leadership_groups), *(one.mentions for one in found.counts)]:
        assert all(0 <= index < len(found.mentions) for index in indices)
    for problem in found.problems:
        assert TEXT[slice(*problem.span)] == problem.text
        assert all(0 <= index < len(found.remedies) for index in problem.remedies)


@pytest.mark.parametrize("field", ["counts", "groups"])
def test_gold_spans_give_gold_facts(shared: Path, field: str) -> None:
    right = total = 0
    for path in sorted((shared / "gold" / "narrative").glob("*.json")):
        gold = json.loads(path.read_text(encoding="utf-8"))
        text = (shared / "gold" / "text" / gold["text_file"]).read_bytes().decode("utf-8-sig")
        spans = [Mention(one["label"], one["start"], one["end"], one["text"], 1.0) for one in gold["spans"]]
        found = assemble(text, spans, [Passage(0, len(text), "problems")], gold["year"])
        if field == "counts":
            pairs = zip(found.counts, gold["counts"], strict=True)
            right += sum((one.value, one.item) == (want["value"], want["item"]) for one, want in pairs)
        else:
            names = [group["name"] for group in gold["groups"]]
            right += sum(one.name in names for one in found.leadership_groups)
        total += len(gold[field])
    assert right >= 0.97 * total
