"""The HTML table model."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html

from nlp.ingest.grid import places

Layout = list[tuple[int, int, int, int, str]]


def layout(inside: str) -> Layout:
    """(row, column, rowspan, colspan, text) of each cell."""
    table = lxml_html.fragment_fromstring(f"<table>{inside}</table>")
    return [(p.row, p.column, p.rowspan, p.colspan, (p.element.text or "").strip()) for p in places(table)]


def test_spans_push_cells_aside() -> None:
    found = layout("<tr><td rowspan=2>a<td colspan=2>b<tr><td>c<td>d<tr><td>e<td>f<td>g")
    assert found == [(0, 0, 2, 1, "a"), (0, 1, 1, 2, "b"), (1, 1, 1, 1, "c"), (1, 2, 1, 1, "d"),
                     (2, 0, 1, 1, "e"), (2, 1, 1, 1, "f"), (2, 2, 1, 1, "g")]  # fmt: skip


def test_head_comes_first_and_foot_last_and_spans_end_with_their_group() -> None:
    found = layout(
        "<tfoot><tr><td>z</tfoot><tbody><tr><td rowspan=9>a<td>b</tbody><tbody><tr><td>c</tbody><thead><tr><th>h"
    )
    assert [(row, column, rowspan, text) for row, column, rowspan, _, text in found] == [
        (0, 0, 1, "h"), (1, 0, 1, "a"), (1, 1, 1, "b"), (2, 0, 1, "c"), (3, 0, 1, "z"),
    ]  # fmt: skip


def test_rowspan_zero_reaches_to_the_end_of_the_group() -> None:
    assert layout("<tr><td rowspan=0>a<td>b<tr><td>c<tr><td>d")[0] == (0, 0, 3, 1, "a")


@pytest.mark.parametrize("span", ["0", "-1", "x", "", "1.5", "²", "٣"])
def test_colspan_that_is_no_number_is_one(span: str) -> None:
    assert [column for _, column, *_ in layout(f"<tr><td colspan='{span}'>a<td>b")] == [0, 1]


def test_colspan_ends_with_the_last_column_that_a_cell_starts_in() -> None:
    assert layout("<tr><td colspan=999999999>title<tr><td>a<td>b")[0] == (0, 0, 1, 2, "title")


spans = st.one_of(st.integers(0, 4), st.sampled_from([1000, 10**9]))
rows = st.lists(st.lists(st.tuples(spans, spans), max_size=5), max_size=6)


@given(rows)
def test_every_cell_has_a_place_of_its_own(cells: list[list[tuple[int, int]]]) -> None:
    inside = "".join(
        "<tr>" + "".join(f"<td rowspan={down} colspan={across}>x</td>" for down, across in row) + "</tr>"
        for row in cells
    )
    found = layout(inside)
    assert len(found) == sum(map(len, cells))
    assert [cell[:2] for cell in found] == sorted({cell[:2] for cell in found})
    assert all(row + down <= len(cells) and across >= 1 and down >= 1 for row, _, down, across, _ in found)
