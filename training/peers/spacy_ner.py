"""spaCy's CPU `ner`: transitions over a convolutional network, trained from nothing (`spacy_ner.cfg`)."""

from __future__ import annotations

from collections.abc import Sequence

from nlp.narrative.windows import Passage
from nlp.record import Mention
from training.peers.peer import Budget, Opened, Peer
from training.peers.reading import mentions_of
from training.peers.spacy_docs import read_passages, train


def _open(budget: Budget) -> Opened:
    pipeline, cost = train("spacy_ner.cfg", budget)

    def label(text: str, passages: Sequence[Passage]) -> list[Mention]:
        read = read_passages(pipeline, text, passages)
        return mentions_of(text, [(one.label_, at + one.start, at + one.end) for at, doc in read for one in doc.ents])

    return Opened(label, cost)


SPACY_NER = Peer("spaCy ner", "tok2vec over characters, transition-based, from nothing", _open, ("spacy",))
