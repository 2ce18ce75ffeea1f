"""gongkai as a spaCy pipeline: a Doc that carries the mentions and the whole record.

>>> doc = nlp.load()(text)
>>> doc._.record.year, [(span.text, span.label_) for span in doc.spans["gongkai"]]
>>> spacy.displacy.render(doc, style="span", options={"spans_key": "gongkai"})
"""

from __future__ import annotations

from typing import Any

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from nlp.ingest.read import read_text
from nlp.pipeline import Extractor
from nlp.settings import Settings, load_settings

SPANS = "gongkai"


class Component:
    """The pipeline component: sets `doc._.record` and `doc.spans["gongkai"]`."""

    def __init__(self, extractor: Extractor) -> None:
        self._extractor = extractor

    def __call__(self, doc: Doc) -> Doc:
        """Read the Doc's text as one report; spans are set where the record's text is the Doc's own (plain text)."""
        record = self._extractor.record(read_text(doc.text))
        doc._.record = record
        if record.text == doc.text:
            spans = (doc.char_span(m.start, m.end, label=m.label, alignment_mode="expand") for m in record.narrative.mentions)
            doc.spans[SPANS] = [span for span in spans if span is not None]
        return doc


@Language.factory(SPANS, assigns=["doc._.record", "doc.spans"], default_config={"settings": {}})
def create(nlp: Language, name: str, settings: dict[str, Any]) -> Component:
    """The component for `nlp.add_pipe("gongkai", config={"settings": {"labeller": False}})`."""
    if not Doc.has_extension("record"):
        Doc.set_extension("record", default=None)
    return Component(Extractor(Settings(**settings)))


def load(settings: Settings | None = None) -> Language:
    """A Chinese pipeline, one token a character, with the component `gongkai`."""
    language = spacy.blank("zh", config={"nlp": {"tokenizer": {"segmenter": "char"}}})
    language.add_pipe(SPANS, config={"settings": (settings or load_settings()).model_dump()})
    return language
