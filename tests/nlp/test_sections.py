"""Splitting reports into sections: headings of every style, and everything that only looks like one."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.document import Block, Document, Section, Source, Span
from nlp.fold import fold
from nlp.sections import split

OFFICIAL = (
    "一、总体情况\n全年工作平稳。\n二、主动公开政府信息情况\n规章 0\n三、收到和处理政府信息公开申请情况\n新收 2 件\n"
    "四、政府信息公开行政复议、行政诉讼情况\n无\n五、存在的主要问题及改进情况\n人手不足。\n六、其他需要报告的事项\n无"
)
ALL = ["overview", "disclosure", "applications", "review_litigation", "problems", "other"]
MATRIX = (
    "申请人情况\n自然人\n一、本年新收政府信息公开申请数量\n2\n二、上年结转政府信息公开申请数量\n0\n三、本年度办理结果\n"
    "（一）予以公开\n1\n（二）部分公开\n1\n（七）总计\n2\n四、结转下年度继续办理\n0\n"
)


def sections(text: str, blocks: tuple[Block, ...] = ()) -> tuple[Section, ...]:
    return split(Document("id", Source("report.txt"), text, blocks), fold(text))


def kinds(text: str) -> list[str]:
    return [section.kind for section in sections(text)]


def titles(text: str) -> list[str]:
    return [section.title for section in sections(text) if section.kind != "preamble"]


def test_official_form_with_preamble() -> None:
    text = "柳湾县水务局2022年政府信息公开工作年度报告\n按规定编制。\n" + OFFICIAL
    found = sections(text)
    assert [s.kind for s in found] == ["preamble", *ALL]
    assert found[1].title == "一、总体情况"
    assert text[slice(*found[2].span)].startswith("二、主动公开政府信息情况\n规章")


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("一、总体情况", "overview"),
        ("一、概述", "overview"),
        ("一、政府信息公开工作概况", "overview"),
        ("一、2020年度政府信息公开工作总体情况", "overview"),
        ("一、基本情况", "overview"),
        ("一、工作开展情况", "overview"),
        ("一、主要做法和成效", "overview"),
        ("二、主动公开政府信息的情况", "disclosure"),
        ("二、行政机关主动公开政府信息情况", "disclosure"),
        ("二、政府信息主动公开情况", "disclosure"),
        ("二、主动公开情况", "disclosure"),
        ("二、公开政府信息的内容和数量", "disclosure"),
        ("三、行政机关收到和处理政府信息公开申请情况", "applications"),
        ("三、依申请公开政府信息和不予公开政府信息的情况", "applications"),
        ("三、政府信息依申请公开办理情况", "applications"),
        ("三、依申请公开", "applications"),
        ("三、政府信息公开申请的受理和处理情况", "applications"),
        ("四、因政府信息公开工作被申请行政复议、提起行政诉讼情况", "review_litigation"),
        ("四、政府信息公开行政复议、行政诉讼和申诉情况", "review_litigation"),
        ("四、复议诉讼情况", "review_litigation"),
        ("四、收费、复议、诉讼情况", "review_litigation"),
        ("四、政府信息公开的收费及减免情况", "other"),
        ("五、我局当前政务公开工作存在的问题", "problems"),
        ("五、存在的主要问题和改进措施", "problems"),
        ("五、工作中存在的不足及下一步打算", "problems"),
        ("五、存在问题及2022年工作计划", "problems"),
        ("五、下一步工作打算", "problems"),
        ("五、2022年工作计划", "problems"),
        ("五、整改措施", "problems"),
        ("五、问题与改进", "problems"),
        ("六、其他需要报告的事项", "other"),
        ("六、其它需要说明的情况", "other"),
        ("六、需要说明的其他事项", "other"),
        ("六、附表", "other"),
    ],
)
def test_titles(heading: str, kind: str) -> None:
    text = f"第一句话。\n{heading}\n正文一句。"
    assert kinds(text) == ["preamble", kind]
    assert titles(text) == [heading]


@pytest.mark.parametrize(
    "numbers",
    [
        ["一、", "二、", "三、", "四、", "五、", "六、"],
        ["一．", "二．", "三．", "四．", "五．", "六．"],
        ["一", "二", "三", "四", "五", "六"],
        ["—、", "二、", "三、", "四、", "五、", "六、"],
        ["一、", "二、", "三、", "三、", "四、", "五、"],
        ["一、", "", "三、", "", "五、", "六、"],
        ["", "", "", "", "", ""],
        ["第一部分 ", "第二部分 ", "第三部分 ", "第四部分 ", "第五部分 ", "第六部分 "],
        ["（一）", "（二）", "（三）", "（四）", "（五）", "（六）"],
        ["(一)", "(二)", "(三)", "(四)", "(五)", "(六)"],
        ["1.", "2.", "3.", "4.", "5.", "6."],
        ["1、", "2、", "3、", "4、", "5、", "6、"],
    ],
    ids=" ".join,
)
def test_numbering_styles(numbers: list[str]) -> None:
    text = OFFICIAL
    for old, new in zip(["一、", "二、", "三、", "四、", "五、", "六、"], numbers, strict=True):
        text = text.replace(old, new, 1)
    assert kinds(text) == ALL


def test_matrix_rows_are_no_headings() -> None:
    text = OFFICIAL.replace("新收 2 件\n", MATRIX)
    assert kinds(text) == ALL
    assert "结转下年度" in text[slice(*sections(text)[2].span)]


def test_run_on_text_without_line_breaks() -> None:
    text = "本报告按规定编制。" + OFFICIAL.replace("新收 2 件\n", MATRIX).replace("\n", "")
    assert kinds(text) == ["preamble", *ALL]
    assert titles(text)[0] == "一、总体情况"
    assert titles(text)[4] == "五、存在的主要问题及改进情况"


def test_heading_broken_and_spaced_by_a_pdf() -> None:
    text = OFFICIAL.replace("四、政府信息公开行政复议、行政诉讼情况", "四 、政 府信息公开行政复议、行政诉\n讼情况")
    assert kinds(text) == ALL
    assert titles(text)[3] == "四 、政 府信息公开行政复议、行政诉\n讼情况"


def test_heading_takes_no_words_of_the_sentence_below() -> None:
    text = "一、主动公开情况\n公开信息3条。\n二、复议、诉讼\n复议4件，诉讼1件。\n"
    assert titles(text)[-1] == "二、复议、诉讼"


def test_heading_on_the_line_of_its_text() -> None:
    text = "一、基本情况。平稳。\n二、主动公开情况：三十条。\n三、机构建设。一人。\n四、存在的问题。更新慢。"
    assert titles(text) == ["一、基本情况", "二、主动公开情况", "三、机构建设", "四、存在的问题"]


def test_announcing_sentences_do_not_split() -> None:
    plain = "本报告由概述、主动公开政府信息情况、依申请公开情况、存在的主要问题及改进情况等部分组成。\n"
    numbered = (
        "全文包括：一、总体情况；二、主动公开政府信息情况；三、收到和处理政府信息公开申请情况；"
        "四、政府信息公开行政复议、行政诉讼情况；五、存在的主要问题及改进情况；六、其他需要报告的事项。\n"
    )
    for sentence in (plain, numbered):
        assert kinds(sentence + OFFICIAL) == ["preamble", *ALL]
        assert kinds((sentence + OFFICIAL).replace("\n", "")) == ["preamble", *ALL]


def test_table_of_contents_does_not_split() -> None:
    contents = "\n".join(f"{line}……{n}" for n, line in enumerate(OFFICIAL.split("\n")[::2], 1))
    assert kinds(f"目录\n{contents}\n{OFFICIAL}") == ["preamble", *ALL]


def test_section_words_as_sub_headings() -> None:
    nested = "（一）主动公开政府信息情况\n三十条。\n（二）依申请公开情况\n两件。\n（三）行政复议、行政诉讼情况\n无。\n"
    text = OFFICIAL.replace("全年工作平稳。\n", nested)
    assert kinds(text) == ALL
    assert titles(text)[1] == "二、主动公开政府信息情况"


def test_list_that_restarts_inside_a_section() -> None:
    text = OFFICIAL.replace("人手不足。\n", "一、存在的问题\n人手不足。\n二、改进措施\n增加培训。\n")
    assert kinds(text) == ALL


def test_cited_section_does_not_split() -> None:
    text = OFFICIAL.replace("全年工作平稳。", "详见“三、收到和处理政府信息公开申请情况”部分。")
    assert kinds(text) == ALL


def test_free_form_of_a_school() -> None:
    text = (
        "青林中学2015年信息公开年度报告\n一、加强领导，健全机构\n成立小组。\n二、拓宽渠道，主动公开\n发布四十条。\n"
        "三、突出重点，规范收费\n公示标准。\n四、存在的不足\n更新不及时。\n五、2016年工作计划\n加强培训。"
    )
    assert kinds(text) == ["preamble", "overview", "disclosure", "other", "problems", "problems"]


def test_attached_table_ends_the_headings() -> None:
    rows = "指标 单位 数\n一、主动公开情况 条 5\n二、依申请公开情况 件 0\n三、行政复议数量 件 0"
    table = f"附件\n柳湾县政府信息公开情况统计表\n{rows}"
    assert kinds(f"{OFFICIAL}\n二〇一六年三月一日\n{table}") == [*ALL, "other"]


def test_traditional_script_keeps_its_own_text() -> None:
    text = "一、總體情況\n平穩。\n二、主動公開政府信息情況\n無。\n五、我局當前政務公開工作存在的問題\n人手不足。"
    assert titles(text) == ["一、總體情況", "二、主動公開政府信息情況", "五、我局當前政務公開工作存在的問題"]


def test_chrome_blocks_stay_outside() -> None:
    text = "首页 概况\n" + OFFICIAL + "\n扫一扫在手机打开"
    end = text.index("扫一扫")
    blocks = (
        Block(Span(0, 6), "chrome"),
        Block(Span(6, end), "paragraph"),
        Block(Span(end, len(text)), "chrome"),
    )
    found = sections(text, blocks)
    assert [s.kind for s in found] == ALL
    assert text[slice(*found[-1].span)] == "六、其他需要报告的事项\n无"


def test_text_without_headings_is_preamble() -> None:
    assert kinds("今年没有新的情况。") == ["preamble"]
    assert sections(" \n ") == ()


MARKS = ["\n", " ", "|", "（一）", "1.", "第二部分", "附件1：", "统计表", "。", "2020年", "总体情况", "目录", "……3"]
ODD = ["政(zheng)府(fu)", "\r\n", "\u3000", "問題"]
PIECES = st.sampled_from([*OFFICIAL.split("\n"), *MATRIX.split("\n"), *MARKS, *ODD])


@settings(deadline=None)  # the first example reads the configuration
@given(st.one_of(st.text(), st.lists(PIECES, max_size=60).map("".join)))
def test_sections_tile_any_text(text: str) -> None:
    found = sections(text)
    for one, following in pairwise(found):
        assert one.span.end == following.span.start
    for section in found:
        assert section.span.start < section.span.end
        assert section.span.start == section.title_span.start
        assert section.title_span.end <= section.span.end
        assert text[slice(*section.title_span)] == section.title
    if text.strip() and found:
        assert text[found[0].span.start : found[-1].span.end] == text.strip()
    assert bool(found) == bool(text.strip())


@pytest.mark.parametrize(
    "unit", ["一", "一、", "1.", "存在的问题和", "一、总体情况\n", "（一）主动公开", "附件：", "（"]
)
def test_long_repetitive_text_comes_to_an_end(unit: str) -> None:
    text = unit * (200_000 // len(unit))
    found = sections(text)
    assert found[-1].span.end == len(text.rstrip())


def test_real_reports(shared: Path) -> None:
    """Every real report of the gold has the sections that a reader finds in it."""
    missing = {"003_4e4416db4cf4f065": {"other"}, "pingtan_2011": {"review_litigation"}}
    for path in sorted((shared / "gold" / "text").glob("*.txt")):
        found = [s.kind for s in sections(path.read_bytes().decode("utf-8-sig"))]
        assert found == ["preamble", *(k for k in ALL if k not in missing.get(path.stem, set()))], path.stem
