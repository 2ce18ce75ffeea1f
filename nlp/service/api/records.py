"""Records: listed by filters, given whole, with their source."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from nlp.record import to_json
from nlp.service.access import Holds, Reads
from nlp.service.errors import NotFoundError
from nlp.service.problems import responses
from nlp.service.records import Filters, Line
from nlp.service.schema import RECORD
from nlp.show import page

router = APIRouter(tags=["records"])
_EXAMPLE = "a6b596461945a3920524454bb6a4d26e0aa7fd05adddc66c3089b2f50c6f035f"
RecordId = Annotated[str, Path(description="id of a record: SHA-256 of its document", max_length=64, examples=[_EXAMPLE])]
Word = Annotated[str | None, Query(max_length=200)]


_SHOWN = {**RECORD, "content": {**RECORD["content"], "text/html": {}}}
_BYTES = {"description": "The document's bytes", "content": {"application/octet-stream": {}}}


class RecordList(BaseModel):
    """Records, the newest first; `next` is the `cursor` of those after them, null at the end; `total` fit the filters."""

    records: list[Line]
    total: int
    next: str | None


@dataclass
class FilterQuery:
    """The filters of a request; empty ones are none."""

    agency: Annotated[str | None, Query(description="part of the agency's name", max_length=200)] = None
    region: Annotated[str | None, Query(description="province, city or county, or the start of an adcode", max_length=50)] = None
    level: Annotated[str | None, Query(description="province, city, county, township, department, other", max_length=20)] = None
    year: Annotated[int | None, Query(description="year of the report", ge=1990, le=2100)] = None
    form: Annotated[str | None, Query(description="2019 or 2021", max_length=10)] = None
    failed_check: Annotated[str | None, Query(description="a relation that fails: R1 to R14", max_length=4)] = None
    status: Annotated[str | None, Query(description="complete, partial, failed", max_length=10)] = None
    text: Annotated[str | None, Query(description="words that stand in the report", max_length=200)] = None
    job: Annotated[str | None, Query(description="id of the job that read it", max_length=64)] = None


def chosen(query: Annotated[FilterQuery, Depends()]) -> Filters:
    """The filters as the records take them."""
    return Filters(**{name: value for name, value in asdict(query).items() if value != ""})


Chosen = Annotated[Filters, Depends(chosen)]


@router.get("/records", responses=responses())
def list_records(
    state: Holds, key: Reads, filters: Chosen, size: Annotated[int, Query(ge=1)] = 50, cursor: Word = None
) -> RecordList:
    """Records by filters, the newest first; `next` leads on."""
    found = state.records.page(filters, min(size, state.service.max_page_size), cursor)
    return RecordList(records=found.lines, total=found.total, next=found.next)


@router.get("/records/{record_id}", responses={**responses(404), 200: _SHOWN}, response_class=Response)
def get_record(state: Holds, key: Reads, record_id: RecordId, request: Request, corrected: bool = False) -> Response:
    """The record as the machine read it, or with `corrected` as people have corrected it.

    JSON, or a page that needs nothing else (`Accept: text/html`).
    """
    if "text/html" in request.headers.get("accept", ""):
        html = page(state.corrections.record(record_id) if corrected else state.records.get(record_id))
        # Its own policy, inside, lets its one script run; here it is cut off from the service's cookies and addresses.
        own = "sandbox allow-scripts; default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
        return HTMLResponse(html, headers={"Content-Security-Policy": own})
    data = to_json(state.corrections.record(record_id)) if corrected else state.records.json(record_id)
    return Response(data, media_type="application/json")


@router.get("/records/{record_id}/source", responses={**responses(404), 200: _BYTES}, response_class=Response)
def get_source(state: Holds, key: Reads, record_id: RecordId) -> Response:
    """The document's bytes as they were given in; for saving, never shown by the browser."""
    data = state.blobs.get(state.records.blob(record_id))
    if data is None:
        raise NotFoundError("the document's bytes could not be had when it was read; its record says why")
    headers = {"Content-Disposition": f'attachment; filename="{record_id[:16]}"'}
    return Response(data, media_type="application/octet-stream", headers=headers)


def as_query(filters: Filters) -> dict[str, str]:
    """The filters as they stand in an address."""
    return {name: str(value) for name, value in asdict(filters).items() if value is not None}
