"""Peers read what the pipeline gives to our labeller, and are scored as `score.py narrative` scores."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import replace
from pathlib import Path

from nlp.narrative.labels import LABELS
from nlp.record import Mention, Narrative
from training.cases import Case
from training.markup import Annotated
from training.peers.reading import by_rules, mentions_of, read_case, score

TEXT = """柳溪镇2021年政府信息公开工作年度报告

一、总体情况

全年共公开政府信息128条，其中微信公众号发布56条。

五、存在的主要问题及改进情况

存在的问题：一是公开内容不够全面；
二是业务培训偏少。
"""


def span(label: str, piece: str) -> Annotated:
    start = TEXT.index(piece)
    return Annotated(label, start, start + len(piece), ("scope",) if label == "PROBLEM" else ())


SPANS = (
    span("ITEM", "政府信息1"), span("QUANTITY", "128条"), span("CHANNEL", "微信公众号"), span("QUANTITY", "56条"),
    span("PROBLEM", "公开内容不够全面"), span("PROBLEM", "业务培训偏少"),
)
CASE = Case("柳溪", TEXT, (replace(SPANS[0], end=SPANS[0].end - 1), *SPANS[1:]), facts={"groups": [], "counts": []})


def found(*pieces: tuple[str, str]) -> Narrative:
    spans = [(label, TEXT.index(piece), TEXT.index(piece) + len(piece)) for label, piece in pieces]
    return Narrative(mentions_of(TEXT, spans))


def test_passages_are_those_of_the_pipeline() -> None:
    reading = read_case(CASE)
    prose = [TEXT[one.start : one.end] for one in reading.passages]
    assert [one.section for one in reading.passages][-1] == "problems"
    assert not any("总体情况" in one for one in prose)
    assert reading.n_characters == sum(map(len, prose))
    assert (reading.year, reading.agency) == (2021, "柳溪镇人民政府") or reading.year == 2021


def test_mentions_have_no_blanks_at_their_edges() -> None:
    assert mentions_of("甲 乙\n丙", [("ITEM", 1, 4), ("ITEM", 0, 1), ("ITEM", 3, 4)]) == [
        Mention("ITEM", 0, 1, "甲", 1.0), Mention("ITEM", 2, 3, "乙", 1.0),
    ]


def test_rules_move_a_peers_edges_to_the_items() -> None:
    narrative = by_rules(read_case(CASE), found(("PROBLEM", "公开内容不够"), ("PROBLEM", "业务培训偏少")).mentions)
    assert [one.text for one in narrative.problems] == ["公开内容不够全面", "业务培训偏少"]


def test_only_the_labels_of_a_peer_count() -> None:
    some = found(("QUANTITY", "128条"), ("ITEM", "政府信息"))
    assert score([CASE], [some], LABELS)["strict"]["all"]["gold"] == len(SPANS)
    alone = score([CASE], [some], ("QUANTITY",))["strict"]
    assert set(alone) == {"QUANTITY", "all", "short"}
    assert (alone["all"]["right"], alone["all"]["found"], alone["all"]["gold"]) == (1, 1, 2)


def test_figures_are_those_of_the_shared_scorer(shared: Path, tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("score", shared / "tools" / "score.py")
    assert spec is not None
    assert spec.loader is not None
    scorer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scorer)
    said = found(
        ("QUANTITY", "128条"), ("ITEM", "政府信息"), ("ITEM", "微信公众号"), ("PROBLEM", "公开内容不够"), ("PROBLEM", "业务培训偏少"),
    )
    gold = {
        "text_file": "a.txt", "groups": [], "counts": [],
        "spans": [{"label": one.label, "start": one.start, "end": one.end} for one in CASE.spans],
    }
    (tmp_path / "a.json").write_text(json.dumps(gold), encoding="utf-8")
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    mentions = [{"label": m.label, "start": m.start, "end": m.end, "text": m.text} for m in said.mentions]
    theirs = scorer.score_narrative(tmp_path, tmp_path, {"a": {"narrative": {"mentions": mentions}}})
    ours = score([CASE], [said], LABELS)
    pairs = [(theirs["all"], ours["strict"]["all"]), (theirs["short spans"], ours["strict"]["short"])]
    pairs += [(theirs["labels"][name], ours["strict"][name]) for name in theirs["labels"]]
    pairs += [(theirs["overlap"]["PROBLEM"], ours["overlap"]["PROBLEM"])]
    for their, our in pairs:
        assert {key: their[key] for key in ("p", "r", "f1", "gold")} == {key: our[key] for key in ("p", "r", "f1", "gold")}
        assert their["pred"] == our["found"]
    assert theirs["misplaced offsets"] == 0
