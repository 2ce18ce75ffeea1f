"""What stands in tables but in no cell is taken out without moving anything."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nlp.fold import fold
from nlp.tables.clean import clean


def cleaned(text: str) -> str:
    return clean(fold(text)).text


@given(st.text(alphabet="0123456789- \n\f|,，.、O零无件第页规章（）一年", max_size=80))
def test_nothing_moves(text: str) -> None:
    folded = fold(text)
    copy = clean(folded)
    assert len(copy.text) == len(folded.text)
    assert copy.offsets == folded.offsets


def test_page_marks_become_blanks_with_their_line_ends() -> None:
    text = cleaned("规章\n0\n- 3 -\n0\n第 4 页 共 9 页\n0\n")
    assert text.split() == ["规章", "0", "0", "0"]
    assert text.count("\n") == 4


def test_bare_page_numbers_count_up_from_page_to_page() -> None:
    assert cleaned("甲 0 0\n3\n\f乙 0 0\n4\n\f丙").split() == ["甲", "0", "0", "乙", "0", "0", "丙"]
    assert "7" in cleaned("甲 0 0\n7\n\f乙 0 0\n2\n\f丙"), "numbers that do not count up may be values"


def test_running_heads_go_only_where_they_repeat() -> None:
    head = "某局2021年度报告"
    assert head not in cleaned(f"甲 0\n\f{head}\n乙 0\n\f{head}\n丙 0")
    assert head in cleaned(f"甲 0\n\f{head}\n乙 0")


def test_marks_for_zero_and_for_nothing() -> None:
    assert cleaned("规章 | O | 零 | 〇 | 1O |") == "规章 | 0 | 0 | 0 | 10 |"
    assert cleaned("规章 | 无 | 0 |") == "规章 | / | 0 |"
    assert cleaned("（四）无\n法提供") == "（四）无\n法提供"


def test_thousands_kept_apart_by_blanks() -> None:
    assert cleaned("许可 | 1 234 | 12 345 678 | 0 |") == "许可 | 1,234 | 12,345,678 | 0 |"
    assert cleaned("许可 1 234 0") == "许可 1 234 0", "without bounds these are three values"


def test_commas_between_cells_need_a_table_of_them() -> None:
    rows = "".join(f"规章{n},0,,123\n" for n in "一二三四五")
    assert cleaned(rows).count("|") == 15
    assert cleaned("规章,0,0,0\n") == "规章,0,0,0\n"
    assert cleaned("许可 1,234") == "许可 1,234"


def test_row_numbers_count_up() -> None:
    rows = "".join(f"{n} | 规章 | {n}\n" for n in range(1, 10))
    assert [line.split("|")[0].strip() for line in cleaned(rows).splitlines()] == [""] * 9
    assert cleaned("1 | 规章 | 5\n7 | 许可 | 6\n") == "1 | 规章 | 5\n7 | 许可 | 6\n"
