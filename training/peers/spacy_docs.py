"""What both spaCy peers share: passages as Docs with a token a character, and `spacy train` on them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import spacy
from spacy.language import Language
from spacy.tokens import Doc, DocBin, Span
from spacy.vocab import Vocab

from nlp.narrative.windows import Passage
from training.examples import Prose
from training.peers.peer import Budget

KEY = "sc"
EPOCHS_FOR_ONE = 2
"""Epochs of a network that starts from nothing for each one of those on the encoder; each takes a fraction of the time."""


def new_doc(vocabulary: Vocab, text: str) -> Doc:
    """A text with a token a character. Unlike those of spaCy's `char` segmenter blanks are tokens too, so that offsets agree;
    `gold_preproc` in the configs keeps these tokens in training."""
    return Doc(vocabulary, words=list(text), spaces=[False] * len(text))


def training_docs(vocabulary: Vocab, proses: Sequence[Prose]) -> Iterator[Doc]:
    """A Doc for each passage, with its spans as entities and in the span group `sc`."""
    for prose in proses:
        for passage in prose.passages:
            doc = new_doc(vocabulary, prose.text[passage.start : passage.end])
            inside = [one for one in prose.spans if passage.start <= one.start and one.end <= passage.end]
            spans = [Span(doc, one.start - passage.start, one.end - passage.start, one.label) for one in inside]
            doc.set_ents(spans)
            doc.spans[KEY] = spans
            yield doc


def train(config: str, budget: Budget) -> tuple[Language, str]:
    """`spacy train` with a config of this folder; the pipeline as it is after the last epoch (running mean), and what it cost."""
    from spacy.cli.train import train as spacy_train

    vocabulary = spacy.blank("zh", config={"nlp": {"tokenizer": {"segmenter": "char"}}}).vocab
    paths: dict[str, Any] = {}
    budget.out.mkdir(parents=True, exist_ok=True)
    for name, proses in (("train", budget.train), ("dev", budget.dev)):
        path = budget.out / f"{name}.spacy"
        DocBin(docs=list(training_docs(vocabulary, proses))).to_disk(path)
        paths[f"paths.{name}"] = str(path)
    epochs = EPOCHS_FOR_ONE * budget.epochs
    changes = {**paths, "training.max_epochs": epochs, "training.seed": budget.seed}
    spacy_train(Path(__file__).with_name(config), budget.out, overrides=changes)
    return spacy.load(budget.out / "model-last"), f"{len(budget.train)} documents, {epochs} epochs"


def read_passages(pipeline: Language, text: str, passages: Sequence[Passage]) -> Iterator[tuple[int, Doc]]:
    """Each passage read by a pipeline, with its start."""
    docs = (new_doc(pipeline.vocab, text[one.start : one.end]) for one in passages)
    yield from zip((one.start for one in passages), pipeline.pipe(docs), strict=True)
