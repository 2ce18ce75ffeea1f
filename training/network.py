"""The network that is trained: a plain `BertForTokenClassification`, and a category head over pooled statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from transformers import BertForTokenClassification

from nlp.narrative.labels import TAGS
from nlp.narrative.runtime import Floats, Halves, Ids
from training.examples import IGNORE, Example

CATEGORY_FILE = "category.safetensors"
FIRST_SHARE = 0.65
"""How much of the category target goes to the first code when there are several."""


@dataclass(frozen=True)
class Batch:
    """Padded windows: `ids`, `mask`, `tags` (windows, tokens).

    `places`: statements as (window, first, last); `categories`: their targets (statements, codes).
    """

    ids: Tensor
    mask: Tensor
    tags: Tensor
    places: list[tuple[int, int, int]]
    categories: Tensor


class Network(nn.Module):
    """Tagger and category head over one encoder."""

    def __init__(self, tagger: BertForTokenClassification, n_categories: int) -> None:
        super().__init__()
        self.tagger = tagger
        self.category = nn.Linear(tagger.config.hidden_size, n_categories)

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Tag logits and hidden states of padded windows."""
        hidden = self.tagger.bert(ids, attention_mask=mask).last_hidden_state
        return self.tagger.classifier(self.tagger.dropout(hidden)), hidden

    def losses(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Cross-entropy of the tags, and of the categories (zero where the batch has no statement)."""
        logits, hidden = self(batch.ids, batch.mask)
        tags = nn.functional.cross_entropy(logits.float().flatten(0, 1), batch.tags.flatten(), ignore_index=IGNORE)
        if not batch.places:
            return tags, tags.new_zeros(())
        pooled = pool(hidden, batch.places)
        return tags, nn.functional.cross_entropy(self.category(pooled).float(), batch.categories)


def pool(hidden: Tensor, places: Sequence[tuple[int, int, int]]) -> Tensor:
    """Mean hidden states (places, width) of the tokens of each (window, first, last)."""
    shares = torch.zeros(len(places), *hidden.shape[:2])
    for number, (row, first, last) in enumerate(places):
        shares[number, row, first:last] = 1 / (last - first)
    return shares.flatten(1) @ hidden.float().flatten(0, 1)


def new_network(pretrained: Path, n_categories: int, dropout: float) -> Network:
    """A network on the encoder of `training.pretrain`, or one of `training.train` to be trained further."""
    tagger = BertForTokenClassification.from_pretrained(
        pretrained,
        num_labels=len(TAGS),
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=0.0,
        id2label=dict(enumerate(TAGS)),
        label2id={tag: number for number, tag in enumerate(TAGS)},
    )
    network = Network(tagger, n_categories)
    if (pretrained / CATEGORY_FILE).exists():
        network.category.load_state_dict(load_file(pretrained / CATEGORY_FILE))
    return network


def open_network(folder: Path) -> Network:
    """A network saved by `save_network`, ready to read."""
    head = load_file(folder / CATEGORY_FILE)
    network = Network(BertForTokenClassification.from_pretrained(folder), len(head["bias"]))
    network.category.load_state_dict(head)
    return network.eval()


def collate(examples: Sequence[Example], codes: Sequence[str]) -> Batch:
    """Pad windows to the longest of them."""
    length = max(len(example.ids) for example in examples)
    shape = (len(examples), length)
    ids, mask, tags = (
        torch.zeros(shape, dtype=torch.long),
        torch.zeros(shape, dtype=torch.long),
        torch.full(shape, IGNORE),
    )
    places, targets = [], []
    for row, example in enumerate(examples):
        n_tokens = len(example.ids)
        ids[row, :n_tokens] = torch.from_numpy(example.ids)
        tags[row, :n_tokens] = torch.from_numpy(example.tags)
        mask[row, :n_tokens] = 1
        for first, last, found, _ in example.statements:
            places.append((row, first, last))
            targets.append(category_target(found, codes))
    categories = torch.stack(targets) if targets else torch.zeros((0, len(codes)))
    return Batch(ids, mask, tags, places, categories)


def category_target(found: Sequence[str], codes: Sequence[str]) -> Tensor:
    """A distribution over the codes: the first has most of it, the others share the rest."""
    target = torch.zeros(len(codes))
    rest = (1 - FIRST_SHARE) / max(1, len(found) - 1)
    for place, code in enumerate(found):
        target[codes.index(code)] = (FIRST_SHARE if place == 0 else rest) if len(found) > 1 else 1.0
    return target


class TorchRuntime:
    """Runs a network as `nlp.narrative.runtime` runs its export, for measuring while training."""

    name = "torch-bf16"

    def __init__(self, network: Network) -> None:
        self._network = network

    def __call__(self, windows: Sequence[Ids]) -> list[tuple[Floats, Halves]]:
        """Tag logits and hidden states of each window, in order."""
        results: list[tuple[Floats, Halves]] = [(np.empty(0, np.float32), np.empty(0, np.float16))] * len(windows)
        order = sorted(range(len(windows)), key=lambda number: len(windows[number]))
        self._network.eval()
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            for at in range(0, len(order), 8):
                numbers = order[at : at + 8]
                empty = [Example(windows[n], np.full(len(windows[n]), IGNORE), []) for n in numbers]
                batch = collate(empty, ())
                logits, hidden = self._network(batch.ids, batch.mask)
                for row, number in enumerate(numbers):
                    length = len(windows[number])
                    results[number] = logits[row, :length].float().numpy(), hidden[row, :length].half().numpy()
        return results
