"""Strict span scores, and a tagger over a network that is still in training."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from nlp.narrative.codec import Codec
from nlp.narrative.heads import N_GRAMS, Heads
from nlp.narrative.release import Release
from nlp.narrative.tagger import Tagged, Tagger
from nlp.record import Mention
from training.examples import Prose
from training.network import Network, TorchRuntime
from training.settings import TrainingSettings

Score = dict[str, float]


def trained_tagger(network: Network, codec: Codec, settings: TrainingSettings, codes: Sequence[str]) -> Tagger:
    """The product's own tagger, run by torch; only its tags and hidden states are meant."""
    calibration = {"temperature": 1.0, "further_category": 1.0}
    window = settings.train.window
    release = Release(Path(), "in training", "", settings.sections, tuple(codes), window, calibration, settings.scheme)
    weights = {
        "category.weight": network.category.weight.detach().float().numpy(),
        "category.bias": network.category.bias.detach().float().numpy(),
        "grams.weight": np.zeros((N_GRAMS, len(codes)), dtype=np.float32),  # no opinion
        "grams.rarity": np.zeros(N_GRAMS, dtype=np.float32),
        "grams.bias": np.zeros(len(codes), dtype=np.float32),
    }
    return Tagger(release, codec, Heads(weights, tuple(codes), 1.0), TorchRuntime(network))


def tag_all(tagger: Tagger, proses: Sequence[Prose]) -> list[Tagged]:
    """Label every document."""
    return tagger.tag_many((prose.text, prose.passages) for prose in proses)


def strict(pairs: Iterable[tuple[Prose, Sequence[Mention]]]) -> dict[str, Score]:
    """Precision, recall and F1 per label and over `all`, of spans whose label and both edges are right.

    Only labels that were annotated count.
    """
    right: Counter[str] = Counter()
    wanted: Counter[str] = Counter()
    taken: Counter[str] = Counter()
    for prose, mentions in pairs:
        gold = {(span.label, span.start, span.end) for span in prose.spans}
        got = {(found.label, found.start, found.end) for found in mentions if found.label in prose.labels}
        for counter, some in ((right, gold & got), (wanted, gold), (taken, got)):
            counter.update(label for label, _, _ in some)
            counter["all"] += len(some)
    return {label: _score(right[label], taken[label], wanted[label]) for label in sorted(wanted | taken)}


def hits(prose: Prose, mentions: Sequence[Mention]) -> tuple[int, int, int]:
    """Numbers of right, found and wanted spans of one document."""
    total = strict([(prose, mentions)]).get("all", {"right": 0, "found": 0, "gold": 0})
    return int(total["right"]), int(total["found"]), int(total["gold"])


def _score(right: int, found: int, wanted: int) -> Score:
    precision, recall = right / max(1, found), right / max(1, wanted)
    return {
        "p": round(precision, 4),
        "r": round(recall, 4),
        "f1": round(2 * right / max(1, found + wanted), 4),
        "gold": wanted,
        "right": right,
        "found": found,
    }


def category_scores(tagged: Sequence[Tagged], proses: Sequence[Prose]) -> Score:
    """Over gold statements: share whose first code is right."""
    first = total = 0
    for one, prose in zip(tagged, proses, strict=True):
        statements = [span for span in prose.spans if span.codes]
        named = one.name_categories(one.category_probabilities([(span.start, span.end) for span in statements]))
        first += sum(codes[0] == span.codes[0] for codes, span in zip(named, statements, strict=True))
        total += len(statements)
    return {"first": round(first / max(1, total), 4), "statements": float(np.float64(total))}
