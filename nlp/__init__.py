"""gongkai: one trustworthy record from each government-information-disclosure annual report.

>>> import nlp
>>> record = nlp.extract("report.html")
>>> record.statistics.applications["new"]["total"].value
12
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from nlp.document import Document, Issue, Source
from nlp.errors import GongkaiError, SourceError
from nlp.record import Record
from nlp.settings import Settings, load_settings
from nlp.version import __version__

if TYPE_CHECKING:
    from spacy.language import Language

    from nlp.pipeline import Extractor

__all__ = ["Document", "GongkaiError", "Record", "Settings", "__version__", "extract", "extract_many", "load", "load_settings"]


def extract(source: str | Path | bytes, settings: Settings | None = None) -> Record:
    """The record of one report: a path (`Path`, or a string that names an existing file), its bytes, or its text.

    Of a source with several reports it is the first one's, with the issue `more_reports`; `extract_many` gives all.

    Raises SourceError when a `Path` does not exist; whatever is wrong with the document itself stands in the record.
    """
    from nlp.ingest.raw import RawSource
    from nlp.ingest.read import read_text
    from nlp.ingest.sources import sources
    from nlp.ingest.volumes import volumes

    extractor = _extractor(settings or load_settings())
    if isinstance(source, bytes):
        return _first(iter(extractor(RawSource(Source("<bytes>"), source))))
    if isinstance(source, str) and not _names_a_file(source):
        return _first(extractor.record(part) for part in volumes(read_text(source)))
    if not Path(source).is_file():
        raise SourceError(f"no such file: {source}; for folders use extract_many")
    return _first(record for raw in sources([source], extractor.settings.limits) for record in extractor(raw))


def _first(records: Iterator[Record]) -> Record:
    """The first of the records; that there are more is said in it."""
    found = list(islice(records, 2))
    if len(found) == 1:
        return found[0]
    message = "the source holds more reports than this one, the first; nlp.extract_many and `gongkai extract` give all"
    return replace(found[0], issues=[*found[0].issues, Issue("ingest", "more_reports", "warning", message)])


@lru_cache(maxsize=2)
def _extractor(settings: Settings) -> Extractor:
    """The extractor of these settings; its labeller takes a second to load, so it is kept for the next call."""
    from nlp.pipeline import Extractor

    return Extractor(settings)


def _names_a_file(text: str) -> bool:
    """Whether a string is a path rather than a report's text: short, on one line, and there is such a file."""
    return len(text) < 1000 and "\n" not in text and "\0" not in text and Path(text).is_file()


def extract_many(
    paths: Sequence[str | Path], settings: Settings | None = None, workers: int = 1
) -> Iterator[Record]:
    """One record for each document in files, folders and archives, in a stable order, whatever the number of workers.

    Raises SourceError when a path does not exist.
    """
    from nlp.batch.workers import extract_all
    from nlp.ingest.sources import sources

    chosen = settings or load_settings()
    return extract_all(sources(paths, chosen.limits), chosen, workers)


def load(settings: Settings | None = None) -> Language:
    """A spaCy pipeline whose Docs carry `doc.spans["gongkai"]` (mentions) and `doc._.record` (the Record)."""
    from nlp.language import load as run

    return run(settings)
