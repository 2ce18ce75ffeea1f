"""Our own labeller among its peers: a model folder, and the recipe with the budget that peers have."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nlp.narrative.codec import Codec
from nlp.narrative.read import read_narrative
from nlp.narrative.tagger import Tagger
from nlp.narrative.windows import Passage
from nlp.record import Mention, Narrative
from training.measure import trained_tagger
from training.network import open_network
from training.peers.peer import Budget, Opened, Peer
from training.peers.reading import Reading
from training.settings import read_settings
from training.train import Task, category_codes, train


def released(name: str, folder: Path | None) -> Peer:
    """A model folder, by default the released one; its rules see all that the labeller knows."""
    return Peer(name, f"`{folder or 'models/gongkai-base'}`", lambda _: _opened(Tagger.load(folder)))


def _opened(tagger: Tagger, cost: str = "") -> Opened:
    def label(text: str, passages: Sequence[Passage]) -> Sequence[Mention]:
        return tagger(text, passages).mentions

    def narrate(reading: Reading, _: Sequence[Mention]) -> Narrative:
        return read_narrative(reading.case.text, reading.folded, reading.passages, tagger, reading.year, reading.agency)

    return Opened(label, cost, narrate)


def _train(budget: Budget) -> Opened:
    # A running mean as long as in training.compare: the default one is longer than so short a run.
    settings = read_settings(None, {"train": {"epochs": budget.epochs, "seed": budget.seed, "average": 0.97}})
    codes = category_codes()
    train(Task((budget.corpus,), budget.pretrained, budget.out, settings))
    tagger = trained_tagger(open_network(budget.out), Codec.read(budget.out / "vocab.txt"), settings, codes)
    return _opened(tagger, f"{len(budget.train)} documents, {budget.epochs} epochs")


RECIPE = Peer("gongkai recipe, same budget", "`training.train` with the peers' documents and epochs, run by torch", _train)
