"""An RTF file → Document: text of any Chinese code page, list labels as written, tables with merged and nested cells.

Rich Text Format Specification 1.9.1. Not striprtf: it turns tables into lines and knows neither merged cells nor hidden text.
"""

from __future__ import annotations

from html import escape

from nlp.document import Document, Issue, Source
from nlp.ingest.office.rtf_tables import Tables
from nlp.ingest.office.rtf_text import Decoder, Group, Token, tokens
from nlp.ingest.office.shown import Shown, read_shown
from nlp.ingest.raw import UnreadableError, problem
from nlp.settings import Limits

_MAX_DEPTH = 5_000  # groups inside groups; Word writes under 30
_MAX_CELLS = 100_000
# Destinations that are no part of the report, or not of its text.
_UNSEEN = frozenset((
    "colortbl", "stylesheet", "info", "header", "headerl", "headerr", "headerf", "footer", "footerl", "footerr", "footerf",
    "footnote", "annotation", "pict", "fldinst", "xe", "tc", "txe", "rxe", "nonesttables", "ftnsep", "ftnsepc", "aftnsep",
    "filetbl", "revtbl", "themedata", "datastore", "generator", "shprslt", "sp", "bkmkstart", "bkmkend",
))  # fmt: skip
_KNOWN = frozenset(("nesttableprops", "shpinst", "shppict"))  # starred destinations that are not skipped unread
_MARKS = {
    "tab": "\t", "line": "<br>", "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“",
    "rdblquote": "”", "bullet": "•", "emspace": " ", "enspace": " ", "~": "\xa0", "_": "-", "{": "{", "}": "}", "\\": "\\",
}  # fmt: skip
_ENDS = frozenset(("par", "sect", "page", "\n", "\r"))
_SYMBOLS = 2  # charset of fonts whose letters are pictures


def read_rtf(data: bytes, source: Source, document_id: str, issues: tuple[Issue, ...], limits: Limits) -> Document:
    """The Document of an RTF file. What cannot be read has an empty text and an issue of severity error."""
    return read_shown(lambda: _shown(data, limits), source, document_id, issues)


def _shown(data: bytes, limits: Limits) -> Shown:
    reader = _Reader(limits)
    for token in tokens(data):
        reader.take(token)
    is_whole = reader.depth == 0
    message = "the file ends before its last group is closed; it may be cut off: fetch it again"
    return Shown(reader.finished(), [] if is_whole else [problem("cut_off", message, "warning")])


class _Reader:
    """Takes the tokens of a file one by one: groups, control words, text."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._group = Group()
        self._outer: list[Group] = []
        self._decoder = Decoder()
        self._tables = Tables()
        self._pieces: list[str] = []
        self._length = 0
        self._level: int | None = None  # of the heading that the paragraph is
        self._instruction = ""

    @property
    def depth(self) -> int:
        """Groups that are open."""
        return len(self._outer)

    def take(self, token: Token) -> None:
        """One token."""
        if token.kind == "open":
            self._flush()
            if len(self._outer) >= _MAX_DEPTH:
                raise UnreadableError(
                    "nested_too_deep", f"the file nests groups more than {_MAX_DEPTH} deep; save it anew"
                )
            self._outer.append(self._group)
            self._group = self._group.inner()
        elif token.kind == "close":
            self._flush()
            if self._outer:
                self._group = self._outer.pop()
        elif token.kind == "text":
            self._decoder.take(token.text, self._group)
        else:
            if token.word not in ("'", "u"):
                self._flush()
            self._word(token)

    def finished(self) -> list[str]:
        """HTML of the blocks."""
        self._flush()
        self._end_paragraph()
        return self._tables.finished()

    def _word(self, token: Token) -> None:
        group, word = self._group, token.word
        if word == "*":
            group.starred = True
        elif word in ("'", "u", "uc", "f", "plain", "ansicpg", "deff", "fcharset", "fonttbl"):
            self._decoder.word(token, group)
        elif word == "shptxt" and group.destination == "shpinst":  # the text of a text box, among what draws it
            group.unseen, group.destination = False, word
            self._end_paragraph()
        elif word in _KNOWN:
            if not group.unseen:
                group.unseen, group.destination = word != "nesttableprops", word
        elif word == "pict" and not group.unseen:
            self._add('<img src="embedded">')
            group.unseen = True
        elif word in _UNSEEN or (group.starred and group.is_fresh):
            group.unseen, group.destination = True, word
            if word == "fldinst":
                self._instruction = ""
        elif word == "fldrslt":
            group.unseen = group.unseen or self._instruction.lstrip().upper().startswith("TOC")
        elif word in ("v", "deleted"):
            group.hidden = token.number != 0
        elif not group.unseen:
            self._layout(token)
        group.is_fresh = word == "*"

    def _layout(self, token: Token) -> None:
        word = token.word
        if word in _MARKS:
            self._add(_MARKS[word] if word == "line" else escape(_MARKS[word], quote=False))
        elif word in _ENDS:
            self._end_paragraph()
        elif word == "outlinelevel":
            self._level = token.number
        elif word in ("cell", "nestcell"):
            self._end_paragraph()
            if self._tables.end_cell(1 if word == "cell" else None) > _MAX_CELLS:
                raise UnreadableError(
                    "too_large", f"the file's tables have more than {_MAX_CELLS} cells; split the file"
                )
        else:
            if word == "pard":
                self._level = None
            self._tables.word(token)

    def _flush(self) -> None:
        """What the decoder has gathered becomes text of the paragraph, unless it is not to be seen."""
        group, text = self._group, self._decoder.text(self._group)
        if group.destination == "fldinst":
            self._instruction += text[:100]
        elif text and not group.unseen and not group.hidden and group.charset != _SYMBOLS:
            self._add(escape(text, quote=False))

    def _add(self, html: str) -> None:
        if self._group.hidden:
            return
        self._length += len(html)
        if self._length > 2 * self._limits.max_characters:
            message = f"more than {self._limits.max_characters} characters of text"
            raise UnreadableError(
                "too_large", f"{message}; split the file, or raise limits.max_characters in the settings"
            )
        self._pieces.append(html)

    def _end_paragraph(self) -> None:
        text = "".join(self._pieces)
        self._pieces.clear()
        tag = "p" if self._level is None or not 0 <= self._level < 9 else f"h{min(self._level + 1, 6)}"
        self._tables.add(f"<{tag}>{text}</{tag}>" if text.strip() else "")
