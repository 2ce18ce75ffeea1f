"""Statistics tables from before the 2019 form, in grids and flattened."""

from __future__ import annotations

from nlp.fold import fold
from nlp.ingest.read import read_text
from nlp.record import Indicator
from nlp.tables.indicators import read_indicators

ROWS = [
    ("主动公开政府信息数", "条", "120"),
    ("其中：政府网站公开", "条", "100"),
    ("收到申请数", "件", "3"),
    ("举报投诉数量", "件", "/"),
]


def indicators(text: str) -> list[Indicator]:
    document = read_text(text)
    found, regions = read_indicators(document, fold(document.text), ())
    assert bool(found) == bool(regions)
    for item in found:
        assert item.cell.span is not None
        assert document.text[item.cell.span.start : item.cell.span.end] == item.cell.raw
    return found


def said(found: list[Indicator]) -> list[tuple[str, str | None, float | None]]:
    return [(item.label, item.unit, item.cell.value) for item in found]


WANT = [
    ("主动公开政府信息数", "条", 120),
    ("其中：政府网站公开", "条", 100),
    ("收到申请数", "件", 3),
    ("举报投诉数量", "件", None),
]


def test_flattened() -> None:
    for separator in ("\n", " | ", "\n\n"):
        text = (
            "附表\n"
            + separator.join(["统计指标", "单位", "统计数"])
            + "\n"
            + "\n".join(separator.join(row) for row in ROWS)
            + "\n"
        )
        assert said(indicators(text)) == WANT, separator


def test_grid() -> None:
    rows = "".join(f"<tr><td>{label}</td><td>{unit}</td><td>{value}</td></tr>" for label, unit, value in ROWS)
    head = "<tr><td>指标名称</td><td>计量单位</td><td>2014年</td></tr>"
    body = f"<body><p>某县报告。</p><table>{head}{rows}</table></body>"
    html = f"<html><head><title>某县2014年政府信息公开工作年度报告</title></head>{body}</html>"
    found = indicators(html)
    assert said(found) == WANT
    assert {item.column for item in found} == {"2014年"}
    assert found[1].parent == "主动公开政府信息数"


def test_code_column_and_two_years() -> None:
    text = "指标名称\n代码\n单位\n2010年度\n历年累计\n" + "".join(
        f"{label}\n{n:02}\n{unit}\n{n}\n{n * 3}\n" for n, (label, unit, _) in enumerate(ROWS, 1)
    )
    found = indicators(text)
    assert [(item.label, item.column, item.cell.value) for item in found[:2]] == [
        ("主动公开政府信息数", "2010年度", 1),
        ("主动公开政府信息数", "历年累计", 3),
    ]


def test_a_sentence_that_names_a_unit_is_none() -> None:
    assert indicators("指标 单位 数量 主动公开 条 5。其余见附件。") == []
