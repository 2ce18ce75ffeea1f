"""Heads trained after the labeller: remedy status and links over its frozen hidden states, categories by words.

Status and links learn from the mean hidden states of annotated problems and remedies; all pairs of a document are
examples for links.
"""

# mypy: disable-error-code="no-untyped-call"
# torch and transformers leave some of their functions untyped

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from nlp.narrative.heads import N_GRAMS, gram_ids
from nlp.narrative.tagger import Tagged
from training.examples import Prose
from training.network import category_loss

WIDTH = 64
EPOCHS = 60
GRAM_EPOCHS = 5
GRAM_BATCH = 64
RARE = -3.0
"""Log-odds of a category before any word is read: about one in twenty."""
Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Statements:
    """Problems and remedies of one document: vectors (spans, width), remedies done, links (problems, remedies)."""

    problems: Tensor
    remedies: Tensor
    done: Tensor
    links: Tensor


def statements_of(tagged: Tagged, prose: Prose) -> Statements:
    """The annotated statements of a document with the labeller's vectors of them."""
    problems = [span for span in prose.spans if span.label == "PROBLEM"]
    remedies = [span for span in prose.spans if span.label == "REMEDY"]
    vectors = [torch.from_numpy(tagged.vectors([(s.start, s.end) for s in some])) for some in (problems, remedies)]
    links = torch.tensor([[float(p in remedy.answers) for remedy in remedies] for p in range(len(problems))])
    done = torch.tensor([float(remedy.done) for remedy in remedies])
    return Statements(vectors[0], vectors[1], done, links.reshape(len(problems), len(remedies)))


class LinkHead(nn.Module):
    """Cosine of two projections, scaled and shifted to a log-odds."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.problem, self.remedy = nn.Linear(width, WIDTH), nn.Linear(width, WIDTH)
        self.remedy.load_state_dict(self.problem.state_dict())  # alike statements are close before anything is learned
        self.scale, self.shift = nn.Parameter(torch.tensor(8.0)), nn.Parameter(torch.tensor(-4.0))

    def forward(self, problems: Tensor, remedies: Tensor) -> Tensor:
        """Log-odds (problems, remedies)."""
        left, right = nn.functional.normalize(self.problem(problems)), nn.functional.normalize(self.remedy(remedies))
        return left @ right.T * self.scale + self.shift


def fit_heads(documents: Sequence[Statements], seed: int) -> dict[str, Array]:
    """Weights of both heads, under the names that `nlp.narrative.heads` reads."""
    torch.manual_seed(seed)
    width = documents[0].problems.shape[1]
    status, link = nn.Linear(width, 1), LinkHead(width)
    optimizer = torch.optim.AdamW([*status.parameters(), *link.parameters()], lr=1e-3, weight_decay=0.05)
    with_links = [one for one in documents if one.links.any()]
    for _ in range(EPOCHS):
        for number in torch.randperm(len(documents)).tolist():
            one = documents[number]
            loss = torch.zeros(())
            if len(one.done):
                loss = loss + nn.functional.binary_cross_entropy_with_logits(status(one.remedies)[:, 0], one.done)
            if any(one is other for other in with_links):
                loss = loss + nn.functional.binary_cross_entropy_with_logits(
                    link(one.problems, one.remedies), one.links
                )
            if loss.requires_grad:
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
    named = {f"status.{k}": v for k, v in status.state_dict().items()}
    for side in ("problem", "remedy"):
        named |= {f"{side}.{k}": v for k, v in getattr(link, side).state_dict().items()}
    named["link.scale"] = torch.stack([link.scale, link.shift]).detach()
    return {name: value.detach().numpy().astype(np.float32) for name, value in named.items()}


def fit_grams(texts: Sequence[str], targets: Tensor, seed: int) -> tuple[Array, Array]:
    """Weights (N_GRAMS, categories) and bias: the mean over a statement's runs of characters tells what it is about.

    `targets` (statements, categories) say how surely each category holds. After fastText (Joulin et al. 2017).
    """
    torch.manual_seed(seed)
    bag = nn.EmbeddingBag(N_GRAMS, targets.shape[1], mode="mean")
    nn.init.zeros_(bag.weight)
    bias = nn.Parameter(torch.full((targets.shape[1],), RARE))
    optimizer = torch.optim.AdamW([*bag.parameters(), bias], lr=0.3, weight_decay=5e-4)
    grams = [torch.tensor(gram_ids(text)) for text in texts]
    for _ in range(GRAM_EPOCHS):
        for picked in torch.randperm(len(texts)).split(GRAM_BATCH):
            some = [grams[number] for number in picked]
            starts = torch.tensor([0, *(len(one) for one in some[:-1])]).cumsum(0)
            loss = category_loss(bag(torch.cat(some), starts) + bias, targets[picked])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return tuple(value.detach().numpy().astype(np.float32) for value in (bag.weight, bias))
