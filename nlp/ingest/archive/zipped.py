"""Members of a ZIP archive, one by one, never unpacked to disk."""

from __future__ import annotations

import lzma
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

from nlp.document import Source
from nlp.ingest.raw import Budget, RawSource, failed, inside, is_junk, repaired, too_large, unsafe

_UTF8 = 0x800  # flag bit: the name is UTF-8
_ENCRYPTED = 0x1
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    RuntimeError,
    MemoryError,
)


def zip_members(file: IO[bytes], source: Source, budget: Budget) -> Iterator[RawSource]:
    """The files of a ZIP in the order of its directory. What cannot be read is a source with an issue; the rest goes on."""
    try:
        archive = zipfile.ZipFile(file)
    except (*BROKEN, NotImplementedError) as error:
        message = f"the ZIP archive is cut off or damaged ({error}); fetch it again"
        yield failed(source.path, source.member, "damaged_archive", message)
        return
    with archive:
        for info in archive.infolist():
            name = _name(info)
            if info.is_dir() or is_junk(name):
                continue
            budget.n_members += 1
            place = inside(source, name)
            raw = _member(archive, info, place, budget)
            excess = budget.excess()
            yield raw if excess is None else RawSource(place, None, (excess,))
            if excess is not None:
                return


def _name(info: zipfile.ZipInfo) -> str:
    """The member's name; without the UTF-8 flag its bytes (which zipfile reads as CP437) are mostly UTF-8 or GBK."""
    raw = info.orig_filename.encode("utf-8" if info.flag_bits & _UTF8 else "cp437", "surrogateescape")
    return repaired(raw)


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, source: Source, budget: Budget) -> RawSource:
    refusal = _refusal(info, budget)
    if refusal is not None:
        return failed(source.path, source.member, *refusal)
    allowance = budget.allowance()
    try:
        with archive.open(info) as member:
            data = member.read(allowance + 1)
    except NotImplementedError as error:
        return failed(source.path, source.member, "unsupported_compression", f"{error}; pack the archive with deflate")
    except BROKEN as error:
        message = f"the member is damaged ({error}); fetch the archive again"
        return failed(source.path, source.member, "damaged_member", message)
    budget.n_bytes += len(data)
    if len(data) > budget.limits.max_bytes:
        return RawSource(source, None, (too_large(f"more than {budget.limits.max_bytes}", budget.limits),))
    return RawSource(source, data, unsafe(source.member or ""))


def _refusal(info: zipfile.ZipInfo, budget: Budget) -> tuple[str, str] | None:
    mode = info.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return "not_a_file", "the member is a link or a device, not a file; leave it out of the archive"
    if info.flag_bits & _ENCRYPTED:
        return "encrypted", "the member is encrypted; unpack the archive with its password first"
    if info.file_size > budget.limits.max_bytes:
        issue = too_large(str(info.file_size), budget.limits)
        return issue.code, issue.message
    return None
