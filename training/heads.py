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

from nlp.narrative.heads import N_GRAMS, gram_ids, gram_shares
from nlp.narrative.tagger import Tagged
from training.examples import Prose

WIDTH = 64
EPOCHS = 60
GRAM_BATCH = 400
LEAST_TEXTS = 2
"""Runs that stand in fewer statements say nothing of others."""
RIDGE = 1.0
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


def fit_words(texts: Sequence[str], targets: Tensor) -> dict[str, Array]:
    """Rarity (N_GRAMS,), weights (N_GRAMS, categories) and bias by which the runs of a statement tell what it is about.

    `targets` (statements, categories) say how surely each category holds. Ridge regression on tf-idf, solved exactly over
    the statements (Saunders et al. 1998), so that there is no seed.
    """
    n_texts, spread = len(texts), np.zeros(N_GRAMS)
    for text in texts:
        spread[np.unique(gram_ids(text))] += 1
    rarity = np.where(spread >= LEAST_TEXTS, np.log((1 + n_texts) / (1 + spread)) + 1, 0).astype(np.float32)
    rows = [gram_shares(text, rarity) for text in texts]
    places = np.concatenate([np.stack([np.full(len(ids), number), ids]) for number, (ids, _) in enumerate(rows)], axis=1)
    values = torch.from_numpy(np.concatenate([shares for _, shares in rows]))
    shape = (n_texts, N_GRAMS)
    sparse = torch.sparse_coo_tensor(torch.from_numpy(places), values, shape, check_invariants=True).coalesce()
    alike = torch.cat([sparse @ part.to_dense().T for part in _slices(sparse)], dim=1)
    bias = targets.mean(dim=0)
    duals = torch.linalg.solve(alike + RIDGE * torch.eye(n_texts), targets - bias)
    weights = sparse.T @ duals
    named = {"rarity": torch.from_numpy(rarity), "weight": weights, "bias": bias}
    return {f"grams.{name}": value.numpy().astype(np.float32) for name, value in named.items()}


def _slices(sparse: Tensor) -> list[Tensor]:
    """Rows of a sparse matrix, a few hundred at a time."""
    return [sparse.index_select(0, part) for part in torch.arange(sparse.shape[0]).split(GRAM_BATCH)]
