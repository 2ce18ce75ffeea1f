"""Archives given in as jobs, and what became of them."""

from __future__ import annotations

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, File, Path, Query, Response, UploadFile
from pydantic import BaseModel

from nlp.service.access import Holds, Reads, Writes
from nlp.service.api.uploads import keep
from nlp.service.audit import Audited
from nlp.service.jobs import Given, JobLine, Outcome
from nlp.service.problems import responses
from nlp.service.reading import shown_name

router = APIRouter(tags=["jobs"])
JobId = Annotated[str, Path(description="id of a job", examples=["d4594407036932a06065c0a4"], max_length=64)]
Size = Annotated[int, Query(ge=1, le=200)]


class JobList(BaseModel):
    """Jobs, the newest first; `next` is the `before` of those after them, null at the end."""

    jobs: list[JobLine]
    next: int | None


class OutcomeList(BaseModel):
    """Documents of a job that are read, in order; `next` is the `after` of the next ones, null at the end."""

    documents: list[Outcome]
    next: int | None


@router.post("/jobs", status_code=202, responses={**responses(), 200: {"model": JobLine, "description": "The job is known already"}})
async def add_job(
    state: Holds,
    audit: Audited,
    key: Writes,
    response: Response,
    files: Annotated[list[UploadFile], File(description="reports or archives", min_length=1, max_length=1_000)],
) -> JobLine:
    """Accept files; answer at once with the job that reads them. It is on disk when this is answered.

    The same files again are the same job (200).
    """
    given = [Given(shown_name(file.filename or ""), await keep(state.blobs, file)) for file in files]
    job, is_new = await to_thread.run_sync(state.jobs.add, given, key.id)
    if is_new:
        await to_thread.run_sync(audit, key, "job", job.id, job.name)
    response.status_code = 202 if is_new else 200
    response.headers["Location"] = f"/v1/jobs/{job.id}"
    return job


@router.get("/jobs", responses=responses())
def list_jobs(state: Holds, key: Reads, size: Size = 50, before: Annotated[int | None, Query(ge=1, le=1 << 62)] = None) -> JobList:
    """Jobs, the newest first."""
    jobs, following = state.jobs.all(size, before)
    return JobList(jobs=jobs, next=following)


@router.get("/jobs/{job_id}", responses=responses(404))
def get_job(state: Holds, key: Reads, job_id: JobId) -> JobLine:
    """A job: its state, how far it is (`n_read` of `n_documents` never falls), and what came of it."""
    return state.jobs.get(job_id)


@router.get("/jobs/{job_id}/documents", responses=responses(404))
def list_documents(
    state: Holds, key: Reads, job_id: JobId, size: Size = 50, after: Annotated[int, Query(ge=-1, le=1 << 62)] = -1, failed: bool = False
) -> OutcomeList:
    """What became of the documents of a job; with `failed` only of those that failed (their records say why)."""
    documents, following = state.jobs.outcomes(job_id, size, after, failed=failed)
    return OutcomeList(documents=documents, next=following)


@router.delete("/jobs/{job_id}", responses=responses(404, 409))
def cancel_job(state: Holds, audit: Audited, key: Writes, job_id: JobId) -> JobLine:
    """Stop a job that waits or runs; what it has read is kept."""
    job = state.jobs.cancel(job_id)
    audit(key, "cancel", job.id, job.name)
    return job
