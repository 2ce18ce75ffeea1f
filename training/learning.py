"""How much do annotated documents bring? The recipe from the pre-trained encoder on ever more of them.

Each size is trained once, with the few epochs of `[learning]` in `configs/train.toml`, about as many steps for every
size so that the whole curve takes a quarter of an hour on two cores, and measured on all held-out documents of the
corpus. The documents of a size are among those of the next. Figures lie below those of a full training; their order is
what tells.

    python -m training.learning --pretrained /tmp/train/pretrained --out /tmp/train/learning
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nlp.narrative.codec import Codec
from training.compare import Counts
from training.documents import annotated_files, load_documents
from training.measure import hits, tag_all, trained_tagger
from training.network import open_network
from training.runs import CHECKPOINT, RUNS
from training.scores import RESAMPLES, f1
from training.settings import TrainingSettings, read_settings
from training.train import Task, category_codes, read_prose, train


def learning_curve(corpus: Path, pretrained: Path, out: Path, settings: TrainingSettings) -> list[dict[str, Any]]:
    """Train what is not yet trained, measure all, and return a row for each size that the corpus has documents for."""
    rows = []
    n_documents = len(annotated_files(corpus)["train"])
    for size, epochs in ((size, epochs) for size, epochs in settings.learning.epochs.items() if size <= n_documents):
        folder = out / str(size)
        if not (folder / RUNS).exists() or (folder / CHECKPOINT).exists():
            chosen = first_documents(corpus, size, out / f"{size}-documents")
            short = settings.train.model_copy(update={"epochs": epochs})
            train(Task((chosen,), pretrained, folder, settings.model_copy(update={"train": short})))
        rows.append({"documents": size, **measured(folder, corpus, settings)})
    return rows


def first_documents(corpus: Path, size: int, target: Path) -> Path:
    """A folder with `size` training documents, every family alike, and none held out: each run keeps its last epoch."""
    families: dict[str, list[Path]] = {}
    for path in annotated_files(corpus)["train"]:
        families.setdefault(path.parent.name, []).append(path)
    places = [(number / len(files), path) for files in families.values() for number, path in enumerate(files)]
    for _, path in sorted(places)[:size]:  # evenly through each family
        family = target / "train" / path.parent.name
        family.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, family)
    return target


def measured(folder: Path, corpus: Path, settings: TrainingSettings) -> dict[str, Any]:
    """Strict F1 on the held-out documents, and its 95 % interval by a bootstrap over documents."""
    codes = category_codes()
    tagger = trained_tagger(open_network(folder), Codec.read(folder / "vocab.txt"), settings, codes)
    proses = [read_prose(row) for row in load_documents([corpus], codes)["dev"]]
    counts: Counts = np.array([hits(prose, one.mentions) for prose, one in zip(proses, tag_all(tagger, proses), strict=True)])
    drawn = np.random.default_rng(0).integers(len(counts), size=(RESAMPLES, len(counts)))
    edges = np.quantile(f1(counts[drawn].sum(axis=1)), (0.025, 0.975))
    return {"f1": round(float(f1(counts.sum(axis=0))), 4), "interval": [round(float(edge), 4) for edge in edges]}


def as_markdown(rows: Sequence[dict[str, Any]]) -> str:
    """The table for the model card."""
    lines = ["| training documents | strict F1 | 95 % interval |", "|---|---|---|"]
    lines += [f"| {r['documents']} | {r['f1']:.3f} | {r['interval'][0]:.3f} – {r['interval'][1]:.3f} |" for r in rows]
    return "\n".join(lines)


def draw(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """The curve as a picture, documents on a logarithmic axis; the format is that of the path's name."""
    from matplotlib.figure import Figure  # only for the picture

    sizes, heights = [row["documents"] for row in rows], np.array([row["f1"] for row in rows])
    spread = np.abs(np.array([row["interval"] for row in rows]).T - heights)
    figure = Figure(figsize=(5, 3), layout="constrained")
    axes = figure.subplots()
    axes.errorbar(sizes, heights, yerr=spread, marker="o", capsize=3)
    axes.set_xscale("log", base=2)
    axes.set_xticks(sizes, [str(size) for size in sizes])
    axes.set(xlabel="training documents", ylabel="strict F1 on held-out documents")
    axes.grid(alpha=0.3)
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=Path("training/corpus"))
    parser.add_argument("--pretrained", type=Path, required=True, help="folder of training.pretrain")
    parser.add_argument("--settings", type=Path, help="TOML file whose entries replace those of configs/train.toml")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    settings = read_settings(args.settings, {"train": read_settings(args.settings).learning.train})
    rows = learning_curve(args.corpus, args.pretrained, args.out, settings)
    (args.out / "learning.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    draw(rows, args.out / "learning.svg")
    print(as_markdown(rows))


if __name__ == "__main__":
    main()
