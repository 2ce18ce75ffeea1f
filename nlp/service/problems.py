"""Errors as RFC 9457 problem details."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from nlp.errors import GongkaiError, StoreError
from nlp.service.errors import ProblemError

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
    every = (400, 401, 403, 408, 413, 422, 429, *statuses)
    return {
        status: {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: {"schema": schema}}} for status in sorted(set(every))
    }


def add_handlers(app: FastAPI) -> None:
    """Answer every error of a handler as a problem."""

    @app.exception_handler(ProblemError)
    def said(request: Request, error: ProblemError) -> JSONResponse:
        headers = {"Retry-After": str(error.retry_after)} if error.retry_after else {}
        if error.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        return problem_response(error.status, error.code, error.title, error.detail, headers)

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        told = "; ".join(f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors())
        return problem_response(422, "invalid", "The request is not as described", f"{told}; see /v1/docs")

    @app.exception_handler(HTTPException)
    def plain(request: Request, error: HTTPException) -> JSONResponse:
        phrase = HTTPStatus(error.status_code).phrase
        code = phrase.lower().replace(" ", "-")
        return problem_response(error.status_code, code, phrase, str(error.detail), error.headers)

    @app.exception_handler(StoreError)
    def storage(request: Request, error: StoreError) -> JSONResponse:
        _LOG.error("%s %s: %s", request.method, request.url.path, error)
        return problem_response(507, "storage", "Cannot be stored or read", str(error))

    @app.exception_handler(GongkaiError)
    def refused(request: Request, error: GongkaiError) -> JSONResponse:
        return problem_response(422, "unusable", "Cannot be done", str(error))

    @app.exception_handler(Exception)
    def unexpected(request: Request, error: Exception) -> JSONResponse:
        _LOG.exception("%s %s", request.method, request.url.path)
        return problem_response(500, "internal", "The program failed", "the service's log says why; please report it")
