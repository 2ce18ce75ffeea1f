import sqlite3

from hypothesis import given
from hypothesis import strategies as st

from nlp.service.search import excerpt, grams, match

TEXT = st.text("公开申请信访局a1B２，。\n 𠀀", max_size=60)


def found(text: str, query: str) -> bool:
    with sqlite3.connect(":memory:") as connection:
        connection.execute("CREATE VIRTUAL TABLE t USING fts5 (grams, content = '', tokenize = 'unicode61 remove_diacritics 0')")
        connection.execute("INSERT INTO t (rowid, grams) VALUES (1, ?)", (grams(text),))
        return connection.execute("SELECT rowid FROM t WHERE t MATCH ?", (match(query),)).fetchone() is not None


@given(TEXT, st.integers(0, 60), st.integers(1, 12))
def test_every_stretch_of_a_text_is_found(text: str, start: int, length: int) -> None:
    query = text[start : start + length]
    if match(query) is not None:
        assert found(text, query)


@given(TEXT, st.text("公开申请信访局", min_size=2, max_size=6))
def test_nothing_is_found_that_does_not_stand_there(text: str, word: str) -> None:
    assert found(text, word) == (word in text)


def test_traditional_script_and_wide_letters_are_found() -> None:
    assert found("政府信息公開工作年度報告", "信息公开")
    assert found("ＡＢＣ公司", "abc")


def test_a_query_without_letters_is_none() -> None:
    assert match("，。") is None


def test_an_excerpt_keeps_the_text_as_it_stands() -> None:
    assert excerpt("本縣政府信息公開工作", "信息公开") == ("本縣政府", "信息公開", "工作")
    assert excerpt("本县", "信访") is None
