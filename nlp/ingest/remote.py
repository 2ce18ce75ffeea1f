"""Sources on other file systems: `s3://…`, `oss://…`, `hdfs://…` and whatever else fsspec opens."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import IO, Any

import fsspec

from nlp.errors import SourceError
from nlp.ingest.raw import is_junk, printable


def is_url(path: str) -> bool:
    """Whether a path names a file system of its own (`s3://bucket/x`)."""
    return "://" in path


def open_url(url: str) -> Any:
    """The file system of a URL. Raises SourceError when there is none, or nothing at the URL."""
    try:
        files, root = fsspec.core.url_to_fs(url)
        if files.exists(root):
            return files
    except (ImportError, ValueError, OSError) as error:
        raise SourceError(f"{url}: {error}; fsspec needs the package of this file system (s3fs for s3://)") from error
    raise SourceError(f"{url}: nothing there; check the address")


def files_of(url: str, since: float | None = None) -> Iterator[tuple[str, IO[bytes], int]]:
    """URL, open stream and bytes of each file at a URL, sorted; those not changed `since` (seconds of the epoch) are left out."""
    files = open_url(url)
    root = files._strip_protocol(url)
    found = files.find(root, detail=True) if files.isdir(root) else {root: files.info(root)}
    for path, info in sorted(found.items()):
        if not is_junk(path) and (since is None or _changed(info) >= since):
            with files.open(path, "rb") as stream:
                yield printable(files.unstrip_protocol(path)), stream, int(info["size"])


def _changed(info: dict[str, Any]) -> float:
    """When a file was changed last; now, where its file system does not tell."""
    when = next((info[key] for key in ("mtime", "LastModified", "last_modified", "created") if info.get(key)), float("inf"))
    return when.timestamp() if isinstance(when, datetime) else float(when)
