"""Does a part of the recipe earn its place? Variants trained in pairs, over the same seeds and documents.

Each variant of `[compare.variants]` in `configs/train.toml` is trained once per seed on the same sample of the training
documents, and measured on the held-out documents. A difference to the first variant is a mean over seeds; its interval
is a bootstrap over documents and seeds, drawn alike for both variants (Efron and Tibshirani 1993, 95 %).

    python -m training.compare --pretrained /tmp/train/pretrained --out /tmp/train/compare
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nlp.narrative.codec import Codec
from training.documents import annotated_files, load_documents
from training.encoder import build
from training.measure import hits, tag_all, trained_tagger
from training.network import open_network
from training.runs import CHECKPOINT
from training.scores import f1
from training.settings import TrainingSettings, read_settings
from training.train import Task, category_codes, read_prose, train

RESAMPLES = 2000
Counts = npt.NDArray[np.int64]


def compare(corpus: Path, pretrained: Path, out: Path, settings: TrainingSettings) -> list[dict[str, Any]]:
    """Train what is not yet trained, measure all, and return a row for each variant."""
    folders = {
        name: [out / re.sub(r"\W+", "-", name) / str(seed) for seed in range(1, settings.compare.seeds + 1)]
        for name in settings.compare.variants
    }
    sample = sampled(corpus, out / "sample", settings.compare.documents)
    for name, changes in settings.compare.variants.items():
        start = raw_encoder(changes["layers"], out) if "layers" in changes else pretrained
        for seed, folder in enumerate(folders[name], 1):
            if not (folder / "vocab.txt").exists() or (folder / CHECKPOINT).exists():
                train(Task((sample,), start, folder, short_run(changes, settings, seed)))
    return rows({name: np.stack([measured(one, corpus, settings) for one in some]) for name, some in folders.items()})


def short_run(changes: Mapping[str, Any], settings: TrainingSettings, seed: int) -> TrainingSettings:
    """Settings of one run of a variant."""
    short = settings.compare.model_dump(include={"epochs", "average", "tokens_a_step"})
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
    """Right, found and wanted spans of each held-out document, shape (documents, 3)."""
    codes = category_codes()
    tagger = trained_tagger(open_network(folder), Codec.read(folder / "vocab.txt"), settings, codes)
    proses = [read_prose(row) for row in load_documents([corpus], codes)["dev"]]
    return np.array([hits(prose, one.mentions) for prose, one in zip(proses, tag_all(tagger, proses), strict=True)])


def rows(counts: Mapping[str, Counts]) -> list[dict[str, Any]]:
    """Mean F1 and its spread over seeds for each variant, and its difference to the first with a 95 % interval.

    `counts` of a variant has shape (seeds, documents, 3).
    """
    first = next(iter(counts.values()))
    table = []
    for name, some in counts.items():
        of_seeds = f1(some.sum(axis=1))
        differences = bootstrap(some, first)
        table.append(
            {
                "variant": name,
                "f1": round(float(of_seeds.mean()), 4),
                "deviation": round(float(of_seeds.std(ddof=1)), 4) if len(of_seeds) > 1 else 0.0,
                "difference": round(float((of_seeds - f1(first.sum(axis=1))).mean()), 4),
                "interval": [round(float(edge), 4) for edge in np.quantile(differences, (0.025, 0.975))],
            }
        )
    return table


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
    lines = ["| variant | strict F1 | sd over seeds | difference | 95 % interval |", "|---|---|---|---|---|"]
    for row in table:
        low, high = row["interval"]
        mean = f"{row['f1']:.3f} | {row['deviation']:.3f}"
        lines.append(f"| {row['variant']} | {mean} | {row['difference']:+.3f} | {low:+.3f} … {high:+.3f} |")
    return "\n".join(lines)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=Path("training/corpus"))
    parser.add_argument("--pretrained", type=Path, required=True, help="folder of training.pretrain")
    parser.add_argument("--settings", type=Path, help="TOML file whose entries replace those of configs/train.toml")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    table = compare(args.corpus, args.pretrained, args.out, read_settings(args.settings))
    (args.out / "table.json").write_text(json.dumps(table, indent=1), encoding="utf-8")
    print(as_markdown(table))


if __name__ == "__main__":
    main()
