"""Labels to rows and forms; the skeleton that labels are looked for in."""

from __future__ import annotations

import pytest

from nlp.document import Document, Source
from nlp.fold import fold
from nlp.record import Cell
from nlp.tables.checks import leaves
from nlp.tables.labels import core, disclosure_anchors, known_text, matrix_anchors, number, occurrences, vocabulary
from nlp.tables.read import Tables, read_tables
from nlp.tables.rows import find_rows, left_edge
from nlp.tables.skeleton import han, skeleton, words

ART20 = """二、主动公开政府信息情况
第二十条第（一）项
信息内容 | 本年制发件数 | 本年废止件数 | 现行有效件数
规章 | 0 | 0 | 0
行政规范性文件 | 3 | 1 | 12
第二十条第（五）项
信息内容 | 本年处理决定数量
行政许可 | 40
第二十条第（六）项
信息内容 | 本年处理决定数量
行政处罚 | 7
行政强制 | 0
第二十条第（八）项
信息内容 | 本年收费金额（单位：万元）
行政事业性收费 | 2.5
"""
OLD = """第二十条第（一）项
信息内容 | 新制作数量 | 新公开数量 | 对外公开总数量
规范性文件 | 1 | 1 | 4
第二十条第（五）项
信息内容 | 上一年项目数量 | 本年增/减 | 处理决定数量
行政许可 | 9 | -2 | 30
其他对外管理服务事项 | 5 | 减少1 | 8
第二十条第（九）项
信息内容 | 采购项目数量 | 采购总金额（万元）
政府集中采购 | 2 | 18.3
"""


def read(text: str) -> Tables:
    return read_tables(Document("x", Source("x.txt"), text), fold(text))


def cells(text: str) -> dict[str, Cell]:
    return dict(leaves(read(text).statistics))


def test_the_later_form_by_its_heads() -> None:
    tables = read(ART20)
    found = dict(leaves(tables.statistics))
    assert tables.statistics.forms == {"disclosure": "2021"}
    assert found["disclosure.art20_1.normative.in_force"].value == 12
    fee = found["disclosure.art20_8.fees.amount"]
    assert (fee.value, fee.unit, fee.value_yuan) == (2.5, "万元", 25_000)


def test_the_earlier_form_by_its_heads() -> None:
    tables = read(OLD)
    found = dict(leaves(tables.statistics))
    assert tables.statistics.forms == {"disclosure": "2019"}
    assert [found[f"disclosure.art20_5.{key}.change"].value for key in ("licensing", "other_services")] == [-2, -1]
    assert found["disclosure.art20_9.procurement.amount"].value_yuan == 183_000


def test_a_mixture_is_decided_table_by_table() -> None:
    mixed = ART20.replace(
        "信息内容 | 本年处理决定数量\n行政许可 | 40",
        "信息内容 | 上一年项目数量 | 本年增/减 | 处理决定数量\n行政许可 | 9 | 1 | 40",
    )
    found = cells(mixed)
    assert found["disclosure.art20_5.licensing.change"].value == 1
    assert found["disclosure.art20_6.punishment.decisions"].value == 7


def test_an_added_row_gets_its_own_key() -> None:
    tables = read(OLD.replace("第二十条第（五）项", "其他主动公开文件 | 20 | 10 | 50\n第二十条第（五）项"))
    assert tables.statistics.disclosure["art20_1"]["other_docs"]["published"].value == 10
    assert [issue.code for issue in tables.issues] == ["extra_row"]


def test_misprinted_labels_are_found() -> None:
    found = cells(ART20.replace("行政事业性收费", "行政事业姓收费"))
    assert found["disclosure.art20_8.fees.amount"].value == 2.5


def test_words_of_prose_are_no_table() -> None:
    text = "本局办理行政许可5件、行政处罚3件、行政强制0件，行政事业性收费2万元，公开规范性文件4件。"
    assert cells(text) == {}
    assert find_rows(fold(text)).forms == {}


def test_numbers_before_labels_belong_to_them() -> None:
    assert left_edge("0\n4.保护", 4, "4") == 2
    assert left_edge("44\n保护", 3, "4") == 3, "a value is not the number of the next label"
    assert left_edge("0 | （七）总计", 7, "七") == 4
    assert left_edge("总计", 0, None) == 0


def test_spans_and_regions_are_of_the_text() -> None:
    tables = read("概述。" + ART20)
    (region,) = tables.regions
    assert region.start >= 3
    for cell in dict(leaves(tables.statistics)).values():
        assert cell.span is not None
        assert ("概述。" + ART20)[cell.span.start : cell.span.end] == cell.raw


def test_skeleton_keeps_words_and_the_way_back() -> None:
    text = "规 章 | 3件（指本年印发的各类）\n|---|---|\n（四）无"
    bones = skeleton(text, known_text())
    assert bones.text == "规章四无"
    assert [text[i] for i in bones.offsets] == list(bones.text)
    assert bones.index(text.index("四")) == 2
    assert han("a规1章") == "规章"
    assert (words("12件 三、"), words("规章 3件")) == ("", "规章")


def test_labels_without_their_numbers() -> None:
    assert (core("（七）总计"), number("（七）总计")) == ("总计", "七")
    assert (core("1、属于国家秘密"), number("规章")) == ("属于国家秘密", None)
    assert len(matrix_anchors()) == 26
    assert sum(anchor.row is None for anchor in disclosure_anchors()) == 5
    assert {"行政许可", "自然人", "结果维持"} <= vocabulary()
    assert [hit.word for hit in occurrences(skeleton("其他对外管理服务事项", known_text()))] == ["其他对外管理服务事项"]


@pytest.mark.parametrize(
    "prose",
    [
        "办结55件：予以公开21件；部分公开6件；不予公开4件；无法提供11件；不予处理3件；其他处理1件。结转下年度继续办理3件。",
        "被申请行政复议5件，结果维持2件，结果纠正1件，其他结果1件，尚未审结1件；被提起行政诉讼4件，结果维持2件，结果纠正1件，其他结果1件。",
        "全年办理行政许可23件，行政处罚8件，行政强制2件，收取行政事业性收费5万元。",
    ],
)
def test_sentences_that_name_rows_are_no_tables(prose: str) -> None:
    rows = find_rows(fold("三、依申请公开情况\n" + prose))
    assert (rows.disclosure, rows.matrix, rows.blocks) == ((), (), None)


def test_without_heads_the_filled_rows_decide_the_form() -> None:
    three = "规章 0 0 0\n规范性文件 1 1 6\n行政许可 9 0 1263\n行政处罚 4 0 38"
    one = "规章 0 0 0\n规范性文件 1 1 6\n行政许可 9\n行政处罚 4"
    assert [(find_rows(fold(text)).forms or {})["disclosure"] for text in (three, one)] == ["2019", "2021"]
