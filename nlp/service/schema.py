"""The OpenAPI description: the record's own schema beside what FastAPI derives."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from nlp.record import Record
from nlp.service.problems import Problem
from nlp.summary import Summary
from nlp.summary.measures import Statistics
from nlp.summary.quality import RuleQuality

_REF = "#/components/schemas/{name}"
_OURS = (Record, Summary, Statistics, RuleQuality)


def answer(name: str, *, many: bool = False) -> dict[str, Any]:
    """The description of an answer that is one, or many, of our own types."""
    schema: dict[str, Any] = {"$ref": _REF.format(name=name)}
    if many:
        schema = {"type": "array", "items": schema}
    return {"description": "As described", "content": {"application/json": {"schema": schema}}}


RECORD = answer("Record")
"""An answer that is a record (`gongkai schema` prints the same)."""


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, made once."""
    if app.openapi_schema is None:
        said = {"title": app.title, "version": app.version, "description": app.description, "tags": app.openapi_tags}
        document = get_openapi(routes=app.routes, **said)  # type: ignore[arg-type]
        _, parts = msgspec.json.schema_components(_OURS, ref_template=_REF)
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas |= {**parts, "Problem": Problem.model_json_schema()}
        app.openapi_schema = document
    return app.openapi_schema
