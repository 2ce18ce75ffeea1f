"""A record beside its source: marked, checked, corrected."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from nlp.errors import SourceError
from nlp.record import Record
from nlp.service.access import Holds
from nlp.service.api.records import RecordId
from nlp.service.audit import Audited
from nlp.service.corrections import Line, Wish
from nlp.service.errors import NotFoundError, UnusableError
from nlp.service.pages.language import language_of
from nlp.service.pages.render import render
from nlp.service.pages.session import Posts, Visits
from nlp.service.state import State
from nlp.service.uncertain import Uncertain, uncertain
from nlp.show.names import number
from nlp.show.page import values
from nlp.show.pictures import Place, is_pdf, places
from nlp.show.texts import Words

router = APIRouter(include_in_schema=False)
_SEE_OTHER = 303
_SHOWN = 60  # uncertain places in the list
_LEAST = 0.05  # doubt from which a place is worth a look
_FACTS = {"leadership_groups": "group", "counts": "count", "problems": "problem", "remedies": "remedy"}
_OWN = ("agency.name", "agency.level", "agency.region.province", "agency.region.city", "agency.region.county", "year", "published",
        "title")  # fmt: skip
_FIELDS = {"leadership_groups": ("name", "established", "office"), "counts": ("item", "channel", "value", "unit", "kind", "period"),
           "problems": ("categories",), "remedies": ("categories", "status")}  # fmt: skip
_NUMBERS = ("year", "value", "period")
_LISTS = ("categories",)
Short = Annotated[str, Form(max_length=2_000)]
Whole = Annotated[int, Form(ge=0, le=1 << 40)]


@dataclass(frozen=True)
class Box:
    """A piece of a page's layout in which marks lie: its corners as parts of the page, and the marks' ids."""

    x: float
    y: float
    width: float
    height: float
    marks: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """A page of the source: number, width over height, boxes."""

    number: int
    ratio: float
    boxes: tuple[Box, ...]


@dataclass(frozen=True)
class Doubt:
    """An uncertain place: where it is on the page (`anchor`), and what is said of it."""

    anchor: str
    what: Uncertain
    text: str


@router.get("/records/{record_id}")
def show(request: Request, state: Holds, visit: Visits, record_id: RecordId, machine: Annotated[bool, Query()] = False) -> Response:
    """The record as people have corrected it, or (`machine`) as the machine read it."""
    original = state.records.get(record_id)
    record = original if machine else state.corrections.corrected(original)
    made = state.corrections.of(record_id)
    seen = {one.target for one in made if one.kind == "cell" and one.undone is None}
    sheets, problem = _sheets(state, record)
    words = Words(language_of(request))
    doubts = [one for one in uncertain(record, seen) if one.doubt >= _LEAST]
    return render(
        request, "record.html.j2", machine=machine,
        made=[(one, _told(one, one.old, words), _told(one, one.new, words)) for one in reversed(made)],
        n_live=sum(one.undone is None for one in made),
        sheets=sheets, sheets_problem=problem, doubts=[_doubt(record, one) for one in doubts[:_SHOWN]], n_doubts=len(doubts),
        facts=list(_facts(record, words)), may_write=visit.key.may("write"),
        **{**values(record, words), "changed": frozenset() if machine else seen},
    )  # fmt: skip


@router.get("/records/{record_id}/pages/{number}.png")
def picture(state: Holds, visit: Visits, record_id: RecordId, number: Annotated[int, Path(ge=1, le=10_000)]) -> Response:
    """A page of a PDF as a picture."""
    try:
        png = state.pictures.page(_bytes(state, record_id), number)
    except SourceError as error:
        raise NotFoundError(str(error)) from error
    return Response(png, media_type="image/png", headers={"Cache-Control": "private, max-age=3600"})


@router.post("/records/{record_id}/cells")
def correct_cell(state: Holds, audit: Audited, visit: Posts, record_id: RecordId, path: Short = "", new: Short = "") -> Response:
    """Set a cell: a number; nothing for blank; ？ for unreadable."""
    said = new.strip()
    wish = Wish("cell", path, state="unreadable") if said in ("？", "?") else Wish("cell", path, new=_number(said) if said else None)
    return _corrected(state, audit, visit, record_id, wish)


@router.post("/records/{record_id}/spans")
def correct_span(
    state: Holds, audit: Audited, visit: Posts, record_id: RecordId, span: Annotated[str, Form(max_length=60)] = "", label: Short = ""
) -> Response:
    """Label a stretch of the text, given as `start-end`; an empty label removes what is there."""
    start, _, end = span.partition("-")
    if not (start.isdecimal() and end.isdecimal()):
        raise UnusableError("say which stretch: mark it in the text, or give its first and last place as 120-124")
    return _corrected(state, audit, visit, record_id, Wish("span", start=int(start), end=int(end), new=label or None))


@router.post("/records/{record_id}/facts")
def correct_fact(state: Holds, audit: Audited, visit: Posts, record_id: RecordId, path: Short = "", new: Short = "") -> Response:
    """Set a fact; nothing for unknown."""
    return _corrected(state, audit, visit, record_id, Wish("fact", path, new=_typed(path, new.strip())))


@router.post("/records/{record_id}/corrections/{n}/undo")
def undo(state: Holds, audit: Audited, visit: Posts, record_id: RecordId, n: Annotated[int, Path(ge=1)]) -> Response:
    """Take a correction back."""
    if state.corrections.undo(record_id, n):
        audit(visit.key, "undo", record_id, str(n))
    return RedirectResponse(f"/records/{record_id}", _SEE_OTHER)


def _corrected(state: State, audit: Any, visit: Any, record_id: str, wish: Wish) -> Response:
    n = state.corrections.put(record_id, wish, visit.key.name)
    if n is not None:
        audit(visit.key, "correct", record_id, f"{n} {wish.kind} {wish.path or f'{wish.start}-{wish.end}'}")
    anchor = f"#{wish.path}" if wish.kind == "cell" else ""
    return RedirectResponse(f"/records/{record_id}{anchor}", _SEE_OTHER)


def _number(said: str) -> int | float:
    try:
        number = json.loads(said.replace(",", "").replace("，", ""))
    except ValueError:
        number = None
    if not isinstance(number, int | float) or isinstance(number, bool):
        raise UnusableError(f"{said[:40]!r} is no number; write digits such as 12 or 3.5, nothing for blank, ？ for unreadable")
    return number


def _typed(path: str, said: str) -> Any:
    """What a person wrote into a field, as the record has it there."""
    field = path.rsplit(".", 1)[-1]
    if field in _LISTS:
        return [part.strip() for part in said.replace("，", ",").replace("、", ",").split(",") if part.strip()]
    if not said:
        return None
    return _number(said) if field in _NUMBERS else said


def _bytes(state: State, record_id: str) -> bytes:
    data = state.blobs.get(state.records.blob(record_id))
    if data is None:
        raise NotFoundError("the document's bytes could not be had when it was read; its record says why")
    return data


def _sheets(state: State, record: Record) -> tuple[list[Sheet], str | None]:
    """The pages of the source where it is a PDF; none, and why, where they cannot be drawn."""
    data = state.blobs.get(state.records.blob(record.id))
    if data is None or not is_pdf(data):
        return [], None
    try:
        sizes = state.pictures.sizes(data)
    except SourceError as error:
        return [], str(error)
    found = places(record, sizes)
    return [
        Sheet(number, round(size.width / size.height, 4), tuple(_boxes(found.get(number, ())))) for number, size in enumerate(sizes, 1)
    ], None


def _boxes(some: list[Place] | tuple[Place, ...]) -> Iterator[Box]:
    corners: dict[tuple[float, float, float, float], list[str]] = {}
    for place in some:
        corners.setdefault((place.x0, place.y0, place.x1, place.y1), []).append(place.mark.id)
    for (x0, y0, x1, y1), marks in corners.items():
        yield Box(round(x0, 4), round(y0, 4), round(x1 - x0, 4), round(y1 - y0, 4), tuple(marks))


def _doubt(record: Record, what: Uncertain) -> Doubt:
    text = record.text[what.start : what.end] if what.start is not None else ""
    if what.kind == "cell":
        return Doubt(str(what.target), what, "")
    if what.kind == "span":
        places = {(one.start, one.end): n for n, one in enumerate(record.narrative.mentions)}
        return Doubt(f"m{places.get((what.start or 0, what.end or 0), 0)}", what, text)
    parts = str(what.target).split(".")
    anchor = f"{_FACTS[parts[1]]}-{parts[2]}" if len(parts) > 2 and parts[1] in _FACTS else "about"
    return Doubt(anchor, what, text)


def _told(line: Line, value: Any, words: Words) -> str:
    """An old or a new value in words: the number or the state of a cell, the labels of a stretch, the value of a fact."""
    if line.kind == "cell":
        return number(value["value"]) if value["value"] is not None else words.name("states", value["state"])
    if line.kind == "span":
        labels = [value] if isinstance(value, str) else [one["label"] for one in value or ()]
        return words.t("comma_in_list").join(words.name("labels", label) for label in labels) or "—"
    return words.t("comma_in_list").join(map(str, value)) if isinstance(value, list) else "—" if value is None else str(value)


def _facts(record: Record, words: Words) -> Iterator[tuple[str, str]]:
    """Paths of the facts that a person can set, with their present value."""
    yield from ((path, _at(record, path, words)) for path in _OWN)
    for kind, fields in _FIELDS.items():
        for n in range(len(getattr(record.narrative, kind))):
            yield from ((path, _at(record, path, words)) for path in (f"narrative.{kind}.{n}.{field}" for field in fields))


def _at(record: Record, path: str, words: Words) -> str:
    value: Any = record
    for part in path.split("."):
        value = value[int(part)] if part.isdecimal() else getattr(value, part)
    return words.t("comma_in_list").join(value) if isinstance(value, list) else "" if value is None else str(value)


