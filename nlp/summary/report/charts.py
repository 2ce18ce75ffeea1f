"""Charts as Vega-Lite specifications, drawn to SVG when the page is made: no script, no font and no request in the browser.

Colours are the page's own (`var(--…)`), so that a chart follows light and dark. Each chart is drawn for a wide and a narrow page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import vl_convert
from markupsafe import Markup

Spec = dict[str, Any]
WIDE, NARROW = 400, 270  # pixels of the plot without its labels
_MARK = re.compile(r'<(path|rect|text)( aria-label="([^"]*)"[^>]*)/>')
_ID = re.compile(r'\b(id="|url\(#|href="#)([A-Za-z_]+)(\d+)')
_CONFIG: Spec = {
    "font": "sans-serif",
    "background": None,
    "view": {"stroke": None},
    "axis": {"labelColor": "var(--soft)", "titleColor": "var(--soft)", "gridColor": "var(--rule)", "domainColor": "var(--strong-rule)",
             "tickColor": "var(--strong-rule)", "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "labelLimit": 260},
    "legend": {"labelColor": "var(--ink)", "labelFontSize": 12, "titleColor": "var(--soft)", "symbolStrokeWidth": 3},
    "text": {"color": "var(--ink)", "fontSize": 12},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawn chart: `title` says what is shown, `note` how to read it."""

    title: str
    note: str
    wide: Markup
    narrow: Markup


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, its length, what stands at its end, and its interval where it is a share."""

    name: str
    value: float
    label: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a line, or a square of a heat map: where it stands, its height or darkness, what it says."""

    x: str
    y: str
    value: float
    label: str


def bars(title: str, note: str, items: Sequence[Bar], share: bool = False) -> Chart:
    """Bars from the top, in the order given; with their intervals where they have them."""
    rows = [{"name": i.name, "value": i.value, "label": i.label, "low": i.low, "high": i.high, "about": f"{i.name}：{i.label}"} for i in items]
    axis: Spec = {"title": None, "grid": True, "tickCount": 4, "format": "%" if share else "d"}
    y: Spec = {"field": "name", "type": "nominal", "sort": None, "axis": {"title": None, "ticks": False, "domain": False, "labelColor": "var(--ink)"}}

    def spec(width: int) -> Spec:
        layers: list[Spec] = [
            {"mark": {"type": "bar", "color": "var(--bar)", "cornerRadiusEnd": 2, "height": {"band": 0.66}},
             "encoding": {"x": {"field": "value", "type": "quantitative", "axis": axis}, "description": {"field": "about"}}},
            {"mark": {"type": "text", "align": "left", "dx": 5},
             "encoding": {"x": {"field": "high" if share else "value", "type": "quantitative"}, "text": {"field": "label"}}},
        ]  # fmt: skip
        if share:
            interval = {"x": {"field": "low", "type": "quantitative"}, "x2": {"field": "high"}}
            layers.append({"mark": {"type": "rule", "color": "var(--ink)", "strokeWidth": 1.5}, "encoding": interval})
        room = 90 if share else 60  # for the words at the end of the longest bar
        return {"width": width - (100 if width == NARROW else 60), "height": {"step": 24}, "padding": {"right": room, "left": 5, "top": 5, "bottom": 5},
                "data": {"values": rows}, "encoding": {"y": y}, "layer": layers}  # fmt: skip

    return _chart(title, note, spec)


def lines(title: str, note: str, points: Sequence[Point]) -> Chart:
    """A line for each `y`, over `x` in the order given; values are shares."""
    names = list(dict.fromkeys(point.y for point in points))
    rows = [{"x": p.x, "name": p.y, "value": p.value, "about": p.label} for p in points]
    colour = {"field": "name", "type": "nominal", "sort": None,
              "scale": {"domain": names, "range": [f"var(--c{n + 1})" for n in range(len(names))]}}  # fmt: skip

    def spec(width: int) -> Spec:
        legend = {"title": None, "orient": "top", "columns": 4 if width == WIDE else 3, "symbolType": "stroke"}
        return {
            "width": width, "height": 230 if width == WIDE else 200, "data": {"values": rows},
            "encoding": {
                "x": {"field": "x", "type": "ordinal", "sort": None, "axis": {"title": None, "labelAngle": 0, "labelOverlap": True}},
                "y": {"field": "value", "type": "quantitative", "axis": {"title": None, "format": "%", "tickCount": 5}},
                "color": colour | {"legend": legend},
            },
            "layer": [
                {"mark": {"type": "line", "strokeWidth": 2.5}},
                {"mark": {"type": "point", "filled": True, "size": 45, "opacity": 1}, "encoding": {"description": {"field": "about"}}},
            ],
        }  # fmt: skip

    return _chart(title, note, spec)


def heat(title: str, note: str, points: Sequence[Point]) -> Chart:
    """A square for each pair, the darker the larger its value (a share); on a narrow page the two sides change places."""
    columns, sides = list(dict.fromkeys(p.x for p in points)), list(dict.fromkeys(p.y for p in points))
    rows = [{"x": p.x, "y": p.y, "value": p.value, "text": p.label, "about": f"{p.y} · {p.x}：{p.label}"} for p in points]
    def spec(width: int) -> Spec:
        across, down = ("x", "y") if width == WIDE or len(columns) <= len(sides) else ("y", "x")
        n_across = len(columns) if across == "x" else len(sides)
        longest = max(map(len, columns if across == "x" else sides))
        upright = f"split(pad(datum.label, {longest}, '　', 'left'), '')"  # a line for each character, the last just above
        head = {"title": None, "orient": "top", "labelExpr": upright, "labelAngle": 0, "labelPadding": 13 * longest, "ticks": False,
                "domain": False, "labelAlign": "center", "labelBaseline": "top", "labelLineHeight": 13, "labelOverlap": False}  # fmt: skip
        return {
            "width": {"step": max(15, min(44, width // n_across))}, "height": {"step": 26}, "data": {"values": rows},
            "encoding": {
                "x": {"field": across, "type": "nominal", "sort": None, "axis": head},
                "y": {"field": down, "type": "nominal", "sort": None, "axis": {"title": None, "ticks": False, "domain": False, "labelColor": "var(--ink)"}},
            },
            "layer": [_square(), _words(9 if width == NARROW else 11)],
        }  # fmt: skip

    return _chart(title, note, spec)


def tiles(title: str, note: str, rows: Sequence[str], points: Sequence[Point]) -> Chart:
    """A square for each character of `rows` that is no space; a point's `x` is its character, `y` its name."""
    known = {point.x: point for point in points}
    most = max((point.value for point in points), default=1) or 1
    squares = []
    for n, row in enumerate(rows):
        for column, name in enumerate(row):
            if name != "　":
                point = known.get(name)
                about = f"{point.y}：{point.label}" if point else f"{name}：没有报告"
                squares.append({"x": column, "y": n, "name": name, "value": point.value / most if point else 0,
                                "text": point.label if point else "", "about": about})  # fmt: skip

    def spec(width: int) -> Spec:
        step = 46 if width == WIDE else 36
        return {
            "width": {"step": step}, "height": {"step": step}, "data": {"values": squares},
            "encoding": {"x": {"field": "x", "type": "ordinal", "axis": None}, "y": {"field": "y", "type": "ordinal", "axis": None}},
            "layer": [
                {"mark": {"type": "rect", "color": "var(--paper)", "stroke": "var(--rule)", "cornerRadius": 4, "width": {"band": 0.94}, "height": {"band": 0.94}}},
                _square(),
                {"mark": {"type": "text", "dy": -6, "fontSize": 13, "fontWeight": 600}, "encoding": {"text": {"field": "name"}, **_contrast()}},
                {"mark": {"type": "text", "dy": 9, "fontSize": 10}, "encoding": {"text": {"field": "text"}, **_contrast()}},
            ],
        }  # fmt: skip

    return _chart(title, note, spec)


def _square() -> Spec:
    shade = {"field": "value", "type": "quantitative", "legend": None, "scale": {"domain": [0, 1], "range": [0, 1], "clamp": True}}
    mark = {"type": "rect", "color": "var(--bar)", "cornerRadius": 3, "width": {"band": 0.94}, "height": {"band": 0.94}}
    return {"mark": mark, "encoding": {"opacity": shade, "description": {"field": "about"}}}


def _words(size: int) -> Spec:
    return {"mark": {"type": "text", "fontSize": size}, "encoding": {"text": {"field": "text"}, **_contrast()}}


def _contrast() -> Spec:
    return {"color": {"condition": {"test": "datum.value > 0.55", "value": "var(--sheet)"}, "value": "var(--ink)"}}


def _chart(title: str, note: str, spec: Callable[[int], Spec]) -> Chart:
    wide, narrow = (_drawn(spec(width), f"{title}-{width}") for width in (WIDE, NARROW))
    return Chart(title, note, wide, narrow)


def _drawn(spec: Spec, name: str) -> Markup:
    """The SVG; ids count anew in each chart (the library counts on), and each mark tells the pointer what it is."""
    svg = vl_convert.vegalite_to_svg({"$schema": "https://vega.github.io/schema/vega-lite/v5.json", "config": _CONFIG, **spec})
    seen: dict[str, str] = {}

    def own(match: re.Match[str]) -> str:
        number = seen.setdefault(match[2] + match[3], f"{match[2]}-{len(seen)}-{sum(name.encode())}")
        return match[1] + number

    svg = _ID.sub(own, svg)
    return Markup(_MARK.sub(r"<\1\2><title>\3</title></\1>", svg))  # noqa: S704  # the library escapes what it writes
