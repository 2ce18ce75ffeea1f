"""RTF's tokens and its text: bytes in the code page of their font, `\\'b9\\'ab` and `\\u20844?` alike."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

# A control word with its number and the space that ends it; a byte in hex; a control symbol; a brace; plain text.
_TOKEN = re.compile(rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|([^\\{}\r\n]+)")
# Character sets of fonts (`\fcharset`) and code pages (`\ansicpg`) → Python's codecs; GB 18030 contains GBK and GB 2312.
_CHARSETS = {0: "cp1252", 77: "mac_roman", 128: "cp932", 129: "cp949", 134: "gb18030", 136: "big5hkscs", 204: "cp1251"}
_PAGES = {
    936: "gb18030",
    54936: "gb18030",
    950: "big5hkscs",
    932: "cp932",
    949: "cp949",
    65001: "utf-8",
    1252: "cp1252",
}
_DEFAULT = 1  # character set of the system on which the file was written


class Token(NamedTuple):
    """`open` and `close` of a group; `text` with bytes; `word` with a control word or symbol, its number, the byte of `\\'`."""

    kind: str
    word: str = ""
    number: int | None = None
    text: bytes = b""


@dataclass(slots=True)
class Group:
    """What holds inside a group and ends with it."""

    unseen: bool = False
    hidden: bool = False
    starred: bool = False
    is_fresh: bool = True  # nothing but `\*` has been read in it
    destination: str = ""
    font: int | None = None
    charset: int = _DEFAULT
    n_fallback: int = 1  # characters behind `\u` for programs that do not know it

    def inner(self) -> Group:
        """A group that opens inside this one."""
        return replace(self, starred=False, is_fresh=True)


def tokens(data: bytes) -> Iterator[Token]:
    """The tokens of an RTF file; binary data (`\\bin`) is left out."""
    position = 0
    while match := _TOKEN.search(data, position):
        position = match.end()
        word, number, byte, symbol, brace, text = match.groups()
        if word == b"bin":
            position += max(0, int(number or 0))
        elif word:
            yield Token("word", word.decode(), int(number) if number else None)
        elif byte:
            yield Token("word", "'", text=bytes.fromhex(byte.decode()))
        elif symbol:
            yield Token("word", symbol.decode("latin-1"))
        elif brace:
            yield Token("open" if brace == b"{" else "close")
        else:
            yield Token("text", text=text)


class Decoder:
    """Gathers the bytes of one font until they are a text: a Chinese character's second byte may be written as a letter."""

    def __init__(self) -> None:
        self._page = "cp1252"
        self._default_font = 0
        self._fonts: dict[int, int] = {}
        self._bytes = bytearray()
        self._units: list[str] = []
        self._n_skip = 0

    def take(self, data: bytes, group: Group) -> None:
        """Bytes of text; those that repeat a `\\u` for old programs are left out."""
        if self._n_skip:
            skipped = min(self._n_skip, len(data))
            self._n_skip -= skipped
            data = data[skipped:]
        self._bytes += data

    def word(self, token: Token, group: Group) -> None:
        """A control word about characters and fonts."""
        number = token.number or 0
        if token.word == "'":
            self.take(token.text, group)
        elif token.word == "u":
            self._settle(group)
            self._units.append(chr(number % 0x10000))
            self._n_skip = group.n_fallback
        elif token.word == "uc":
            group.n_fallback = max(0, min(number, 100))
        elif token.word == "ansicpg":
            self._page = _PAGES.get(number, "cp1252")
        elif token.word == "deff":
            self._default_font = number
        elif token.word == "fonttbl":
            group.unseen, group.destination = True, "fonttbl"
        elif token.word == "fcharset":
            if group.font is not None:
                self._fonts[group.font] = number
        else:
            self._choose(token, group)

    def _choose(self, token: Token, group: Group) -> None:
        if token.word == "plain":
            group.hidden = False
        group.font = self._default_font if token.number is None else token.number
        if group.destination != "fonttbl":
            group.charset = self._fonts.get(group.font, _DEFAULT)

    def text(self, group: Group) -> str:
        """What was gathered, as text; nothing is kept."""
        self._settle(group)
        self._n_skip = 0
        if not self._units:
            return ""
        text = "".join(self._units).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        self._units.clear()
        return text

    def _settle(self, group: Group) -> None:
        if self._bytes:
            codec = self._page if group.charset == _DEFAULT else _CHARSETS.get(group.charset, self._page)
            self._units.append(self._bytes.decode(codec, "replace"))
            self._bytes.clear()
