"""Records found by filters, with the place of the words that were searched for."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Annotated
from urllib.parse import urlencode

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response

from nlp.forms import load_forms
from nlp.service.access import Holds
from nlp.service.api.records import as_query
from nlp.service.errors import UnusableError
from nlp.service.pages.render import render
from nlp.service.pages.session import Visits
from nlp.service.records import Filters, Line, Records
from nlp.service.search import excerpt
from nlp.settings import load_toml

router = APIRouter(include_in_schema=False)
_NAMES = tuple(field.name for field in fields(Filters))
_LONGEST = 200  # characters of a filter


@dataclass(frozen=True)
class Hit:
    """A line of the list; `excerpt` is what stands before the words searched for, they, and what follows."""

    line: Line
    place: str
    excerpt: tuple[str, str, str] | None


def filters_of(request: Request) -> Filters:
    """The filters of a form, of which empty fields are none. Raises UnusableError."""
    said = {name: value for name in _NAMES if (value := request.query_params.get(name, "").strip())}
    if any(len(value) > _LONGEST for value in said.values()):
        raise UnusableError(f"a filter has more than {_LONGEST} characters; give a word of it")
    try:
        return msgspec.convert(said, Filters, strict=False)
    except msgspec.ValidationError as error:
        raise UnusableError(f"{error}; a year has four digits") from error


@router.get("/records")
def records_page(
    request: Request,
    state: Holds,
    visit: Visits,
    filters: Annotated[Filters, Depends(filters_of)],
    cursor: Annotated[str | None, Query(max_length=_LONGEST)] = None,
) -> Response:
    """Filters and the records that fit them."""
    found = state.records.page(filters, state.service.page_size, cursor)
    said = as_query(filters)
    return render(
        request, "records.html.j2",
        filters=filters, hits=[_hit(state.records, line, filters.text) for line in found.lines], total=found.total,
        next=urlencode({**said, "cursor": found.next}) if found.next else None, cursor=cursor,
        query=urlencode(said), query_without_job=urlencode({name: value for name, value in said.items() if name != "job"}),
        choices={**state.records.choices(), "form": sorted(load_forms()), "failed_check": list(load_toml("labels.toml")["checks"])},
    )  # fmt: skip


def _hit(records: Records, line: Line, text: str | None) -> Hit:
    place = " ".join(dict.fromkeys(part for part in (line.province, line.city, line.county) if part))
    return Hit(line, place, excerpt(records.text(line.id), text) if text else None)
