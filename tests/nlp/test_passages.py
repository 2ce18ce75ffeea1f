from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from nlp.document import Block, Document, Section, Source, Span
from nlp.fold import fold
from nlp.passages import find_passages

TEXT = "一、总体情况\n本局公开信息9条。\n规章 0 0 0\n扫一扫\n下一步加强培训。"


def section(kind: str, start: int, end: int, title_end: int) -> Section:
    return Section(kind, TEXT[start:title_end], Span(start, end), Span(start, title_end))  # type: ignore[arg-type]


def test_headings_tables_and_chrome_are_no_prose() -> None:
    table, chrome = TEXT.index("规章"), TEXT.index("扫")
    document = Document("x", Source("x"), TEXT, blocks=(Block(Span(chrome, chrome + 4), "chrome"),))
    found = find_passages(document, fold(TEXT), [section("overview", 0, len(TEXT), 6)], [Span(table, table + 9)])
    assert [TEXT[p.start : p.end].strip() for p in found] == ["本局公开信息9条。", "下一步加强培训。"]
    assert {p.section for p in found} == {"overview"}


def test_a_page_number_does_not_cut_a_sentence() -> None:
    text = "本局公开信息\n- 3 -\n共九条。"
    document = Document("x", Source("x"), text, blocks=(Block(Span(7, 12), "chrome"),))
    whole = Section("overview", "", Span(0, len(text)), Span(0, 0))
    assert [text[p.start : p.end] for p in find_passages(document, fold(text), [whole], [])] == [text]


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=6))
def test_passages_never_touch_a_table_and_lose_nothing_else(holes: list[tuple[int, int]]) -> None:
    tables = [Span(min(pair), max(pair)) for pair in holes]
    document = Document("x", Source("x"), TEXT)
    found = find_passages(document, fold(TEXT), [section("overview", 0, len(TEXT), 0)], tables)
    covered = {i for p in found for i in range(p.start, p.end)}
    inside = {i for start, end in tables for i in range(start, end)}
    assert not covered & inside
    assert {i for i, character in enumerate(TEXT) if not character.isspace()} <= covered | inside
    assert all(left.end <= right.start for left, right in itertools.pairwise(found))
