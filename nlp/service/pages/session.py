"""Sign-ins of the pages: who is there, what they may, and that a form is one of ours."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Form, Request

from nlp.service.access import COOKIE, CSRF_FIELD, gate_of, state_of
from nlp.service.errors import NoKeyError, NotAllowedError
from nlp.service.keys import SignIn

SIGN_IN = "/sign-in"


def visit(request: Request, scope: str) -> SignIn:
    """The sign-in of a page's request, whose key must have the scope; the page may then be rendered for it.

    Raises NoKeyError (answered by a redirect to the sign-in page), NotAllowedError, TooManyError.
    """
    found = state_of(request).keys.signed_in(request.cookies.get(COOKIE, ""))
    if found is None:
        raise NoKeyError("sign in to see this page")
    gate_of(request).admit(found.key)
    request.state.sign_in = found
    if not found.key.may(scope):
        raise NotAllowedError(f"this needs the scope {scope}; the key {found.key.name!r} has {', '.join(found.key.scopes)}")
    return found


def visiting(scope: str) -> Callable[[Request], SignIn]:
    """A dependency for pages: see `visit`."""

    def sign_in_of(request: Request) -> SignIn:
        return visit(request, scope)

    return sign_in_of


def posting(scope: str) -> Callable[[Request, str], SignIn]:
    """A dependency for handlers of forms: as `visit`, and the form must carry the sign-in's token.

    Raises NotAllowedError for a form that is not ours.
    """

    def sign_in_of(request: Request, token: Annotated[str, Form(alias=CSRF_FIELD, max_length=200)] = "") -> SignIn:
        found = visit(request, scope)
        if not hmac.compare_digest(token.encode("utf-8", "surrogatepass"), found.csrf.encode()):
            raise NotAllowedError("the form is not of this sign-in; load the page again and send it once more")
        return found

    return sign_in_of


def local_path(address: str) -> str:
    """The address when it is a path of this site, else the first page: nobody is led elsewhere after the sign-in."""
    is_path = address.startswith("/") and not address.startswith("//")
    return address if is_path and "\\" not in address and address.isprintable() else "/"


def sign_in_address(request: Request) -> str:
    """Where to sign in and come back from; what was sent by a form is to be sent again."""
    came = request.url.path + (f"?{request.url.query}" if request.url.query else "") if request.method == "GET" else "/"
    return SIGN_IN if came == "/" else f"{SIGN_IN}?{urlencode({'next': came})}"


Visits = Annotated[SignIn, Depends(visiting("read"))]
"""A page to read."""
Posts = Annotated[SignIn, Depends(posting("write"))]
"""A form that changes something."""
Governs = Annotated[SignIn, Depends(posting("admin"))]
"""A form that changes how the service works."""
