"""Fine-tuning: annotated documents teach the encoder to tag prose and to tell what problems and remedies are about.

Every epoch sees every document once more, changed by `training.augment` and cut into windows at other places. The
running mean of the weights is measured on the held-out documents after each epoch; the best of them is kept, and
training stops when no epoch of the last few was better. A run that was killed goes on from its last whole epoch and
ends as it would have; one that is finished is not trained again.

    python -m training.train --pretrained /tmp/train/pretrained --out /tmp/train/model
    accelerate launch --multi_gpu -m training.train --pretrained … --out …         (several GPUs)
"""

# mypy: disable-error-code="no-untyped-call"
# torch and transformers leave some of their functions untyped

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import torch
from accelerate import Accelerator
from accelerate.utils import broadcast_object_list
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from transformers import get_linear_schedule_with_warmup

from nlp.narrative.codec import Codec
from nlp.settings import load_toml
from training.augment import augment
from training.documents import load_documents, pieces_of
from training.examples import Cutter, Example, Prose, prose_of
from training.measure import category_scores, strict, tag_all, trained_tagger
from training.network import Batch, Network, collate, new_network, save_network
from training.runs import Run
from training.settings import TrainingSettings, TrainSettings, read_settings

Teach = Callable[[list[Example]], list[Example]]


@dataclass(frozen=True)
class Task:
    """What to train: from folders of documents and the folder of an encoder or an earlier network, into `out`.

    `teach` adds teachers' opinions to windows, `further` are unlabelled documents for them to read (`training.distil`).
    """

    corpora: tuple[Path, ...]
    pretrained: Path
    out: Path
    settings: TrainingSettings
    teach: Teach | None = None
    further: tuple[dict[str, Any], ...] = ()
    tensorboard: Path | None = None
    codes: tuple[str, ...] = field(default_factory=lambda: tuple(category_codes()))


def category_codes() -> list[str]:
    """Codes of `configs/categories.toml`, in its order."""
    return [entry["code"] for entry in load_toml("categories.toml")["category"]]


def train(task: Task) -> Run:
    """Fine-tune and save under `out`: the best network on the held-out documents, its vocabulary, and what the run did.

    Raises SettingsError when `out` holds an unfinished run on other data or with other settings.
    """
    settings = task.settings.train
    accelerator = Accelerator(mixed_precision="bf16")
    codec = Codec.read(task.pretrained / "vocab.txt")
    splits = load_documents(task.corpora, task.codes, task.settings.scheme.labels)
    dev = [read_prose(row) for row in splits["dev"]]
    epochs = Epochs(task, codec, [*splits["train"], *task.further], accelerator)
    torch.manual_seed(settings.seed)
    network = new_network(task.pretrained, task.settings.scheme, len(task.codes), settings.dropout)
    mean = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(settings.average)).to(accelerator.device)
    network, optimizer = accelerator.prepare(network, optimizer_of(network, settings))
    n_steps = len(epochs.batches(1)) * settings.epochs
    schedule = get_linear_schedule_with_warmup(optimizer, int(settings.warmup * n_steps), n_steps)
    run = Run.begin(task.out, task.corpora, task.pretrained, task.settings, task.tensorboard)
    parts = {"network": accelerator.unwrap_model(network), "mean": mean, "optimizer": optimizer, "schedule": schedule}
    run.restore(parts, taught=task.teach is not None)
    while not run.over:
        losses = fit(network, mean, epochs.batches(run.epoch + 1), (optimizer, schedule), accelerator, settings)
        trained = cast(Network, mean.module)
        scores = dev_scores(trained, codec, dev, task) if dev else {"f1": 0.0}
        scores = broadcast_object_list([scores])[0]  # so that all processes end with the same epoch
        is_best = run.note({**losses, **scores}, always_best=not dev, is_main=accelerator.is_main_process)
        if is_best and accelerator.is_main_process:
            save_network(trained, task.pretrained / "vocab.txt", task.out)
        accelerator.wait_for_everyone()
        run.keep(parts, accelerator.is_main_process)
    return run


class Epochs:
    """The batches of each epoch: all documents, changed anew; which change comes of the seed and the epoch's number."""

    def __init__(self, task: Task, codec: Codec, rows: list[dict[str, Any]], accelerator: Accelerator) -> None:
        self._task, self._rows, self._accelerator = task, rows, accelerator
        self._cutter = Cutter(codec, task.settings)

    def batches(self, epoch: int) -> list[Batch]:
        """Batches of one epoch (counted from 1) for this process, as many as for any other; seeds torch as well."""
        settings = self._task.settings
        rng = random.Random(f"{settings.train.seed}/{epoch}")
        torch.manual_seed(rng.getrandbits(31))
        examples = epoch_examples(self._rows, self._cutter, settings, rng)
        groups = list(grouped(examples, settings.train.tokens_a_step, rng))
        n_processes, rank = self._accelerator.num_processes, self._accelerator.process_index
        mine = groups[rank :: n_processes][: max(1, len(groups) // n_processes)]
        teach = self._task.teach or (lambda some: some)
        return [collate(teach(group), self._task.codes, settings.scheme) for group in mine]


def read_prose(row: dict[str, Any]) -> Prose:
    """A document as it stands, for measuring."""
    return prose_of(pieces_of(row), labels=tuple(row["labels"]))


def epoch_examples(
    rows: Sequence[dict[str, Any]], cutter: Cutter, settings: TrainingSettings, rng: random.Random
) -> list[Example]:
    """Windows of all documents, each changed anew."""
    examples = []
    for row in rows:
        pieces = augment(pieces_of(row), row["agency"], settings.augment, rng)
        prose = prose_of(pieces, settings.train.no_heading, rng, tuple(row["labels"]))
        examples += cutter.examples(prose, rng)
    return examples


def grouped(examples: Sequence[Example], tokens: int, rng: random.Random) -> Iterator[list[Example]]:
    """Windows of like length together, at most `tokens` a group with their padding; groups in random order."""
    order = sorted(examples, key=lambda example: len(example.ids) * rng.uniform(0.9, 1.1))
    groups: list[list[Example]] = [[]]
    for example in order:
        longest = max([len(example.ids), *(len(other.ids) for other in groups[-1])])
        if groups[-1] and longest * (len(groups[-1]) + 1) > tokens:
            groups.append([])
        groups[-1].append(example)
    rng.shuffle(groups)
    yield from groups


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


def fit(
    network: torch.nn.Module,
    mean: AveragedModel,
    batches: Sequence[Batch],
    steppers: tuple[Any, Any],
    accelerator: Accelerator,
    settings: TrainSettings,
) -> dict[str, float]:
    """One epoch; returns the mean loss of the tags and of the categories."""
    network.train()
    sums = torch.zeros(2)
    for batch in batches:
        with accelerator.autocast():
            tags, categories = network(batch.to(accelerator.device))
        accelerator.backward(tags + settings.category_weight * categories)
        accelerator.clip_grad_norm_(network.parameters(), 1.0)
        for stepper in steppers:
            stepper.step()
        steppers[0].zero_grad()
        mean.update_parameters(accelerator.unwrap_model(network))
        sums += torch.tensor([tags.item(), categories.item()])
    return {name: round(float(total) / len(batches), 4) for name, total in zip(("loss", "category_loss"), sums, strict=True)}


def dev_scores(network: Network, codec: Codec, dev: list[Prose], task: Task) -> dict[str, Any]:
    """Strict F1 over all labels and per label, and the share of right first categories, on held-out documents."""
    tagged = tag_all(trained_tagger(network, codec, task.settings, task.codes), dev)
    scores = strict((prose, one.mentions) for prose, one in zip(dev, tagged, strict=True))
    return {
        "f1": scores["all"]["f1"],
        "category": category_scores(tagged, dev)["first"],
        **{label: s["f1"] for label, s in scores.items() if label != "all"},
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, nargs="+", default=[Path("training/corpus")])
    parser.add_argument(
        "--pretrained", type=Path, required=True, help="folder of training.pretrain, of an earlier run, or a released model"
    )
    parser.add_argument("--settings", type=Path, help="TOML file whose entries replace those of configs/train.toml")
    parser.add_argument("--seed", type=int, help="instead of the settings' seed")
    parser.add_argument("--tensorboard", type=Path, metavar="FOLDER", help="write curves for TensorBoard")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    settings = read_settings(args.settings, {"train": {"seed": args.seed}} if args.seed is not None else {})
    train(Task(tuple(args.corpus), args.pretrained, args.out, settings, tensorboard=args.tensorboard))


if __name__ == "__main__":
    main()
