"""Settings of training: typed, frozen, read from `configs/train.toml`, which says what each is for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nlp.errors import SettingsError
from nlp.narrative.labels import LABELS, TagScheme
from nlp.settings import config_path, read_toml


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PretrainSettings(_Frozen):
    """Masked-LM training."""

    seed: int
    n_layers: int = Field(ge=1, le=12)
    length: int = Field(ge=16, le=512, description="tokens of a block")
    batch: int = Field(ge=1, description="blocks a step")
    n_steps: int = Field(ge=1)
    learning_rate: float = Field(gt=0)
    share: float = Field(gt=0, lt=1, description="part of the characters hidden")
    authored_repeats: int = Field(ge=0, description="times our own prose is taken beside the public text")


class TrainSettings(_Frozen):
    """Fine-tuning."""

    seed: int
    epochs: int = Field(ge=1)
    learning_rate: float = Field(gt=0)
    head_learning_rate: float = Field(gt=0)
    warmup: float = Field(ge=0, lt=1)
    weight_decay: float = Field(ge=0)
    dropout: float = Field(ge=0, lt=1)
    category_weight: float = Field(ge=0)
    no_prefix: float = Field(ge=0, le=1)
    no_heading: float = Field(ge=0, le=1)
    window: int = Field(ge=64, le=496)
    tokens_a_step: int = Field(ge=512)
    average: float = Field(ge=0, lt=1)
    unlabelled: int = Field(ge=0, description="stretches of unlabelled text that teachers read in an epoch")
    patience: int = Field(ge=1, description="epochs without a better one before training stops")


class FinetuneSettings(_Frozen):
    """What `gongkai train` does otherwise: entries in place of those of `train`, and how much of our own corpus it adds."""

    replay: float = Field(ge=0, le=1, description="part of the project's corpus that is mixed in")
    train: dict[str, Any]


class AugmentSettings(_Frozen):
    """Chances of the changes of `training.augment`, and the characters and lines it draws from."""

    numbers: float
    counts: float
    names: float
    places: float
    enumerators: float
    intruders: float
    broken_lines: float
    run_on: float
    slips: float
    surnames: str
    given_names: str
    place_names: str
    chrome: list[str]


class CompareSettings(_Frozen):
    """Short runs that compare variants.

    Each variant: `layers` of the encoder as it is, entries of `train`, `settings`, `teachers` that distil.
    """

    documents: int = Field(ge=1)
    epochs: int = Field(ge=1)
    seeds: int = Field(ge=2)
    average: float = Field(ge=0, lt=1)
    tokens_a_step: int = Field(ge=512)
    head_learning_rate: float = Field(gt=0)
    variants: dict[str, dict[str, Any]]


class LearningSettings(_Frozen):
    """The learning curve: epochs for each number of training documents, and entries in place of those of `train`."""

    epochs: dict[int, int]
    train: dict[str, Any]


class TrainingSettings(_Frozen):
    """Everything of `configs/train.toml`."""

    pretrain: PretrainSettings
    train: TrainSettings
    finetune: FinetuneSettings
    augment: AugmentSettings
    compare: CompareSettings
    learning: LearningSettings
    sections: dict[str, str]
    labels: tuple[str, ...] = ()

    @property
    def scheme(self) -> TagScheme:
        """The tags of the labels that facts are built from and of the further ones."""
        return TagScheme((*LABELS, *(label for label in self.labels if label not in LABELS)))


def read_settings(
    path: Path | None = None, changes: Mapping[str, Any] | None = None, *, finetune: bool = False
) -> TrainingSettings:
    """Settings of `configs/train.toml`, replaced entry by entry by those of the TOML file `path` and by `changes`.

    `finetune`: by those of `[finetune.train]` before. Raises SettingsError.
    """
    where = path or config_path("train.toml")
    entries = read_toml(config_path("train.toml"))
    small = {"train": entries["finetune"]["train"]} if finetune else {}
    for further in (small, read_toml(path) if path else {}, changes or {}):
        entries = _replaced(entries, further)
    try:
        return TrainingSettings(**entries)
    except ValidationError as error:
        raise SettingsError(f"{where}: {error}") from error


def _replaced(entries: Mapping[str, Any], further: Mapping[str, Any]) -> dict[str, Any]:
    """Tables entry by entry, all else whole."""
    both = {
        key: _replaced(entries[key], value) if isinstance(value, dict) and key in entries else value
        for key, value in further.items()
    }
    return {**entries, **both}
