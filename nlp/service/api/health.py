"""Whether the service lives, whether it can work, and its figures."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel

from nlp.service.access import Holds, Reads
from nlp.service.problems import responses

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """Alive, or ready."""

    status: str


@router.get("/healthz", responses=responses())
def alive() -> Health:
    """The process answers."""
    return Health(status="alive")


@router.get("/readyz", responses=responses())
def ready(state: Holds) -> Health:
    """The state can be read and the queue works."""
    state.records.count()
    return Health(status="ready")


@router.get("/metrics", response_class=Response, responses={**responses(), 200: {"content": {"text/plain": {}}}})
def metrics(request: Request, state: Holds, key: Reads) -> Response:
    """Figures for Prometheus."""
    return Response(generate_latest(request.app.state.registry), media_type=CONTENT_TYPE_LATEST)
