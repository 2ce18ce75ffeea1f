"""Every way of flattening the tables: what is read is what was printed, and what cannot be known is refused, never guessed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.document import Document, Source
from nlp.fold import fold
from nlp.record import Cell
from nlp.tables.checks import leaves
from nlp.tables.read import read_tables
from tests.nlp.tables.strategies import LAYOUTS, forms, specs

WHOLE = sorted(set(LAYOUTS) - {"glued", "mirror"})  # layouts that keep every cell apart


def report(spec: dict[str, Any], layout: str) -> str:
    render = LAYOUTS[layout]
    return (
        "某乡2021年政府信息公开工作年度报告\n一、总体情况\n本乡办理行政许可和行政处罚，公开规范性文件。\n"
        "二、主动公开政府信息情况\n"
        f"{render('disclosure', spec['disclosure'])}\n"
        f"三、收到和处理政府信息公开申请情况\n{render('applications', spec['applications'])}\n"
        f"四、政府信息公开行政复议、行政诉讼情况\n{render('review_litigation', spec['review_litigation'])}\n"
        "五、存在的主要问题及改进情况\n宣传不够。\n六、其他需要报告的事项\n无。"
    )


def read(text: str) -> dict[str, Cell]:
    return dict(leaves(read_tables(Document("x", Source("x.txt"), text), fold(text)).statistics))


def expected(spec: dict[str, Any]) -> dict[str, Any]:
    def walk(node: Any, path: str) -> dict[str, Any]:
        if isinstance(node, dict) and "state" not in node:
            return {
                k: v for key, child in node.items() for k, v in walk(child, f"{path}.{key}" if path else key).items()
            }
        return {path: node["value"] if isinstance(node, dict) else node}

    return walk(forms.expected(spec), "")


@pytest.mark.parametrize("layout", WHOLE)
@settings(max_examples=25, deadline=None)
@given(spec=specs())
def test_separated_cells_are_read_exactly(layout: str, spec: dict[str, Any]) -> None:
    text = report(spec, layout)
    cells = read(text)
    assert {path: cell.value for path, cell in cells.items()} == expected(spec)
    for cell in cells.values():
        assert cell.span is not None
        assert text[cell.span.start : cell.span.end] == cell.raw


@settings(max_examples=60, deadline=None)
@given(spec=specs(), layout=st.sampled_from(["glued", "mirror"]))
def test_nothing_is_guessed(spec: dict[str, Any], layout: str) -> None:
    want = expected(spec)
    for path, cell in read(report(spec, layout)).items():
        assert cell.value is None or cell.value == want[path], path
        assert cell.state != "blank", f"{path}: a lost value is not an empty cell"


@settings(max_examples=30, deadline=None)
@given(spec=specs(), layout=st.sampled_from(["rows", "tabs", "markdown", "pipes_after", "blank_lines"]), data=st.data())
def test_empty_cells_keep_their_place(spec: dict[str, Any], layout: str, data: st.DataObject) -> None:
    rows = [key for key, _ in forms.application_rows(spec["applications"]["form"])]
    for key in data.draw(st.sets(st.sampled_from(rows), min_size=1, max_size=8)):
        values = spec["applications"][key].split()
        for place in data.draw(st.sets(st.integers(0, 6), min_size=1, max_size=6)):
            values[place] = "_"
        spec["applications"][key] = " ".join(values)
    want = expected(spec)
    for path, cell in read(report(spec, layout)).items():
        assert cell.state == "unreadable" or cell.value == want[path], path
