"""Sign in with a key, sign out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from nlp.service.access import COOKIE, Holds, key_by_text, state_of
from nlp.service.audit import Audited
from nlp.service.errors import NoKeyError, NotAllowedError
from nlp.service.keys import SignIn
from nlp.service.pages.render import render
from nlp.service.pages.session import SIGN_IN, local_path, posting

router = APIRouter(include_in_schema=False)
_SEE_OTHER = 303
Next = Annotated[str, Query(max_length=2000)]


@router.get(SIGN_IN)
def ask(request: Request, next: Next = "/") -> Response:
    """The form that asks for a key."""
    return render(request, "sign_in.html.j2", next=local_path(next), is_wrong=False)


@router.post(SIGN_IN)
def sign_in(
    request: Request, audit: Audited, key: Annotated[str, Form(max_length=500)] = "", next: Annotated[str, Form(max_length=2000)] = "/"
) -> Response:
    """Begin a sign-in; a wrong key is told as such, whatever is wrong with it, and counted."""
    if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        raise NotAllowedError("another site sent this form; open the sign-in page yourself")
    try:
        found = key_by_text(request, key.strip())
    except NoKeyError:
        return render(request, "sign_in.html.j2", status=401, next=local_path(next), is_wrong=True)
    audit(found, "sign-in", found.id, "")
    response = RedirectResponse(local_path(next), _SEE_OTHER)
    state, is_secure = state_of(request), request.url.scheme == "https"
    text, seconds = state.keys.sign_in(found, state.service.session_hours), int(state.service.session_hours * 3600)
    response.set_cookie(COOKIE, text, seconds, secure=is_secure, httponly=True, samesite="strict")
    return response


@router.post("/sign-out")
def sign_out(request: Request, state: Holds, audit: Audited, visit: Annotated[SignIn, Depends(posting("read"))]) -> Response:
    """End the sign-in."""
    state.keys.sign_out(request.cookies.get(COOKIE, ""))
    audit(visit.key, "sign-out", visit.key.id, "")
    response = RedirectResponse(SIGN_IN, _SEE_OTHER)
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return response
