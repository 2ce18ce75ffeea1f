"""Who asks, and what they may: keys in a header, sign-ins in a cookie, a limit on requests and on wrong keys."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from nlp.service.errors import NoKeyError, NotAllowedError, TooManyError
from nlp.service.keys import Key
from nlp.service.settings import ServiceSettings
from nlp.service.state import State

COOKIE = "gongkai_session"
CSRF_HEADER, CSRF_FIELD = "X-CSRF-Token", "csrf"
_SAFE = ("GET", "HEAD", "OPTIONS")
_MINUTE = 60

_bearer = HTTPBearer(auto_error=False, scheme_name="key", description="A key made by `gongkai keys add`")


class Gate:
    """Counts requests of each key and wrong keys of each address."""

    def __init__(self, settings: ServiceSettings) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._requests = RateLimitItemPerMinute(settings.requests_per_minute)
        self._failures = RateLimitItemPerMinute(settings.failures_per_minute)

    def admit(self, key: Key) -> None:
        """Count a request. Raises TooManyError above the limit."""
        if not self._limiter.hit(self._requests, "request", key.id):
            raise TooManyError("too many requests with this key within a minute; come again", retry_after=_MINUTE)

    def check_address(self, address: str) -> None:
        """Raises TooManyError for an address that has given too many wrong keys."""
        if not self._limiter.test(self._failures, "failure", address):
            raise TooManyError("too many wrong keys from this address; wait a minute", retry_after=_MINUTE)

    def failed(self, address: str) -> None:
        """Count a wrong key."""
        self._limiter.hit(self._failures, "failure", address)


def state_of(request: Request) -> State:
    """The service's state."""
    state: State = request.app.state.gongkai
    return state


def gate_of(request: Request) -> Gate:
    """The service's gate."""
    gate: Gate = request.app.state.gate
    return gate


def address_of(request: Request) -> str:
    """Where a request comes from."""
    return request.client.host if request.client else "?"


def key_by_text(request: Request, text: str) -> Key:
    """The key with this text. Raises NoKeyError when it is unknown, TooManyError after too many of those."""
    gate, address = gate_of(request), address_of(request)
    gate.check_address(address)
    key = state_of(request).keys.find(text)
    if key is None:
        gate.failed(address)
        raise NoKeyError("the key is unknown or was revoked; `gongkai keys add` makes one")
    return key


def needs(scope: str) -> Callable[..., Key]:
    """A dependency: the key of the request, which must have the scope.

    Raises NoKeyError, NotAllowedError (also for a form of another site), TooManyError.
    """

    def key_of(request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> Key:
        key = key_by_text(request, credentials.credentials) if credentials else _signed_in(request)
        gate_of(request).admit(key)
        if not key.may(scope):
            raise NotAllowedError(f"this needs the scope {scope}; the key {key.name!r} has {', '.join(key.scopes)}")
        return key

    return key_of


def _signed_in(request: Request) -> Key:
    found = state_of(request).keys.signed_in(request.cookies.get(COOKIE, ""))
    if found is None:
        raise NoKeyError("give a key as `Authorization: Bearer gk_…`, or sign in on the pages")
    if request.method not in _SAFE and not hmac.compare_digest(request.headers.get(CSRF_HEADER, "").encode(), found.csrf.encode()):
        raise NotAllowedError(f"a change with a sign-in needs its token in the header {CSRF_HEADER}; load the page again")
    return found.key


Reads = Annotated[Key, Depends(needs("read"))]
Writes = Annotated[Key, Depends(needs("write"))]
Administers = Annotated[Key, Depends(needs("admin"))]
Holds = Annotated[State, Depends(state_of)]
