"""What the golden files do not show one by one: WordprocessingML as programs write it, and as attackers do."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.document import Document, Source
from nlp.ingest.office.docx import read_docx
from nlp.settings import Limits
from tests.nlp.ingest.office.office_files import codes, docx, grid, p, packed, tbl, tc

GOLDEN = Path(__file__).resolve().parents[3] / "golden" / "docx" / "sources" / "written.docx"
DATA = tbl(tc("指标") + tc("数量"), tc("规章") + tc("0"), tc("公告") + tc("5"))
DATA_CELLS = [(0, 0, 1, 1, "指标"), (0, 1, 1, 1, "数量"), (1, 0, 1, 1, "规章"),
              (1, 1, 1, 1, "0"), (2, 0, 1, 1, "公告"), (2, 1, 1, 1, "5")]  # fmt: skip


def read(data: bytes, **limits: float) -> Document:
    return read_docx(data, Source("report.docx"), "id", (), Limits(**limits))


def r(inside: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr>{inside}</w:r>"


def t(text: str) -> str:
    return r(f"<w:t>{text}</w:t>")


def field(instruction: str, result: str) -> str:
    kinds = [r(f'<w:fldChar w:fldCharType="{kind}"/>') for kind in ("begin", "separate", "end")]
    return kinds[0] + r(f"<w:instrText>{instruction}</w:instrText>") + kinds[1] + result + kinds[2]


@pytest.mark.parametrize(
    ("inside", "shown"),
    [
        (t("公开") + t("信息12") + t("条"), "公开信息12条"),
        (r("<w:t>甲</w:t><w:tab/><w:t>乙</w:t>"), "甲 乙"),
        (r("<w:t>甲</w:t><w:br/><w:t>乙</w:t>"), "甲\n乙"),
        (r("<w:t>2021</w:t><w:noBreakHyphen/><w:t>12</w:t>"), "2021-12"),
        (t("&lt;条例&gt;&amp;办法"), "<条例>&办法"),
        (t("显") + r("<w:t>隐</w:t>", "<w:vanish/>") + r("<w:t>示</w:t>", '<w:vanish w:val="0"/>'), "显示"),
        (f"<w:hyperlink>{t('链接')}</w:hyperlink><w:smartTag>{t('标签')}</w:smartTag>", "链接标签"),
        (f"<w:sdt><w:sdtPr/><w:sdtContent>{t('控件')}</w:sdtContent></w:sdt>", "控件"),
        (t("公开") + field("PAGE", t("12")) + t("条"), "公开12条"),
        (field(" IF " + "{", field("REF a", t("内")) + t("外")), "内外"),
        (r("<w:ruby><w:rt><w:r><w:t>zhōng</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>中</w:t></w:r></w:rubyBase></w:ruby>"), "中"),
        ("<m:oMath><m:r><m:t>1+2</m:t></m:r></m:oMath>", "1+2"),
    ],
)  # fmt: skip
def test_text_as_word_shows_it(inside: str, shown: str) -> None:
    assert read(docx(p(inside))).text == shown


def test_revisions_are_read_as_accepted() -> None:
    deleted = f"<w:del>{r('<w:delText>8</w:delText>')}</w:del><w:moveFrom>{t('旧')}</w:moveFrom>"
    inside = f"{t('公开')}{deleted}<w:ins>{t('12')}</w:ins>{t('条')}"
    assert read(docx(p(inside))).text == "公开12条"


def test_a_deleted_paragraph_mark_joins_two_paragraphs() -> None:
    assert read(docx(p("全年公开", "<w:rPr><w:del/></w:rPr>") + p("12条") + p("其他"))).text == "全年公开12条\n其他"


def test_deleted_rows_are_left_out_and_inserted_ones_kept() -> None:
    rows = f"<w:tr><w:trPr><w:del/></w:trPr>{tc('旧')}{tc('9')}</w:tr><w:tr><w:trPr><w:ins/></w:trPr>{tc('新')}{tc('7')}</w:tr>"
    document = read(docx(DATA.replace("</w:tbl>", rows + "</w:tbl>")))
    assert grid(document)[-2:] == [(3, 0, 1, 1, "新"), (3, 1, 1, 1, "7")]


def test_a_text_box_given_for_new_and_old_programs_is_read_once() -> None:
    box = f"<w:txbxContent>{p('窗口在一层。')}</w:txbxContent>"
    both = f"<mc:AlternateContent><mc:Choice>{box}</mc:Choice><mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent>"
    assert read(docx(p(t("正文") + r(both) + t("完")))).text == "正文完\n窗口在一层。"


def test_a_table_of_contents_is_left_out() -> None:
    entries = field("TOC \\o", t("一、总体情况") + r("<w:tab/>") + field("PAGEREF _1", t("1")))
    assert read(docx(p(entries) + p("一、总体情况"))).text == "一、总体情况"


def test_headings_by_style_and_by_outline_level() -> None:
    styles = (
        '<w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 1"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="a"><w:name w:val="公文标题"/><w:basedOn w:val="1"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="b"><w:name w:val="循环"/><w:basedOn w:val="b"/></w:style>'
    )
    marks = ('<w:pStyle w:val="1"/>', '<w:pStyle w:val="a"/>', '<w:outlineLvl w:val="1"/>', '<w:pStyle w:val="b"/>',
             '<w:pStyle w:val="1"/><w:outlineLvl w:val="9"/>')  # fmt: skip
    document = read(docx("".join(p(f"标题{n}", mark) for n, mark in enumerate(marks)), styles))
    assert [block.kind for block in document.blocks] == ["heading", "heading", "heading", "paragraph", "paragraph"]


def numbering(*levels: tuple[str, str, str], more: str = "") -> str:
    inside = "".join(
        f'<w:lvl w:ilvl="{n}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/><w:lvlText w:val="{text}"/>{rest}</w:lvl>'
        for n, (kind, text, rest) in enumerate(levels)
    )
    lists = '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    return f'<w:abstractNum w:abstractNumId="0">{inside}</w:abstractNum>{lists}{more}'


def item(text: str, level: int = 0, list_id: int = 1) -> str:
    return p(text, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{list_id}"/></w:numPr>')


OUTLINE = numbering(("chineseCounting", "%1、", ""), ("chineseCounting", "（%2）", ""), ("decimal", "%3.", ""))


def test_labels_of_lists_are_printed_and_begin_anew_below_each_heading() -> None:
    body = item("总体") + item("主动", 1) + item("文件", 2) + item("公报", 2)
    body += item("依申请", 1) + item("年报", 2) + item("申请") + item("概况", 1)
    labels = read(docx(body, numbering=OUTLINE)).text.split("\n")
    assert labels == ["一、总体", "（一）主动", "1. 文件", "2. 公报", "（二）依申请", "1. 年报", "二、申请", "（一）概况"]


@pytest.mark.parametrize(
    ("kind", "text", "rest", "shown"),
    [
        ("chineseCountingThousand", "第%1章", "", "第十二章 甲"),
        ("decimal", "%1", '<w:suff w:val="nothing"/>', "12甲"),
        ("decimalEnclosedCircle", "%1", "", "⑫ 甲"),
        ("ideographTraditional", "%1、", "", "乙、甲"),
        ("lowerLetter", "%1)", "", "l) 甲"),
        ("upperRoman", "%1.", "", "XII. 甲"),
        ("decimalZero", "%1.", "", "12. 甲"),
        ("decimalFullWidth", "%1．", "", "１２．甲"),
        ("bullet", "\uf0b7", "", "甲"),
        ("none", "", "", "甲"),
        ("unheardOf", "%1.", "", "12. 甲"),
        ("chineseCounting", "%1、", "<w:isLgl/>", "12、甲"),
    ],
)
def test_formats_of_labels(kind: str, text: str, rest: str, shown: str) -> None:
    body = "".join(item("甲") for _ in range(12))
    assert read(docx(body, numbering=numbering((kind, text, rest)))).text.split("\n")[-1] == shown


def test_lists_go_on_unless_told_to_restart() -> None:
    more = (
        '<w:num w:numId="2"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="3"><w:abstractNumId w:val="0"/>'
        '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride></w:num>'
    )
    lists = numbering(("decimal", "%1、", ""), more=more)
    body = item("甲") + item("乙", 0, 2) + item("丙", 0, 3) + item("丁", 0, 3) + item("戊", 0, 0) + item("己", 0, 99)
    assert read(docx(body, numbering=lists)).text == "1、甲\n2、乙\n5、丙\n6、丁\n戊\n己"


def test_a_level_that_was_never_counted_stands_at_its_start() -> None:
    assert read(docx(item("甲", 1), numbering=numbering(("decimal", "%1", ""), ("decimal", "%1.%2", "")))).text == "1.1 甲"


def test_merged_cells_have_their_places() -> None:
    down, on = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    table = tbl(
        tc("对象", down) + tc("申请人", '<w:gridSpan w:val="2"/>'),
        tc("", on) + tc("自然人") + tc("法人"),
        tc("", on) + tc("1") + tc("2"),
        '<w:trPr><w:gridBefore w:val="1"/></w:trPr>' + tc("3") + tc("4"),
    )
    expected = [(0, 0, 3, 1, "对象"), (0, 1, 1, 2, "申请人"), (1, 1, 1, 1, "自然人"), (1, 2, 1, 1, "法人"), (2, 1, 1, 1, "1"),
                (2, 2, 1, 1, "2"), (3, 0, 1, 1, ""), (3, 1, 1, 1, "3"), (3, 2, 1, 1, "4")]  # fmt: skip
    assert grid(read(docx(table))) == expected


def test_a_cell_merged_with_nothing_above_stays_blank() -> None:
    wide = tc("丙", '<w:gridSpan w:val="2"/><w:vMerge/>')
    table = tbl(tc("甲", "<w:vMerge/>") + tc("1"), tc("乙") + tc("2"), wide, tc("丁") + tc("4"))
    assert [cell[4] for cell in grid(read(docx(table)))] == ["", "1", "乙", "2", "丁", "4"]


def test_a_table_of_layout_gives_way_to_the_table_of_data_in_it() -> None:
    outer = tbl(tc(p("一、总体情况") + DATA + p("二、其他情况")))
    document = read(docx(outer))
    assert grid(document) == DATA_CELLS
    assert document.text.startswith("一、总体情况\n指标 | 数量\n")


def test_rows_and_cells_in_content_controls_are_read() -> None:
    row = f"<w:sdt><w:sdtContent><w:tr>{tc('规章')}<w:sdt><w:sdtContent>{tc('0')}</w:sdtContent></w:sdt></w:tr></w:sdtContent></w:sdt>"
    table = f"<w:tbl><w:tr>{tc('指标')}{tc('数量')}</w:tr>{row}<w:tr>{tc('公告')}{tc('5')}</w:tr></w:tbl>"
    assert grid(read(docx(f"<w:sdt><w:sdtContent>{table}</w:sdtContent></w:sdt>"))) == DATA_CELLS


def test_a_picture_without_a_table_is_said() -> None:
    assert codes(read(docx(p("统计表如下。") + p(r("<w:pict><v:shape><v:imagedata/></v:shape></w:pict>"))))) == ["images_unread"]


def test_strict_namespaces_odd_names_and_missing_parts_are_read() -> None:
    strict = "http://purl.oclc.org/ooxml/wordprocessingml/main"
    links = '<Relationships><Relationship Id="a" Type="http://x/officeDocument" Target="/Word/Document2.xml"/></Relationships>'
    text = f'<w:document xmlns:w="{strict}"><w:body>{p("公开12条")}</w:body></w:document>'
    assert read(packed({"_rels/.rels": links, "word\\document2.xml": text})).text == "公开12条"


def test_embedded_web_text_is_said() -> None:
    assert "embedded_part" in codes(read(docx(p("正文") + '<w:altChunk r:id="a"/>')))


LAUGHS = '<!DOCTYPE x [<!ENTITY a "哈哈哈哈哈哈哈哈"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
ROOT = '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"PK\x03\x04 not a file", "damaged_file"),
        (docx(p("公开12条"))[:-40], "damaged_file"),
        (packed({"[Content_Types].xml": "<Types/>", "word/media/a.png": "x"}), "damaged_file"),
        (packed({"word/document.xml": "no xml at all"}), "damaged_file"),
        (packed({"word/document.xml": "<html><body>页</body></html>"}), "damaged_file"),
        (packed({"word/document.xml": f"{LAUGHS}{ROOT}<w:p><w:r><w:t>&b;</w:t></w:r></w:p></w:body></w:document>"}), "hostile_xml"),
        (packed({"word/document.xml": f"{OUTSIDE}{ROOT}<w:p><w:r><w:t>&a;</w:t></w:r></w:p></w:body></w:document>"}), "hostile_xml"),
        (packed({"word/document.xml": (LAUGHS + ROOT).encode("utf-16")}), "hostile_xml"),
        (docx(p("公"), **{"word/styles.xml": LAUGHS + "<a>&b;</a>"}), "hostile_xml"),
        (docx(p("公") * 400_000), "compression_ratio"),
        (packed({"word/document.xml": ROOT + p("公") * 400_000}, zipfile.ZIP_STORED), "too_large"),
        (packed({"word/document.xml": " " * 30_000_000}), "compression_ratio"),
        (docx("<w:sdt><w:sdtContent>" * 90 + p("公") + "</w:sdtContent></w:sdt>" * 90), None),
        (docx("<w:tbl><w:tr><w:tc>" * 500 + p("公") + "</w:tc></w:tr></w:tbl>" * 500), "empty"),
        (docx(""), "empty"),
    ],
)  # fmt: skip
def test_damaged_and_hostile_files_are_refused_and_said(data: bytes, code: str | None) -> None:
    document = read(data)
    assert (document.text == "" and codes(document)[-1] == code) if code else document.text == "公"


def test_nothing_of_this_machine_is_read() -> None:
    document = read(packed({"word/document.xml": f"{OUTSIDE}{ROOT}<w:p><w:r><w:t>&a;</w:t></w:r></w:p></w:body></w:document>"}))
    assert "root:" not in document.text


def test_an_encrypted_member_is_said() -> None:
    data = bytearray(docx(p("公开")))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        position = data.find(mark)
        while position >= 0:
            data[position + offset] |= 1
            position = data.find(mark, position + 1)
    assert codes(read(bytes(data))) == ["encrypted"]


def test_a_part_that_breaks_off_is_read_as_far_as_it_goes() -> None:
    document = read(packed({"word/document.xml": ROOT + p("公开12条") + "<w:p><w:r><w:t>余下"}))
    assert document.text.startswith("公开12条")
    assert codes(document) == ["damaged_part"]


def test_claims_without_measure_cost_nothing() -> None:
    wide = tbl(*[tc("公", '<w:gridSpan w:val="999999999"/>') + tc("开") for _ in range(50)])
    assert len(grid(read(docx(wide)))) == 100
    counted = numbering(("chineseCounting", "%1、", "")).replace('w:start w:val="1"', 'w:start w:val="999999999"')
    assert read(docx(item("甲"), numbering=counted)).text.endswith("甲")


@given(st.data())
@settings(max_examples=20)
def test_mutated_parts_never_raise(data: st.DataObject) -> None:
    with zipfile.ZipFile(GOLDEN) as archive:
        parts = {name: archive.read(name) for name in ("word/document.xml", "word/numbering.xml", "word/styles.xml")}
    name = data.draw(st.sampled_from(sorted(parts)))
    part = bytearray(parts[name])
    for _ in range(data.draw(st.integers(1, 20))):
        start = data.draw(st.integers(0, len(part) - 1))
        part[start : start + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=8))
    document = read(packed({**parts, name: bytes(part)}))
    assert document.text or any(issue.severity == "error" for issue in document.issues)


@given(st.integers(0, 40_000), st.binary(min_size=1, max_size=64))
@settings(max_examples=20)
def test_mutated_files_never_raise(start: int, junk: bytes) -> None:
    data = bytearray(GOLDEN.read_bytes())
    data[start : start + len(junk)] = junk
    document = read(bytes(data))
    assert document.text or any(issue.severity == "error" for issue in document.issues)
