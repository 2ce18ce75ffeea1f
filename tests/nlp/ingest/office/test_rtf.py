"""Rich text as Word, WPS and older programs write it, and damaged or hostile."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.document import Document, Source
from nlp.ingest.office.rtf import read_rtf
from nlp.settings import Limits
from tests.nlp.ingest.office.office_files import codes, grid

GOLDEN = Path(__file__).resolve().parents[3] / "golden" / "rtf" / "sources" / "xizang-junlei-2023.rtf"
FONTS = r"{\fonttbl{\f0\froman\fcharset0 Times;}{\f1\fnil\fcharset134 \'cb\'ce\'cc\'e5;}{\f2\fcharset136 Ming;}{\f3\fcharset2 Symbol;}}"


def gbk(text: str) -> str:
    """Text as `\\'xx` in the code page of mainland China."""
    return "".join(rf"\'{byte:02x}" for byte in text.encode("gb18030"))


def read(body: str | bytes, **limits: float) -> Document:
    data = body if isinstance(body, bytes) else rf"{{\rtf1\ansi\ansicpg936\deff0{FONTS}{body}}}".encode("latin-1")
    return read_rtf(data, Source("report.rtf"), "id", (), Limits(**limits))


def row(*cells: str, edges: tuple[int, ...] = (1000, 2000), flags: tuple[str, ...] = ()) -> str:
    marks = (*flags, *[""] * (len(edges) - len(flags)))
    definition = "".join(rf"{mark}\cellx{edge}" for mark, edge in zip(marks, edges, strict=True))
    return rf"\trowd\trleft0{definition}\pard\intbl " + "".join(cell + r"\cell " for cell in cells) + r"\row "


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (rf"\f1 {gbk('公开')}12{gbk('条')}\par", "公开12条"),
        (gbk("公开") + r"\par", "公开"),
        (r"\f1 \'a6A\par".replace("A", "\\'c1"), "α"),
        (r"\f1 \'81@\par", "丂"),
        (r"\f2 \'a4\'bd\par", "公"),
        (r"\u20844?\u24320?12\par", "公开12"),
        (r"\uc2\u20844\'b9\'ab\u24320\'bf\'aa{\uc0\u26465}\par", "公开条"),
        (r"\u-10179?\u-8704?\par", "😀"),
        (r"\u-10179?x\par", "\ufffdx"),
        (r"a\{b\}\\c\~d\_e\emdash f\par", "a{b}\\c d-e—f"),
        (r"a\tab b\line c\par", "a b\nc"),
        (r"a{\v hidden}b{\deleted old}{\revised new}\par", "abnew"),
        (r"a{\field{\*\fldinst PAGE}{\fldrslt 3}}b\par", "a3b"),
        (r"{\field{\*\fldinst TOC \\o}{\fldrslt a\tab 1\par {\field{\*\fldinst PAGEREF x}{\fldrslt 9}}}}b\par", "b"),
        (r"{\header top\par}{\footerr 1\par}{\footnote note}{\*\unknown x}{\info{\title t}}text\par", "text"),
        (r"{\listtext\pard\f1 \'d2\'bb\'a1\'a2}\f1 \'d7\'dc\'cc\'e5\par", "一、总体"),
        (r"{\listtext\f3 \'b7\tab}a\par", "a"),
        (r"a{\shp{\*\shpinst{\sp{\sn x}{\sv 1}}{\shptxt box\par}}{\shprslt old}}\par b\par", "a\nbox\nb"),
        (r"{\header{\shp{\*\shpinst{\shptxt box\par}}}}b\par", "b"),
        (r"a\bin5 }}}}}b\par", "ab"),
        ("a\r\nb\\\nc", "ab\nc"),
        (r"{\object{\*\objdata 0102}{\result c}}\par", "c"),
        (r"{\f1 \'b9\'ab}{\b \f1 \'bf\'aa}\par", "公开"),
        ("&lt;<b>&", "&lt;<b>&"),
    ],
)  # fmt: skip
def test_text_as_word_shows_it(body: str, shown: str) -> None:
    assert read(body).text == shown


def test_headings_by_outline_level() -> None:
    document = read(r"\pard\outlinelevel0 head\par\pard text\par")
    assert [(block.kind, block.path) for block in document.blocks] == [("heading", "/html/body/h1"), ("paragraph", "/html/body/p")]


def test_merged_cells_have_their_places() -> None:
    table = (
        row("a", "b", edges=(1000, 3000), flags=(r"\clvmgf",))
        + row("", "c", "d", edges=(1000, 2010, 3000), flags=(r"\clvmrg",))
        + row("e", "f", "", edges=(1004, 2000, 2995), flags=("", r"\clmgf", r"\clmrg"))
    )
    assert grid(read(table + r"\pard text\par")) == [
        (0, 0, 2, 1, "a"), (0, 1, 1, 2, "b"), (1, 1, 1, 1, "c"), (1, 2, 1, 1, "d"), (2, 0, 1, 1, "e"), (2, 1, 1, 2, "f"),
    ]  # fmt: skip


def test_a_row_defined_behind_its_cells_and_one_never_defined() -> None:
    late = r"\pard\intbl a\cell b\cell\trowd\cellx1000\cellx2000\row"
    late += r"\trowd\pard\intbl c\cell d\cell\row" + r"\intbl e\cell f\cell\row"
    assert [cell[4] for cell in grid(read(late))] == list("abcdef")


def test_a_nested_table_is_text_of_its_cell() -> None:
    nested = r"x\par\pard\intbl\itap2 1\nestcell 2\nestcell"
    nested += r"{\*\nesttableprops\trowd\cellx100\cellx200\nestrow}{\nonesttables\par}\pard\intbl y"
    document = read(row("a", "b") + row("c", "d") + row("e", nested))
    assert [cell[4] for cell in grid(document)] == ["a", "b", "c", "d", "e", "x 1 2 y"]


def test_tables_are_parted_by_text() -> None:
    table = row("a", "1") + row("b", "2") + row("c", "3")
    document = read(table + r"\pard between\par " + table)
    assert document.text == "a | 1\nb | 2\nc | 3\nbetween\na | 1\nb | 2\nc | 3"
    assert len(document.tables) == 2


def test_a_picture_without_a_table_is_said() -> None:
    assert codes(read(r"text\par{\pict\pngblip 89504e47}\par")) == ["images_unread"]


def test_a_file_that_breaks_off_is_read_and_said() -> None:
    document = read(GOLDEN.read_bytes()[:60_000])
    assert codes(document) == ["cut_off"]
    assert "总体情况" in document.text


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "empty"),
        (b"{\\rtf1" + b"{" * 2_000_000, "nested_too_deep"),
        (b"{\\rtf1 " + b"text " * 400_000, "too_large"),
        (r"\pard\intbl " + r"\cell" * 150_000, "too_large"),
        (b"{\\rtf1" + b"}" * 100_000, "empty"),
        (b"{\\rtf1\\bin-5 \\bin99999999 x", "empty"),
        (b"{\\rtf1{\\pict" + b"00" * 5_000_000 + b"}}", "empty"),
    ],
)
def test_hostile_files_are_refused_and_said(body: str | bytes, code: str) -> None:
    document = read(body)
    assert document.text == ""
    assert code in codes(document)


def test_claims_without_measure_cost_nothing() -> None:
    table = row("a", "b", edges=(-2_000_000_000, 2_000_000_000)) + row("c", "d", edges=(5, 1)) + row("e", "f", edges=(9_999_999_999, 3))
    document = read(r"\itap999999999 x\nestcell\nestrow\uc-3\u999999999 ?\f-9 \pard\par" + table)
    assert [cell[4] for cell in grid(document) if cell[4]] == list("abcdef")


@given(st.data())
@settings(max_examples=15)
def test_mutated_files_never_raise(data: st.DataObject) -> None:
    content = bytearray(GOLDEN.read_bytes()[:40_000])
    for _ in range(data.draw(st.integers(1, 20))):
        start = data.draw(st.integers(0, len(content) - 1))
        junk = data.draw(st.one_of(st.binary(max_size=8), st.sampled_from([b"{", b"}", b"\\row", b"\\cell", b"\\trowd", b"\\u-1"])))
        content[start : start + data.draw(st.integers(0, 30))] = junk
    document = read(bytes(content))
    assert document.text or any(issue.severity == "error" for issue in document.issues)
