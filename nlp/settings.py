"""Settings: typed, frozen, read from `configs/`; an unknown key is an error that names the nearest known one."""

from __future__ import annotations

import difflib
import hashlib
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nlp.errors import SettingsError

_HERE = Path(__file__).resolve().parent


def data_path(*parts: str) -> Path:
    """A path below the data that ships with the package: `configs/…` or `models/…` (beside `nlp/` in a checkout)."""
    packaged = _HERE / "data" / Path(*parts)
    return packaged if packaged.exists() else _HERE.parent / Path(*parts)


def config_path(name: str) -> Path:
    """The file `name` below `configs/`."""
    return data_path("configs", name)


@cache
def load_toml(name: str) -> dict[str, Any]:
    """The parsed TOML file `name` below `configs/`; do not change the result."""
    return read_toml(config_path(name))


def read_toml(path: Path) -> dict[str, Any]:
    """The parsed TOML file at `path`. Raises SettingsError when it cannot be read or parsed."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"cannot read settings {path}: {error}") from error


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Limits(_Frozen):
    """What one source may cost; what exceeds it is refused with an issue, never half read."""

    max_bytes: int = Field(50 * 1024 * 1024, gt=0, description="size of one document, bytes")
    max_characters: int = Field(500_000, gt=0, description="length of one document's text; the longest reports have 60,000")
    max_pages: int = Field(500, gt=0, description="pages of one PDF")
    max_pixels: int = Field(80_000_000, gt=0, description="pixels of one page that is a picture; A3 at 600 dots an inch has 70 million")
    max_members: int = Field(1_000_000, gt=0, description="files of one archive")
    max_ratio: float = Field(200.0, gt=1, description="decompressed size of an archive over its own size")
    max_depth: int = Field(2, ge=1, description="archives inside archives")
    max_threads: int = Field(0, ge=0, description="threads that reading a picture may take; 0: as `threads` says")
    max_seconds: float = Field(120.0, gt=0, description="time another program may take over one document, seconds")


class Settings(_Frozen):
    """Everything that can be set about extraction."""

    limits: Limits = Limits()  # type: ignore[call-arg]  # every field has a default
    model: str = Field("", description="folder of the labeller; empty for the released one")
    labeller: bool = Field(True, description="read the narrative with the trained labeller")
    threads: int = Field(0, ge=0, description="threads of the labeller and of OCR; 0: all cores")

    @property
    def reading(self) -> Limits:
        """The limits that hold for reading a source: threads as set for all, where they are not set for pictures."""
        return self.limits.model_copy(update={"max_threads": self.limits.max_threads or self.threads})

    @property
    def sha256(self) -> str:
        """Hash of the values that can change a record; where the model lies and how many threads run do not."""
        shown = self.model_dump_json(exclude={"threads": True, "model": True, "limits": {"max_threads"}})
        return hashlib.sha256(shown.encode()).hexdigest()


def load_settings(path: Path | None = None) -> Settings:
    """Settings from a TOML file, by default `configs/extract.toml`. Raises SettingsError with the place and the remedy."""
    values = load_toml("extract.toml") if path is None else read_toml(path)
    try:
        return Settings(**values)
    except ValidationError as error:
        raise SettingsError(f"{path or config_path('extract.toml')}: {_explain(error)}") from error


def _explain(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] != "extra_forbidden":
        return f"{where}: {first['msg']}"
    known = [*Settings.model_fields, *(f"limits.{name}" for name in Limits.model_fields)]
    near = difflib.get_close_matches(where, known, n=1, cutoff=0.0)
    return f"unknown key {where!r}; did you mean {near[0]!r}?"
