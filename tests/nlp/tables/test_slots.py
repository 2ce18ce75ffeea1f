"""Where values begin between separators is decided by a table's rows together."""

from __future__ import annotations

from nlp.document import Span
from nlp.forms import Column
from nlp.tables.cells import Slot, Stretch, Token, scan, unrepeated
from nlp.tables.overfull import choose
from nlp.tables.slots import SlotRow, arrange, between, right_of_label, trimmed


def slots(*values: int | None) -> tuple[Slot, ...]:
    return tuple(
        Slot(Span(i, i)) if v is None else Slot(Span(i, i + 1), Token(Span(v, v + 1), False))
        for i, v in enumerate(values)
    )


def row(key: str, *values: int | None) -> SlotRow:
    return SlotRow(key, slots(*values), 7)


def values(cells: list[Token]) -> list[int | None]:
    return [None if token.blank else token.span.start for token in cells]


def number(token: Token) -> float:
    return 0 if token.blank else token.span.start


def test_values_right_behind_the_label() -> None:
    found = arrange([row("new", 3, 0, 0, 0, 0, 0, 3, None, None), row("denied_1", 1, 0, 0, 0, 0, 0, 1)], number)
    assert values(found["new"]) == [3, 0, 0, 0, 0, 0, 3]


def test_empty_cells_of_a_wide_label_come_first() -> None:
    found = arrange([row("new", None, None, 3, 0, 0, 0, 0, 0, 3), row("granted", None, 2, 0, 0, 0, 0, 0, 2)], number)
    assert values(found["new"]) == [3, 0, 0, 0, 0, 0, 3]
    assert values(found["granted"]) == [2, 0, 0, 0, 0, 0, 2]


def test_sums_decide_where_places_do_not() -> None:
    both = row("new", None, None, 3, None, 3, None, None, None, None)
    assert values(arrange([both, row("granted", None, 4, None, None, None, 1, None, 5)], number)["new"]) == [
        3,
        None,
        3,
        None,
        None,
        None,
        None,
    ]


def test_rows_that_contradict_each_other_are_refused() -> None:
    assert (
        arrange([row("new", None, 3, 0, 0, 0, 0, 0, 0, 3), row("carried_in", 1, 0, 0, 0, 0, 0, 0, 1, 5)], number) == {}
    )


def stretch(text: str, label: str) -> Stretch:
    return Stretch(0, len(label), len(text), scan(text, len(label), len(text), ()))


def test_between_marks() -> None:
    text = "规章 | 1 |  | 3 |\n"
    found = right_of_label(between(text, stretch(text, "规章"), "pipe", True), True)
    assert [slot.token and text[slice(*slot.token.span)] for slot in found] == ["1", None, "3", None]


def test_an_empty_cell_at_the_end_of_a_line() -> None:
    text = "规章\t1\t\t\n5"
    found = right_of_label(between(text, stretch(text, "规章"), "tab", True), True)
    assert [slot.token is not None for slot in found] == [True, False, False], "the line below is not the row's"


def test_words_at_either_end_and_repeats_are_left_out() -> None:
    word = Slot(Span(0, 0), clear=False)
    assert len(trimmed("", [word, *slots(1, 2, 3), word], 3)) == 3
    text = "888"
    thrice = [Slot(Span(i, i + 1), Token(Span(i, i + 1), False)) for i in range(3)]
    assert len(trimmed(text, thrice, 1)) == 1
    assert len(unrepeated(text, [slot.token for slot in thrice if slot.token], 1)) == 1
    assert len(unrepeated("128", [slot.token for slot in thrice if slot.token], 1)) == 3


MATRIX = tuple(Column(key, "") for key in ("a", "b", "total"))


def test_a_number_alone_on_its_line_is_no_value_if_the_sum_says_so() -> None:
    text = "1\n2\n9\n3"
    tokens = list(scan(text, 0, len(text), ()))
    chosen = choose(text, tokens, MATRIX)
    assert chosen is not None
    assert [text[slice(*t.span)] for t in chosen] == ["1", "2", "3"]
    assert choose("1\n1\n1\n1", list(scan("1\n1\n1\n1", 0, 7, ())), MATRIX) is None


def test_the_line_with_all_values_is_the_row() -> None:
    text = "1 2 3\n4"
    chosen = choose(text, list(scan(text, 0, len(text), ())), MATRIX)
    assert chosen is not None
    assert [text[slice(*t.span)] for t in chosen] == ["1", "2", "3"]
