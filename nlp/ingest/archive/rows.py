"""Tables of documents, one a row: JSON lines and Parquet with a column of text or HTML, read row by row."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any

from nlp.document import Issue, Source
from nlp.ingest.archive.packed import BROKEN
from nlp.ingest.encoding import decode
from nlp.ingest.raw import Budget, RawSource, inside, printable, problem, too_large
from nlp.ingest.recognise import is_fragment
from nlp.settings import load_toml

_MAX_LINE = 1 << 20  # bytes of the first line by which JSON lines are told from other text
_MAX_ROWS_AT_ONCE = 8  # rows of Parquet in memory
_SHOWN = 20  # columns named in an issue

Row = Mapping[str, Any]


def is_jsonl(file: IO[bytes]) -> bool:
    """Whether a file holds a JSON object a line: several, or one with a column of text. Reads the first two lines."""
    try:
        first, second = file.readline(_MAX_LINE), file.readline(_MAX_LINE)
    except BROKEN:
        return False
    row = _parsed(first)
    if len(first) == _MAX_LINE:
        return first.lstrip(b"\xef\xbb\xbf").startswith(b"{") and b"\n" not in first
    if row is None:
        return False
    return second.lstrip().startswith(b"{") or _column(row, "text") is not None


def jsonl_members(file: IO[bytes], source: Source, budget: Budget) -> Iterator[RawSource]:
    """The rows of a `.jsonl`; a member is named by its line, `line 7`. A line that is no JSON object is an issue."""
    try:
        for number in itertools.count(1):
            line = file.readline(2 * budget.limits.max_bytes)
            if not line:
                return
            if not line.strip():
                continue
            place = inside(source, f"line {number}")
            raw = (
                _of_line(line, place, budget)
                if line.endswith(b"\n") or _is_last(file)
                else _too_long(file, place, budget)
            )
            yield raw
            if raw.issues and raw.issues[0].code in ("compression_ratio", "too_many_members"):
                return
    except BROKEN as error:
        yield RawSource(source, None, (_damaged(error),))


def parquet_members(file: IO[bytes], source: Source, budget: Budget) -> Iterator[RawSource]:
    """The rows of a Parquet file; a member is named by its row, `row 7`. Only the columns that are read are unpacked."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(file, pre_buffer=False, buffer_size=1 << 20)
        names = table.schema_arrow.names
        first = dict.fromkeys(names, "")
        if _column(first, "text") is None:
            yield RawSource(source, None, (_no_column(names),))
            return
        columns = [c for kind in ("text", "url", "title", "published") if (c := _column(first, kind)) is not None]
        number = 0
        for batch in table.iter_batches(
            batch_size=_MAX_ROWS_AT_ONCE, columns=list(dict.fromkeys(columns)), use_threads=False
        ):
            for row in batch.to_pylist():
                number += 1
                raw = _of_row(row, inside(source, f"row {number}"), budget)
                yield raw
                if raw.issues and raw.issues[0].code in ("compression_ratio", "too_many_members"):
                    return
    except (pa.ArrowException, UnicodeDecodeError, *BROKEN) as error:
        yield RawSource(source, None, (_damaged(error),))


def _of_line(line: bytes, place: Source, budget: Budget) -> RawSource:
    row = _parsed(line)
    if row is None:
        message = "the line is no JSON object; mend or leave out that line"
        budget.n_members += 1
        return RawSource(place, None, (budget.excess() or problem("bad_row", message),))
    return _of_row(row, place, budget)


def _of_row(row: Row, place: Source, budget: Budget) -> RawSource:
    budget.n_members += 1
    column = _column(row, "text")
    value = row[column] if column is not None else None
    if value is None or value == "":
        issue = _no_column(list(row)) if column is None else problem("empty", f"column {column!r} of the row is empty")
        return RawSource(place, None, (budget.excess() or issue,))
    data = value if isinstance(value, bytes) else _as_page(str(value), column).encode("utf-8", "replace")
    budget.n_bytes += len(data)
    refused = budget.excess()
    if refused is None and len(data) > budget.limits.max_bytes:
        refused = too_large(str(len(data)), budget.limits)
    if refused is not None:
        return RawSource(place, None, (refused,))
    place = Source(place.path, place.member, _stated(row, "url"))
    return RawSource(place, data, (), _stated(row, "title"), _stated(row, "published"))


def _as_page(value: str, column: str | None) -> str:
    """A column of HTML may hold too few tags to be told as a page by them: then it is put into one."""
    is_named = str(column).strip().lower() in load_toml("ingest.toml")["rows"]["html"]
    return f"<html><body>{value}</body></html>" if is_named and is_fragment(value) else value


def _column(row: Row, kind: str) -> str | None:
    """The column of a row that the settings name for `kind`; of text, the first that holds any."""
    names: list[str] = load_toml("ingest.toml")["rows"][kind]
    own = {name.strip().lower(): name for name in reversed(list(row))}
    present = [own[name] for name in names if name in own]
    return next((name for name in present if row[name]), present[0] if present else None)


def _stated(row: Row, kind: str) -> str | None:
    column = _column(row, kind)
    value = row[column] if column is not None else None
    return printable(str(value)).strip() or None if value is not None else None


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        row = json.loads(line if _is_utf8(line) else decode(line).text)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_last(file: IO[bytes]) -> bool:
    """Whether nothing follows a line without an end; what follows is the rest of a line above the limit."""
    return not file.read(1)


def _too_long(file: IO[bytes], place: Source, budget: Budget) -> RawSource:
    budget.n_members += 1
    while (rest := file.readline(1 << 20)) and not rest.endswith(b"\n"):
        pass
    return RawSource(place, None, (too_large(f"a line of more than {2 * budget.limits.max_bytes}", budget.limits),))


def _no_column(names: Sequence[str]) -> Issue:
    found = ", ".join(printable(name) for name in names[:_SHOWN]) or "none"
    wanted = ", ".join(load_toml("ingest.toml")["rows"]["text"])
    message = (
        f"no column holds text (found: {found}); name it one of: {wanted}, or add its name to rows.text in ingest.toml"
    )
    return problem("no_text_column", message)


def _damaged(error: BaseException) -> Issue:
    return problem(
        "damaged_archive", f"the table is cut off or damaged ({printable(str(error))[:200]}); fetch it again"
    )
