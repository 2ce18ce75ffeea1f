"""Filled official tables as a report could print them, for property tests."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

sys.path.insert(
    0, str(Path(__file__).resolve().parents[2] / "samples")
)  # the samples' own renderer: not the code under test

from maker import forms
from maker.text import LAYOUTS

__all__ = ["LAYOUTS", "forms", "specs"]

_RESULT_FREE = ("new", "carried_in", "result_total", "carried_out")
_counts = st.one_of(st.just(0), st.integers(0, 9), st.integers(10, 4000))


@st.composite
def _row(draw: st.DrawFn) -> list[int]:
    """Six applicants and their sum; most are zero, as in real reports."""
    values = [0] * 6
    for place in draw(st.sets(st.integers(0, 5), max_size=3)):
        values[place] = draw(_counts)
    return [*values, sum(values)]


@st.composite
def _matrix(draw: st.DrawFn, form: str) -> dict[str, Any]:
    """A matrix that keeps R1–R3."""
    keys = [key for key, _ in forms.application_rows(form) if key not in _RESULT_FREE]
    rows = {key: [0] * 7 for key in keys}
    for key in draw(st.sets(st.sampled_from(keys), max_size=6)):
        rows[key] = draw(_row())
    total = [sum(column) for column in zip(*rows.values(), strict=True)]
    carried_out, carried_in = draw(_row()), [0] * 7
    new = [a + b - c for a, b, c in zip(total, carried_out, carried_in, strict=True)]
    rows |= {"new": new, "carried_in": carried_in, "result_total": total, "carried_out": carried_out}
    return {"form": form, **{key: " ".join(map(str, values)) for key, values in rows.items()}}


@st.composite
def specs(draw: st.DrawFn) -> dict[str, Any]:
    """The three tables of a report in one form, every cell filled and every hard relation kept."""
    form = draw(st.sampled_from(["2019", "2021"]))
    disclosure: dict[str, Any] = {"form": form}
    for part, (_, columns, items) in forms.ART20[form].items():
        for key, _ in items:
            values = [str(draw(_counts)) for _ in columns]
            if columns[-1][0] == "amount" and draw(st.booleans()):
                values[-1] += "." + str(draw(st.integers(1, 99)))
            if columns[-1][0] == "total_public":  # R8
                values[1:] = sorted(values[1:], key=float)
            if columns[0][0] == "projects" and values[0] == "0":  # R9
                values[1] = "0"
            if columns[0][0] == "projects" and values[0] != "0" and float(values[1]) == 0:
                values[1] = "7"
            disclosure[f"{part}.{key}"] = " ".join(values)
    blocks = {}
    for block, _ in forms.BLOCKS:
        parts = [draw(st.one_of(st.just(0), st.integers(0, 120))) for _ in range(4)]
        blocks[block] = " ".join(map(str, [*parts, sum(parts)]))
    return {
        "disclosure": disclosure,
        "applications": draw(_matrix(form)),
        "review_litigation": {"form": form, **blocks},
    }
