"""The relations of the forms: each passes, fails and stays unknown as it should, and names its cells."""

from __future__ import annotations

import pytest

from nlp.document import Span
from nlp.record import Cell, Check, Statistics
from nlp.tables.checks import check, leaves
from nlp.tables.prose import Figure, Figures

PARTS = ("natural_person", "commercial", "research", "social", "legal_service", "other_org", "total")
RESULTS = (
    "granted",
    "partial",
    *(f"denied_{n}" for n in range(1, 9)),
    *(f"unavailable_{n}" for n in range(1, 4)),
    *(f"refused_{n}" for n in range(1, 6)),
    *(f"other_{n}" for n in range(1, 4)),
)
NONE = Figures(())


def row(keys: tuple[str, ...], *values: float | None) -> dict[str, Cell]:
    return {
        k: Cell("", None, state="blank") if v is None else Cell(str(v), v) for k, v in zip(keys, values, strict=True)
    }


def found(statistics: Statistics, rule: str, figures: Figures = NONE, six: str | None = None) -> list[Check]:
    return [c for c in check(statistics, figures, six) if c.rule == rule]


def matrix(new: int = 5, out: int = 2, granted: int = 3, total: int = 3) -> Statistics:
    rows = {key: row(PARTS, *[0] * 7) for key in RESULTS}
    rows["granted"] = row(PARTS, granted, 0, 0, 0, 0, 0, granted)
    for key, n in (("new", new), ("carried_in", 0), ("result_total", total), ("carried_out", out)):
        rows[key] = row(PARTS, n, 0, 0, 0, 0, 0, n)
    return Statistics(forms={"applications": "2021"}, applications=rows)


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ((1, 2, 0, 0, 0, 0, 3), "pass"),
        ((1, 2, 0, 0, 0, 0, 4), "fail"),
        ((1, None, None, None, None, None, 1), "pass"),
        ((1, 2, 0, 0, 0, 0, None), "unknown"),
        ((None,) * 6 + (3,), "unknown"),
    ],
)
def test_rows_sum_up(values: tuple[int | None, ...], status: str) -> None:
    (only,) = found(Statistics(applications={"new": row(PARTS, *values)}), "R1")
    assert only.status == status
    assert only.cells == [f"applications.new.{part}" for part in PARTS]


def test_an_unreadable_cell_leaves_the_sum_unknown() -> None:
    cells = row(PARTS, 1, 2, 0, 0, 0, 0, 3) | {"social": Cell(None, None, state="unreadable")}
    assert found(Statistics(applications={"new": cells}), "R1")[0].status == "unknown"


def test_columns_sum_up() -> None:
    assert {c.status for c in found(matrix(), "R2")} == {"pass"}
    bad = found(matrix(granted=4), "R2")
    assert [c.scope for c in bad if c.status == "fail"] == [
        "applications.result_total.natural_person",
        "applications.result_total.total",
    ]
    assert "applications.granted.total" in bad[-1].cells
    partly = matrix()
    del partly.applications["denied_3"]
    assert {c.status for c in found(partly, "R2")} == {"unknown"}


def test_received_equals_answered_and_carried() -> None:
    assert {c.status for c in found(matrix(), "R3")} == {"pass"}
    assert [c.status for c in found(matrix(out=1), "R3")] == ["fail"] + ["pass"] * 5 + ["fail"]
    without = matrix()
    del without.applications["carried_in"]
    assert found(without, "R3") == []


OUTCOMES = ("upheld", "corrected", "other", "pending", "total")


@pytest.mark.parametrize(
    ("values", "status"), [((1, 0, 2, 0, 3), "pass"), ((1, 0, 2, 0, 0), "fail"), ((None,) * 5, "unknown")]
)
def test_blocks_sum_up(values: tuple[int | None, ...], status: str) -> None:
    (only,) = found(Statistics(review_litigation={"review": row(OUTCOMES, *values)}), "R4")
    assert (only.status, only.scope) == (status, "review_litigation.review.total")
    assert len(only.cells) == 5


@pytest.mark.parametrize(("values", "status"), [((1, 2, 9), "pass"), ((1, 9, 2), "fail"), ((1, None, 2), "unknown")])
def test_public_documents(values: tuple[int | None, ...], status: str) -> None:
    table = {"art20_1": {"normative": row(("made", "published", "total_public"), *values)}}
    (only,) = found(Statistics(disclosure=table), "R8")
    assert (only.status, only.cells[-1]) == (status, "disclosure.art20_1.normative.total_public")


@pytest.mark.parametrize(
    ("values", "status"), [((0, 0), "pass"), ((2, 7.5), "pass"), ((0, 18.3), "fail"), ((2, None), "unknown")]
)
def test_procurement(values: tuple[float | None, ...], status: str) -> None:
    (only,) = found(Statistics(disclosure={"art20_9": {"procurement": row(("projects", "amount"), *values)}}), "R9")
    assert (only.status, len(only.cells)) == (status, 2)


@pytest.mark.parametrize(
    ("values", "bad"),
    [((9, -8, 3), []), ((9, -10, 3), ["change"]), ((9, 1, -3), ["decisions"]), ((9, 1, 2.5), ["decisions"])],
)
def test_counts_are_whole_and_not_negative(values: tuple[float, ...], bad: list[str]) -> None:
    checks = found(
        Statistics(disclosure={"art20_5": {"licensing": row(("prev_items", "change", "decisions"), *values)}}), "R10"
    )
    assert [c.cells[0].rpartition(".")[2] for c in checks if c.status == "fail"] == bad
    assert bad or checks[0].status == "pass"


@pytest.mark.parametrize(
    ("value", "scope", "status"),
    [(5, None, "pass"), (5, "own", "pass"), (6, None, "fail"), (6, "own", "unknown"), (6, "area", "fail")],
)
def test_prose_against_the_table(value: int, scope: str | None, status: str) -> None:
    figures = Figures((Figure("applications.new.total", value, Span(0, 1), scope),))
    (only,) = found(matrix(), "R11", figures)
    assert (only.status, only.cells) == (status, ["applications.new.total"])


def test_another_sentence_gives_the_figure() -> None:
    figures = Figures(
        (Figure("applications.new.total", 2, Span(0, 1), None), Figure("applications.new.total", 5, Span(4, 5), None))
    )
    assert [c.status for c in found(matrix(), "R11", figures)] == ["unknown", "pass"]


@pytest.mark.parametrize(("six", "status"), [("本年度收取信息处理费0元。", "pass"), ("无。", "fail"), (None, "fail")])
def test_fee_is_stated(six: str | None, status: str) -> None:
    (only,) = found(matrix(), "R14", six=six)
    assert only.status == status
    assert found(Statistics(forms={"disclosure": "2019", "applications": "2019"}), "R14", six=six) == []


def test_leaves_name_every_cell() -> None:
    assert len(dict(leaves(matrix()))) == 25 * 7
