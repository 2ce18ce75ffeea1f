"""Statistics and facts → one Record. Disagreement between them is a check (R11) or an issue, never a silent choice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from nlp.document import Document, Issue, Section
from nlp.record import SCHEMA_VERSION, Agency, Check, Narrative, Producer, Record, RecordStatus, Statistics

# Issues that leave something of the report unread: the record is then `partial`.
_INCOMPLETE = frozenset(
    {"ambiguous_digits", "unreadable_cells", "unreadable_table", "tables_missing", "truncated_record", "truncated_mail"}
)
_FIRST_FORM_YEAR = 2019  # from this report year on the tables are obligatory (国办公开办函〔2019〕60号)


@dataclass(frozen=True, slots=True)
class Parts:
    """All that was read from one document."""

    title: str | None
    agency: Agency
    year: int | None
    published: str | None
    script: Literal["hans", "hant"]
    sections: Sequence[Section]
    statistics: Statistics
    narrative: Narrative
    checks: Sequence[Check]
    issues: Sequence[Issue]


EMPTY = Parts(None, Agency(), None, None, "hans", (), Statistics(), Narrative(), (), ())


def merge(document: Document, parts: Parts, producer: Producer) -> Record:
    """The record of a document. A document that is no disclosure report, or has no text, gives a failed record."""
    issues = [*document.issues, *parts.issues]
    broken = any(issue.code == "internal_error" for issue in issues)
    if document.text.strip() and not broken and not _is_report(parts):
        message = "no title, section or table of a disclosure report was found; check that this file is one"
        issues.append(Issue("merge", "not_a_report", "error", message))
    elif not broken and _lacks_tables(parts):
        message = f"a report for {parts.year} should have the official tables; they may be a picture or an attachment"
        issues.append(Issue("merge", "tables_missing", "warning", message))
    return Record(
        schema_version=SCHEMA_VERSION, id=document.id, source=document.source, text=document.text, title=parts.title,
        agency=parts.agency, year=parts.year, published=parts.published, script=parts.script,
        sections=list(parts.sections), statistics=parts.statistics, narrative=parts.narrative,
        checks=list(parts.checks), issues=issues, status=status_of(document.text, issues), produced_by=producer,
        blocks=list(document.blocks),
    )


def _is_report(parts: Parts) -> bool:
    """Two kinds of sections, a table, or a title that says so; a news page about disclosure work has none of them."""
    kinds = {section.kind for section in parts.sections} - {"preamble", "other"}
    title = "".join((parts.title or "").split())
    named = ("信息公开" in title or "政务公开" in title or "資訊公開" in title or "信息公開" in title) and (
        "报告" in title or "報告" in title or "年报" in title
    )
    return named or len(kinds) >= 2 or bool(parts.statistics.forms) or bool(parts.statistics.indicators)


def _lacks_tables(parts: Parts) -> bool:
    return parts.year is not None and parts.year >= _FIRST_FORM_YEAR and not parts.statistics.forms


def status_of(text: str, issues: Sequence[Issue]) -> RecordStatus:
    """Whether a report with this text and these issues was read: wholly, in part, or not at all."""
    if not text.strip() or any(issue.code in ("not_a_report", "internal_error") for issue in issues):
        return "failed"
    if any(issue.severity == "error" or issue.code in _INCOMPLETE for issue in issues):
        return "partial"
    return "complete"
