"""Templates filled in for a request: language, sign-in and its token, addresses of static files."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

import nlp.show
from nlp.service.keys import SignIn
from nlp.service.pages.language import HTML_LANG, LANGUAGE_COOKIE, language_of, reasons, texts
from nlp.show.page import environment, label_css
from nlp.show.texts import LANGUAGES, names

_HERE = Path(__file__).resolve().parent
_STATIC = _HERE / "static"
_SHOW = Path(nlp.show.__file__).resolve().parent
_SHOWN = {"show.css": _SHOW / "style.css", "show.js": _SHOW / "page.js"}
LABEL_STYLE = "labels.css"
_YEAR = 365 * 24 * 3600


def render(
    request: Request, template: str, status: int = 200, headers: Mapping[str, str] | None = None, **values: object
) -> HTMLResponse:
    """A page for whom the request is from; templates have `t`, `name`, `reason`, `lang`, `sign_in` (None before it), `csrf`, `path`."""
    language, sign_in = language_of(request), sign_in_of(request)
    other = LANGUAGES[1 - LANGUAGES.index(language)]
    html = _templates().get_template(template).render(
        t=texts(language), name=names(language), reason=reasons(language), lang=language, html_lang=HTML_LANG[language],
        status=status, sign_in=sign_in, csrf=sign_in.csrf if sign_in else "", path=request.url.path,
        other_lang=HTML_LANG[other], other_address=f"?{request.url.include_query_params(lang=other).query}", **values,
    )  # fmt: skip
    response = HTMLResponse(html, status, dict(headers or {}))
    if request.query_params.get("lang") == language:
        is_secure = request.url.scheme == "https"
        response.set_cookie(LANGUAGE_COOKIE, language, _YEAR, secure=is_secure, httponly=True, samesite="lax")
    return response


def sign_in_of(request: Request) -> SignIn | None:
    """Who has been found to be signed in."""
    found: SignIn | None = getattr(request.state, "sign_in", None)
    return found


def static_address(name: str) -> str:
    """The address of a static file; it changes with the file, so that browsers may keep it."""
    return f"/static/{name}?v={_digest(name)}"


class Static(StaticFiles):
    """The folder `static`, the style and the script of record pages (show.css, show.js), kept by browsers."""

    def __init__(self) -> None:
        super().__init__(directory=_STATIC)

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """Where a file lies."""
        ours = _SHOWN.get(path)
        return (str(ours), ours.stat()) if ours else super().lookup_path(path)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file."""
        is_made = path == LABEL_STYLE
        response = Response(label_css(), media_type="text/css") if is_made else await super().get_response(path, scope)
        response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable" if b"v=" in scope["query_string"] else "no-cache"
        return response


@cache
def _digest(name: str) -> str:
    data = label_css().encode() if name == LABEL_STYLE else _SHOWN.get(name, _STATIC / name).read_bytes()
    return hashlib.sha256(data).hexdigest()[:12]


@cache
def _templates() -> Environment:
    found = environment(_HERE / "templates").overlay()
    found.globals = {**found.globals, "static": static_address}
    return found
