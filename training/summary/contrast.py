"""Sharpening a linear map of statements: what is of one group drawn together, what is not pushed apart.

Discriminants treat all groups as equally far from each other. Here each statement of a batch is told which group is its own
by its similarity to their centres, its own left out of the centre (prototypical networks: Snell, Swersky and Zemel 2017), so
that groups which are easily mixed up weigh most. A few steps from the discriminants: many would learn the groups by heart.
"""

# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

Floats = npt.NDArray[np.float32]
LEAST_IN_GROUP = 3


@dataclass(frozen=True)
class ContrastSettings:
    """`n_groups` of a batch, at most `n_each` statements of each; `rate` is a step relative to the size of the weights."""

    steps: int = 150
    n_groups: int = 60
    n_each: int = 8
    rate: float = 1e-2
    temperature: float = 0.05
    dropout: float = 0.2
    seed: int = 0


def sharpen(
    features: Floats, groups: Sequence[str], weight: Floats, bias: Floats, settings: ContrastSettings | None = None
) -> tuple[Floats, Floats]:
    """A map `features @ weight + bias` as it is after the steps; the same whatever the threads of the machine.

    The order of sums decides the last bit of a gradient, and Adam makes much of it: so one thread adds, in one order.
    """
    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return _steps(features, groups, weight, bias, settings or ContrastSettings())
    finally:
        torch.set_num_threads(n_threads)


def _steps(features: Floats, groups: Sequence[str], weight: Floats, bias: Floats, settings: ContrastSettings) -> tuple[Floats, Floats]:
    places = _places(groups)
    chance, torch_chance = np.random.default_rng(settings.seed), torch.Generator().manual_seed(settings.seed)
    told = torch.tensor(features)
    trained = [torch.tensor(value, requires_grad=True) for value in (weight, bias)]
    optimizer = torch.optim.Adam(trained, lr=settings.rate * float(weight.std()))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / settings.steps)
    for _ in range(settings.steps):
        rows, own = _batch(places, settings, chance)
        kept = (torch.rand(len(rows), told.shape[1], generator=torch_chance) >= settings.dropout) / (1 - settings.dropout)
        loss = prototypical(told[rows] * kept @ trained[0] + trained[1], own, settings.temperature)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return trained[0].detach().numpy(), trained[1].detach().numpy()


def prototypical(made: torch.Tensor, own: torch.Tensor, temperature: float) -> torch.Tensor:
    """How badly each vector names its own group (numbers from 0) by the centres of the groups, itself held out."""
    made = functional.normalize(made)
    sums = torch.zeros(int(own.max()) + 1, made.shape[1]).index_add(0, own, made)
    near = made @ functional.normalize(sums).T
    without = (made * functional.normalize(sums[own] - made)).sum(dim=1, keepdim=True)
    return functional.cross_entropy(near.scatter(1, own[:, None], without) / temperature, own)


def _places(groups: Sequence[str]) -> list[npt.NDArray[np.int64]]:
    labels = np.array(groups)
    found = [np.flatnonzero(labels == group) for group in sorted(set(groups))]
    return [places for places in found if len(places) >= LEAST_IN_GROUP]


def _batch(
    places: Sequence[npt.NDArray[np.int64]], settings: ContrastSettings, chance: np.random.Generator
) -> tuple[npt.NDArray[np.int64], torch.Tensor]:
    chosen = chance.choice(len(places), min(settings.n_groups, len(places)), replace=False)
    rows = [chance.choice(places[one], min(settings.n_each, len(places[one])), replace=False) for one in chosen]
    return np.concatenate(rows), torch.tensor(np.repeat(np.arange(len(rows)), [len(some) for some in rows]))
