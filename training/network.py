"""The network that is trained: a plain `BertForTokenClassification`, and a category head over pooled statements."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import BertConfig, BertForTokenClassification

from nlp.narrative.labels import LABELS, OUTSIDE, TagScheme
from nlp.narrative.release import HEADS
from nlp.narrative.runtime import Floats, Halves, Ids
from training.examples import IGNORE, Example

CATEGORY_FILE = "category.safetensors"
CORE = TagScheme(LABELS)
FURTHER_SHARE = 0.8
"""Target of a code that is not the first."""


@dataclass(frozen=True)
class Batch:
    """Padded windows: `ids`, `mask`, `tags` (windows, tokens).

    `places`: statements as (window, first, last); `categories`: their targets (statements, codes). `free`: tags (windows,
    tags) that an unmarked token may have, only `O` where all labels were annotated. `taught`: teachers' log-probabilities
    (windows, tokens, tags), or None.
    """

    ids: Tensor
    mask: Tensor
    tags: Tensor
    places: list[tuple[int, int, int]]
    categories: Tensor
    free: Tensor
    taught: Tensor | None = None

    def to(self, device: torch.device) -> Batch:
        """The batch on another device."""
        taught = None if self.taught is None else self.taught.to(device)
        ids, mask, tags = (some.to(device) for some in (self.ids, self.mask, self.tags))
        return Batch(ids, mask, tags, self.places, self.categories.to(device), self.free.to(device), taught)


class Network(nn.Module):
    """Tagger and category head over one encoder."""

    def __init__(self, tagger: BertForTokenClassification, n_categories: int) -> None:
        super().__init__()
        self.tagger = tagger
        self.category = nn.Linear(tagger.config.hidden_size, n_categories)

    def states(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Tag logits and hidden states of padded windows."""
        hidden = self.tagger.bert(ids, attention_mask=mask).last_hidden_state
        return self.tagger.classifier(self.tagger.dropout(hidden)), hidden

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Loss of the tags, and of the categories (zero where the batch has no statement)."""
        logits, hidden = self.states(batch.ids, batch.mask)
        tags = tag_loss(logits.float().log_softmax(-1), batch)
        if not batch.places:
            idle = sum((value.sum() for value in self.category.parameters()), tags.new_zeros(()))
            return tags, idle * 0.0  # a gradient of naught, for which several processes wait
        pooled = pool(hidden, batch.places)
        return tags, category_loss(self.category(pooled).float(), batch.categories)


def tag_loss(said: Tensor, batch: Batch) -> Tensor:
    """Cross-entropy of log-probabilities `said` (windows, tokens, tags) with annotation and teachers, half each.

    An unmarked token of a partly annotated document is right with any tag of the labels that were not annotated
    (Tsuboi et al. 2008).
    """
    loss = said.new_zeros(())
    marked = batch.tags != IGNORE
    if marked.any():
        rows, tags = said[marked], batch.tags[marked]
        hidden = ~batch.free[:, None].expand_as(said)[marked]
        unmarked = rows.masked_fill(hidden, -torch.inf).logsumexp(-1)
        loss = -torch.where(tags == OUTSIDE, unmarked, rows.gather(-1, tags[:, None])[:, 0]).mean()
    if batch.taught is None:
        return loss
    taught = nn.functional.kl_div(said, batch.taught, reduction="none", log_target=True).sum(-1)
    return (loss + taught[batch.mask.bool()].mean()) / 2


def pool(hidden: Tensor, places: Sequence[tuple[int, int, int]]) -> Tensor:
    """Mean hidden states (places, width) of the tokens of each (window, first, last)."""
    shares = torch.zeros(len(places), *hidden.shape[:2], device=hidden.device)
    for number, (row, first, last) in enumerate(places):
        shares[number, row, first:last] = 1 / (last - first)
    return shares.flatten(1) @ hidden.float().flatten(0, 1)


def new_network(pretrained: Path, scheme: TagScheme, n_categories: int, dropout: float) -> Network:
    """A network on the encoder of `training.pretrain`, or one of `training.train` or a released one to train further.

    Tags that the earlier network knew keep what it learned of them.
    """
    config = BertConfig.from_pretrained(
        pretrained, hidden_dropout_prob=dropout, attention_probs_dropout_prob=0.0, problem_type=None
    )
    learned = "BertForTokenClassification" in (config.architectures or ())
    known = {int(number): tag for number, tag in (config.id2label or {}).items()} if learned else {}
    tagger = BertForTokenClassification.from_pretrained(pretrained, config=config, dtype=torch.float32)
    old, new = tagger.classifier, nn.Linear(config.hidden_size, len(scheme.tags))
    with torch.no_grad():
        for number, tag in known.items():
            if tag in scheme.ids:
                new.weight[scheme.ids[tag]], new.bias[scheme.ids[tag]] = old.weight[number], old.bias[number]
    tagger.classifier, tagger.num_labels = new, len(scheme.tags)
    tagger.config.id2label = dict(enumerate(scheme.tags))
    tagger.config.label2id = dict(scheme.ids)
    network = Network(tagger, n_categories)
    network.category.load_state_dict(_category_head(pretrained) or network.category.state_dict())
    return network


def _category_head(folder: Path) -> dict[str, Tensor]:
    """Weights of the category head of a run's folder or a released one; none for a pre-trained encoder."""
    if (folder / CATEGORY_FILE).exists():
        return load_file(folder / CATEGORY_FILE)
    if not (folder / HEADS).exists():
        return {}
    heads = load_file(folder / HEADS)
    return {name: heads[f"category.{name}"].float() for name in ("weight", "bias")}


def save_network(network: Network, vocabulary: Path, out: Path) -> None:
    """Write weights in fp32, the category head and the vocabulary."""
    out.mkdir(parents=True, exist_ok=True)
    network.tagger.save_pretrained(out)
    save_file({name: value.contiguous() for name, value in network.category.state_dict().items()}, out / CATEGORY_FILE)
    shutil.copy(vocabulary, out / "vocab.txt")


def open_network(folder: Path) -> Network:
    """A network saved by `save_network`, ready to read."""
    head = load_file(folder / CATEGORY_FILE)
    network = Network(BertForTokenClassification.from_pretrained(folder), len(head["bias"]))
    network.category.load_state_dict(head)
    return network.eval()


def collate(examples: Sequence[Example], codes: Sequence[str], scheme: TagScheme = CORE) -> Batch:
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
    free = torch.stack([_free_tags(example.labels, scheme) for example in examples])
    return Batch(ids, mask, tags, places, categories, free, _taught(examples, length))


def _free_tags(annotated: Sequence[str], scheme: TagScheme) -> Tensor:
    free = torch.zeros(len(scheme.tags), dtype=torch.bool)
    free[OUTSIDE] = True
    for label in scheme.labels:
        free[scheme.columns(label)] = label not in annotated
    return free


def _taught(examples: Sequence[Example], length: int) -> Tensor | None:
    said = [torch.from_numpy(example.taught).float() for example in examples if example.taught is not None]
    if len(said) < len(examples):
        return None
    padded = torch.zeros(len(examples), length, said[0].shape[1])
    for row, one in enumerate(said):
        padded[row, : len(one)] = one
    return padded


def category_target(found: Sequence[str], codes: Sequence[str]) -> Tensor:
    """How surely each code holds: the first wholly, further ones a little less, so that the first comes out first."""
    target = torch.zeros(len(codes))
    for place, code in enumerate(found):
        target[codes.index(code)] = 1.0 if place == 0 else FURTHER_SHARE
    return target


def category_loss(logits: Tensor, target: Tensor) -> Tensor:
    """Binary cross-entropy, summed over the codes, of statements (statements, codes)."""
    return nn.functional.binary_cross_entropy_with_logits(logits, target, reduction="sum") / len(target)


class TorchRuntime:
    """Runs a network as `nlp.narrative.runtime` runs its export, for measuring while training."""

    name = "torch-bf16"

    def __init__(self, network: Network) -> None:
        self._network, self._device = network, next(network.parameters()).device

    def __call__(self, windows: Sequence[Ids]) -> list[tuple[Floats, Halves]]:
        """Tag logits and hidden states of each window, in order."""
        results: list[tuple[Floats, Halves]] = [(np.empty(0, np.float32), np.empty(0, np.float16))] * len(windows)
        order = sorted(range(len(windows)), key=lambda number: len(windows[number]))
        self._network.eval()
        with torch.no_grad(), torch.autocast(self._device.type, torch.bfloat16):
            for at in range(0, len(order), 8):
                numbers = order[at : at + 8]
                empty = [Example(windows[n], np.full(len(windows[n]), IGNORE), []) for n in numbers]
                batch = collate(empty, ()).to(self._device)
                logits, hidden = self._network.states(batch.ids, batch.mask)
                for row, number in enumerate(numbers):
                    length = len(windows[number])
                    results[number] = logits[row, :length].float().cpu().numpy(), hidden[row, :length].half().cpu().numpy()
        return results
