"""Charts of squares: a heat map, and a map of the provinces in which each is a square at about its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from nlp.summary.report.charts import NARROW, WIDE, Chart, Point, Spec, chart

_ROUNDED = {"type": "rect", "cornerRadius": 3, "width": {"band": 0.94}, "height": {"band": 0.94}}
_LINE = 13  # pixels of a line of an upright label
_EMPTY = "　"  # where there is no province


def heat(title: str, note: str, points: Sequence[Point]) -> Chart:
    """A square for each pair, the darker the larger its value (a share); the longer side goes across a wide page, down a narrow one."""
    columns, sides = list(dict.fromkeys(p.x for p in points)), list(dict.fromkeys(p.y for p in points))
    rows = [
        {"x": p.x, "y": p.y, "value": p.value, "text": p.label, "about": f"{p.y} · {p.x}：{p.label}"} for p in points
    ]
    side = {"title": None, "ticks": False, "domain": False, "labelColor": "var(--ink)"}

    def spec(width: int) -> Spec:
        turned = (len(columns) < len(sides)) == (width != NARROW)
        across, down, heads = ("y", "x", sides) if turned else ("x", "y", columns)
        return {
            "width": {"step": max(15, min(44, width // len(heads)))},
            "height": {"step": 26},
            "data": {"values": rows},
            "encoding": {
                "x": {"field": across, "type": "nominal", "sort": None, "axis": _upright(heads)},
                "y": {"field": down, "type": "nominal", "sort": None, "axis": side},
            },
            "layer": [_shade(), _words("text", 9 if width == NARROW else 11)],
        }

    return chart(title, note, spec, full=True)


def tiles(title: str, note: str, rows: Sequence[str], points: Sequence[Point]) -> Chart:
    """A square for each character of `rows` but the ideographic space; a point's `x` is its character, `y` its name."""
    squares = list(_placed(rows, points))
    place = {axis: {"field": axis, "type": "ordinal", "axis": None} for axis in ("x", "y")}

    def spec(width: int) -> Spec:
        step = {"step": 46 if width == WIDE else 36}
        layers = [
            {"mark": _ROUNDED | {"color": "var(--paper)", "stroke": "var(--rule)"}},
            _shade(),
            _words("name", 13, dy=-6, fontWeight=600),
            _words("text", 10, dy=9),
        ]
        return {"width": step, "height": step, "data": {"values": squares}, "encoding": place, "layer": layers}

    return chart(title, note, spec)


def _placed(rows: Sequence[str], points: Sequence[Point]) -> Iterator[dict[str, Any]]:
    known = {point.x: point for point in points}
    most = max((point.value for point in points), default=0) or 1
    for y, row in enumerate(rows):
        for x, name in enumerate(row):
            if name == _EMPTY:
                continue
            point = known.get(name)
            about = f"{point.y}：{point.label}" if point else f"{name}：没有报告"
            value, label = (point.value / most, point.label) if point else (0, "")
            yield {"x": x, "y": y, "name": name, "value": value, "text": label, "about": about}


def _upright(labels: Sequence[str]) -> Spec:
    """An axis above, its labels written downwards: a line for each character, the last at the squares."""
    longest = max(map(len, labels))
    letters = f"split(pad(datum.label, {longest}, '\\u200b', 'left'), '')"  # a zero-width space keeps its line
    return {
        "title": None, "orient": "top", "ticks": False, "domain": False, "labelExpr": letters, "labelAngle": 0, "labelOverlap": False,
        "labelAlign": "center", "labelBaseline": "top", "labelLineHeight": _LINE, "labelPadding": _LINE * longest,
    }  # fmt: skip


def _shade() -> Spec:
    scale = {"domain": [0, 1], "range": [0, 1], "clamp": True}
    shade = {"field": "value", "type": "quantitative", "legend": None, "scale": scale}
    return {
        "mark": _ROUNDED | {"color": "var(--bar)"},
        "encoding": {"opacity": shade, "description": {"field": "about"}},
    }


def _words(field: str, size: int, **more: Any) -> Spec:
    """Words in the squares, light on dark ones."""
    colour = {"condition": {"test": "datum.value > 0.55", "value": "var(--sheet)"}, "value": "var(--ink)"}
    return {"mark": {"type": "text", "fontSize": size, **more}, "encoding": {"text": {"field": field}, "color": colour}}
