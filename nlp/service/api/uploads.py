"""Files of a request, kept by hash."""

from __future__ import annotations

from collections.abc import Iterator

from anyio import to_thread
from fastapi import UploadFile

from nlp.service.blobs import Blobs

_CHUNK = 1 << 20


async def keep(blobs: Blobs, file: UploadFile) -> str:
    """The hash under which the file is kept now."""

    def chunks() -> Iterator[bytes]:
        file.file.seek(0)
        while chunk := file.file.read(_CHUNK):
            yield chunk

    return await to_thread.run_sync(blobs.add, chunks())
