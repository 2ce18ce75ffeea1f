"""What a page's address answers when it cannot do what is asked: a page that says what is wrong and what to do."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from nlp.service.pages.render import render
from nlp.service.pages.session import SIGN_IN, sign_in_address
from nlp.settings import load_toml

_MACHINES = ("/v1", "/healthz", "/readyz", "/metrics")


def is_page(request: Request) -> bool:
    """Whether a person asks: an address that is none of the API's, and a client that did not ask for JSON."""
    path = request.url.path
    is_api = any(path == prefix or path.startswith(f"{prefix}/") for prefix in _MACHINES)
    return not is_api and "json" not in request.headers.get("accept", "")


def problem_page(request: Request, status: int, detail: str, headers: Mapping[str, str]) -> Response:
    """The page for a status; who is not signed in is led to the sign-in page, and back afterwards."""
    if status == 401 and request.url.path != SIGN_IN:
        return RedirectResponse(sign_in_address(request), 303)
    kind = str(status) if f"title_{status}" in load_toml("pages.toml")["problem"] else "other"
    return render(request, "problem.html.j2", status, headers, kind=kind, detail=detail)
