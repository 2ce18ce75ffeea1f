"""Errors as RFC 9457 problem details."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from nlp.errors import GongkaiError, StoreError
from nlp.service.errors import ProblemError
from nlp.service.pages.problem import is_page, problem_page

_LOG = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"


class Problem(BaseModel):
    """Problem details (RFC 9457): kind, status, what happened and what to do."""

    type: str = Field(examples=["urn:gongkai:problem:not-found"])
    title: str = Field(examples=["Not found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["there is no record 'abc'; GET /v1/records lists them"])


def problem_response(status: int, code: str, title: str, detail: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The answer that says what is wrong."""
    content = Problem(type=f"urn:gongkai:problem:{code}", title=title, status=status, detail=detail).model_dump()
    return JSONResponse(content, status, dict(headers or {}), media_type=MEDIA_TYPE)


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI description of the problems that an operation may answer with, those of every one included."""
    schema = {"$ref": "#/components/schemas/Problem"}
    every = (400, 401, 403, 408, 413, 421, 422, 429, *statuses)
    return {
        status: {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: {"schema": schema}}} for status in sorted(set(every))
    }


def add_handlers(app: FastAPI) -> None:
    """Answer every error of a handler as a problem; on the addresses of pages, as a page."""

    def answer(request: Request, code: str, title: str, status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
        if is_page(request):
            return problem_page(request, status, detail, headers or {})
        return problem_response(status, code, title, detail, headers)

    @app.exception_handler(ProblemError)
    def said(request: Request, error: ProblemError) -> Response:
        headers = {"Retry-After": str(error.retry_after)} if error.retry_after else {}
        if error.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        return answer(request, error.code, error.title, error.status, error.detail, headers)

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> Response:
        told = "; ".join(f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors())
        return answer(request, "invalid", "The request is not as described", 422, f"{told}; see /v1/openapi.json")

    @app.exception_handler(HTTPException)
    def plain(request: Request, error: HTTPException) -> Response:
        phrase = HTTPStatus(error.status_code).phrase
        code = phrase.lower().replace(" ", "-")
        return answer(request, code, phrase, error.status_code, str(error.detail), error.headers)

    @app.exception_handler(StoreError)
    def storage(request: Request, error: StoreError) -> Response:
        _LOG.error("%s %s: %s", request.method, request.url.path, error)
        return answer(request, "storage", "Cannot be stored or read", 507, str(error))

    @app.exception_handler(sqlite3.Error)
    def state_storage(request: Request, error: sqlite3.Error) -> Response:
        _LOG.error("%s %s", request.method, request.url.path, exc_info=error)
        return answer(request, "storage", "Cannot be stored or read", 507, f"the service's state: {error}; is the disk full?")

    @app.exception_handler(GongkaiError)
    def refused(request: Request, error: GongkaiError) -> Response:
        return answer(request, "unusable", "Cannot be done", 422, str(error))

    @app.exception_handler(Exception)
    def unexpected(request: Request, error: Exception) -> Response:
        _LOG.error("%s %s", request.method, request.url.path, exc_info=error)  # in a thread of its own nothing is being handled
        return answer(request, "internal", "The program failed", 500, "the service's log says why; please report it")
