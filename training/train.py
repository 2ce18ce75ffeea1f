"""Fine-tuning: annotated documents teach the encoder to tag prose and to tell what problems and remedies are about.

Every epoch sees every document once more, changed by `training.augment` and cut into windows at other places. The
running mean of the weights is measured on the held-out documents after each epoch; the best of them is kept.

    python -m training.train --pretrained /tmp/train/pretrained --out /tmp/train/model
"""

# mypy: disable-error-code="no-untyped-call"
# torch and transformers leave some of their functions untyped

from __future__ import annotations

import argparse
import json
import random
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import torch
from safetensors.torch import save_file
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from transformers import get_linear_schedule_with_warmup

from nlp.narrative.codec import Codec
from nlp.settings import load_toml
from training.augment import augment
from training.documents import data_hash, load_documents, pieces_of
from training.examples import Cutter, Example, Prose, prose_of
from training.measure import category_scores, strict, tag_all, trained_tagger
from training.network import CATEGORY_FILE, Batch, Network, collate, new_network
from training.settings import TrainingSettings, TrainSettings, read_settings

RUNS = "runs.json"
"""Data, settings and held-out scores of the run, after those of the runs it went on from."""


def category_codes() -> list[str]:
    """Codes of `configs/categories.toml`, in its order."""
    return [entry["code"] for entry in load_toml("categories.toml")["category"]]


def epoch_examples(
    documents: list[dict[str, Any]], cutter: Cutter, settings: TrainingSettings, rng: random.Random
) -> list[Example]:
    """Windows of all documents, each changed anew."""
    examples = []
    for row in documents:
        pieces = augment(pieces_of(row), row["agency"], settings.augment, rng)
        examples += cutter.examples(prose_of(pieces, settings.train.no_heading, rng), rng)
    return examples


def epoch_batches(examples: list[Example], codes: list[str], tokens: int, rng: random.Random) -> Iterator[Batch]:
    """Windows of like length together, at most `tokens` a batch with their padding; batches in random order."""
    order = sorted(examples, key=lambda example: len(example.ids) * rng.uniform(0.9, 1.1))
    groups: list[list[Example]] = [[]]
    for example in order:
        longest = max([len(example.ids), *(len(other.ids) for other in groups[-1])])
        if groups[-1] and longest * (len(groups[-1]) + 1) > tokens:
            groups.append([])
        groups[-1].append(example)
    rng.shuffle(groups)
    return (collate(group, codes) for group in groups)


def optimizer_of(network: Network, settings: TrainSettings) -> torch.optim.Optimizer:
    """AdamW; heads learn faster than the encoder, vectors and biases do not decay."""
    groups: dict[tuple[bool, bool], list[torch.nn.Parameter]] = {}
    for name, parameter in network.named_parameters():
        groups.setdefault((name.startswith("tagger.bert"), parameter.ndim > 1), []).append(parameter)
    return torch.optim.AdamW(
        [
            {
                "params": parameters,
                "lr": settings.learning_rate if encoder else settings.head_learning_rate,
                "weight_decay": settings.weight_decay if matrix else 0.0,
            }
            for (encoder, matrix), parameters in groups.items()
        ],
        betas=(0.9, 0.98),
        fused=True,
    )


def fit(network: Network, epochs: Iterator[list[Batch]], n_steps: int, settings: TrainSettings) -> Iterator[Network]:
    """Train; after each epoch yields the running mean of the weights as a network."""
    optimizer = optimizer_of(network, settings)
    schedule = get_linear_schedule_with_warmup(optimizer, int(settings.warmup * n_steps), n_steps)
    mean = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(settings.average))
    for batches in epochs:
        network.train()
        sums = torch.zeros(2)
        for batch in batches:
            with torch.autocast("cpu", torch.bfloat16):
                tags, categories = network.losses(batch)
            (tags + settings.category_weight * categories).backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
            mean.update_parameters(network)
            sums += torch.tensor([tags.item(), categories.item()])
        print(f"loss of tags {sums[0] / len(batches):.4f}, of categories {sums[1] / len(batches):.4f}", flush=True)
        yield cast(Network, mean.module)


def train(corpus: Path, pretrained: Path, out: Path, settings: TrainingSettings) -> None:
    """Fine-tune and save under `out`: the best network on the held-out documents, its vocabulary, and what each run did."""
    torch.manual_seed(settings.train.seed)
    rng = random.Random(settings.train.seed)
    codes = category_codes()
    codec = Codec.read(pretrained / "vocab.txt")
    splits = load_documents(corpus, codes)
    dev = [prose_of(pieces_of(row)) for row in splits["dev"]]
    rows = list(splits["train"])
    cutter = Cutter(codec, settings.sections, settings.train.window, settings.train.no_prefix)
    network = new_network(pretrained, len(codes), settings.train.dropout)

    def batches() -> list[Batch]:
        examples = epoch_examples(rows, cutter, settings, rng)
        return list(epoch_batches(examples, codes, settings.train.tokens_a_step, rng))

    earlier = json.loads((pretrained / RUNS).read_text(encoding="utf-8")) if (pretrained / RUNS).exists() else []
    n_steps = len(batches()) * settings.train.epochs
    best, began, curve = -1.0, time.monotonic(), []
    for epoch, mean in enumerate(
        fit(network, (batches() for _ in range(settings.train.epochs)), n_steps, settings.train), 1
    ):
        scores = dev_scores(mean, codec, dev, settings, codes)
        curve.append({"epoch": epoch, **scores})
        print(f"epoch {epoch}, {time.monotonic() - began:.0f} s: {json.dumps(scores, ensure_ascii=False)}", flush=True)
        if scores["f1"] > best:
            best = scores["f1"]
            save_network(mean, pretrained / "vocab.txt", out)
        this = {
            "data": data_hash(corpus),
            "documents": len(rows),
            "settings": settings.train.model_dump(),
            "curve": curve,
        }
        (out / RUNS).write_text(json.dumps([*earlier, this], indent=1), encoding="utf-8")


def dev_scores(
    network: Network, codec: Codec, dev: list[Prose], settings: TrainingSettings, codes: list[str]
) -> dict[str, Any]:
    """Strict F1 over all labels and per label, and the share of right first categories, on held-out documents."""
    tagged = tag_all(trained_tagger(network, codec, settings, codes), dev)
    scores = strict((prose.spans, one.mentions) for prose, one in zip(dev, tagged, strict=True))
    return {
        "f1": scores["all"]["f1"],
        "category": category_scores(tagged, dev)["first"],
        **{label: s["f1"] for label, s in scores.items()},
    }


def save_network(network: Network, vocabulary: Path, out: Path) -> None:
    """Write weights in fp32, the category head and the vocabulary."""
    out.mkdir(parents=True, exist_ok=True)
    network.tagger.save_pretrained(out)
    save_file(network.category.state_dict(), out / CATEGORY_FILE)
    shutil.copy(vocabulary, out / "vocab.txt")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=Path("training/corpus"))
    parser.add_argument(
        "--pretrained", type=Path, required=True, help="folder of training.pretrain, or of an earlier run"
    )
    parser.add_argument("--settings", type=Path, help="another TOML file than configs/train.toml")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    train(args.corpus, args.pretrained, args.out, read_settings(args.settings))


if __name__ == "__main__":
    main()
