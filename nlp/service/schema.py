"""The OpenAPI description: the record's own schema beside what FastAPI derives."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from nlp.record import Record
from nlp.service.problems import Problem

_REF = "#/components/schemas/{name}"
RECORD: dict[str, Any] = {
    "description": "The record (`gongkai schema` prints its JSON Schema)",
    "content": {"application/json": {"schema": {"$ref": _REF.format(name="Record")}}},
}
"""An answer that is a record."""


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, made once."""
    if app.openapi_schema is None:
        said = {"title": app.title, "version": app.version, "description": app.description, "tags": app.openapi_tags}
        document = get_openapi(routes=app.routes, **said)  # type: ignore[arg-type]
        _, parts = msgspec.json.schema_components([Record], ref_template=_REF)
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas |= {**parts, "Problem": Problem.model_json_schema()}
        app.openapi_schema = document
    return app.openapi_schema
