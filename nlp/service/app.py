"""The application: parts, order of what stands before the handlers, addresses."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from anyio import to_thread
from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from nlp.service.access import Gate
from nlp.service.api import corrections, extract, figures, health, jobs, models, records
from nlp.service.guarding import Bodies, Figures, SecurityHeaders
from nlp.service.pages import compare, give, listing, record, sign_in, summary
from nlp.service.pages import models as models_pages
from nlp.service.pages.render import Static
from nlp.service.problems import add_handlers
from nlp.service.schema import describe
from nlp.service.state import State
from nlp.version import __version__

_DESCRIPTION = """Records of Chinese government-information-disclosure annual reports (政府信息公开工作年度报告).

Every operation needs a key (`Authorization: Bearer gk_…`) with the scope read, write or admin.
Errors are problem details (RFC 9457)."""
_TAGS = [
    {"name": "extract", "description": "one report in, its record out"},
    {"name": "jobs", "description": "archives, read in the background"},
    {"name": "records", "description": "what was read"},
    {"name": "corrections", "description": "what people set right"},
    {"name": "figures", "description": "summaries, statistics, exports"},
    {"name": "models", "description": "which model reads, and what another would change"},
    {"name": "health", "description": "is it alive, is it ready, figures"},
]


class _Stock(Collector):
    """What the state holds, counted when it is asked for."""

    def __init__(self, state: State) -> None:
        self._state = state

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Records, and jobs by state."""
        yield GaugeMetricFamily("gongkai_records", "Records kept", value=self._state.records.count())
        found = GaugeMetricFamily("gongkai_jobs", "Jobs by state", labels=["state"])
        for name, number in self._state.jobs.counts().items():
            found.add_metric([name], number)
        yield found


def create_app(state: State) -> FastAPI:
    """The service over an open state; it works from the start of the application to its end."""

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        state.start()
        try:
            yield
        finally:
            await to_thread.run_sync(state.stop)

    app = FastAPI(title="gongkai", version=__version__, description=_DESCRIPTION, openapi_tags=_TAGS, lifespan=life,
                  openapi_url="/v1/openapi.json", docs_url=None, redoc_url=None)  # fmt: skip
    app.openapi = lambda: describe(app)  # type: ignore[method-assign]
    app.state.gongkai, app.state.gate = state, Gate(state.service)
    app.state.registry = CollectorRegistry()
    app.state.registry.register(_Stock(state))
    add_handlers(app)
    for part in (extract, jobs, records, corrections, figures, models):
        app.include_router(part.router, prefix="/v1")
    for part in (health, sign_in, give, listing, record, compare, summary, models_pages):
        app.include_router(part.router)
    app.mount("/static", Static(), "static")
    app.add_middleware(Bodies, settings=state.service)  # the last one added stands first
    app.add_middleware(Figures, registry=app.state.registry)
    app.add_middleware(SecurityHeaders)
    return app
