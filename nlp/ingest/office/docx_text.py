"""The text inside a paragraph of a DOCX: runs, breaks, results of fields; text boxes beside it."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from lxml import etree

from nlp.ingest.office.docx_styles import WORD, is_on

_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_CHOICES = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_TEXT = frozenset((f"{WORD}t", f"{_MATH}t"))
_WRITTEN = {f"{WORD}{name}": html for name, html in (
    ("tab", "\t"), ("ptab", "\t"), ("br", "<br>"), ("cr", "<br>"), ("noBreakHyphen", "-"),
)}  # fmt: skip
_PICTURES = frozenset((
    "{http://schemas.openxmlformats.org/drawingml/2006/picture}pic", "{urn:schemas-microsoft-com:vml}imagedata",
))  # fmt: skip
# Properties, deleted text, instructions of fields, marks of notes and comments, readings above characters.
_UNSEEN = frozenset(f"{WORD}{name}" for name in (
    "pPr", "rPr", "sdtPr", "del", "moveFrom", "delText", "delInstrText", "rt", "footnoteReference", "endnoteReference",
    "commentReference", "annotationRef",
))  # fmt: skip


@dataclass(slots=True)
class _Field:
    """A field that is open: its instruction so far, and whether its result is being read."""

    instruction: str = ""
    in_result: bool = False

    @property
    def is_shown(self) -> bool:
        """Whether its text belongs to the report: results do, a table of contents repeats it."""
        return self.in_result and not self.instruction.lstrip().upper().startswith("TOC")


class Inline:
    """Reads one paragraph after the other; a field may begin in one and end in another."""

    def __init__(self) -> None:
        self._fields: list[_Field] = []

    def read(self, paragraph: etree._Element) -> tuple[str, list[etree._Element]]:
        """The HTML of what a paragraph shows, and the text boxes anchored in it."""
        pieces: list[str] = []
        boxes: list[etree._Element] = []
        stack = list(reversed(paragraph))
        while stack:
            node = stack.pop()
            tag = node.tag
            if tag in _UNSEEN:
                continue
            if tag == f"{WORD}txbxContent":
                boxes.append(node)
            elif tag == f"{WORD}fldChar":
                self._step(node.get(f"{WORD}fldCharType"))
            elif tag == f"{WORD}instrText":
                if self._fields:
                    self._fields[-1].instruction += (node.text or "")[:100]
            elif tag == f"{_CHOICES}AlternateContent":
                stack.extend(_chosen(node))
            elif tag != f"{WORD}r" or not is_on(node.find(f"{WORD}rPr"), "vanish"):
                if all(field.is_shown for field in self._fields):
                    pieces.append(_written(node))
                stack.extend(reversed(node))
        return "".join(pieces), boxes

    def _step(self, kind: str | None) -> None:
        if kind == "begin":
            self._fields.append(_Field())
        elif kind == "separate" and self._fields:
            self._fields[-1].in_result = True
        elif kind == "end" and self._fields:
            self._fields.pop()


def _written(node: etree._Element) -> str:
    if node.tag in _TEXT:
        return escape(node.text or "", quote=False)
    if node.tag in _PICTURES:
        return '<img src="embedded">'
    return _WRITTEN.get(str(node.tag), "")


def _chosen(alternatives: etree._Element) -> list[etree._Element]:
    """What is shown of content given twice, for new and for old programs: the new form, unless there is none."""
    choice = alternatives.find(f"{_CHOICES}Choice")
    if choice is None:
        choice = alternatives.find(f"{_CHOICES}Fallback")
    return list(reversed(choice)) if choice is not None else []
