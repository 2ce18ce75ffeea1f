"""PDFs written by hand: paragraphs, grids over pages, running heads; and what must not be read."""

from __future__ import annotations

import random
import sys
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pdf_maker import A4, grid, line, pdf, stream, table, text, whole, words

from nlp.document import Document, Source
from nlp.ingest.pdf.read import read_pages, read_pdf
from nlp.settings import Limits

GOLDEN = Path(__file__).resolve().parents[3] / "golden" / "pdf" / "sources"
LIMITS = Limits()  # type: ignore[call-arg]
PROSE = "本年度全乡主动公开各类政府信息共计二百一十六条其中惠农补贴一百条"


def read(data: bytes, limits: Limits = LIMITS) -> Document:
    return read_pdf(data, Source("report.pdf"), "0" * 64, (), limits)


def codes(document: Document) -> list[str]:
    return [issue.code for issue in document.issues]


def cells(document: Document, number: int = 0) -> list[tuple[str, int, int, int, int]]:
    found = document.tables[number].cells
    return [(document.text[slice(*cell.span)], cell.row, cell.column, cell.rowspan, cell.colspan) for cell in found]


def column(*lines: str, x: float = 60, top: float = 700, pitch: float = 20) -> str:
    return "\n".join(text(x, top - pitch * n, content) for n, content in enumerate(lines))


# paragraphs


def test_lines_of_a_paragraph_are_joined_and_paragraphs_kept_apart() -> None:
    first, second = "　　" + PROSE[:28], PROSE[:30]
    document = read(pdf(column(first, second, "已全部办结。", "　　二是加强培训。")))
    assert document.text.splitlines() == [PROSE[:28] + second + "已全部办结。", "二是加强培训。"]
    assert [block.page for block in document.blocks] == [1, 1]
    x0, top, x1, bottom = document.blocks[0].box or (0, 0, 0, 0)
    assert (
        (x0, x1) == pytest.approx((60, 420), abs=2)
        and 842 - 700 - 12 < top < 842 - 700
        and 842 - 660 < bottom < 842 - 655
    )


def test_a_paragraph_goes_on_over_the_page() -> None:
    document = read(pdf(column(PROSE[:30], PROSE[:30]), column("余下三件。")))
    assert document.text == PROSE[:30] * 2 + "余下三件。"
    assert [block.page for block in document.blocks] == [1, 2]
    assert document.blocks[0].span.end == document.blocks[1].span.start


def test_columns_without_rules_stay_rows() -> None:
    row = "\n".join(text(x, 700, cell) for x, cell in ((60, "收到申请数"), (250, "件"), (400, "11")))
    assert read(pdf(row)).text.split() == ["收到申请数", "件", "11"]
    assert "  " in read(pdf(row)).text


def test_numbers_and_words_keep_their_blanks() -> None:
    assert read(pdf(text(60, 700, "邮箱 public office 电话 0851 1234"))).text == "邮箱 public office 电话 0851 1234"


def test_radicals_become_the_characters_they_stand_for() -> None:
    document = read(whole_with_map("⺠⽣⼀"))
    assert document.text == "民生一" * 10


def test_a_watermark_is_no_text() -> None:
    aslant = "q 0.7 0.7 -0.7 0.7 100 100 cm " + text(100, 100, "内部资料") + " Q"
    assert read(pdf(column(PROSE) + "\n" + aslant)).text == PROSE


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_turned_pages_are_read_upright(turn: int) -> None:
    turned = {0: "1 0 0 1 0 0", 90: "0 1 -1 0 595 0", 180: "-1 0 0 -1 595 842", 270: "0 -1 1 0 0 842"}[turn]
    operators = f"q {turned} cm\n" + column(PROSE[:20], "已办结。", top=500) + "\nQ"
    told = read(pdf(operators, page=f"/Rotate {turn}"))
    assert told.text == PROSE[:20] + "\n已办结。"
    box = told.blocks[0].box or (0, 0, 0, 0)
    assert box[0] == pytest.approx(60, abs=1)  # as a viewer shows it
    untold = read(pdf(operators))
    assert untold.text == told.text
    assert all(0 <= side <= A4[1] for block in untold.blocks for side in block.box or ())


# headers, footers, page numbers


def test_headers_footers_and_page_numbers_are_left_out() -> None:
    pages = [
        text(200, 810, "清溪镇政府信息公开工作年度报告")
        + "\n"
        + column(f"第{word}页的正文。")
        + "\n"
        + text(290, 30, f"- {n} -")
        for n, word in ((1, "一"), (2, "二"), (3, "三"))
    ]
    assert read(pdf(*pages)).text.splitlines() == ["第一页的正文。", "第二页的正文。", "第三页的正文。"]


def test_a_lone_number_on_one_page_is_kept() -> None:
    assert read(pdf(column("共收到申请（件）") + "\n" + text(290, 40, "12"))).text.splitlines() == [
        "共收到申请（件）",
        "12",
    ]


# tables


def test_a_grid_with_merged_and_empty_cells() -> None:
    drawn = [line(x, 700, x, 640) for x in (60, 360, 460)] + [line(160, 700, 160, 640), line(260, 680, 260, 640)]
    drawn += [line(60, y, 460, y) for y in (700, 640)] + [line(160, y, 460, y) for y in (680, 660)]
    printed = words(
        (64, 665, "结果"), (200, 685, "自然人"), (364, 685, "总计"), (170, 665, "予以公开"), (380, 665, "5")
    )
    document = read(pdf("\n".join([*drawn, printed])))
    assert cells(document) == [
        ("结果", 0, 0, 3, 1), ("自然人", 0, 1, 1, 2), ("总计", 0, 3, 1, 1),
        ("予以公开", 1, 1, 1, 1), ("", 1, 2, 1, 1), ("5", 1, 3, 1, 1),
    ]  # fmt: skip
    assert document.text == "结果 | 自然人 | 总计\n予以公开 |  | 5"
    assert [block.kind for block in document.blocks] == ["table"]


def test_a_table_over_pages_is_one_grid_without_the_repeated_head() -> None:
    head, xs = ["指标", "单位", "数量"], [60, 260, 360, 460]
    pages = (
        table(xs, 140, [head, ["收到申请", "件", "3"]]) + "\n" + text(290, 30, "— 1 —"),
        table(xs, 780, [head, ["办结", "件", "2"], ["结转", "件", ""]]) + "\n" + text(290, 30, "— 2 —"),
    )
    document = read(pdf(*pages))
    assert document.text.splitlines() == ["指标 | 单位 | 数量", "收到申请 | 件 | 3", "办结 | 件 | 2", "结转 | 件 | "]
    assert len(document.tables) == 1 and [block.page for block in document.blocks] == [1, 2]
    assert max(cell.row for cell in document.tables[0].cells) == 3


def test_tables_with_a_line_between_them_are_two() -> None:
    xs = [60, 260, 460]
    first = table(xs, 140, [["甲", "1"], ["乙", "2"]])
    second = text(60, 790, "（续表说明）") + "\n" + table(xs, 780, [["丙", "3"], ["丁", "4"]])
    assert len(read(pdf(first, second)).tables) == 2


def test_a_row_cut_by_the_page_is_made_whole() -> None:
    xs = [60, 135, 200]
    upper = table(xs, 140, [["行政许可", "5"], ["无正当理由大", ""]])
    lower = table(xs, 780, [["量反复申请", "7"], ["其他", "0"]])
    assert read(pdf(upper, lower)).text.splitlines() == ["行政许可 | 5", "无正当理由大量反复申请 | 7", "其他 | 0"]


def test_short_labels_at_a_page_end_are_rows_of_their_own() -> None:
    xs = [60, 260, 460]
    document = read(pdf(table(xs, 140, [["行政许可", "5"], ["行政处罚", ""]]), table(xs, 780, [["行政强制", "7"]])))
    assert document.text.splitlines() == ["行政许可 | 5", "行政处罚 | ", "行政强制 | 7"]


def test_a_group_label_reaches_over_the_page() -> None:
    xs = [60, 160, 360, 460]
    upper = [line(60, 140, 60, 100), line(160, 140, 160, 100), line(360, 140, 360, 100), line(460, 140, 460, 100)]
    upper += [line(60, 140, 460, 140), line(160, 120, 460, 120), line(60, 100, 460, 100)]
    printed = words((64, 115, "办理结果"), (164, 125, "（一）予以公开"), (364, 125, "3"), (164, 105, "（二）部分公开"))
    lower = table(xs, 780, [["", "（三）不予公开", "1"]])
    document = read(pdf("\n".join([*upper, printed]), lower))
    assert cells(document)[0] == ("办理结果", 0, 0, 3, 1)


def test_parts_of_a_table_count_their_own_columns() -> None:
    upper, lower = (
        table([60, 160, 260, 360, 460], 700, [["规章", "0", "", "2"]]),
        table([60, 200, 330, 460], 660, [["收费", "", "3"]]),
    )
    middle = "\n".join([line(60, 680, 60, 660), line(460, 680, 460, 660), words((64, 665, "第二十条第（八）项"))])
    document = read(pdf("\n".join([upper, middle, lower])))
    assert cells(document)[4:] == [
        ("第二十条第（八）项", 1, 0, 1, 6), ("收费", 2, 0, 1, 1), ("", 2, 1, 1, 1), ("3", 2, 2, 1, 1),
    ]  # fmt: skip


def test_open_sides_of_a_table_are_closed() -> None:
    drawn = "\n".join([line(60, y, 460, y) for y in (700, 680, 660)] + [line(260, 700, 260, 660)])
    printed = words((64, 685, "规章"), (264, 685, "0"), (64, 665, "文件"), (264, 665, "2"))
    assert read(pdf(drawn + "\n" + printed)).text == "规章 | 0\n文件 | 2"


def test_text_from_top_to_bottom_in_a_cell() -> None:
    upright = [
        (x, 685 - 12 * n, letter) for x, name in ((84, "本年度"), (70, "办理结果")) for n, letter in enumerate(name)
    ]
    printed = words(*upright, (114, 665, "予以公开"), (264, 665, "4"), (114, 625, "总计"))
    document = read(pdf(grid([60, 110, 260, 360], [700, 640, 620]) + "\n" + printed))
    assert cells(document)[0][0] == "本年度办理结果"


def test_a_number_broken_by_a_narrow_cell_is_one_number() -> None:
    drawn = grid([60, 160, 190], [700, 660, 640])
    printed = words((64, 675, "行政许可"), (163, 685, "447"), (163, 670, "228"), (64, 645, "总计"), (163, 645, "9"))
    assert cells(read(pdf(drawn + "\n" + printed)))[1][0] == "447228"


def test_a_frame_around_text_is_no_table() -> None:
    document = read(pdf(grid([50, 500], [720, 600]) + "\n" + column("框内的说明。")))
    assert document.text == "框内的说明。" and not document.tables


# what cannot be read


def whole_with_map(characters: str) -> bytes:
    """A PDF whose font says by a ToUnicode map which characters it prints; without characters it does not say."""
    n = max(1, len(characters))
    lines = "\n".join(f"<{code:04x}> <{ord(character):04x}>" for code, character in enumerate(characters, 1))
    cmap = f"1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n{len(characters)} beginbfchar\n{lines}\nendbfchar".encode()
    shown = "".join(f"{code:04x}" for code in range(1, n + 1)) * 10
    font = "<< /Type /Font /Subtype /Type0 /BaseFont /ABCDEF+Sub /Encoding /Identity-H /DescendantFonts [7 0 R]"
    objects = [
        (font + (" /ToUnicode 8 0 R >>" if characters else " >>")).encode(),
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /ABCDEF+Sub /FontDescriptor 5 0 R /DW 1000"
        b" /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>",
        stream(cmap),
    ]
    operators = f"BT /F2 12 Tf 60 700 Td <{shown * (1 if characters else 4)}> Tj ET"
    return pdf(operators, objects=objects, resources="/Font << /F1 3 0 R /F2 6 0 R >>")


@pytest.fixture
def without_ocr(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the extra is not installed."""
    monkeypatch.setitem(sys.modules, "nlp.ingest.ocr.page", None)


DRAW_PICTURE = "q 595 0 0 842 0 0 cm /Im1 Do Q\n"


def with_picture(*pages: str) -> bytes:
    entries = "/Type /XObject /Subtype /Image /Width 10 /Height 10 /ColorSpace /DeviceGray /BitsPerComponent 8"
    return pdf(*pages, objects=[stream(bytes(100), entries)], resources="/XObject << /Im1 6 0 R >>")


@pytest.mark.parametrize(
    "data",
    [with_picture(DRAW_PICTURE), with_picture(*[DRAW_PICTURE + text(290, 30, "- 1 -")] * 2), whole_with_map("")],
    ids=["picture", "numbered", "nameless"],
)
def test_a_pdf_without_text_layer_says_what_to_install(data: bytes, without_ocr: None) -> None:
    document = read(data)
    assert document.text == "" and codes(document) == ["needs_ocr"]
    assert "gongkai[ocr]" in document.issues[0].message and document.issues[0].severity == "error"


def test_pages_that_are_pictures_are_named(without_ocr: None) -> None:
    document = read(with_picture(column(PROSE), DRAW_PICTURE))
    assert document.text == PROSE and codes(document) == ["pages_without_text"]
    assert "not read: 2;" in document.issues[0].message and "gongkai[ocr]" in document.issues[0].message


@pytest.mark.parametrize(
    "rubbish",
    [" " * 40, "(cid:12)(cid:7)(cid:301)" * 9, "\x01\x02\x03" * 9, "\ufffd" * 30, "\ue001" * 30],
    ids=["blanks", "cid", "control", "replacement", "private"],
)
def test_a_text_layer_of_rubbish_is_none(rubbish: str, without_ocr: None) -> None:
    document = read(with_picture(column(PROSE), DRAW_PICTURE + column(rubbish)))
    assert document.text == PROSE and codes(document) == ["pages_without_text"]


def test_an_encrypted_pdf_says_so() -> None:
    key = "<" + "ab" * 32 + ">"
    trailer = f"/Encrypt << /Filter /Standard /V 1 /R 2 /Length 40 /P -4 /O {key} /U {key} >> /ID [<00> <00>]"
    assert codes(read(pdf(column(PROSE), trailer=trailer))) == ["encrypted"]


@pytest.mark.parametrize(
    "data",
    [b"%PDF-1.7\n", b"%PDF-1.7\n" + bytes(5000), pdf(column(PROSE))[:300], pdf()],
    ids=["head", "zeros", "cut", "no page"],
)
def test_a_damaged_pdf_says_so(data: bytes) -> None:
    document = read(data)
    assert document.text == "" and codes(document) == ["damaged_file"]


@pytest.mark.parametrize("data", [pdf(""), whole([b"<< /Type /Catalog /Pages 1 0 R >>"])], ids=["blank", "loop"])
def test_a_pdf_without_anything_says_so(data: bytes) -> None:
    assert codes(read(data)) == ["empty"]


def test_too_many_pages_and_too_much_text_are_refused() -> None:
    data = pdf(column(PROSE), column(PROSE))
    assert codes(read(data, Limits(max_pages=1))) == ["too_many_pages"]  # type: ignore[call-arg]
    assert codes(read(data, Limits(max_characters=10))) == ["too_large"]  # type: ignore[call-arg]


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_a_bomb_is_not_unpacked(layers: int) -> None:
    bomb = zlib.compress(bytes(5_000_000), 9)
    for _ in range(layers - 1):
        bomb = zlib.compress(bomb * 20, 9)
    filters = "/Filter [" + "/FlateDecode " * layers + "]"
    data = pdf(column(PROSE), objects=[stream(bomb, filters)])
    small = Limits(max_bytes=1_000_000)  # type: ignore[call-arg]
    assert codes(read(data, small)) == ["compression_ratio"]


def test_forms_that_contain_themselves_end() -> None:
    forms = "/XObject << /Fm1 6 0 R >>"
    entries = f"/Type /XObject /Subtype /Form /BBox [0 0 600 900] /Resources << {forms} >>"
    form = stream(b"/Fm1 Do " + line(10, 10, 50, 10).encode(), entries)
    assert read(pdf(column(PROSE) + "\n/Fm1 Do", objects=[form], resources=forms)).text == PROSE


def test_a_drawing_of_very_many_lines_is_no_table() -> None:
    chance = random.Random(4)
    assert PROSE in read(pdf(column(PROSE, top=800) + "\n" + grid(range(20, 580, 4), range(20, 780, 4)))).text
    places = [(chance.randrange(590), chance.randrange(840)) for _ in range(3000)]
    drawn = [operators for x, y in places for operators in (line(x, y, x, y + 9), line(x, y, x + 9, y))]
    assert PROSE in read(pdf("\n".join([column(PROSE), *drawn]))).text


def test_pages_of_any_size_are_read() -> None:
    assert read(pdf(column(PROSE), size=(20_000_000, 20_000_000))).text == PROSE
    assert codes(read(pdf(column(PROSE), size=(1, 1)))) == ["empty"]


def test_coordinates_beyond_reason_do_no_harm() -> None:
    mad = [
        text(1e30, -1e30, "远"),
        line(-1e35, 5, 1e35, 5),
        "0 0 0 0 0 0 cm",
        text(5, 5, "无"),
        grid([1, 1, 1], [2, 2, 2]),
    ]
    assert PROSE in read(pdf("\n".join([column(PROSE), *mad]))).text


@given(st.data())
@settings(max_examples=40)
def test_no_damage_raises(data: st.DataObject) -> None:
    source = bytearray((GOLDEN / "guizhou-lushan-2014.pdf").read_bytes())
    for _ in range(data.draw(st.integers(1, 30))):
        source[data.draw(st.integers(0, len(source) - 1))] = data.draw(st.integers(0, 255))
    document = read(bytes(source[: data.draw(st.integers(1, len(source)))]))
    assert document.text or document.issues


def test_pages_keep_their_numbers() -> None:
    assert [page.number for page in read_pages(pdf(column("甲"), column("乙")), LIMITS)] == [1, 2]


@pytest.mark.parametrize(
    ("data", "answer"), [(pdf(column(PROSE)), True), (pdf(""), True), (with_picture(DRAW_PICTURE), False)]
)
def test_pages_for_ocr_are_told_apart(data: bytes, answer: bool) -> None:
    assert [page.has_text for page in read_pages(data, LIMITS)] == [answer]


# columns of prose

LEFT = [
    "　　甲栏第一行主动公开政府信息二百",
    "一十六条其中惠农补贴信息一百条。",
    "　　乙栏之前另有公开指南三条并及时",
    "更新目录十二次全部按期完成任务。",
]
RIGHT = [
    "　　右栏第一行依申请公开共受理五件",
    "其中自然人四件法人一件已全部答复",
    "并送达没有结转下年度办理的申请。",
    "　　右栏末行未发生行政复议和诉讼。",
]


def side_by_side(left: list[str], right: list[str], top: float = 700, shift: float = 0) -> str:
    return column(*left, top=top, x=60) + "\n" + column(*right, x=290, top=top - shift)


def plain(document: Document) -> list[str]:
    return document.text.splitlines()


LEFT_READ = [
    "甲栏第一行主动公开政府信息二百一十六条其中惠农补贴信息一百条。",
    "乙栏之前另有公开指南三条并及时更新目录十二次全部按期完成任务。",
]
RIGHT_READ = [
    "右栏第一行依申请公开共受理五件其中自然人四件法人一件已全部答复并送达没有结转下年度办理的申请。",
    "右栏末行未发生行政复议和诉讼。",
]


@pytest.mark.parametrize("shift", [0, 3, 9], ids=["level", "nearly", "apart"])
def test_columns_of_prose_are_read_one_after_the_other(shift: float) -> None:
    assert plain(read(pdf(side_by_side(LEFT, RIGHT, shift=shift)))) == LEFT_READ + RIGHT_READ


def test_a_last_page_with_a_left_column_only_is_a_column_too() -> None:
    whole_page, rest = side_by_side(LEFT, RIGHT), side_by_side(LEFT, [])
    assert plain(read(pdf(whole_page, rest))) == [*LEFT_READ, *RIGHT_READ, *LEFT_READ]
    wide = text(60, 600, "联系电话：0851-1234，欢迎社会各界监督本报告的全部内容和数据")
    assert plain(read(pdf(whole_page, rest + "\n" + wide)))[5] == LEFT_READ[1]


def test_short_lines_on_a_page_of_their_own_are_no_column() -> None:
    short = ["本机关", "地址云溪路", "电话一二三", "邮编四五六"]
    assert plain(read(pdf(side_by_side(LEFT, RIGHT), column(*short))))[-3:] == short[-3:]


def test_what_is_as_wide_as_the_page_stands_above_between_and_below_the_columns() -> None:
    wide = "二、主动公开政府信息情况一览表以及其他各项工作开展的说明"
    pages = [
        text(100, 760, "清溪镇人民政府政府信息公开工作年度报告", 18), side_by_side(LEFT, RIGHT),
        text(120, 600, wide), table([60, 260, 540], 580, [["规章", "0"], ["文件", "2"]]),
        side_by_side(LEFT, RIGHT, top=500), text(120, 400, wide),
    ]  # fmt: skip
    columns = LEFT_READ + RIGHT_READ
    assert plain(read(pdf("\n".join(pages)))) == [
        "清溪镇人民政府政府信息公开工作年度报告", *columns, wide, "规章 | 0", "文件 | 2", *columns, wide,
    ]  # fmt: skip


def test_a_table_in_a_column_stays_in_it() -> None:
    page = side_by_side(LEFT, [], top=700) + "\n" + table([60, 160, 250], 620, [["规章", "0"], ["文件", "2"]])
    page += "\n" + column(*RIGHT, *RIGHT[1:], x=290)
    assert plain(read(pdf(page)))[:5] == [*LEFT_READ, "规章 | 0", "文件 | 2", RIGHT_READ[0]]


def test_three_columns_are_read_from_the_left() -> None:
    thirds = [[name * 12] * 4 for name in "甲乙丙"]
    page = "\n".join(column(*lines, x=40 + 180 * n) for n, lines in enumerate(thirds))
    assert "".join(plain(read(pdf(page)))) == "".join(map("".join, thirds))


def test_a_table_without_rules_is_read_row_by_row() -> None:
    labels = ["行政许可（件）", "行政处罚（件）", "行政强制（件）", "行政事业性收费（元）", "政府集中采购（项）"]
    page = column(*labels, x=60) + "\n" + column("12", "3", "0", "1150", "7", x=320)
    assert [line.split() for line in plain(read(pdf(page)))] == [
        list(row) for row in zip(labels, ["12", "3", "0", "1150", "7"], strict=True)
    ]


def test_tables_side_by_side_are_not_torn() -> None:
    rows = [[["规章", "1"], ["文件", "2"], ["许可", "3"]], [["处罚", "4"], ["强制", "5"], ["收费", "6"]]]
    page = table([60, 160, 250], 700, rows[0]) + "\n" + table([320, 430, 540], 700, rows[1])
    document = read(pdf(text(60, 720, "表一") + "\n" + text(320, 720, "表二") + "\n" + page))
    assert len(document.tables) == 2
    assert plain(document)[1:] == [" | ".join(row) for found in rows for row in found]
