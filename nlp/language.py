"""gongkai as a spaCy pipeline: a Doc that carries the mentions and the whole record.

>>> doc = nlp.load()(text)                      # or spacy.load("models/gongkai-base")
>>> doc._.record.year, [(span.text, span.label_) for span in doc.spans["gongkai"]]
>>> spacy.displacy.render(doc, style="span", options={"spans_key": "gongkai"})

spaCy finds the component and the tokenizer by the entry points of this package, so nothing need be imported first.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.util import DummyTokenizer, registry
from spacy.vocab import Vocab

from nlp.ingest.read import read_text
from nlp.narrative.release import MANIFEST
from nlp.pipeline import Extractor
from nlp.settings import Settings, load_settings

SPANS = "gongkai"
CHARACTERS = "gongkai.characters.v1"


class Characters(DummyTokenizer):
    """One token a character, blanks and line feeds too, so that a token's number is its offset in the text."""

    def __init__(self, vocab: Vocab) -> None:
        self.vocab = vocab

    def __call__(self, text: str) -> Doc:
        """The text as a Doc."""
        return Doc(self.vocab, words=list(text), spaces=[False] * len(text))


@registry.tokenizers(CHARACTERS)  # type: ignore[untyped-decorator]  # spaCy leaves it untyped
def characters() -> Callable[[Language], Characters]:
    """What spaCy's settings name as the tokenizer."""
    return lambda language: Characters(language.vocab)


class Component:
    """The pipeline component: sets `doc._.record`, `doc.spans["gongkai"]` and `doc.ents`."""

    def __init__(self, extractor: Extractor) -> None:
        self._extractor = extractor

    def __call__(self, doc: Doc) -> Doc:
        """Read the Doc's text as one report; spans are set where the record's text is the Doc's own (plain text)."""
        record = self._extractor.record(read_text(doc.text))
        doc._.record = record
        if record.text == doc.text:
            found = (doc.char_span(m.start, m.end, label=m.label, alignment_mode="expand") for m in record.narrative.mentions)
            spans: list[Span] = [span for span in found if span is not None]
            doc.spans[SPANS] = spans
            doc.set_ents(spacy.util.filter_spans(spans))  # another tokenizer's tokens may join neighbours
        return doc

    def to_disk(self, path: Path, *, exclude: Iterable[str] = ()) -> None:
        """Take the model along where a whole pipeline is written."""
        if self._extractor.tagger is not None:
            shutil.copytree(self._extractor.tagger.folder, path)

    def from_disk(self, path: Path, *, exclude: Iterable[str] = ()) -> Component:
        """Read with the model of the folder that spaCy opens: the folder itself where it is a released model's."""
        for folder in (path, path.parent):
            if (folder / MANIFEST).is_file():
                self._extractor = Extractor(self._extractor.settings.model_copy(update={"model": str(folder)}))
                break
        return self


@Language.factory(SPANS, assigns=["doc._.record", "doc.spans", "doc.ents"], default_config={"settings": {}})
def create(nlp: Language, name: str, settings: dict[str, Any]) -> Component:
    """The component for `nlp.add_pipe("gongkai", config={"settings": {"labeller": False}})`."""
    if not Doc.has_extension("record"):
        Doc.set_extension("record", default=None)
    return Component(Extractor(Settings(**settings)))


def load(settings: Settings | None = None) -> Language:
    """A Chinese pipeline, one token a character, with the component `gongkai`."""
    language = spacy.blank("zh", config={"nlp": {"tokenizer": {"@tokenizers": CHARACTERS}}})
    language.add_pipe(SPANS, config={"settings": (settings or load_settings()).model_dump()})
    return language
