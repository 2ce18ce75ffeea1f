"""Passages lie where they say, whatever script, width, numbers and lines a copy has; the form's own words do not count."""

from __future__ import annotations

import opencc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.record import Cell, Span, Statistics
from nlp.summary.passages import FormLanguage, reuse
from nlp.summary.prose import prose_of, prose_of_text
from nlp.summary.settings import load_reuse_settings
from tests.nlp.summary.making import BRIDGE, ORCHARD, SCHOOL, SEAWALL, report

FORM = FormLanguage()
PHRASE = "根据中华人民共和国政府信息公开条例（国务院令第711号）"
pieces = st.lists(st.sampled_from([SEAWALL, ORCHARD, SCHOOL, BRIDGE, "共１２３件，", "\n", "其中4.5万元。"]), max_size=6)


def said(text: str) -> str:
    """What a text says, without its numbers, punctuation and white space."""
    return prose_of_text(text).text.strip()


@given(pieces, pieces)
def test_both_ends_of_a_passage_say_the_same(older: list[str], newer: list[str]) -> None:
    a, b = "".join(older), "".join(newer)
    found = reuse(prose_of_text(a), prose_of_text(b), FORM)
    for passage in found.passages:
        assert said(a[passage.a_start : passage.a_end]) == said(b[passage.b_start : passage.b_end])
    assert found.reused == sum(len(said(b[p.b_start : p.b_end])) for p in found.passages)
    assert 0 <= found.share <= 1


@pytest.mark.parametrize(
    "copy",
    [
        opencc.OpenCC("s2t").convert(SEAWALL + SCHOOL),
        (SEAWALL + SCHOOL).replace("，", ",\n"),
        SCHOOL + SEAWALL,
    ],
    ids=["traditional", "lines and width", "moved"],
)
def test_a_copy_in_other_clothes_is_a_copy(copy: str) -> None:
    assert reuse(prose_of_text(SEAWALL + SCHOOL), prose_of_text(copy), FORM).share == 1


def test_changed_numbers_do_not_hide_a_copy() -> None:
    older, newer = "全年在镇政府网站公开信息1,204条，比上年增加3.5%。", "全年在镇政府网站公开信息86条，比上年增加２%。"
    assert reuse(prose_of_text(older), prose_of_text(newer), FORM).share == 1


def test_half_of_the_newer_text_is_half() -> None:
    share = reuse(prose_of_text(SEAWALL), prose_of_text(SEAWALL + ORCHARD), FORM).share
    assert share == len(said(SEAWALL)) / len(said(SEAWALL + ORCHARD))


def test_phrases_of_the_law_are_not_copied() -> None:
    found = reuse(prose_of_text(PHRASE), prose_of_text(PHRASE), FORM)
    assert found.passages == ()
    assert found.characters == len("根据")


def test_what_many_write_is_not_copied_unless_it_is_long() -> None:
    settings = load_reuse_settings().model_copy(update={"one_in": 1})
    common = prose_of_text(ORCHARD)
    from nlp.summary.index import fingerprint

    form = FormLanguage(fingerprint(common, settings), settings)
    assert reuse(common, common, form).reused == 0
    long_ago = FormLanguage(form.common, settings.model_copy(update={"form_longest": 10}))
    assert reuse(common, common, long_ago).share == 1


def test_headings_and_tables_are_no_prose() -> None:
    table = "项目名称 | 本年数量\n制发规范性文件数 | 12 | 34\n"
    record = report("云栖县人民政府", 2021, SEAWALL + table + "此后再无其他事项需要说明。")
    places = [record.text.index(raw) for raw in ("12 |", "34\n")]
    cells = {n: Cell(r, int(r), span=Span(at, at + 2)) for n, r, at in zip("ab", ("12", "34"), places, strict=True)}
    with_table = report("云栖县人民政府", 2021, SEAWALL + table + "此后再无其他事项需要说明。", Statistics(applications={"new": cells}))
    assert prose_of(with_table).text.split() == [said(SEAWALL), "此后再无其他事项需要说明"]
    prose = prose_of(with_table)
    assert with_table.text[slice(*prose.original(0, 5))] == SEAWALL[:5]
