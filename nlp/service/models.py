"""The models of a service: those released with the program and those in the data folder; one of them reads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nlp.errors import ModelError
from nlp.narrative.release import folder_size, model_folder, model_folders, open_release, read_manifest
from nlp.pipeline import Extractor
from nlp.record import Producer
from nlp.service.database import Database
from nlp.service.errors import ConflictError, NotFoundError
from nlp.settings import Settings, data_path

_CARD = "README.md"
_CHOICE = "model"


@dataclass(frozen=True)
class Strict:
    """Strict figures on held-out documents, by label or over all: precision, recall, F1, mentions that people marked."""

    label: str
    p: float
    r: float
    f1: float
    gold: int


@dataclass(frozen=True)
class ModelLine:
    """A model: `name` is its folder's, `problem` says what is wrong with a damaged one, `size` is in bytes.

    `sha256` (of its manifest) and `labels` are null and empty for a damaged one.
    """

    name: str
    sha256: str | None
    labels: list[str]
    size: int
    is_current: bool
    problem: str | None
    figures: list[Strict]


@dataclass(frozen=True)
class ModelCard:
    """A model with its card, as Markdown; `measures`: all figures of its manifest."""

    model: ModelLine
    card: str
    measures: dict[str, Any]


class Models:
    """Which models there are, and which one is chosen; the choice is kept in the state."""

    def __init__(self, folder: Path, database: Database, settings: Settings) -> None:
        """`folder`: of models that a person put there; `settings`: name the model that reads when none was chosen."""
        self.place, self._database, self._default = folder, database, settings

    @property
    def settings(self) -> Settings:
        """The settings with the chosen model. Raises ModelError when it is gone."""
        chosen = self._choice()
        if chosen is None:
            return self._default
        try:
            return self.settings_of(chosen)
        except NotFoundError as error:
            remedy = f"put its folder back below {self.place}"
            raise ModelError(f"the model {chosen!r}, chosen for this service, is gone; {remedy}") from error

    def settings_of(self, name: str) -> Settings:
        """The settings with a model. Raises NotFoundError, ModelError for a damaged model."""
        folder = self.folder(name)
        open_release(folder)
        if folder.resolve() == model_folder(self._default.model).resolve():
            return self._default
        return self._default.model_copy(update={"model": str(folder.resolve())})

    def producer(self, settings: Settings | None = None) -> Producer:
        """What records say that are read with settings, by default the present ones. Raises ModelError."""
        return Extractor(settings or self.settings).producer

    def folder(self, name: str) -> Path:
        """A model's folder. Raises NotFoundError."""
        found = self._folders().get(name)
        if found is None:
            raise NotFoundError(f"there is no model {name[:64]!r}; GET /v1/models lists those there are")
        return found

    @property
    def current(self) -> str:
        """The name of the model that reads."""
        return self._choice() or model_folder(self._default.model).resolve().name

    def all(self) -> list[ModelLine]:
        """The models, the released ones first; a damaged one says what is wrong."""
        current = self.current
        return [_line(name, folder, name == current) for name, folder in self._folders().items()]

    def get(self, name: str) -> ModelCard:
        """A model with its card. Raises NotFoundError."""
        folder = self.folder(name)
        card = folder / _CARD
        text = card.read_text(encoding="utf-8", errors="replace") if card.is_file() else ""
        return ModelCard(_line(name, folder, name == self.current), text, _measures(folder))

    @contextmanager
    def switching(self, name: str) -> Iterator[None]:
        """Choose a model; the block is what takes it into use, while no job can be added or begun.

        Raises ConflictError while jobs wait or run.
        """
        with self._database.writing() as connection:
            question = "SELECT count(*) FROM jobs WHERE state IN ('queued', 'running', 'cancelling')"
            (n_open,) = connection.execute(question).fetchone()
            if n_open:
                raise ConflictError(f"{n_open} jobs wait or run; switch the model when they have ended, or stop them")
            connection.execute("INSERT OR REPLACE INTO choices VALUES (?, ?)", (_CHOICE, name))
            yield

    def _choice(self) -> str | None:
        row = self._database.reading.execute("SELECT value FROM choices WHERE name = ?", (_CHOICE,)).fetchone()
        return row["value"] if row else None

    def _folders(self) -> dict[str, Path]:
        """By name; of two with one name the settings' own comes first, then the released one."""
        found: dict[str, Path] = {}
        own = model_folder(self._default.model)
        for folder in (*model_folders(data_path("models")), own, *model_folders(self.place)):
            found.setdefault(folder.resolve().name, folder)
        found[own.resolve().name] = own
        return found


def _line(name: str, folder: Path, is_current: bool) -> ModelLine:
    size = folder_size(folder)
    try:
        release = open_release(folder)
    except ModelError as error:
        return ModelLine(name, None, [], size, is_current, str(error), [])
    spans = _measures(folder).get("held-out spans") or {}
    figures = [Strict(label, one["p"], one["r"], one["f1"], one["gold"]) for label, one in spans.items()]
    return ModelLine(name, release.sha256, list(release.scheme.labels), size, is_current, None, figures)


def _measures(folder: Path) -> dict[str, Any]:
    try:
        return dict(read_manifest(folder).get("figures") or {})
    except ModelError:
        return {}  # the model's line says what is wrong
