"""What a caller did wrong, as RFC 9457 problem details: kind, status, what happened, what to do. No traceback leaves."""

from __future__ import annotations

from nlp.errors import GongkaiError


class ProblemError(GongkaiError):
    """An answer that is no success. `code` is the end of the problem's type, `retry_after` seconds."""

    status = 400
    code = "bad-request"
    title = "Bad request"

    def __init__(self, detail: str, *, retry_after: int | None = None) -> None:
        super().__init__(detail)
        self.detail, self.retry_after = detail, retry_after


class NoKeyError(ProblemError):
    """No key, or one that is unknown or ended."""

    status, code, title = 401, "no-key", "A key is needed"


class NotAllowedError(ProblemError):
    """The key has not the scope that this needs."""

    status, code, title = 403, "not-allowed", "The key does not allow this"


class NotFoundError(ProblemError):
    """There is no such thing."""

    status, code, title = 404, "not-found", "Not found"


class ConflictError(ProblemError):
    """What is asked does not go with the state that the thing is in."""

    status, code, title = 409, "conflict", "Not possible in this state"


class TooLargeError(ProblemError):
    """More bytes than are taken."""

    status, code, title = 413, "too-large", "Too large"


class UnusableError(ProblemError):
    """What was given in cannot be used."""

    status, code, title = 422, "unusable", "What was given in cannot be used"


class TooManyError(ProblemError):
    """More than is allowed at a time; come again."""

    status, code, title = 429, "too-many", "Too many requests"


class NotReadyError(ProblemError):
    """Not there yet; come again."""

    status, code, title = 503, "not-ready", "Not ready yet"
