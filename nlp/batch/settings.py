"""Settings of a batch run: typed, frozen, read from `configs/batch.toml`, which says what each is for."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nlp.errors import SettingsError
from nlp.settings import config_path, load_toml, read_toml


class BatchSettings(BaseModel):
    """How many workers, how large shards, and what one document may cost."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    workers: int = Field(ge=0, description="processes; 0: one a core")
    shard_documents: int = Field(ge=1, description="documents of a shard at most")
    shard_bytes: int = Field(ge=1, description="bytes of a shard's documents at most")
    seconds: float = Field(gt=0, description="time limit of one document")
    memory: int = Field(ge=1 << 28, description="bytes a worker may hold while it reads one document")
    recycle: int = Field(ge=1, description="documents after which a worker is started afresh")

    @property
    def n_workers(self) -> int:
        """Workers to start on this machine."""
        return self.workers or len(os.sched_getaffinity(0))


def load_batch_settings(path: Path | None = None) -> BatchSettings:
    """Settings of `configs/batch.toml`, entry by entry replaced by those of the TOML file `path`. Raises SettingsError."""
    values = {**load_toml("batch.toml"), **(read_toml(path) if path else {})}
    try:
        return BatchSettings(**values)
    except ValidationError as error:
        first = error.errors()[0]
        known = ", ".join(BatchSettings.model_fields)
        where = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"{path or config_path('batch.toml')}: {where}: {first['msg']} (known keys: {known})") from error
