"""doccano JSONL, sequence labelling: one text a line, with `entities` and `relations`.

doccano counts UTF-16 code units: its interface takes `text.length` of JavaScript (doccano/v-annotator,
`src/domain/models/Label/Text.ts`; doccano issue 2290) unless the project is set to count grapheme clusters, which
this reader does not follow. Other keys of a line doccano keeps and exports again (`Example.meta`).
"""

from __future__ import annotations

import colorsys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from nlp.settings import load_toml
from training.annotation.draft import Draft
from training.annotation.faults import Faults, parsed, read_utf8, shaped
from training.annotation.notes import Note, notes_of
from training.annotation.offsets import points_of, units_of
from training.annotation.text import AnnotatedText, labelled, links_of

ANSWERS = "answers"
_NATIVE = ("id", "text", "entities", "relations", "label", "labels", "Comments", "comments")


class _Entity(msgspec.Struct):
    id: int | str
    label: str
    start_offset: int
    end_offset: int


class _Relation(msgspec.Struct):
    from_id: int | str
    to_id: int | str
    type: str
    id: int | None = None


class _Kept(msgspec.Struct, forbid_unknown_fields=True):
    """What doccano does not know of: our id (it gives its own), meta, codes and done."""

    id: str
    meta: dict[str, str]
    notes: list[Note] = []


class _Row(msgspec.Struct):
    text: str
    id: int | str | None = None
    entities: list[_Entity] | None = None
    relations: list[_Relation] = []
    label: list[tuple[int, int, str]] = []
    labels: list[tuple[int, int, str]] = []
    gongkai: _Kept | None = None


class _Line(msgspec.Struct):
    id: int
    text: str
    gongkai: _Kept
    entities: list[_Entity]
    relations: list[_Relation]


def read(path: Path, faults: Faults) -> Iterator[AnnotatedText]:
    """The texts of a file that doccano exported, with relations or (triples in `label`) without."""
    source = read_utf8(path, faults) or ""
    for number, line in enumerate(source.split("\n"), 1):
        place = f"{path.name}, line {number}"
        value = parsed(line, place, faults) if line.strip() else None
        row = None if value is None else shaped(value, _Row, place, faults)
        if row is not None and isinstance(value, Mapping):
            yield from _text(row, value, place, faults, f"{path.stem}-{number}")


def _text(row: _Row, raw: Mapping[str, object], place: str, faults: Faults, name: str) -> Iterable[AnnotatedText]:
    kept = row.gongkai or _Kept(name if row.id is None else str(row.id), _foreign(raw))
    draft = Draft(place, kept.id, row.text, kept.meta)
    points = points_of(row.text)
    triples = [(one.id, one.start_offset, one.end_offset, one.label) for one in row.entities or ()]
    triples += [(n, *triple) for n, triple in enumerate(row.label + row.labels)] if row.entities is None else []
    for key, start, end, label in triples:
        if start in points and end in points:
            draft.spans[key] = labelled(label, points[start], points[end])
        else:
            faults.add(place, f"{label} [{start}, {end}) lies outside the text or inside a character",
                       "export from a project that does not count grapheme clusters")
    draft.links = [(one.from_id, one.to_id) for one in row.relations if one.type == ANSWERS]
    for relation in row.relations:
        if relation.type != ANSWERS:
            faults.add(place, f"unknown relation {relation.type!r}", f"the one relation is {ANSWERS!r}")
    return draft.finish(faults, kept.notes, noted_links=row.entities is None)


def _foreign(raw: Mapping[str, object]) -> dict[str, str]:
    """Keys of a file that was not written here."""
    return {
        key: value if isinstance(value, str) else msgspec.json.encode(value).decode()
        for key, value in raw.items()
        if key not in _NATIVE and value is not None
    }


def write(texts: Iterable[AnnotatedText], path: Path) -> None:
    """One line a text; import it into a project of the type sequence labelling with relations."""
    n_entities = n_relations = 0
    with path.open("wb") as stream:
        for number, one in enumerate(texts, 1):
            units = units_of(one.text)
            entities = [
                _Entity(n, span.label, units[span.start], units[span.end])
                for n, span in enumerate(one.spans, n_entities + 1)
            ]
            relations = [
                _Relation(entities[from_].id, entities[to].id, ANSWERS, n)
                for n, (from_, to) in enumerate(links_of(one.spans), n_relations + 1)
            ]
            kept = _Kept(one.id, dict(one.meta), notes_of(one.spans))
            stream.write(msgspec.json.encode(_Line(number, one.text, kept, entities, relations)) + b"\n")
            n_entities += len(entities)
            n_relations += len(relations)


def label_config(labels: Iterable[str]) -> str:
    """Span types for doccano (Labels → Actions → Import Labels), coloured as in `configs/labels.toml`."""
    hues = {label: one["hue"] for label, one in load_toml("labels.toml")["labels"].items()}
    types = [{"text": label, "background_color": _colour(hues.get(label, 0))} for label in labels]
    return msgspec.json.format(msgspec.json.encode(types), indent=1).decode() + "\n"


def _colour(hue: int) -> str:
    red, green, blue = colorsys.hls_to_rgb(hue / 360, 0.6, 0.6)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"
