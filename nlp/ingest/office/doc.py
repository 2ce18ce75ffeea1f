"""Old office files (DOC and WPS, XLS and ET) and OpenDocument → Document, through LibreOffice; encrypted ones are named.

The old formats share one container (Compound File Binary, [MS-CFB]), in which newer programs also put encrypted DOCX and XLSX.
"""

from __future__ import annotations

import dataclasses
import io
import struct

import olefile

from nlp.document import Document, Issue, Source
from nlp.ingest.office.docx import read_docx
from nlp.ingest.office.soffice import converted
from nlp.ingest.office.xlsx import read_xlsx
from nlp.ingest.raw import UnreadableError, problem
from nlp.settings import Limits

_DAMAGED = (OSError, ValueError, TypeError, IndexError, KeyError, AttributeError, struct.error, MemoryError)
_WORKBOOKS = ("Workbook", "Book")
_FIB_FLAGS, _FIB_ENCRYPTED = 10, 0x0100  # [MS-DOC] 2.5.2
_FILE_PASS, _N_RECORDS = 0x2F, 12  # [MS-XLS] 2.4.117; it stands among the first records


def read_doc(data: bytes, source: Source, document_id: str, issues: tuple[Issue, ...], limits: Limits) -> Document:
    """The Document of an old office file: DOC, WPS, XLS or ET, by its content.

    An encrypted one and one without LibreOffice on this machine have an empty text and say so in an issue `error`.
    """
    try:
        kind = _kind(data)
    except UnreadableError as error:
        return Document(document_id, source, "", issues=(*issues, problem(error.code, str(error))))
    if kind == "xls":
        source = dataclasses.replace(source, media_type="application/vnd.ms-excel")
    return _through(kind, data, source, document_id, issues, limits)


def read_opendocument(
    data: bytes, source: Source, document_id: str, issues: tuple[Issue, ...], limits: Limits
) -> Document:
    """The Document of an ODT or ODS file, under the conditions of `read_doc`."""
    kind = "ods" if b"opendocument.spreadsheet" in data[:200] else "odt"
    return _through(kind, data, source, document_id, issues, limits)


def _through(
    kind: str, data: bytes, source: Source, document_id: str, issues: tuple[Issue, ...], limits: Limits
) -> Document:
    """The Document of what LibreOffice makes of the file."""
    is_sheet = kind in ("xls", "ods")
    try:
        made = converted(data, kind, "xlsx" if is_sheet else "docx", limits)
    except UnreadableError as error:
        return Document(document_id, source, "", issues=(*issues, problem(error.code, str(error))))
    return (read_xlsx if is_sheet else read_docx)(made, source, document_id, issues, limits)


def _kind(data: bytes) -> str:
    """`doc` or `xls`. Raises UnreadableError for what is encrypted, damaged, or neither."""
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as container:
            streams = {path[0] for path in container.listdir() if len(path) == 1}
            workbook = next((name for name in _WORKBOOKS if name in streams), None)
            encrypted = "EncryptedPackage" in streams
            if "WordDocument" in streams:
                encrypted |= _is_locked_text(container.openstream("WordDocument").read(_FIB_FLAGS + 2))
            elif workbook:
                encrypted |= _is_locked_workbook(container.openstream(workbook).read(1 << 16))
    except _DAMAGED as error:
        message = f"the file is cut off or damaged ({error}); fetch it again"
        raise UnreadableError("damaged_file", message) from error
    if encrypted:
        raise UnreadableError("encrypted", "the file is encrypted; open it with its password and save it without")
    if "WordDocument" in streams:
        return "doc"
    if workbook:
        return "xls"
    message = "the file holds neither a Word text nor an Excel workbook; convert it to DOCX or PDF"
    raise UnreadableError("unsupported_format", message)


def _is_locked_text(head: bytes) -> bool:
    flags = struct.unpack_from("<H", head, _FIB_FLAGS)[0]
    return bool(flags & _FIB_ENCRYPTED)


def _is_locked_workbook(stream: bytes) -> bool:
    position = 0
    for _ in range(_N_RECORDS):
        if position + 4 > len(stream):
            return False
        record, length = struct.unpack_from("<HH", stream, position)
        if record == _FILE_PASS:
            return True
        position += 4 + length
    return False
