"""The order of the steps, and the only place that knows it: bytes → Document → sections → tables | narrative → Record."""

from __future__ import annotations

import dataclasses
import logging
from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property

from nlp.document import Document, Folded, Issue, Section, Span
from nlp.fold import fold, script
from nlp.identity import Identity, identify
from nlp.ingest.raw import RawSource
from nlp.ingest.read import read_all
from nlp.merge import EMPTY, Parts, merge
from nlp.narrative.read import read_narrative
from nlp.narrative.release import model_folder
from nlp.narrative.tagger import Tagger
from nlp.passages import find_passages
from nlp.record import Check, Narrative, Producer, Record
from nlp.sections import split
from nlp.settings import Settings, load_settings
from nlp.tables.checks import check
from nlp.tables.read import Tables, read_figures, read_tables
from nlp.version import __version__

_LOG = logging.getLogger(__name__)


class Extractor:
    """Reads one report after the other; the labeller is loaded once, when it is first needed."""

    def __init__(self, settings: Settings | None = None, tagger: Tagger | None = None) -> None:
        self.settings = settings or load_settings()
        self._given = tagger

    @cached_property
    def tagger(self) -> Tagger | None:
        """The labeller of the settings; None where it is switched off."""
        if self._given is not None or not self.settings.labeller:
            return self._given
        return Tagger.load(model_folder(self.settings.model), threads=self.settings.threads or None)

    @cached_property
    def producer(self) -> Producer:
        """What every record says of the program that made it."""
        name, sha256 = (self.tagger.name, self.tagger.sha256) if self.tagger else (None, None)
        return Producer(__version__, name, sha256, self.settings.sha256)

    def __call__(self, raw: RawSource) -> list[Record]:
        """The records of a source, whatever is wrong with it: one, or one for each report of a collected volume.

        Raises ModelError when the labeller cannot be loaded.
        """
        return [self.record(document) for document in read_all(raw, self.settings.reading)]

    def record(self, document: Document) -> Record:
        """The record of a document; what breaks the program itself gives a failed record, so that a run goes on."""
        producer = self.producer
        try:
            parts = self._read(document) if document.text.strip() else EMPTY
        except Exception as error:  # noqa: BLE001  # logged and kept in the record
            _LOG.exception("%s", document.source.path)
            message = f"the program failed on this report ({type(error).__name__}: {error}); please report it"
            parts = dataclasses.replace(EMPTY, issues=(Issue("pipeline", "internal_error", "error", message),))
        return merge(document, parts, producer)

    def _read(self, document: Document) -> Parts:
        folded = fold(document.text)
        sections = split(document, folded)
        tables = read_tables(document, folded)
        who = identify(document, folded, sections)
        checks = check(tables.statistics, tables.figures, _last_section(folded, sections))
        narrative, issues = self._narrate(document, folded, sections, tables, who)
        return Parts(who.title, who.agency, who.year, who.published, script(document.text), sections, tables.statistics,
                     narrative, checks, (*tables.issues, *issues))

    def _narrate(
        self, document: Document, folded: Folded, sections: Sequence[Section], tables: Tables, who: Identity
    ) -> tuple[Narrative, tuple[Issue, ...]]:
        if self.tagger is None:
            return Narrative(), (Issue("narrative", "labeller_off", "info", "the prose was not read: the labeller is off"),)
        passages = find_passages(document, folded, sections, tables.regions)
        return read_narrative(document.text, folded, passages, self.tagger, who.year, who.agency.name), ()


def checks_of(record: Record) -> list[Check]:
    """The checks of a record, done again over its statistics as they stand now; prose and sections are those of its text."""
    folded = fold(record.text)
    return check(record.statistics, read_figures(folded), _last_section(folded, record.sections))


def prose_of(record: Record) -> list[tuple[Span, str]]:
    """Where the prose of a record is, in order: spans of its text without blanks at the edges, each with its kind of section."""
    folded = fold(record.text)
    document = Document(record.id, record.source, record.text, tuple(record.blocks))
    regions = [*read_tables(document, folded).regions, *(one.cell.span for one in record.statistics.indicators if one.cell.span)]
    found = []
    for passage in find_passages(document, folded, record.sections, regions):
        start, end = folded.original(passage.start, passage.end)
        text = record.text[start:end]
        found.append((Span(start + len(text) - len(text.lstrip()), start + len(text.rstrip())), passage.section))
    return found


def _last_section(folded: Folded, sections: Sequence[Section]) -> str | None:
    """The text of section six (其他需要报告的事项), simplified; None where a report has none."""
    texts = [folded.text[slice(*(bisect_left(folded.offsets, at) for at in s.span))] for s in sections if s.kind == "other"]
    return "\n".join(texts) if texts else None
