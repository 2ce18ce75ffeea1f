"""The summary: the report of `gongkai summarize` over all records, in a frame of its own, leading to their pages."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from nlp.service.access import Holds
from nlp.service.errors import NotReadyError
from nlp.service.pages.render import render
from nlp.service.pages.session import Visits

router = APIRouter(include_in_schema=False)
# The report states a narrower policy inside, by which its one script runs, known by its hash, and no other. It is no sandbox:
# a link out of one to a record would not carry the sign-in (SameSite=Strict).
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)


@router.get("/summary")
def summary(request: Request, state: Holds, visit: Visits) -> Response:
    """The summary, or that it is being made."""
    try:
        found = state.figures.answer()
    except NotReadyError:
        return render(request, "summary.html.j2", status=503, headers={"Retry-After": "5"}, scope=None, is_current=False)
    return render(request, "summary.html.j2", scope=found.summary.scope, is_current=found.is_current)


@router.get("/summary/report")
def report(state: Holds, visit: Visits) -> Response:
    """The report itself. Raises NotReadyError."""
    state.figures.answer()
    html = state.figures.report.read_bytes()
    return Response(html, media_type="text/html; charset=utf-8", headers={"Content-Security-Policy": _POLICY})
