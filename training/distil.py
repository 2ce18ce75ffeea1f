"""Distillation: several networks, or a larger one, teach a small one what they think of every character.

The teachers read the windows of each epoch, annotated ones and windows of unlabelled text. The student learns from the
annotation and from the mean of their probabilities, half each (Hinton et al. 2015).

    python -m training.distil --teachers /tmp/train/seed-* --pretrained /tmp/train/seed-1 --text ../shared/corpus/*.xz \\
        --out /tmp/train/student
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from training.examples import Example
from training.network import TorchRuntime, open_network
from training.pretrain import read_texts
from training.settings import read_settings
from training.train import Task, train

LENGTH = 2000
"""Characters of a stretch of unlabelled text."""


class Teachers:
    """Adds to each window the log of the teachers' mean probabilities, shape (tokens, tags)."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._run = [TorchRuntime(open_network(folder)) for folder in folders]

    def __call__(self, examples: list[Example]) -> list[Example]:
        """The same windows, taught."""
        windows = [example.ids for example in examples]
        opinions = [[torch.from_numpy(logits).softmax(-1) for logits, _ in run(windows)] for run in self._run]
        means = [torch.stack(said).mean(0).clamp_min(1e-7).log().numpy() for said in zip(*opinions, strict=True)]
        return [replace(one, taught=mean.astype(np.float16)) for one, mean in zip(examples, means, strict=True)]


def unlabelled(texts: Sequence[str], n_stretches: int, seed: int) -> tuple[dict[str, Any], ...]:
    """Stretches of plain text as documents of which no label was annotated."""
    stretches = [text[at : at + LENGTH] for text in texts for at in range(0, len(text) - LENGTH, LENGTH)]
    picked = random.Random(seed).sample(stretches, min(n_stretches, len(stretches)))
    return tuple({"id": "", "agency": "", "text": text, "spans": [], "labels": []} for text in picked)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, nargs="+", default=[Path("training/corpus")])
    parser.add_argument("--teachers", type=Path, nargs="+", required=True, help="folders of training.train")
    parser.add_argument("--pretrained", type=Path, required=True, help="where the student starts")
    parser.add_argument("--text", type=Path, nargs="*", default=[], help=".xz files of unlabelled text")
    parser.add_argument("--settings", type=Path, help="TOML file whose entries replace those of configs/train.toml")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    settings = read_settings(args.settings)
    further = unlabelled(read_texts(args.text, None, 0), settings.train.unlabelled, settings.train.seed)
    teachers = Teachers(args.teachers)
    train(Task(tuple(args.corpus), args.pretrained, args.out, settings, teachers, further=further))


if __name__ == "__main__":
    main()
