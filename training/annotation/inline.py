"""The project's own markup (`training.markup`): a folder `<family>/<id>.txt`, from which `gongkai train` learns.

The family is the meta `family`. Meta that a header line cannot hold stands in `# meta: {…}`; header lines that the
markup demands and the meta lacks are left empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from nlp.errors import SettingsError
from nlp.narrative.labels import LABELS
from nlp.settings import load_toml
from training.annotation.draft import Draft
from training.annotation.faults import Faults, parsed, read_utf8, shaped
from training.annotation.names import file_name, id_of, unique
from training.annotation.text import ANSWERED, AnnotatedText
from training.markup import HEADER, Annotated, compile_marked, escaped

FAMILY, NO_FAMILY, REST = "family", "documents", "meta"
_LINE = re.compile(r"(?! )[^\n\r]*(?<! )")
_TAG = re.compile(r"[A-Z][A-Z_]*")
_CODES = re.compile(r"[a-z_]+")


def category_codes() -> list[str]:
    """The codes of `configs/categories.toml`, in its order."""
    return [entry["code"] for entry in load_toml("categories.toml")["category"]]


def read(path: Path, faults: Faults) -> Iterator[AnnotatedText]:
    """The texts of a folder in order of their names; faults are those of `compile_marked`, whatever the labels."""
    codes = category_codes()
    for file in sorted([*path.glob("*.txt"), *path.glob("*/*.txt")]):
        source = read_utf8(file, faults)
        if source is None:
            continue
        marked = compile_marked(source, file.name, codes, {*LABELS, *_TAG.findall(source)})
        for fault in marked.faults:
            faults.add(file.name, fault.removeprefix(f"{file.name}: "), "correct the markup")
        if marked.faults:
            continue
        family = "" if file.parent == path else id_of(file.parent.name)
        meta = _meta(marked.meta, family, file.name, faults)
        draft = Draft(file.name, marked.meta["id"] or id_of(file.stem), marked.text, meta)
        draft.spans = {n: _without_answers(span) for n, span in enumerate(marked.spans)}
        problems = [n for n, span in enumerate(marked.spans) if span.label == ANSWERED]
        draft.links = [(n, problems[to]) for n, span in enumerate(marked.spans) for to in span.answers]
        yield from draft.finish(faults)


def _without_answers(span: Annotated) -> Annotated:
    return Annotated(span.label, span.start, span.end, span.codes, span.done)


def _meta(header: Mapping[str, str], family: str, place: str, faults: Faults) -> dict[str, str]:
    meta = {key: value for key, value in header.items() if key not in ("id", REST) and (value or key not in HEADER)}
    if family not in ("", NO_FAMILY):
        meta[FAMILY] = family
    if REST in header:
        rest = parsed(header[REST], place, faults)
        if rest is not None:
            meta |= shaped(rest, dict[str, str], place, faults) or {}
    return meta


def write(texts: Iterable[AnnotatedText], path: Path) -> None:
    """One file a text. Raises SettingsError for a span that inline markup cannot write."""
    path.mkdir(parents=True)
    for one in unique(texts):
        target = path / (file_name(one.meta.get(FAMILY, "")) or NO_FAMILY) / f"{file_name(one.id)}.txt"
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(marked_up(one).encode())


def marked_up(one: AnnotatedText) -> str:
    """The inline markup of a text. Raises SettingsError for what it cannot write."""
    faults = unwritable(one)
    if faults:
        raise SettingsError(f"text {one.id}: " + "; ".join(faults))
    pieces, cursor = [_header(one), "\n"], 0
    for span in one.spans:
        pieces += [_doubled(one.text[cursor : span.start]), _tag(span, one.text[span.start : span.end])]
        cursor = span.end
    return "".join([*pieces, _doubled(one.text[cursor:])])


def unwritable(one: AnnotatedText) -> list[str]:
    """What of a text inline markup cannot write, one line each."""
    faults = []
    for span in one.spans:
        if not _TAG.fullmatch(span.label):
            faults.append(f"unknown label {span.label}: labels are capital letters")
        faults += [f"unknown category code {code!r}" for code in span.codes if not _CODES.fullmatch(code)]
    return faults


def _header(one: AnnotatedText) -> str:
    meta = {key: value for key, value in one.meta.items() if key != FAMILY or not value or value == NO_FAMILY}
    plain = {
        key: value
        for key, value in meta.items()
        if key not in ("id", REST, FAMILY) and re.fullmatch(r"\w+", key) and _LINE.fullmatch(value)
        and (value or key not in HEADER)
    }
    rest = {key: value for key, value in meta.items() if key not in plain}
    lines = {"id": one.id if _LINE.fullmatch(one.id) else "", **dict.fromkeys(HEADER[1:], ""), **plain}
    if rest:
        lines[REST] = msgspec.json.encode(rest).decode()
    return "".join(f"# {key}: {value}\n" for key, value in lines.items())


def _tag(span: Annotated, text: str) -> str:
    codes = f"/{'+'.join(span.codes)}" if span.codes else ""
    answers = f">{','.join(str(number + 1) for number in span.answers)}" if span.answers else ""
    return f"{{{span.label}{codes}{'!' if span.done else ''}{answers}:{escaped(text)}}}"


def _doubled(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
