"""spaCy's span categoriser over candidates that a rule suggests, trained from nothing (`spacy_spancat.cfg`).

`spancat_singlelabel` is its form for spans of one label that do not overlap. Candidates are of two kinds: runs of up to
sixteen characters inside a clause, for the short labels; and for problems and remedies, stretches from the start of a
clause or the end of an enumerator to the end of a clause group, of at most six groups and 400 characters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import cast

import numpy as np
import numpy.typing as npt
from spacy.tokens import Doc
from spacy.util import registry
from thinc.api import Ops, get_current_ops
from thinc.types import Ints2d, Ragged

from nlp.narrative.clauses import reading_copy
from nlp.narrative.enumerators import find_marks
from nlp.narrative.windows import Passage
from nlp.record import Mention
from training.peers.peer import Budget, Opened, Peer
from training.peers.reading import mentions_of
from training.peers.spacy_docs import KEY, read_passages, train

Ints = npt.NDArray[np.int32]
LONGEST_SHORT = 16
LONGEST, MOST_GROUPS = 400, 6
_BREAK = re.compile(r"(?<!\d)[,。;:!?\s]|[,。;:!?\s](?!\d)")
_CLAUSE_START = re.compile(r"[,。;:!?\n]\s*")
_GROUP_END = re.compile(r"\s*(?:[。;!?]|\n|$)")


def build_suggester() -> Callable[..., Ragged]:
    """The suggester that the config names."""

    def suggest(docs: Iterable[Doc], *, ops: Ops | None = None) -> Ragged:
        ops = ops or get_current_ops()
        found = [candidates(doc.text) for doc in docs]
        together = np.concatenate([np.zeros((0, 2), dtype=np.int32), *found])
        return Ragged(ops.asarray2i(cast(Ints2d, together)), ops.asarray1i([len(one) for one in found]))

    return suggest


registry.misc.register("gongkai.passage_suggester.v1", func=build_suggester)


def candidates(text: str) -> Ints:
    """Candidate spans of a passage, shape (candidates, 2), each once."""
    plain = reading_copy(text)
    return np.unique(np.concatenate([_short(plain), _long(plain)]), axis=0)


def _short(plain: str) -> Ints:
    """Runs of 1 to LONGEST_SHORT characters without a break between clauses."""
    broken = np.cumsum([0, *(bool(_BREAK.match(plain, at)) for at in range(len(plain)))])
    runs = []
    for length in range(1, LONGEST_SHORT + 1):
        starts = np.arange(len(plain) - length + 1)
        runs.append(np.stack([starts, starts + length], axis=1))
    every = np.concatenate(runs)
    return np.asarray(every[broken[every[:, 0]] == broken[every[:, 1]]], dtype=np.int32)


def _long(plain: str) -> Ints:
    """Stretches of clause groups."""
    starts = {0, *(one.end() for one in _CLAUSE_START.finditer(plain)), *(one.end for one in find_marks(plain, 0, len(plain)))}
    ends = np.array(sorted({one.start() for one in _GROUP_END.finditer(plain)}))
    return np.array(list(_stretches(sorted(starts), ends)), dtype=np.int32).reshape(-1, 2)


def _stretches(starts: Sequence[int], ends: npt.NDArray[np.int_]) -> Iterator[tuple[int, int]]:
    for start in starts:
        first = int(np.searchsorted(ends, start, side="right"))
        for end in ends[first : first + MOST_GROUPS]:
            if end - start <= LONGEST:
                yield start, int(end)


def _open(budget: Budget) -> Opened:
    pipeline, cost = train("spacy_spancat.cfg", budget)

    def label(text: str, passages: Sequence[Passage]) -> list[Mention]:
        read = read_passages(pipeline, text, passages)
        return mentions_of(text, [(one.label_, at + one.start, at + one.end) for at, doc in read for one in doc.spans[KEY]])

    return Opened(label, cost)


SPACY_SPANCAT = Peer("spaCy spancat", "`spancat_singlelabel` over characters, clause-bound candidates, from nothing", _open, ("spacy",))
