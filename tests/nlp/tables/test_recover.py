"""Digits that ran together: the right reading is always among them, one alone is accepted, never a wrong one."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.tables.recover import MOST_READINGS, Reading, Run, readings, settle, solve

COUNT7 = ("count",) * 7
small = st.one_of(st.just(0), st.integers(0, 9), st.integers(10, 999))


def silent(key: str, reading: Reading) -> bool | None:
    return None


@st.composite
def rows(draw: st.DrawFn) -> Reading:
    parts = draw(st.lists(small, min_size=6, max_size=6))
    return (*parts, sum(parts))


def glued(key: str, row: Reading) -> Run:
    return Run(key, ("".join(map(str, row)),), COUNT7)


@given(rows())
def test_the_true_reading_is_among_them_and_all_keep_the_sum(row: Reading) -> None:
    found = readings(glued("r", row), 7)
    if found is not None:
        assert row in found
        assert all(sum(reading[:-1]) == reading[-1] for reading in found)
        assert all("".join(map(str, reading)) == "".join(map(str, row)) for reading in found)


@settings(deadline=None)
@given(rows(), rows(), rows())
def test_settled_values_are_true(new: Reading, carried_in: Reading, total: Reading) -> None:
    carried_out = tuple(a + b - c for a, b, c in zip(new, carried_in, total, strict=True))
    if min(carried_out) < 0:
        return
    truth = {"new": new, "carried_in": carried_in, "total": total, "carried_out": carried_out}
    candidates = {key: readings(glued(key, row), 7) or [] for key, row in truth.items()}
    relation = {"new": 1, "carried_in": 1, "total": -1, "carried_out": -1}
    for key, recovery in settle(candidates, {}, [relation], silent).items():
        assert recovery.by is None or recovery.readings == (truth[key],)
        assert not recovery.readings or truth[key] in recovery.readings


def test_one_reading_is_recovered_by_its_row() -> None:
    found = settle({"r": readings(Run("r", ("7000007",), COUNT7), 7) or []}, {}, [], silent)
    assert found["r"].by == "row"
    assert found["r"].readings == ((7, 0, 0, 0, 0, 0, 7),)


def test_relations_between_rows_decide() -> None:
    a, b = [(1, 23), (12, 3)], [(1, 23)]
    found = settle({"a": a}, {"b": b[0]}, [{"a": 1, "b": -1}], silent)
    assert (found["a"].by, found["a"].readings) == ("report", ((1, 23),))


def test_prose_decides_and_silence_does_not() -> None:
    candidates = {"a": [(1, 23), (12, 3)]}
    told = settle(candidates, {}, [], lambda key, reading: reading[1] == 3)
    assert (told["a"].by, told["a"].readings) == ("prose", ((12, 3),))
    untold = settle(candidates, {}, [], silent)
    assert (untold["a"].by, len(untold["a"].readings)) == (None, 2)
    contradicting = settle(candidates, {}, [], lambda key, reading: False)
    assert contradicting["a"].by is None


def test_relations_that_nothing_satisfies_leave_all_readings() -> None:
    assert solve({"a": [(1,), (2,)]}, {"b": (9,)}, [{"a": 1, "b": -1}]) is None


def test_printed_blanks_and_leading_zeros_bound_the_readings() -> None:
    assert readings(Run("r", ("10", "5"), ("count", "count"))) == [(10, 5)]
    assert readings(Run("r", ("05",), ("count", "count"))) == [(0, 5)]
    assert readings(Run("r", ("007",), ("count", "count"))) == []


def test_signs_commas_and_decimals() -> None:
    assert readings(Run("r", ("12-5",), ("count", "signed"))) == [(12, -5)]
    assert readings(Run("r", ("12-5",), ("count", "count"))) == []
    assert (3635, 0) in (readings(Run("r", ("3,6350",), ("count", "count"))) or [])
    assert readings(Run("r", ("718.3",), ("count", "money"))) == [(7, 18.3), (71, 8.3)]


def test_long_runs_end_at_the_limits() -> None:
    assert readings(Run("r", ("1" * 60,), COUNT7)) is None
    many: list[Reading] = [(n,) for n in range(MOST_READINGS)]
    assert solve(dict.fromkeys("abcdef", many), {}, [dict.fromkeys("abcdef", 1)]) is None
