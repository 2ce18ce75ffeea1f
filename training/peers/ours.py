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
from training.peers.peer import TOKENS_A_STEP, Budget, Opened, Peer
from training.peers.reading import Label, Reading
from training.settings import read_settings
from training.train import Task, category_codes, train


def released(name: str, folder: Path | None) -> Peer:
    """A model folder, by default the released one; the rules see all that the labeller knows."""

    def opened(_: Budget) -> Opened:
        tagger = Tagger.load(folder)

        def narrate(reading: Reading, _: Sequence[Mention]) -> Narrative:
            return read_narrative(reading.case.text, reading.folded, reading.passages, tagger, reading.year, reading.agency)

        return Opened(_label_by(tagger), narrate=narrate)

    return Peer(name, f"`{folder or 'models/gongkai-base'}`", opened)


def _label_by(tagger: Tagger) -> Label:
    def label(text: str, passages: Sequence[Passage]) -> Sequence[Mention]:
        return tagger(text, passages).mentions

    return label


def _train(budget: Budget) -> Opened:
    # A running mean as long as in training.compare: the default one is longer than so short a run.
    changes = {"epochs": budget.epochs, "seed": budget.seed, "average": 0.97, "tokens_a_step": TOKENS_A_STEP}
    settings = read_settings(None, {"train": changes})
    codes = category_codes()
    train(Task((budget.corpus,), budget.pretrained, budget.out, settings))
    tagger = trained_tagger(open_network(budget.out), Codec.read(budget.out / "vocab.txt"), settings, codes)
    return Opened(_label_by(tagger), f"{len(budget.train)} documents, {budget.epochs} epochs")


RECIPE = Peer("gongkai recipe, same budget", "`training.train` with the peers' documents and epochs, run by torch", _train)
