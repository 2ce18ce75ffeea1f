"""spaCy DocBin: a Doc a text, a token a character, spans in `doc.spans["gongkai"]` and in `doc.ents`.

`spacy train` learns `ner` from the entities and `spancat` from the spans. Id, meta, codes, done and links stand in
`doc.user_data["gongkai"]`. Of files of others the spans `gongkai`, or `sc`, or the entities are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
import spacy
from spacy.tokens import Doc, DocBin, Span
from spacy.vocab import Vocab

from nlp.errors import SourceError
from training.annotation.draft import Draft
from training.annotation.faults import Faults, shaped
from training.annotation.notes import Note, notes_of
from training.annotation.text import AnnotatedText, labelled

KEY = "gongkai"
_FOREIGN = "sc"  # spaCy's own key for span categorisation


class _Kept(msgspec.Struct):
    id: str
    meta: dict[str, str]
    notes: list[Note]


def read(path: Path, faults: Faults) -> Iterator[AnnotatedText]:
    """The texts of a `.spacy` file."""
    try:
        docs = list(DocBin().from_bytes(path.read_bytes()).get_docs(_vocabulary()))
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror or error}") from error
    except Exception as error:  # noqa: BLE001  # zlib, msgpack and spaCy have no common error
        faults.add(path.name, f"no spaCy DocBin ({type(error).__name__}: {error})", "write it with DocBin.to_disk")
        return
    for number, doc in enumerate(docs, 1):
        place = f"{path.name}, doc {number}"
        raw = doc.user_data.get(KEY)
        kept = _Kept(f"{path.stem}-{number}", {}, []) if raw is None else shaped(raw, _Kept, place, faults)
        if kept is not None:
            draft = Draft(place, kept.id, doc.text, kept.meta)
            draft.spans = {n: labelled(one.label_, one.start_char, one.end_char) for n, one in enumerate(_spans(doc))}
            yield from draft.finish(faults, kept.notes, noted_links=True)


def _spans(doc: Doc) -> Iterable[Span]:
    return next((doc.spans[key] for key in (KEY, _FOREIGN) if key in doc.spans), doc.ents)


def write(texts: Iterable[AnnotatedText], path: Path) -> None:
    """One Doc a text."""
    vocabulary = _vocabulary()
    path.write_bytes(DocBin(store_user_data=True, docs=[_doc(one, vocabulary) for one in texts]).to_bytes())


def _doc(one: AnnotatedText, vocabulary: Vocab) -> Doc:
    doc = Doc(vocabulary, words=list(one.text), spaces=[False] * len(one.text))
    spans = [Span(doc, span.start, span.end, label=span.label) for span in one.spans]
    doc.spans[KEY] = spans
    doc.set_ents(spans)
    doc.user_data[KEY] = msgspec.to_builtins(_Kept(one.id, dict(one.meta), notes_of(one.spans)))
    return doc


def _vocabulary() -> Vocab:
    return spacy.blank("zh", config={"nlp": {"tokenizer": {"segmenter": "char"}}}).vocab
