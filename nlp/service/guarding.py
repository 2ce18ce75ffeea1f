"""What stands before every handler: size and pace of bodies, security headers, figures for Prometheus."""

from __future__ import annotations

import asyncio
import time
from collections.abc import MutableMapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nlp.service.problems import problem_response
from nlp.service.settings import ServiceSettings

_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class _StoppedError(Exception):
    """The body is too large or stands still; `status` says which."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


class Bodies:
    """Ends requests whose body is larger than allowed (413), or of which no byte comes for too long (408)."""

    def __init__(self, app: ASGIApp, settings: ServiceSettings) -> None:
        self._app, self._settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "0")
        n_bytes, has_begun, ended = 0, False, False
        too_large = _StoppedError(413, f"the body has more than {self._settings.max_body} bytes; give it in parts")

        async def counted() -> Message:
            nonlocal n_bytes, ended
            if ended:  # waiting for the end of the connection takes as long as it takes
                return await receive()
            try:
                message = await asyncio.wait_for(receive(), self._settings.idle_seconds)
            except TimeoutError:
                detail = f"no byte of the body came for {self._settings.idle_seconds:g} s"
                raise _StoppedError(408, detail) from None
            n_bytes += len(message.get("body", b""))
            ended = not message.get("more_body", False)
            if n_bytes > self._settings.max_body:
                raise too_large
            return message

        async def watched(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            if declared.isdigit() and int(declared) > self._settings.max_body:
                raise too_large
            await self._app(scope, counted, watched)
        except _StoppedError as error:
            if has_begun:
                raise
            code, title = ("too-large", "Too large") if error.status == 413 else ("too-slow", "The body stands still")
            response = problem_response(error.status, code, title, error.detail, headers={"Connection": "close"})
            await response(scope, receive, send)


class SecurityHeaders:
    """Adds the headers that keep a browser from running or showing anything that is not ours."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""

        async def with_headers(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers)


class Figures:
    """Counts requests by route and status, and how long they took."""

    def __init__(self, app: ASGIApp, registry: CollectorRegistry) -> None:
        self._app = app
        labels = ("method", "route")
        self._requests = Counter("gongkai_requests", "Requests answered", (*labels, "status"), registry=registry)
        self._seconds = Histogram("gongkai_request_seconds", "Seconds to the answer's end", labels, registry=registry)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            route = getattr(scope.get("route"), "path", "none")  # the pattern, so that ids make no series
            self._requests.labels(scope["method"], route, status).inc()
            self._seconds.labels(scope["method"], route).observe(time.perf_counter() - began)
