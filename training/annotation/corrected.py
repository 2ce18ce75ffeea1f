"""Records that people have corrected → annotated texts: what the service's corrections are exported with.

A text is a stretch of prose, as those of `gongkai annotate export`; all stretches of a corrected record are taken as right,
also where nobody changed anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from nlp.document import Span
from nlp.pipeline import prose_of
from nlp.record import Record
from training.annotation.formats import write
from training.annotation.guidelines import coded, trimmed
from training.annotation.preannotate import source_of, spans_of
from training.annotation.text import AnnotatedText

NO_CATEGORY = "other"
"""Category of statements to which nobody, nor the labeller, gave one: training takes none without."""


class CorrectedRecord(Protocol):
    """A record with its corrections in it, how many they are, and who made them."""

    @property
    def record(self) -> Record:
        """The corrected record."""

    @property
    def n_corrections(self) -> int:
        """Live corrections."""

    @property
    def who(self) -> tuple[str, ...]:
        """People, the first to correct first."""


def write_corrected(records: Iterable[CorrectedRecord], path: Path, format: str) -> None:
    """Write the prose of corrected records. Raises StoreError when something is there already or it cannot be written."""
    texts = [text for one in records for text in texts_of(one)]
    write(trimmed(coded(texts, NO_CATEGORY)), path, format)


def texts_of(one: CorrectedRecord) -> Iterator[AnnotatedText]:
    """The prose of a record, a stretch a text; links that leave a stretch are left out."""
    record = one.record
    meta = {
        "agency": record.agency.name, "year": str(record.year or ""), "record": record.id, "source": source_of(record),
        "corrections": str(one.n_corrections), "corrected_by": ", ".join(one.who),
    }  # fmt: skip
    for span, section in prose_of(record):
        inside = [mention for mention in record.narrative.mentions if span.start <= mention.start and mention.end <= span.end]
        told = {**meta, "offset": str(span.start), "section": section}
        yield AnnotatedText(_identity(record, span), record.text[slice(*span)], tuple(spans_of(record, inside, span.start)),
                            {key: value for key, value in told.items() if value})  # fmt: skip


def _identity(record: Record, span: Span) -> str:
    return f"{record.id[:16]}-{span.start}"
