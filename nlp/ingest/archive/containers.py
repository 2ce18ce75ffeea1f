"""Which reader takes which container apart: the one registry of archives, mails and tables of documents."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import IO

from nlp.document import Source
from nlp.ingest.archive.mail import mail_members
from nlp.ingest.archive.packed import peeked, single_file, unpacked
from nlp.ingest.archive.rows import is_jsonl, jsonl_members, parquet_members
from nlp.ingest.archive.sevenzip import sevenzip_members
from nlp.ingest.archive.tarred import tar_members
from nlp.ingest.archive.warc import warc_members
from nlp.ingest.archive.zipped import zip_members
from nlp.ingest.raw import Budget, RawSource, problem
from nlp.ingest.recognise import container_format

HEAD = 4096  # bytes that tell a container
_PACKED = ("gzip", "bzip2", "xz")
Members = Callable[[IO[bytes], Source, Budget], Iterator[RawSource]]


def container(file: IO[bytes]) -> str | None:
    """The kind of container that `file` is, None for a document; `file` is at its beginning before and after."""
    kind = container_format(file.read(HEAD))
    file.seek(0)
    if kind != "jsonl":
        return kind
    is_rows = is_jsonl(file)
    file.seek(0)
    return kind if is_rows else None


def members(kind: str, file: IO[bytes], source: Source, budget: Budget) -> Iterator[RawSource]:
    """The sources in a container of `kind` (see `container_format`), in its own order; `file` is at its beginning.

    What is packed twice (`.tar.gz`, `.jsonl.xz`) is read as a stream where its format allows that.
    """
    if kind not in _PACKED:
        return MEMBERS[kind](file, source, budget)
    packed = container_format(peeked(kind, file, HEAD))
    if packed == "warc" and kind == "gzip":
        return warc_members(file, source, budget)  # a gzip member each: WARC readers go by them
    if packed == "tar" or (packed == "jsonl" and is_jsonl(unpacked(kind, file))):
        return MEMBERS[packed](unpacked(kind, file), source, budget)
    return iter([single_file(kind, file, source, budget)])


def _rar(_: IO[bytes], source: Source, __: Budget) -> Iterator[RawSource]:
    message = "the source is a RAR archive, which no free program may unpack; unpack it and give the folder, or a ZIP"
    yield RawSource(source, None, (problem("unsupported_format", message),))


MEMBERS: dict[str, Members] = {
    "zip": zip_members,
    "tar": tar_members,
    "rar": _rar,
    "warc": warc_members,
    "mail": mail_members,
    "7z": sevenzip_members,
    "parquet": parquet_members,
    "jsonl": jsonl_members,
}
