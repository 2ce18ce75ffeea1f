"""Charts as Vega-Lite specifications, drawn to SVG when the page is made: no script, no font and no request in the browser.

Colours are the page's own (`var(--…)`), so that a chart follows light and dark. Each chart is drawn for a wide and a narrow page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import vl_convert
from markupsafe import Markup

Spec = dict[str, Any]
FULL, WIDE, NARROW = 960, 400, 270  # pixels of the plot without its labels: across the page, half of it, on a phone
_MARK = re.compile(r'<(path|rect|text)( aria-label="([^"]*)"[^>]*)/>')
_ID = re.compile(r'\b(id="|url\(#|href="#)([A-Za-z_]+)(\d+)')
_CONFIG: Spec = {
    "font": "sans-serif",
    "background": None,
    "view": {"stroke": None},
    "axis": {
        "labelColor": "var(--soft)",
        "titleColor": "var(--soft)",
        "gridColor": "var(--rule)",
        "domainColor": "var(--strong-rule)",
        "tickColor": "var(--strong-rule)",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelLimit": 260,
    },
    "legend": {"labelColor": "var(--ink)", "labelFontSize": 12, "titleColor": "var(--soft)", "symbolStrokeWidth": 3},
    "text": {"color": "var(--ink)", "fontSize": 12},
}


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawn chart: `title` says what is shown, `note` how to read it; `full` whether it goes across a wide page."""

    title: str
    note: str
    wide: Markup
    narrow: Markup
    full: bool = False


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
    """Bars from the top, in the order given; with their intervals where they are shares."""
    rows = [asdict(item) | {"about": f"{item.name}：{item.label}"} for item in items]
    side = {"title": None, "ticks": False, "domain": False, "labelColor": "var(--ink)"}
    room = 90 if share else 60  # pixels for the words at the end of the longest bar

    def spec(width: int) -> Spec:
        return {
            "width": width - (100 if width == NARROW else 60),
            "height": {"step": 24},
            "padding": {"right": room, "left": 5, "top": 5, "bottom": 5},
            "data": {"values": rows},
            "encoding": {"y": {"field": "name", "type": "nominal", "sort": None, "axis": side}},
            "layer": _bar_layers(share, 4 if width == WIDE else 3),
        }

    return chart(title, note, spec)


def _bar_layers(share: bool, n_ticks: int) -> list[Spec]:
    axis: Spec = {"title": None, "grid": True, "tickCount": n_ticks, "format": "%" if share else "d", "tickMinStep": 0 if share else 1}
    bar = {"type": "bar", "color": "var(--bar)", "cornerRadiusEnd": 2, "height": {"band": 0.66}}
    length = {"field": "value", "type": "quantitative", "axis": axis}
    end = {"field": "high" if share else "value", "type": "quantitative"}
    layers: list[Spec] = [
        {"mark": bar, "encoding": {"x": length, "description": {"field": "about"}}},
        {"mark": {"type": "text", "align": "left", "dx": 5}, "encoding": {"x": end, "text": {"field": "label"}}},
    ]
    if share:
        interval = {"x": {"field": "low", "type": "quantitative"}, "x2": {"field": "high"}}
        layers.append({"mark": {"type": "rule", "color": "var(--ink)", "strokeWidth": 1.5}, "encoding": interval})
    return layers


def lines(title: str, note: str, points: Sequence[Point], full: bool = False) -> Chart:
    """A line for each `y`, over `x` in the order given; values are shares."""
    names = list(dict.fromkeys(point.y for point in points))
    rows = [{"x": p.x, "name": p.y, "value": p.value, "about": p.label} for p in points]
    colour = {
        "field": "name",
        "type": "nominal",
        "sort": None,
        "scale": {"domain": names, "range": [f"var(--c{n + 1})" for n in range(len(names))]},
    }

    def spec(width: int) -> Spec:
        legend = {"title": None, "orient": "top", "columns": {FULL: 6, WIDE: 4, NARROW: 3}[width], "symbolType": "stroke"}
        return {
            "width": width,
            "height": 200 if width == NARROW else 230,
            "data": {"values": rows},
            "encoding": {
                "x": {
                    "field": "x",
                    "type": "ordinal",
                    "sort": None,
                    "axis": {"title": None, "labelAngle": 0, "labelOverlap": True},
                },
                "y": {"field": "value", "type": "quantitative", "axis": {"title": None, "format": "%", "tickCount": 5}},
                "color": colour | {"legend": legend},
            },
            "layer": [
                {"mark": {"type": "line", "strokeWidth": 2.5}},
                {
                    "mark": {"type": "point", "filled": True, "size": 45, "opacity": 1},
                    "encoding": {"description": {"field": "about"}},
                },
            ],
        }

    return chart(title, note, spec, full)


def chart(title: str, note: str, spec: Callable[[int], Spec], full: bool = False) -> Chart:
    """Draw what `spec` says for the width of a plot, on a wide page and on a narrow one."""
    wide, narrow = (_drawn(spec(width), f"{title}-{width}") for width in (FULL if full else WIDE, NARROW))
    return Chart(title, note, wide, narrow, full)


def _drawn(spec: Spec, name: str) -> Markup:
    """The SVG; ids count anew in each chart (the library counts on), and each mark tells the pointer what it is."""
    svg = vl_convert.vegalite_to_svg(
        {"$schema": "https://vega.github.io/schema/vega-lite/v5.json", "config": _CONFIG, **spec}
    )
    seen: dict[str, str] = {}

    def own(match: re.Match[str]) -> str:
        number = seen.setdefault(match[2] + match[3], f"{match[2]}-{len(seen)}-{sum(name.encode())}")
        return match[1] + number

    svg = _ID.sub(own, svg)
    return Markup(_MARK.sub(r"<\1\2><title>\3</title></\1>", svg))  # noqa: S704  # the library escapes what it writes
