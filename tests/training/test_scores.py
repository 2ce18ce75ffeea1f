"""The rules by which a record is measured, and that they are those of the shared scorer."""

from __future__ import annotations

import json
import runpy
import tempfile
from pathlib import Path

import pytest

pytest.importorskip("datasets", reason="training needs the extra `train`")

from nlp.document import Span
from nlp.record import Mention, Narrative, Problem, Remedy
from training.cases import Case, gold_cases
from training.markup import Annotated
from training.scores import figures, judge, matched

TEXT = "一是更新 不快。二是将多培训。公开三条。"


def case(*spans: Annotated, **more: object) -> Case:
    return Case("a", TEXT, spans, **more)  # type: ignore[arg-type]


def said(*spans: tuple[str, int, int], score: float = 0.9) -> Narrative:
    return Narrative([Mention(label, start, end, TEXT[start:end], score) for label, start, end in spans])


def test_blanks_inside_or_beside_a_span_neither_help_nor_hurt() -> None:
    judged = judge(case(Annotated("ITEM", 2, 4)), said(("ITEM", 2, 5)))
    assert judged.hits["strict", "all"] == (1, 1, 1)


def test_a_span_with_another_edge_overlaps_but_is_not_strictly_right() -> None:
    judged = judge(case(Annotated("ITEM", 2, 7)), said(("ITEM", 2, 6)))
    assert (judged.hits["strict", "ITEM"], judged.hits["overlap", "ITEM"]) == ((0, 1, 1), (1, 1, 1))
    assert judged.scores == [(0.9, False)]


def test_labels_that_were_not_annotated_do_not_count() -> None:
    judged = judge(case(Annotated("DOCUMENT", 2, 4), labels=("DOCUMENT",)), said(("DOCUMENT", 2, 4), ("ITEM", 5, 7)))
    assert judged.hits["strict", "all"] == (1, 1, 1)
    assert ("links", "problem–remedy") not in judged.hits


def test_a_match_is_one_to_one() -> None:
    assert matched([(0, 10), (0, 9)], [(0, 10)]) == [(0, 0)]
    assert matched([(0, 4)], [(0, 10)]) == []


def test_links_categories_and_status_of_what_was_found() -> None:
    gold = case(
        Annotated("PROBLEM", 2, 7, ("timeliness",)), Annotated("REMEDY", 10, 14, ("capability",), True, (0,)),
        links=frozenset({(0, 0)}), has_status=True,
    )
    record = Narrative(
        problems=[Problem(TEXT[2:7], Span(2, 7), ["timeliness", "scope"], [0])],
        remedies=[Remedy(TEXT[10:14], Span(10, 14), ["scope"], "planned")],
    )
    hits = judge(gold, record).hits
    assert hits["links", "problem–remedy"] == (1, 1, 1)
    assert hits["categories", "first code"] == (1, 2, 2)
    assert hits["categories", "all codes"] == (1, 3, 2)
    assert hits["remedies", "done or planned"] == (0, 1, 1)
    by_code = {"capability": (0, 0, 1), "scope": (0, 2, 0), "timeliness": (1, 1, 1)}
    assert {code: hit for (kind, code), hit in hits.items() if kind == "one category"} == by_code
    assert figures([judge(gold, record)])["categories"]["mean of codes"]["f1"] == pytest.approx(1 / 3, abs=1e-4)


def test_an_interval_holds_its_figure_and_is_wide_for_documents_that_differ() -> None:
    right = judge(case(Annotated("ITEM", 2, 4)), said(("ITEM", 2, 4)))
    wrong = judge(case(Annotated("ITEM", 2, 4)), said())
    mixed = figures([right, wrong] * 5)["strict"]["ITEM"]
    low, high = mixed["interval"]
    assert low < mixed["f1"] < high
    assert figures([right] * 10)["strict"]["ITEM"]["interval"] == [1.0, 1.0]


def test_figures_on_gold_are_those_of_the_shared_scorer(shared: Path) -> None:
    """With records made of the gold itself, half of the spans left out."""
    score = runpy.run_path(str(shared / "tools" / "score.py"))
    lines, judged = [], []
    for one in gold_cases(shared / "gold"):
        spans = [span for number, span in enumerate(one.spans) if number % 2]
        mentions = [{"label": s.label, "start": s.start, "end": s.end, "text": one.text[s.start : s.end]} for s in spans]
        lines.append(json.dumps({"source": {"path": one.id}, "text": one.text, "narrative": {"mentions": mentions}}))
        judged.append(judge(one, Narrative([Mention(s.label, s.start, s.end, "", 0.5) for s in spans])))
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        file.write("\n".join(lines))
        file.flush()
        records = score["read_records"](Path(file.name))
    expected = score["score_narrative"](shared / "gold" / "narrative", shared / "gold" / "text", records)
    ours = figures(judged)
    assert ours["strict"]["all"]["f1"] == pytest.approx(expected["all"]["f1"], abs=2e-4)
    assert ours["strict"]["short"]["f1"] == pytest.approx(expected["short spans"]["f1"], abs=2e-4)
    for label in ("PROBLEM", "REMEDY"):
        assert ours["overlap"][label]["f1"] == pytest.approx(expected["overlap"][label]["f1"], abs=2e-4)
    assert {name: row["gold"] for name, row in ours["facts"].items()} == {
        name.replace("+", " with "): row["gold"] for name, row in expected["facts"].items()
    }
