"""Two other heads for the tags, to be compared with the plain softmax: a linear-chain CRF and a span head.

CRF: transition scores beside the emissions, trained by the likelihood of the whole sequence over legal taggings
(Lafferty et al. 2001). Span head: a score for each stretch and label from its two ends (after Su et al. 2022, global
pointer with rotary places, efficient form), trained by a multi-label loss; spans above zero are kept, the surest first.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from transformers import BertForTokenClassification

from nlp.narrative.labels import OUTSIDE, TagScheme
from nlp.narrative.tagger import Tagged
from nlp.record import Mention
from training.examples import IGNORE, Prose
from training.network import Batch, Network, category_loss, pool

SIZE = 64
NEVER = -1e4


class CrfNetwork(Network):
    """Emissions of the tagger, and learned scores of tag after tag."""

    def __init__(self, tagger: BertForTokenClassification, n_categories: int, scheme: TagScheme) -> None:
        super().__init__(tagger, n_categories)
        self.transitions = nn.Parameter(torch.zeros(len(scheme.tags), len(scheme.tags)))
        self.register_buffer("illegal", torch.from_numpy(~scheme.legal) * NEVER, persistent=False)
        self.register_buffer("last", torch.from_numpy(~scheme.legal_last) * NEVER, persistent=False)

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        logits, hidden = self.states(batch.ids, batch.mask)
        categories = self.category.bias.sum() * 0.0
        if batch.places:
            categories = category_loss(self.category(pool(hidden, batch.places)).float(), batch.categories)
        with torch.autocast("cpu", enabled=False):
            return self.negative_likelihood(logits.float(), batch), categories

    def negative_likelihood(self, emissions: Tensor, batch: Batch) -> Tensor:
        """Mean over tokens; what is IGNOREd stays outside the chain."""
        moves = self.transitions + self.illegal
        total, n_tokens = emissions.new_zeros(()), 0
        rows = [(row[tags != IGNORE], tags[tags != IGNORE]) for row, tags in zip(emissions, batch.tags, strict=True)]
        longest = max(len(tags) for _, tags in rows)
        padded = torch.stack([nn.functional.pad(row, (0, 0, 0, longest - len(row))) for row, _ in rows])
        shown = torch.stack([torch.arange(longest) < len(tags) for _, tags in rows])
        alpha = padded[:, 0] + moves[OUTSIDE]
        for at in range(1, longest):
            step = (alpha[:, :, None] + moves).logsumexp(1) + padded[:, at]
            alpha = torch.where(shown[:, at, None], step, alpha)
        total = (alpha + self.last).logsumexp(1).sum()
        for row, tags in rows:
            total = total - row.gather(1, tags[:, None]).sum() - self.transitions[OUTSIDE, tags[0]]
            total = total - self.transitions[tags[:-1], tags[1:]].sum()
            n_tokens += len(tags)
        return total / n_tokens

    def mentions(self, tagged: Tagged, prose: Prose, scheme: TagScheme) -> list[Mention]:
        """Viterbi with the learned scores, passage by passage."""
        moves = (self.transitions + self.illegal).detach().numpy()
        found = []
        for passage in prose.passages:
            rows = tagged.tokens(passage.start, passage.end)
            emissions, offsets = tagged.log_probabilities[rows], tagged.offsets[rows]
            if len(emissions):
                spans = scheme.spans_of(_best(emissions, moves, self.last.numpy()))
                found += [Mention(k, int(offsets[a]), int(offsets[b - 1]) + 1, "", 1.0) for k, a, b in spans]
        return found


def _best(emissions: np.ndarray, moves: np.ndarray, last: np.ndarray) -> list[int]:
    score, origins = emissions[0] + moves[OUTSIDE], []
    for row in emissions[1:]:
        ways = score[:, None] + moves
        origins.append(ways.argmax(0))
        score = ways.max(0) + row
    tags = [int((score + last).argmax())]
    for origin in reversed(origins):
        tags.append(int(origin[tags[-1]]))
    return tags[::-1]


class SpanNetwork(Network):
    """A score for each stretch and label."""

    def __init__(self, tagger: BertForTokenClassification, n_categories: int, scheme: TagScheme) -> None:
        super().__init__(tagger, n_categories)
        width, self.labels = tagger.config.hidden_size, scheme.labels
        self.ends, self.bias = nn.Linear(width, 2 * SIZE), nn.Linear(width, 2 * len(scheme.labels))

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        hidden = self.tagger.bert(batch.ids, attention_mask=batch.mask).last_hidden_state
        categories = self.category.bias.sum() * 0.0
        if batch.places:
            categories = category_loss(self.category(pool(hidden, batch.places)).float(), batch.categories)
        inside = batch.tags != IGNORE
        losses = []
        for row, tags, kept in zip(hidden, batch.tags, inside, strict=True):
            spans = TagScheme(self.labels).spans_of(_closed(tags[kept].tolist()))
            scores = self.scores(row[kept])
            wanted = torch.zeros_like(scores, dtype=torch.bool)
            for label, start, end in spans:
                wanted[self.labels.index(label), start, end - 1] = True
            losses.append(_multi_label(scores, wanted))
        return torch.stack(losses).mean(), categories

    def scores(self, hidden: Tensor) -> Tensor:
        """Shape (labels, tokens, tokens): of the stretch from the first to the second token, both in it."""
        query, key = (_turned(one) for one in self.ends(hidden).float().chunk(2, -1))
        starts, stops = self.bias(hidden).float().T.chunk(2)
        scores = query @ key.T / SIZE**0.5 + starts[:, :, None] + stops[:, None, :]
        backward = torch.ones(scores.shape[1:], dtype=torch.bool).tril(-1)
        return scores.masked_fill(backward, NEVER)

    def mentions(self, tagged: Tagged, prose: Prose, scheme: TagScheme) -> list[Mention]:
        """Spans above zero, the surest first, none over another; windows of 400 tokens that overlap by half."""
        found = []
        for passage in prose.passages:
            rows = tagged.tokens(passage.start, passage.end)
            hidden, offsets = torch.from_numpy(tagged.hidden[rows].astype(np.float32)), tagged.offsets[rows]
            ranked = []
            for at in range(0, max(1, len(hidden) - 200), 200):
                with torch.no_grad():
                    scores = self.scores(hidden[at : at + 400])
                ranked += [(float(scores[k, a, b]), k, at + a, at + b) for k, a, b in (scores > 0).nonzero().tolist()]
            taken = np.zeros(len(hidden), dtype=bool)
            for _, k, a, b in sorted(ranked, reverse=True):
                if not taken[a : b + 1].any():
                    taken[a : b + 1] = True
                    found.append(Mention(self.labels[k], int(offsets[a]), int(offsets[b]) + 1, "", 1.0))
        return found


def _closed(tags: Sequence[int]) -> list[int]:
    """Tags of a window with spans cut by its edges left out."""
    scheme, tags = TagScheme(), list(tags)
    while tags and scheme.tags[tags[0]][0] in "IE":
        first = next((n for n, tag in enumerate(tags) if scheme.tags[tag][0] not in "IE"), len(tags))
        tags[:first] = [OUTSIDE] * first
    at = len(tags) - 1
    while tags and at >= 0 and scheme.tags[tags[at]][0] in "BI":
        tags[at], at = OUTSIDE, at - 1
    return tags


def _turned(vectors: Tensor) -> Tensor:
    """Rotary places (Su et al. 2021)."""
    half = vectors.shape[1] // 2
    angles = torch.arange(len(vectors))[:, None] * 10000 ** (-torch.arange(half) / half)
    left, right = vectors[:, :half], vectors[:, half:]
    return torch.cat([left * angles.cos() - right * angles.sin(), left * angles.sin() + right * angles.cos()], 1)


def _multi_label(scores: Tensor, wanted: Tensor) -> Tensor:
    """Log-sum-exp form of all unwanted below zero and all wanted above (Su et al. 2022), summed over labels."""
    zero = scores.new_zeros(len(scores), 1)
    unwanted = scores.masked_fill(wanted, NEVER).flatten(1)
    missed = (-scores).masked_fill(~wanted, NEVER).flatten(1)
    return (torch.cat([unwanted, zero], 1).logsumexp(1) + torch.cat([missed, zero], 1).logsumexp(1)).sum()
