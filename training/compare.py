"""Does a part of the recipe earn its place? Variants trained in pairs, over the same seeds and documents.

Each variant of `[compare.variants]` in `configs/train.toml` is trained once per seed on the same sample of the training
documents, and measured on the held-out documents, as they were written and as `training.augment` changes them. A
difference to the first variant is a mean over seeds; its interval is a bootstrap over documents and seeds, drawn alike
for both variants (Efron and Tibshirani 1993, 95 %).

    python -m training.compare --pretrained /tmp/train/pretrained --text ../shared/corpus/*.xz --out /tmp/train/compare
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import torch
from rich.progress import track

from nlp.narrative.codec import Codec
from training.augment import augment
from training.distil import Teachers, unlabelled
from training.documents import annotated_files, load_documents, pieces_of
from training.encoder import build
from training.examples import Prose, prose_of
from training.measure import hits, tag_all, trained_tagger
from training.network import open_network
from training.pretrain import read_texts
from training.runs import CHECKPOINT
from training.scores import f1
from training.settings import AugmentSettings, TrainingSettings, read_settings
from training.train import Task, category_codes, read_prose, train

RESAMPLES = 2000
N_TEACHERS = range(1, 4)
MEASURED = "counts.npy"
Counts = npt.NDArray[np.int64]


def compare(
    corpus: Path, pretrained: Path, out: Path, settings: TrainingSettings, texts: tuple[Path, ...] = (), workers: int = 1
) -> list[dict[str, Any]]:
    """Train what is not yet trained, one thread a run, measure all, and return a row for each variant.

    `texts`: files of unlabelled text, for variants that are taught.
    """
    sample = sampled(corpus, out / "sample", settings.compare.documents)
    jobs: dict[str, list[Job]] = {}
    for name, changes in settings.compare.variants.items():
        start = raw_encoder(changes["layers"], out) if "layers" in changes else pretrained
        teachers = tuple(out / plain_name(changes["teachers"]) / str(n) for n in N_TEACHERS) if "teachers" in changes else ()
        for seed in range(1, changes.get("seeds", settings.compare.seeds) + 1):
            task = Task((sample,), start, out / plain_name(name) / str(seed), short_run(changes, settings, seed))
            jobs.setdefault(name, []).append(Job(task, corpus, teachers, texts))
    every = [job for some in jobs.values() for job in some]
    with ProcessPoolExecutor(workers, get_context("spawn"), torch.set_num_threads, (1,)) as pool:
        counts = iter(track(pool.map(run_and_measure, every), "runs", total=len(every)))
        return rows({name: np.array([next(counts) for _ in some]) for name, some in jobs.items()})


def plain_name(variant: str) -> str:
    """A variant's name as a folder's."""
    return re.sub(r"\W+", "-", variant)


@dataclass(frozen=True)
class Job:
    """One run of a variant, the corpus whose held-out documents measure it, and who teaches it on which further text."""

    task: Task
    corpus: Path
    teachers: tuple[Path, ...] = ()
    texts: tuple[Path, ...] = ()


def run_and_measure(job: Job) -> Counts:
    """Train what is not yet trained; right, found and wanted spans of each held-out document."""
    folder = job.task.out
    if (folder / MEASURED).exists():
        return cast(Counts, np.load(folder / MEASURED))
    if not (folder / "vocab.txt").exists() or (folder / CHECKPOINT).exists():
        task = job.task
        if job.teachers:
            further = unlabelled(read_texts(list(job.texts), None, 0), task.settings.train.unlabelled, task.settings.train.seed)
            task = replace(task, teach=Teachers(job.teachers), further=further)
        train(task)
    counts = measured(folder, job.corpus, job.task.settings)
    np.save(folder / MEASURED, counts)
    return counts


def short_run(changes: Mapping[str, Any], settings: TrainingSettings, seed: int) -> TrainingSettings:
    """Settings of one run of a variant."""
    short = settings.compare.model_dump(include={"epochs", "average", "tokens_a_step", "head_learning_rate"})
    entries = {"seed": seed, **short}
    return read_settings(None, {**changes.get("settings", {}), "train": {**entries, **changes.get("train", {})}})


def sampled(corpus: Path, folder: Path, n_documents: int) -> Path:
    """A folder with every k-th training document and none held out: a short run keeps its last epoch."""
    files = annotated_files(corpus)["train"]
    for path in files[:: max(1, len(files) // n_documents)][:n_documents]:
        target = folder / "train" / path.parent.name / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    return folder


def raw_encoder(n_layers: int, out: Path) -> Path:
    """The start without pre-training on reports, with its first `n_layers` layers."""
    folder = out / f"encoder-{n_layers}"
    if not (folder / "vocab.txt").exists():
        model, vocabulary = build(n_layers)
        model.save_pretrained(folder)
        (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n", encoding="utf-8")
    return folder


def measured(folder: Path, corpus: Path, settings: TrainingSettings) -> Counts:
    """Right, found and wanted spans of each held-out document, as written and as changed by code: shape (2, documents, 3)."""
    codes = category_codes()
    tagger = trained_tagger(open_network(folder), Codec.read(folder / "vocab.txt"), settings, codes)
    documents = load_documents([corpus], codes)["dev"]
    both = [read_prose(row) for row in documents], [changed(row, read_settings().augment) for row in documents]
    return np.array(
        [[hits(p, one.mentions) for p, one in zip(some, tag_all(tagger, some), strict=True)] for some in both]
    )


def changed(row: dict[str, Any], chances: AugmentSettings) -> Prose:
    """A held-out document as it might also have been written, printed and scanned, the same for every network."""
    return prose_of(augment(pieces_of(row), row["agency"], chances, random.Random(row["id"])), labels=tuple(row["labels"]))


def rows(counts: Mapping[str, Counts]) -> list[dict[str, Any]]:
    """Mean F1 and its spread over seeds for each variant, and its difference to the first with a 95 % interval.

    `counts` of a variant has shape (seeds, 2, documents, 3); figures are for documents as written and as changed.
    """
    first = next(iter(counts.values()))  # of which each variant is compared with the runs of its own seeds
    return [
        {"variant": name, "written": _row(some[:, 0], first[: len(some), 0]), "changed": _row(some[:, 1], first[: len(some), 1])}
        for name, some in counts.items()
    ]


def _row(some: Counts, first: Counts) -> dict[str, Any]:
    of_seeds = f1(some.sum(axis=1))
    return {
        "f1": round(float(of_seeds.mean()), 4),
        "deviation": round(float(of_seeds.std(ddof=1)), 4) if len(of_seeds) > 1 else 0.0,
        "difference": round(float((of_seeds - f1(first.sum(axis=1))).mean()), 4),
        "interval": [round(float(edge), 4) for edge in np.quantile(bootstrap(some, first), (0.025, 0.975))],
    }


def bootstrap(some: Counts, others: Counts, seed: int = 0) -> npt.NDArray[np.float64]:
    """Differences of mean F1 between two variants over resampled documents and seeds, the same for both."""
    rng = np.random.default_rng(seed)
    n_seeds, n_documents, _ = some.shape
    drawn = []
    for _ in range(RESAMPLES):
        documents = rng.integers(n_documents, size=n_documents)
        seeds = rng.integers(n_seeds, size=n_seeds)
        left, right = (f1(one[seeds][:, documents].sum(axis=1)).mean() for one in (some, others))
        drawn.append(left - right)
    return np.array(drawn)


def as_markdown(table: Sequence[Mapping[str, Any]]) -> str:
    """The table for the model card."""
    lines = ["| variant | as written | difference | as changed | difference |", "|---|---|---|---|---|"]
    lines += [f"| {row['variant']} | {_cells(row['written'])} | {_cells(row['changed'])} |" for row in table]
    return "\n".join(lines)


def _cells(one: Mapping[str, Any]) -> str:
    low, high = one["interval"]
    return f"{one['f1']:.3f} ± {one['deviation']:.3f} | {one['difference']:+.3f} ({low:+.3f} … {high:+.3f})"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=Path("training/corpus"))
    parser.add_argument("--pretrained", type=Path, required=True, help="folder of training.pretrain")
    parser.add_argument("--settings", type=Path, help="TOML file whose entries replace those of configs/train.toml")
    parser.add_argument("--text", type=Path, nargs="*", default=[], help=".xz files of unlabelled text, for distillation")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="runs at the same time, a thread each")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    table = compare(args.corpus, args.pretrained, args.out, read_settings(args.settings), tuple(args.text), args.workers)
    (args.out / "table.json").write_text(json.dumps(table, indent=1), encoding="utf-8")
    print(as_markdown(table))


if __name__ == "__main__":
    main()
