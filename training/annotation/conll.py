r"""CoNLL columns: one character a line, a tab, its BIO tag; an empty line ends a text. Reads BIOES and BILOU too.

Lines `# id = …`, `# meta = {…}` and `# note = {…}` stand before a text written here. A character that a column cannot
hold is written as an escape (`\n`, `\u3000`). In files of others the last column is the tag, the first a token of any
length; tokens are joined without blanks, `-DOCSTART-` lines are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from training.annotation.draft import Draft
from training.annotation.faults import Faults, parsed, read_utf8, shaped
from training.annotation.notes import Note, notes_of
from training.annotation.text import AnnotatedText, labelled

_COMMENT = re.compile(r"# (?P<key>id|meta|note) = (?P<value>.*)")
_ESCAPE = re.compile(r"\\(?:u[0-9a-f]{4}|n|t|r)")
_SHORT = {"\n": r"\n", "\t": r"\t", "\r": r"\r"}
_LONG = {written: one for one, written in _SHORT.items()}
_SCHEME = {"B": "B", "I": "I", "E": "E", "L": "E", "S": "S", "U": "S"}


@dataclass
class _Reading:
    """A text while its lines are read; `open_` is the span that the next line may go on with."""

    place: str
    id: str
    meta: dict[str, str] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    spans: list[tuple[str, int, int]] = field(default_factory=list)
    open_: tuple[str, int] | None = None
    length: int = 0
    begun: bool = False
    ends_are_marked: bool = False

    def close(self) -> None:
        """End the open span before the present token."""
        if self.open_ is not None:
            self.spans.append((*self.open_, self.length))
            self.open_ = None


def read(path: Path, faults: Faults) -> Iterator[AnnotatedText]:
    """The texts of a file, a text being what empty lines enclose."""
    source = read_utf8(path, faults) or ""
    lines = [line.removesuffix("\r") for line in source.split("\n")]
    marked = any(re.search(r"[ \t][ESLU]-\S+$", line) for line in lines)
    n_texts = 1
    reading = _Reading(path.name, f"{path.stem}-{n_texts}", ends_are_marked=marked)
    for number, line in enumerate([*lines, ""], 1):
        place = f"{path.name}, line {number}"
        if line:
            if not reading.begun:
                reading.begun, reading.place = True, place
            _read_line(line, place, reading, faults)
        elif reading.begun:
            _expect_end(place, reading, faults)
            yield from _finished(reading, faults)
            n_texts += 1
            reading = _Reading(place, f"{path.stem}-{n_texts}", ends_are_marked=marked)


def _read_line(line: str, place: str, reading: _Reading, faults: Faults) -> None:
    comment = _COMMENT.fullmatch(line)
    if comment:
        value = parsed(comment["value"], place, faults)
        if value is None:
            return
        if comment["key"] == "id":
            reading.id = shaped(value, str, place, faults) or reading.id
        elif comment["key"] == "meta":
            reading.meta = shaped(value, dict[str, str], place, faults) or {}
        else:
            note = shaped(value, Note, place, faults)
            reading.notes += [note] if note else []
        return
    columns = line.split("\t") if "\t" in line else line.split()
    if columns[0] == "-DOCSTART-":
        reading.begun = bool(reading.pieces)
        return
    if len(columns) < 2 or not columns[0]:
        faults.add(place, f"{line[:30]!r} has not two columns", "write token, tab, tag; an empty line ends a text")
        return
    token = _ESCAPE.sub(_unescaped, columns[0])
    _tag(columns[-1], place, reading, faults)
    reading.pieces.append(token)
    reading.length += len(token)
    if reading.open_ is not None and _SCHEME.get(columns[-1][0]) in ("E", "S"):
        reading.close()


def _tag(tag: str, place: str, reading: _Reading, faults: Faults) -> None:
    """Open, go on with or end a span as the tag of the next token says."""
    letter, _, label = tag.partition("-")
    kind = _SCHEME.get(letter)
    if tag != "O" and (kind is None or not label):
        faults.add(place, f"{tag!r} is no tag", "tags are O, B-LABEL, I-LABEL (and E-, S- in BIOES)")
    elif kind in ("I", "E"):
        if reading.open_ is None or reading.open_[0] != label:
            what = f"{tag} without B-{label} before it"
            faults.add(place, what, f"begin the span with B-{label}")
            reading.close()
            reading.open_ = (label, reading.length)
    else:
        _expect_end(place, reading, faults)
        reading.close()
        if kind in ("B", "S"):
            reading.open_ = (label, reading.length)


def _expect_end(place: str, reading: _Reading, faults: Faults) -> None:
    """Where a file marks ends, a span must not stop without one."""
    if reading.open_ is not None and reading.ends_are_marked:
        label = reading.open_[0]
        faults.add(place, f"the {label} before has no end", f"end it with E-{label}, or use no E- and S- in the file")


def _finished(reading: _Reading, faults: Faults) -> Iterable[AnnotatedText]:
    reading.close()
    draft = Draft(reading.place, reading.id, "".join(reading.pieces), reading.meta)
    draft.spans = {number: labelled(*span) for number, span in enumerate(reading.spans)}
    return draft.finish(faults, reading.notes, noted_links=True)


def _unescaped(match: re.Match[str]) -> str:
    return _LONG.get(match[0]) or chr(int(match[0][2:], 16))


def _escaped(character: str) -> str:
    """A column's text; escapes have more than one character, so that a backslash may stand for itself."""
    if character in _SHORT:
        return _SHORT[character]
    plain = character.isprintable() and not character.isspace()
    return character if plain or ord(character) > 0xFFFF else f"\\u{ord(character):04x}"


def write(texts: Iterable[AnnotatedText], path: Path) -> None:
    """BIO tags of single characters, which every reader of CoNLL files knows."""
    with path.open("wb") as stream:
        for one in texts:
            stream.write("".join(f"{line}\n" for line in _lines(one)).encode())


def _lines(one: AnnotatedText) -> Iterator[str]:
    yield f"# id = {_json(one.id)}"
    if one.meta:
        yield f"# meta = {_json(dict(one.meta))}"
    for note in notes_of(one.spans):
        yield f"# note = {_json(note)}"
    tags = ["O"] * len(one.text)
    for span in one.spans:
        tags[span.start : span.end] = [f"I-{span.label}"] * (span.end - span.start)
        tags[span.start] = f"B-{span.label}"
    for character, tag in zip(one.text, tags, strict=True):
        yield f"{_escaped(character)}\t{tag}"
    yield ""


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
