"""The styles of a DOCX: which paragraphs are headings, and which are numbered by their style."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from lxml import etree

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_BODY_LEVEL = 9  # outline level of text that is no heading
_LEVELS = frozenset("123456789")
_MAX_CHAIN = 11  # styles based on each other; Word allows so many


def value(element: etree._Element | None) -> str | None:
    """The `w:val` of an element; None where either is missing."""
    return element.get(f"{WORD}val") if element is not None else None


def number(parent: etree._Element | None, name: str, missing: int = 0) -> int:
    """The number that the child `name` states; `missing` where there is none."""
    stated = (value(parent.find(f"{WORD}{name}")) if parent is not None else None) or ""
    return int(stated) if stated.isascii() and stated.isdigit() and len(stated) < 10 else missing


def is_on(parent: etree._Element | None, name: str) -> bool:
    """Whether the toggle `name` is set among the properties `parent`."""
    toggle = parent.find(f"{WORD}{name}") if parent is not None else None
    return toggle is not None and value(toggle) not in ("0", "false", "off")


class _Place(NamedTuple):
    """Where properties of a paragraph may stand: its own (without a style), or those of a style of this id and name."""

    properties: etree._Element | None
    style: str | None = None
    name: str = ""


class Styles:
    """The paragraph styles of `word/styles.xml`."""

    def __init__(self, root: etree._Element | None) -> None:
        found = root.findall(f"{WORD}style") if root is not None else []
        self._styles = {style.get(f"{WORD}styleId") or "": style for style in found}
        paragraphs = (style for style in found if style.get(f"{WORD}type") == "paragraph")
        self._default = next((style for style in paragraphs if style.get(f"{WORD}default") in ("1", "true")), None)

    def level(self, properties: etree._Element | None) -> int | None:
        """The level of a heading, 0 the highest; None for other text. `properties` are the paragraph's `w:pPr`."""
        for place in self._places(properties):
            if place.properties is not None and place.properties.find(f"{WORD}outlineLvl") is not None:
                level = number(place.properties, "outlineLvl", _BODY_LEVEL)
                return level if level < _BODY_LEVEL else None
            if place.name == "title":
                return 0
            if place.name.startswith("heading ") and place.name[8:] in _LEVELS:
                return int(place.name[8:]) - 1
        return None

    def numbered(self, properties: etree._Element | None) -> tuple[str | None, int | None, str | None]:
        """List id and level of a paragraph, and the style that numbers it; the id is None where nothing numbers it."""
        level: int | None = None
        for place in self._places(properties):
            numbering = place.properties.find(f"{WORD}numPr") if place.properties is not None else None
            if numbering is None:
                continue
            if level is None and numbering.find(f"{WORD}ilvl") is not None:
                level = number(numbering, "ilvl")
            list_id = value(numbering.find(f"{WORD}numId"))
            if list_id is not None:
                return list_id, level, place.style
        return None, None, None

    def _places(self, properties: etree._Element | None) -> Iterator[_Place]:
        """The nearest first: the paragraph's own, then those of its style and of what that is based on."""
        yield _Place(properties)
        style_id = value(properties.find(f"{WORD}pStyle")) if properties is not None else None
        style = self._styles.get(style_id or "", self._default)
        for _ in range(_MAX_CHAIN):
            if style is None:
                return
            name = value(style.find(f"{WORD}name")) or ""
            yield _Place(style.find(f"{WORD}pPr"), style.get(f"{WORD}styleId"), name.lower())
            style = self._styles.get(value(style.find(f"{WORD}basedOn")) or "")
