"""Lines that crawlers and archives put above a report: `标题: …`, `发布时间: …`, up to `==== 正文 ====`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from nlp.document import Span
from nlp.ingest.chrome import lines_of
from nlp.ingest.dates import iso_date
from nlp.settings import load_toml

_MAX_LINES = 40


@dataclass(frozen=True, slots=True)
class Header:
    """The span of the header lines in the text (empty where there are none) and where they state what."""

    span: Span
    fields: dict[str, Span]


@cache
def field_of() -> dict[str, str]:
    """Key of a header line → the field of a Document it states, or `other`."""
    table: dict[str, Any] = load_toml("ingest.toml")["header"]["fields"]
    return {name: target for target, names in table.items() for name in names}


def read_header(text: str) -> Header:
    """The header at the beginning of a folded text: lines with known keys, ended by a separator or the first other line.

    Without a separator at least three such lines in a row are wanted: a report may begin with one that looks so.
    """
    data: dict[str, Any] = load_toml("ingest.toml")["header"]
    separator, loose = re.compile(data["separator"]), tuple(data["loose"])
    fields: dict[str, Span] = {}
    n_known, end = 0, 0
    for line in lines_of(text[:20_000])[:_MAX_LINES]:
        content = text[line.start : line.end]
        if n_known and separator.fullmatch(content):
            return Header(Span(0, line.end), fields)
        key, colon, value = _key_value(content)
        if not (colon and key in field_of()) and not content.startswith(loose):
            break
        n_known, end = n_known + 1, line.end
        target = field_of().get(key, "other")
        if value and target != "other" and (target != "published" or iso_date(value)):
            fields.setdefault(target, Span(line.end - len(value), line.end))
    return Header(Span(0, end), fields) if n_known >= 3 else Header(Span(0, 0), {})


def _key_value(line: str) -> tuple[str, str, str]:
    key, colon, value = re.sub("：", ":", line, count=1).partition(":")
    return re.sub(r"\s+|[【】\[\]]", "", key), colon, value.strip()
