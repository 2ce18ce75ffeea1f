"""Sheets as Excel shows them, odd and hostile workbooks."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.document import Document, Source
from nlp.ingest.office.xlsx import read_xlsx
from nlp.settings import Limits
from tests.nlp.ingest.office.office_files import SHEET, codes, grid, packed, xlsx

GOLDEN = Path(__file__).resolve().parents[3] / "golden" / "xlsx" / "sources" / "xizang-junlei-2023.xlsx"
LAUGHS = '<!DOCTYPE x [<!ENTITY a "哈哈哈哈"><!ENTITY b "&a;&a;&a;">]>'


def read(data: bytes, **limits: float) -> Document:
    return read_xlsx(data, Source("report.xlsx"), "id", (), Limits(**limits))


def saved(book: openpyxl.Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def text(reference: str, content: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t>{content}</t></is></c>'


def number(reference: str, value: str, style: int = 0) -> str:
    return f'<c r="{reference}" s="{style}"><v>{value}</v></c>'


def row(*cells: str) -> str:
    return f"<row>{''.join(cells)}</row>"


HEAD = row(text("A1", "指标"), text("B1", "数量"))


@pytest.mark.parametrize(
    ("value", "form", "shown"),
    [
        ("12.0", "General", "12"),
        ("0.30000000000000004", "General", "0.3"),
        ("1E20", "General", "1e+20"),
        ("12.5", "0", "13"),
        ("0.125", "0.0%", "12.5%"),
        ("1234567.891", "#,##0.00", "1,234,567.89"),
        ("1234567", "#,##0_);(#,##0)", "1,234,567"),
        ("-3", "#,##0_);[Red](#,##0)", "(3)"),
        ("-3", "0", "-3"),
        ("0", '0;-0;"-"', "-"),
        ("0", '_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ ', "-"),
        ("12", '0"件"', "12件"),
        ("12", "@", "12"),
        ("12", "[$¥-804]#,##0", "¥12"),
        ("12", "G/通用格式", "12"),
        ("12000", "0,", "12"),
        ("7", "000", "007"),
        ("44205", "m-d-yy", "2021-01-09"),
        ("44205", 'yyyy"年"m"月"d"日"', "2021年1月9日"),
        ("44205", 'yyyy"年"m"月"', "2021年1月"),
        ("44205.5", "yyyy-mm-dd hh:mm", "2021-01-09 12:00"),
        ("1e999", "0", "1e999"),
        ("nan", "0", "nan"),
        ("99999999", "yyyy-mm-dd", "99999999"),
        ("十二", "0", "十二"),
    ],
)
def test_numbers_as_displayed(value: str, form: str, shown: str) -> None:
    quoted = form.replace('"', "&quot;")
    styles = f'<numFmts><numFmt numFmtId="170" formatCode="{quoted}"/></numFmts><cellXfs><xf/><xf numFmtId="170"/></cellXfs>'
    sheet = HEAD + row(text("A2", "甲"), number("B2", value, 1)) + row(text("A3", "乙"), number("B3", "5"))
    assert grid(read(xlsx(sheet, styles=styles)))[3][4] == shown


def test_a_book_that_openpyxl_wrote() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for values in (["信息内容", "制发件数", None], ["规章", 0, 3.0], ["成文日期", date(2021, 1, 9), "=1+1"]):
        sheet.append(values)
    sheet["B1"].number_format = "0"
    sheet.merge_cells("B1:C1")
    expected = [(0, 0, 1, 1, "信息内容"), (0, 1, 1, 2, "制发件数"), (1, 0, 1, 1, "规章"), (1, 1, 1, 1, "0"), (1, 2, 1, 1, "3"),
                (2, 0, 1, 1, "成文日期"), (2, 1, 1, 1, "2021-01-09"), (2, 2, 1, 1, "")]  # fmt: skip
    assert grid(read(saved(book))) == expected, "a formula without a stored value is blank"


def test_stored_values_of_formulas_errors_and_flags() -> None:
    cells = '<c r="A2" t="str"><f>"甲"</f><v>甲</v></c><c r="B2"><f>2+3</f><v>5</v></c>'
    odd = '<c r="A3" t="e"><v>#REF!</v></c><c r="B3" t="b"><v>1</v></c>'
    assert [cell[4] for cell in grid(read(xlsx(HEAD + row(cells) + row(odd))))][2:] == ["甲", "5", "#REF!", "TRUE"]


def test_shared_strings_with_runs_and_readings() -> None:
    strings = "<si><r><t>信息</t></r><r><t>公开</t></r><rPh><t>xinxi</t></rPh></si>"
    cells = '<c r="A2" t="s"><v>0</v></c><c r="B2" t="s"><v>7</v></c>'
    assert [cell[4] for cell in grid(read(xlsx(HEAD + row(cells, text("C2", "_x000D_完")), strings=strings)))][3:5] == ["信息公开", ""]


def test_rows_and_cells_without_references_follow_each_other() -> None:
    cells = "".join(f'<row><c t="inlineStr"><is><t>{a}</t></is></c><c><v>{n}</v></c></row>' for n, a in enumerate("甲乙丙"))
    assert grid(read(xlsx(cells)))[2:4] == [(1, 0, 1, 1, "乙"), (1, 1, 1, 1, "1")]


def test_prose_around_framed_tables_is_text() -> None:
    styles = '<borders><border/><border><left style="thin"/></border></borders><cellXfs><xf/><xf borderId="1"/></cellXfs>'
    framed = [row(text(f"A{n}", a).replace("<c ", '<c s="1" '), number(f"B{n}", str(n), 1)) for n, a in enumerate("甲乙丙", 3)]
    label = row('<c r="A6" s="1" t="inlineStr"><is><t>丁</t></is></c>')
    sheet = row(text("A1", "一、总体情况")) + row(text("A2", "全年公开12条。")) + "".join(framed) + label + row(text("A7", "二、其他"))
    document = read(xlsx(sheet, styles=styles))
    assert document.text.split("\n") == ["一、总体情况", "全年公开12条。", "甲 | 3", "乙 | 4", "丙 | 5", "丁 | ", "二、其他"]
    assert [block.kind for block in document.blocks] == ["paragraph", "paragraph", "table", "paragraph"]


def test_a_label_without_values_stays_in_a_table_without_frames() -> None:
    sheet = HEAD + row(text("A2", "规章")) + row(text("A3", "公告"), number("B3", "5")) + row(text("A4", "以上。"))
    document = read(xlsx(sheet))
    assert [cell[4] for cell in grid(document)] == ["指标", "数量", "规章", "", "公告", "5"]
    assert document.text.endswith("\n以上。")


def test_hidden_sheets_are_left_out_and_said_and_several_are_headed_by_their_names() -> None:
    more = '<sheet name="表二" r:id="rId2"/><sheet name="参数" state="hidden" r:id="rId2"/>'
    links = '<Relationship Id="rId2" Type="x/worksheet" Target="/xl/worksheets/sheet2.xml"/>'
    second = {"xl/worksheets/sheet2.xml": f'<worksheet xmlns="{SHEET}"><sheetData>{row(text("A1", "附注"))}</sheetData></worksheet>'}
    document = read(xlsx(HEAD + row(text("A2", "规章"), number("B2", "0")), sheets=more, links=links, **second))
    assert document.text.split("\n") == ["表一", "指标 | 数量", "规章 | 0", "表二", "附注"]
    assert codes(document) == ["hidden_sheet"]


COLUMNS = [a + b for a in "BCDEFGHIJKLMNOPQ" for b in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
MERGES = "".join(f'<mergeCell ref="A{n}:XFD1048576"/>' for n in range(1, 3000))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"PK\x03\x04", "damaged_file"),
        (xlsx(HEAD)[:-30], "damaged_file"),
        (packed({"xl/workbook.bin": "x", "_rels/.rels": '<a><b Id="1" Type="x/officeDocument" Target="xl/workbook.bin"/></a>'}),
         "unsupported_format"),
        (packed({"xl/workbook.xml": "nothing"}), "damaged_file"),
        (xlsx(HEAD, **{"xl/worksheets/sheet1.xml": "nothing"}), "damaged_file"),
        (xlsx(HEAD, **{"xl/worksheets/sheet1.xml": f"{LAUGHS}<worksheet>&b;</worksheet>"}), "hostile_xml"),
        (xlsx(HEAD, **{"xl/sharedStrings.xml": f"{LAUGHS}<sst><si><t>&b;</t></si></sst>"}), "hostile_xml"),
        (xlsx(row(number("A1", "1")) * 300_000), "compression_ratio"),
        (xlsx("".join(f'<row r="{n}">{text(f"A{n}", "甲")}<c r="{column}{n}"><v>1</v></c></row>'
                      for n, column in enumerate(COLUMNS, 1))), "too_large"),
        (xlsx(""), "empty"),
    ],
)  # fmt: skip
def test_damaged_and_hostile_workbooks_are_refused_and_said(data: bytes, code: str) -> None:
    document = read(data)
    assert (document.text, codes(document)[-1]) == ("", code)


def test_claims_without_measure_cost_nothing() -> None:
    far = row(text("A1", "甲"), number("XFD1", "1")) + '<row r="1048576"><c r="A1048576"><v>2</v></c></row>'
    assert read(xlsx(far, MERGES)).text == "甲", "the rest lies under the merged cell"


def test_damaged_references_and_styles_are_read_as_well_as_can_be() -> None:
    sheet = HEAD + '<row r="x"><c r="??" t="s"><v>-1</v></c><c r="B2" s="99"><v>5</v></c><c r="ZZZ2"><v>6</v></c></row>'
    assert "5" in read(xlsx(sheet, '<mergeCell ref="??"/><mergeCell/><mergeCell ref="A:B"/>')).text


@given(st.data())
@settings(max_examples=20)
def test_mutated_parts_never_raise(data: st.DataObject) -> None:
    with zipfile.ZipFile(GOLDEN) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = data.draw(st.sampled_from(["xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"]))
    part = bytearray(parts[name])
    for _ in range(data.draw(st.integers(1, 20))):
        start = data.draw(st.integers(0, len(part) - 1))
        part[start : start + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=8))
    document = read(packed({**parts, name: bytes(part)}))
    assert document.text or any(issue.severity == "error" for issue in document.issues)
