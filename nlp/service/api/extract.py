"""One report in, its record out."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, File, Form, Response, UploadFile

from nlp.record import Record, to_json
from nlp.service.access import Holds, Writes
from nlp.service.api.uploads import keep
from nlp.service.audit import Audited
from nlp.service.errors import UnusableError
from nlp.service.problems import responses
from nlp.service.schema import RECORD
from nlp.service.state import State

router = APIRouter(tags=["extract"])
# Threads of their own, so that callers who wait for a worker do not keep others from reading pages.
_waiting = CapacityLimiter(1_000)
_EITHER = {"oneOf": [{"required": ["file"]}, {"required": ["text"]}]}
_ONE = {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _EITHER}}}}


@router.post("/extract", responses={**responses(), 200: RECORD}, response_class=Response, openapi_extra=_ONE)
async def extract(
    state: Holds,
    audit: Audited,
    key: Writes,
    file: Annotated[UploadFile | None, File(description="one report: HTML, text, PDF, Word, Excel, a picture")] = None,
    text: Annotated[str | None, Form(description="or its text", examples=["某某县民政局2021年政府信息公开工作年度报告……"])] = None,
) -> Response:
    """Read one report and answer with its record. The same content is read once; archives go to POST /v1/jobs."""
    if (file is None) == (text is None):
        raise UnusableError("give one of `file` and `text`")
    if file is not None:
        record = await _read(state, await keep(state.blobs, file), file.filename or "无名")
    else:
        record = await read_text(state, text or "")
    await to_thread.run_sync(audit, key, "extract", record.id, record.source.path)
    return Response(to_json(record), media_type="application/json")


async def read_text(state: State, text: str) -> Record:
    """The record of a report's text. Raises what `Reader.read` raises."""
    return await _read(state, await to_thread.run_sync(state.blobs.add, [_clean(text)]), "文本")


async def _read(state: State, blob: str, name: str) -> Record:
    return await to_thread.run_sync(partial(state.reader.read, blob, name), limiter=_waiting)


def _clean(text: str) -> bytes:
    """UTF-8; a lone surrogate, which no file can hold, becomes U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
