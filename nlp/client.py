"""A client of the service, typed: `Client(url, key)`; needs `pip install 'gongkai[client]'`.

>>> client = Client("http://127.0.0.1:8741", key)
>>> client.extract(Path("report.html")).year
2021
>>> job = client.wait(client.submit([Path("archive.zip")]).id)
>>> [line.agency for line in client.records(year=2021, text="信访")]
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx
import msgspec

from nlp.errors import GongkaiError
from nlp.record import Record, from_json
from nlp.summary.model import Summary
from nlp.summary.model import from_json as summary_from_json

_T = TypeVar("_T")
_TRIES = 5
_BUSY = (429, 503)
_OVER = ("done", "failed", "cancelled")


class ServiceError(GongkaiError):
    """The service answered with a problem; `status` and `code` are those of its problem details."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.code = status, code


class Job(msgspec.Struct, frozen=True):
    """A job; `state` is queued, running, cancelling, done, failed or cancelled, counts are of documents."""

    id: str
    name: str
    state: str
    created: str
    started: str | None
    finished: str | None
    n_documents: int | None
    n_read: int
    n_complete: int
    n_partial: int
    n_failed: int
    n_duplicates: int
    message: str | None


class Line(msgspec.Struct, frozen=True):
    """A record in a list."""

    id: str
    agency: str | None
    level: str | None
    province: str | None
    city: str | None
    county: str | None
    year: int | None
    title: str | None
    status: str
    forms: str
    failed_checks: str
    n_issues: int
    n_problems: int
    n_corrections: int
    path: str
    member: str | None


class Client:
    """Calls the operations of `/v1`; waits and asks again when the service is busy.

    Every method raises ServiceError with what the service says is wrong, also when it cannot be reached.
    """

    def __init__(self, url: str, key: str, *, timeout: float = 120.0, transport: httpx.BaseTransport | None = None) -> None:
        headers = {"Authorization": f"Bearer {key}"}
        base = f"{url.rstrip('/')}/v1"
        self._http = httpx.Client(base_url=base, headers=headers, timeout=timeout, transport=transport, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connections."""
        self._http.close()

    def extract(self, source: Path | bytes | str, name: str = "report") -> Record:
        """The record of one report: a file, its bytes, or its text (`str`)."""
        if isinstance(source, str):
            return from_json(self._call("POST", "/extract", files={"text": (None, source.encode())}).content)
        data, shown = (source.read_bytes(), source.name) if isinstance(source, Path) else (source, name)
        return from_json(self._call("POST", "/extract", files={"file": (shown, data)}).content)

    def submit(self, paths: Sequence[Path]) -> Job:
        """Give in files or archives; the job that reads them is on the service's disk when this returns."""
        with ExitStack() as stack:
            files = [("files", (path.name, stack.enter_context(path.open("rb")))) for path in paths]
            return self._as(Job, self._call("POST", "/jobs", files=files))

    def job(self, identity: str) -> Job:
        """A job as it stands."""
        return self._as(Job, self._call("GET", f"/jobs/{identity}"))

    def jobs(self) -> Iterator[Job]:
        """All jobs, the newest first."""
        return self._pages(Job, "/jobs", "jobs", "before", {})

    def wait(self, identity: str, seen: Callable[[Job], object] | None = None, pause: float = 0.5) -> Job:
        """The job when it is over; `seen` is called with it as it goes on, every `pause` seconds."""
        while (job := self.job(identity)).state not in _OVER:
            if seen:
                seen(job)
            time.sleep(pause)
        return job

    def cancel(self, identity: str) -> Job:
        """Stop a job."""
        return self._as(Job, self._call("DELETE", f"/jobs/{identity}"))

    def records(self, **filters: str | int) -> Iterator[Line]:
        """Records by filters (agency, region, level, year, form, failed_check, status, text, job), the newest first."""
        return self._pages(Line, "/records", "records", "cursor", filters)

    def record(self, identity: str, *, corrected: bool = False) -> Record:
        """A record as the machine read it, or with the corrections that people made."""
        return from_json(self._call("GET", f"/records/{identity}", params={"corrected": corrected}).content)

    def source(self, identity: str) -> bytes:
        """The bytes of a record's document."""
        return self._call("GET", f"/records/{identity}/source").content

    def correct(self, identity: str, correction: dict[str, Any]) -> list[dict[str, Any]]:
        """Correct a cell, a span or a fact; returns all corrections of the record."""
        return self._as(list[dict[str, Any]], self._call("PUT", f"/records/{identity}/corrections", json=correction))

    def summary(self) -> Summary:
        """The summary over all records."""
        return summary_from_json(self._call("GET", "/summary").content)

    def export(self, path: Path, **filters: str | int) -> None:
        """Write records by filters into a file; the end of its name tells the form: .parquet, .csv or .xlsx."""
        path.write_bytes(self._call("GET", "/export", params={"format": path.suffix[1:], **filters}).content)

    def _pages(self, kind: type[_T], path: str, name: str, turn: str, given: dict[str, str | int]) -> Iterator[_T]:
        parameters: dict[str, str | int] = {"size": 200, **given}
        while True:
            page = msgspec.json.decode(self._call("GET", path, params=parameters).content)
            yield from msgspec.convert(page[name], list[kind])  # type: ignore[valid-type]
            if page["next"] is None:
                return
            parameters[turn] = page["next"]

    def _as(self, kind: type[_T], response: httpx.Response) -> _T:
        return msgspec.json.decode(response.content, type=kind)

    def _call(self, method: str, path: str, **given: Any) -> httpx.Response:
        for left in reversed(range(_TRIES)):
            try:
                response = self._http.request(method, path, **given)
            except httpx.HTTPError as error:
                told = f"{self._http.base_url} cannot be reached ({error}); is `gongkai serve` running there?"
                raise ServiceError(0, "unreachable", told) from error
            if response.status_code not in _BUSY or not left:
                break
            time.sleep(float(response.headers.get("Retry-After", 1)))
        if response.is_success:
            return response
        raise _said(response)


def _said(response: httpx.Response) -> ServiceError:
    try:
        problem = response.json()
        return ServiceError(response.status_code, problem["type"].rsplit(":", 1)[-1], problem["detail"])
    except (ValueError, KeyError):
        return ServiceError(response.status_code, "unknown", f"HTTP {response.status_code}: {response.text[:200]}")
