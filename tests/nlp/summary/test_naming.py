"""Ids and names of key points."""

from __future__ import annotations

from nlp.summary.model import KeyPoint, Made, Member, Remedies, ReportFacts, Scope, Summary
from nlp.summary.naming import Key, choose_name, ids_of, stable_ids


def summary_with(points: dict[str, list[Key]]) -> Summary:
    ids = sorted({identity for keys in points.values() for identity, _ in keys})
    facts = tuple(ReportFacts(one, "白石市水务局", 2020, None, "a.html", None, None, {}) for one in ids)
    made = tuple(
        KeyPoint(
            name, name, 1, 1, 1.0, {}, {}, (), (), (), 0, tuple(Member(ids.index(one), n, 0, 1, "", 1.0) for one, n in keys)
        )
        for name, keys in points.items()
    )
    scope = Scope(1, 1, 1, 2020, 2020, 0, 0, 0)
    return Summary("1.0", Made("", "", "", (), 0.5, ""), scope, (), facts, made, (), (), Remedies(0, 0, (), (), ()))


def test_most_shared_members_keep_the_id() -> None:
    before = summary_with({"kp-a": [("r1", 0), ("r2", 0), ("r3", 0)], "kp-b": [("r4", 0), ("r5", 0)]})
    now = [[("r4", 0), ("r5", 0), ("r6", 0)], [("r1", 0), ("r2", 0), ("r3", 0), ("r7", 0)], [("r8", 0)]]
    assert stable_ids(now, ["x", "y", "z"], ids_of(before)) == ["kp-b", "kp-a", "kp-z"]


def test_of_a_split_point_one_part_keeps_the_id() -> None:
    before = summary_with({"kp-a": [("r1", 0), ("r2", 0), ("r3", 0)]})
    assert stable_ids([[("r1", 0)], [("r2", 0), ("r3", 0)]], ["x", "y"], ids_of(before)) == ["kp-x", "kp-a"]


def test_an_id_of_an_earlier_point_is_not_given_to_another() -> None:
    before = summary_with({"kp-x": [("r1", 0), ("r2", 0)]})
    assert stable_ids([[("r1", 0), ("r2", 0)], [("r3", 0)]], ["w", "x"], ids_of(before)) == ["kp-x", "kp-x-2"]


def test_the_shortest_central_statement_names() -> None:
    texts = ["更新慢", "信息更新不够及时", "信息更新不够及时，群众有意见", "网站旧"]
    assert texts[choose_name(texts, [0.9, 0.88, 0.92, 0.3], [1, 1, 1, 9], 0.1)] == "信息更新不够及时"
    assert texts[choose_name(texts[:1] + texts[3:], [0.9, 0.85], [1, 1], 0.1)] == "更新慢"
