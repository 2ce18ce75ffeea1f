"""What a peer is, what it may learn from, and how it is measured."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nlp.narrative.labels import LABELS
from nlp.record import Mention, Narrative
from training.examples import Prose
from training.peers.reading import Label, Narrate, Reading, by_rules, score

TOKENS_A_STEP = 2048
"""Of networks on the encoder: half of `configs/train.toml`, since so short a run needs steps more than it needs smooth ones."""


@dataclass(frozen=True)
class Budget:
    """What a peer may learn from and for how long: annotated prose, the encoder all share, epochs over all documents.

    `corpus` holds the same documents as `train`, as files; a peer writes below `out` alone.
    """

    corpus: Path
    train: Sequence[Prose]
    dev: Sequence[Prose]
    pretrained: Path
    out: Path
    epochs: int
    seed: int = 1


@dataclass(frozen=True)
class Opened:
    """A peer that is ready to read; `cost` says what its training took (documents, epochs), empty where it learned nothing."""

    label: Label
    cost: str = ""
    narrate: Narrate = by_rules


@dataclass(frozen=True)
class Peer:
    """A way to label prose: `about` for the reader of the table, `needs` the modules it imports, `labels` those it knows."""

    name: str
    about: str
    open: Callable[[Budget], Opened]
    needs: tuple[str, ...] = ()
    labels: tuple[str, ...] = LABELS

    @property
    def missing(self) -> str:
        """Why the peer cannot run here; empty where it can."""
        absent = [name for name in self.needs if importlib.util.find_spec(name) is None]
        return f"not installed: {', '.join(absent)} (pip install 'gongkai[train]')" if absent else ""


def measure(peer: Peer, budget: Budget, readings: Mapping[str, Sequence[Reading]]) -> dict[str, Any]:
    """Open a peer and score it on each named set of documents: spans as they are (`raw`), and after the rules (`rules`).

    Times are seconds of this machine as it was, which other work may have slowed; `characters_a_second` is of labelling alone.
    """
    begun = time.perf_counter()
    opened = peer.open(budget)
    row: dict[str, Any] = {
        "peer": peer.name, "about": peer.about, "cost": opened.cost, "labels": list(peer.labels),
        "seconds_to_open": round(time.perf_counter() - begun, 1), "scores": {},
    }
    spent, n_characters = 0.0, 0
    for name, some in readings.items():
        found, seconds = _labelled(opened.label, some)
        spent, n_characters = spent + seconds, n_characters + sum(one.n_characters for one in some)
        cases = [one.case for one in some]
        raw = [Narrative(list(mentions)) for mentions in found]
        rules = [opened.narrate(one, mentions) for one, mentions in zip(some, found, strict=True)]
        row["scores"][name] = {"raw": score(cases, raw, peer.labels), "rules": score(cases, rules, peer.labels)}
    return {**row, "characters_a_second": round(n_characters / max(spent, 1e-9))}


def _labelled(label: Label, readings: Sequence[Reading]) -> tuple[list[list[Mention]], float]:
    """Mentions of each document's own text, and the seconds that labelling took."""
    begun = time.perf_counter()
    found = [label(one.folded.text, one.passages) for one in readings]
    seconds = time.perf_counter() - begun
    return [[one.original(mention) for mention in some] for one, some in zip(readings, found, strict=True)], seconds
