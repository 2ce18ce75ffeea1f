"""Give in files or text, and watch what becomes of them."""

from __future__ import annotations

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, File, Form, Path, Query, Request, Response, UploadFile
from fastapi.responses import RedirectResponse

from nlp.service.access import Holds
from nlp.service.api.extract import read_text
from nlp.service.api.uploads import keep
from nlp.service.audit import Audited
from nlp.service.errors import UnusableError
from nlp.service.jobs import OPEN, Given
from nlp.service.pages.render import render
from nlp.service.pages.session import Posts, Visits
from nlp.service.reading import shown_name

router = APIRouter(include_in_schema=False)
_SEE_OTHER = 303
_N_JOBS = 20
JobId = Annotated[str, Path(max_length=64)]
Place = Annotated[int | None, Query(ge=0, le=1 << 62)]


@router.get("/")
def give(request: Request, state: Holds, visit: Visits, before: Place = None) -> Response:
    """Forms for files and text, and the jobs, the newest first."""
    jobs, following = state.jobs.all(_N_JOBS, before)
    limit = state.service.max_body
    return render(request, "give.html.j2", jobs=jobs, next=following, before=before, open_states=OPEN, max_body=limit)


@router.post("/")
async def take_files(state: Holds, audit: Audited, visit: Posts, files: Annotated[list[UploadFile], File()]) -> Response:
    """Make a job of files, and lead to it."""
    chosen = [file for file in files if file.filename]
    if not chosen:
        raise UnusableError("no file was chosen; choose reports or archives")
    given = [Given(shown_name(file.filename or ""), await keep(state.blobs, file)) for file in chosen]
    job, is_new = await to_thread.run_sync(state.jobs.add, given, visit.key.id)
    if is_new:
        await to_thread.run_sync(audit, visit.key, "job", job.id, job.name)
    return RedirectResponse(f"/jobs/{job.id}", _SEE_OTHER)


@router.post("/text")
async def take_text(state: Holds, audit: Audited, visit: Posts, text: Annotated[str, Form()] = "") -> Response:
    """Read the text of one report, and lead to its record."""
    if not text.strip():
        raise UnusableError("there is no text; paste the text of a report")
    record = await read_text(state, text.replace("\r\n", "\n"))
    await to_thread.run_sync(audit, visit.key, "extract", record.id, record.source.path)
    return RedirectResponse(f"/records/{record.id}", _SEE_OTHER)


@router.get("/jobs/{job_id}")
def job_page(
    request: Request, state: Holds, visit: Visits, job_id: JobId,
    after: Annotated[int, Query(ge=-1, le=1 << 62)] = -1, failed: bool = False,
) -> Response:  # fmt: skip
    """A job: how far it is, its documents, what failed and why."""
    job = state.jobs.get(job_id)
    documents, following = state.jobs.outcomes(job_id, state.service.page_size, after, failed=failed)
    return render(
        request, "job.html.j2", job=job, documents=documents, next=following, after=after, failed=failed, open_states=OPEN
    )  # fmt: skip


@router.post("/jobs/{job_id}/stop")
def stop(state: Holds, audit: Audited, visit: Posts, job_id: JobId) -> Response:
    """Stop a job; what it has read is kept."""
    job = state.jobs.cancel(job_id)
    audit(visit.key, "cancel", job.id, job.name)
    return RedirectResponse(f"/jobs/{job.id}", _SEE_OTHER)
