"""Fine-tuning on annotated reports of one's own: from a released model to another, in one call.

A fifth of the documents is held out. A share of the project's own corpus is mixed in, so that nothing is forgotten; what
the heads beside the labeller are fitted on is all of it.
"""

from __future__ import annotations

import math
import shutil
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nlp.errors import ModelError, SettingsError, StoreError
from nlp.narrative.labels import LABELS
from nlp.narrative.release import MANIFEST, open_release
from training.cases import markup_cases
from training.documents import SPLITS, annotated_files
from training.export import export
from training.markup import CODED
from training.settings import TrainingSettings
from training.train import Task, train

CORPUS = Path(__file__).parent / "corpus"
HELD_OUT_EVERY = 5
MOST_REPEATS = 8


@dataclass(frozen=True)
class Job:
    """What to fine-tune: documents below `folders`, from the model folder `start`, into the model folder `out`.

    `replay`: part of the project's corpus that is mixed in, 0 for none.
    """

    folders: tuple[Path, ...]
    out: Path
    start: Path
    settings: TrainingSettings
    replay: float
    tensorboard: Path | None = None

    @property
    def work(self) -> Path:
        """The folder of the run, from which it goes on after it was killed; it goes when the model is there."""
        return self.out.with_name(f"{self.out.name}.run")

    @property
    def own(self) -> Path:
        """The documents of `folders`, divided."""
        return self.work / "own"


def prepare(job: Job) -> dict[str, int]:
    """Divide the documents into those that train and those held out; returns how many there are of each.

    Raises StoreError when `out` is there already, SettingsError when there are too few documents, their markup is wrong
    (naming every fault) or our own corpus is not there, ModelError when `start` is a released folder with a changed byte.
    """
    if job.out.exists() and any(job.out.iterdir()):
        raise StoreError(f"{job.out} is there already; name another folder, or remove it")
    if (job.start / MANIFEST).exists():
        open_release(job.start)
    elif not (job.start / "config.json").exists():
        raise ModelError(f"{job.start} holds no model to start from; `gongkai models` lists those there are")
    if job.replay and not CORPUS.is_dir():
        raise SettingsError(
            f"the project's own corpus is not installed ({CORPUS}); take a checkout, or give --no-replay: "
            "the model may then forget what your documents do not show"
        )
    shutil.rmtree(job.own, ignore_errors=True)
    numbers = divided(job.folders, job.own)
    names = ", ".join(map(str, job.folders))
    if not numbers["train"] or not numbers["dev"]:
        raise SettingsError(f"too few documents `<family>/<id>.txt` below {names}: {sum(numbers.values())}; give two or more")
    cases = markup_cases(job.own, with_labels_of(job.start, job.settings).scheme.labels, "train")
    if not job.replay and not {span.label for case in cases for span in case.spans} >= {*CODED}:
        raise SettingsError(
            f"the documents below {names} have no problems and remedies, from which categories, links and status are "
            "learned; leave --no-replay out"
        )
    return numbers


def finetune(job: Job) -> dict[str, Any]:
    """Train, calibrate and write the model folder of a prepared job; returns its figures.

    Goes on where a run of the same job was killed: after its last whole epoch, or with the export when it was trained.
    """
    corpora, all_corpora = [job.own], [job.own]
    if job.replay:
        mixed_in = replayed(CORPUS, job.replay, job.work / "replay")
        corpora = [*corpora * repeats(job.own, mixed_in), mixed_in]
        all_corpora.append(CORPUS)
    settings = with_labels_of(job.start, job.settings)
    network = job.work / "network"
    train(Task(tuple(corpora), job.start, network, settings, tensorboard=job.tensorboard))
    whole = job.work / job.out.name  # named as the model is to be called, and moved when it is whole
    figures = export(network, all_corpora, whole, settings)
    move(whole, job.out.resolve())
    shutil.rmtree(job.work)
    return figures


def move(folder: Path, target: Path) -> None:
    """Put a folder in the place of `target`, which is not there or empty, at one blow: no kill leaves half a model there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        target.rmdir()
    shutil.move(folder, target)


def repeats(own: Path, mixed_in: Path) -> int:
    """How often an epoch takes one's own documents, each time changed otherwise, so that what is mixed in does not drown them."""
    n_own, n_mixed_in = (len(annotated_files(folder)["train"]) for folder in (own, mixed_in))
    return min(MOST_REPEATS, max(1, round(n_mixed_in / n_own)))


def with_labels_of(start: Path, settings: TrainingSettings) -> TrainingSettings:
    """The settings, and the further labels that the start knows: they are not unlearned."""
    if not (start / MANIFEST).exists():
        return settings
    further = [label for label in open_release(start).scheme.labels if label not in LABELS]
    return settings.model_copy(update={"labels": (*further, *(one for one in settings.labels if one not in further))})


def divided(folders: Sequence[Path], target: Path) -> dict[str, int]:
    """Copy documents to `target/<split>/<family>`; of a folder without `dev/`, a fifth of those that train is held out."""
    numbers = dict.fromkeys(SPLITS, 0)
    for number, folder in enumerate(folders):
        for split, files in held_out(folder).items():
            numbers[split] += len(files)
            for path in files:
                family = target / split / f"{number}-{path.parent.name}"
                family.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, family)
    return numbers


def held_out(folder: Path) -> dict[str, list[Path]]:
    """The documents of a folder by split, `dev` never empty where there are two that train."""
    if (folder / "train").is_dir():
        files = annotated_files(folder)
    else:
        files = {"train": sorted([*folder.glob("*.txt"), *folder.glob("*/*.txt")]), "dev": [], "test": []}
    if not files["dev"]:
        order = sorted(files["train"], key=lambda path: (zlib.crc32(path.stem.encode()), path))
        n_dev = math.ceil(len(order) / HELD_OUT_EVERY) if len(order) > 1 else 0
        files = {**files, "dev": sorted(order[:n_dev]), "train": sorted(order[n_dev:])}
    return files


def replayed(corpus: Path, share: float, target: Path) -> Path:
    """A folder with the given part of a corpus' documents, evenly over its families; returns `target`."""
    shutil.rmtree(target, ignore_errors=True)
    for split, files in annotated_files(corpus).items():
        if split == "test":
            continue
        n_taken = math.ceil(share * len(files))
        for path in (files[place * len(files) // n_taken] for place in range(n_taken)):
            family = target / split / path.parent.name
            family.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, family)
    return target
