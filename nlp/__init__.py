"""gongkai: one trustworthy record from each government-information-disclosure annual report.

>>> import nlp
>>> record = nlp.extract("report.html")
>>> record.statistics.applications["new"]["total"].value
12
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nlp.document import Document
from nlp.errors import GongkaiError
from nlp.record import Record
from nlp.settings import Settings, load_settings

if TYPE_CHECKING:
    from spacy.language import Language

__version__ = "0.1.0"
__all__ = ["Document", "GongkaiError", "Record", "Settings", "extract", "extract_many", "load", "load_settings"]


def extract(source: str | Path | bytes, settings: Settings | None = None) -> Record:
    """The record of one report: a path (`Path`, or a string that names an existing file), its bytes, or its text.

    Raises SourceError when a `Path` does not exist; whatever is wrong with the document itself stands in the record.
    """
    from nlp.pipeline import extract as run

    return run(source, settings)


def extract_many(
    paths: Sequence[str | Path], settings: Settings | None = None, workers: int = 1
) -> Iterator[Record]:
    """One record for each document in files, folders and archives, in a stable order, whatever the number of workers.

    Raises SourceError when a path does not exist.
    """
    from nlp.batch.workers import extract_all
    from nlp.ingest.archive import sources

    chosen = settings or load_settings()
    return extract_all(sources(paths, chosen.limits), chosen, workers)


def load(settings: Settings | None = None) -> Language:
    """A spaCy pipeline whose Docs carry `doc.spans["gongkai"]` (mentions) and `doc._.record` (the Record)."""
    from nlp.language import load as run

    return run(settings)
