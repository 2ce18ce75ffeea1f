"""What stands before every handler: size and pace of bodies, security headers, figures for Prometheus."""

from __future__ import annotations

import asyncio
import ipaddress
import time
from collections.abc import MutableMapping
from typing import Any, NoReturn

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nlp.service.problems import problem_response
from nlp.service.settings import ServiceSettings

_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; "
    "frame-src 'self'; "
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


class _RefusedError(Exception):
    """The body is too large, stands still or is not whole in time."""


class Bodies:
    """Ends requests whose body is larger than allowed (413), or of which no byte comes, or not all, for too long (408)."""

    def __init__(self, app: ASGIApp, settings: ServiceSettings) -> None:
        self._app, self._settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = _Body(receive, self._settings)
        declared = Headers(scope=scope).get("content-length", "0")
        has_begun = False

        async def watched(message: Message) -> None:
            nonlocal has_begun
            if has_begun or body.refusal is None:  # what a handler makes of a refused body is not sent
                has_begun = True
                await send(message)

        try:
            if declared.isdigit():
                body.check(int(declared))
            await self._app(scope, body.receive, watched)
        except _RefusedError:
            if has_begun:
                raise
        if body.refusal is not None and not has_begun:
            await body.refusal(scope, receive, send)


class _Body:
    """A request's body as it comes; `refusal` is the answer once it is too large or stands still."""

    def __init__(self, receive: Receive, settings: ServiceSettings) -> None:
        self._receive, self._settings = receive, settings
        self._n_bytes, self._is_whole = 0, False
        self._end = time.monotonic() + settings.body_seconds
        self.refusal: Response | None = None

    async def receive(self) -> Message:
        """The next message. Raises _RefusedError."""
        if self._is_whole:  # waiting for the end of the connection takes as long as it takes
            return await self._receive()
        try:
            left = max(0.0, self._end - time.monotonic())
            message = await asyncio.wait_for(self._receive(), min(self._settings.idle_seconds, left))
        except TimeoutError:
            if time.monotonic() >= self._end:
                self._refuse(408, "too-slow", "The body comes too slowly", f"it was not whole after {self._settings.body_seconds:g} s")
            self._refuse(408, "too-slow", "The body stands still", f"no byte of it came for {self._settings.idle_seconds:g} s")
        self._n_bytes += len(message.get("body", b""))
        self._is_whole = not message.get("more_body", False)
        self.check(self._n_bytes)
        return message

    def check(self, n_bytes: int) -> None:
        """Raises _RefusedError for more bytes than are taken."""
        if n_bytes > self._settings.max_body:
            self._refuse(413, "too-large", "Too large", f"the body has more than {self._settings.max_body} bytes; give it in parts")

    def _refuse(self, status: int, code: str, title: str, detail: str) -> NoReturn:
        self.refusal = problem_response(status, code, title, detail, headers={"Connection": "close"})
        raise _RefusedError(detail)


class Hosts:
    """Refuses requests for another site (421), whose name a page of that site has made to lead here (DNS rebinding).

    Addresses pass, for no such name is one; so do `localhost` and the names of the settings. Without names in the settings, a
    service that listens on another address than a local one is asked by any.
    """

    def __init__(self, app: ASGIApp, settings: ServiceSettings) -> None:
        self._app, self._is_any = app, not settings.is_local and not settings.hosts
        self._known = {"localhost", *(name.lower() for name in settings.hosts)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        name = _host(Headers(scope=scope).get("host", "")) if scope["type"] == "http" else "localhost"
        if self._is_any or name in self._known or _is_address(name):
            await self._app(scope, receive, send)
            return
        told = "the service is not known by the name in `Host`; `hosts` in the service's settings lists its names"
        await problem_response(421, "unknown-host", "Unknown host", told)(scope, receive, send)


def _host(header: str) -> str:
    """The name or address of a `Host` header, without the port."""
    name, closing, _ = header.partition("]")
    return name.removeprefix("[") if closing else header.partition(":")[0].lower().removesuffix(".")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


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
