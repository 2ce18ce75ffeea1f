"""Settings of the service: typed, frozen, read from `configs/service.toml`, which says what each is for."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nlp.errors import SettingsError
from nlp.settings import config_path, load_toml, read_toml


class ServiceSettings(BaseModel):
    """Where the service listens, and what one caller may ask of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str
    port: int = Field(ge=0, le=65535, description="0: any free one")
    max_body: int = Field(ge=1, description="bytes of one request")
    idle_seconds: float = Field(gt=0, description="seconds in which some byte of a body must come")
    extract_waiting: int = Field(ge=1, description="single reports under way or waiting")
    jobs_waiting: int = Field(ge=1, description="jobs that may wait")
    requests_per_minute: int = Field(ge=1, description="requests of one key")
    failures_per_minute: int = Field(ge=1, description="wrong keys from one address")
    session_hours: float = Field(gt=0, description="life of a sign-in")
    page_size: int = Field(ge=1, description="records of a page")
    max_page_size: int = Field(ge=1, description="records of a page at most")
    shard_documents: int = Field(ge=1, description="documents of a job's shard")
    compare_seconds: float = Field(gt=0, description="seconds of a comparison of models")
    export_records: int = Field(ge=1, description="records of one export at most")


def load_service_settings(path: Path | None = None, **changed: object) -> ServiceSettings:
    """Settings of `configs/service.toml`, replaced by those of the file `path`, then by `changed` (None: not changed).

    Raises SettingsError with the place and what is known there.
    """
    values = {**load_toml("service.toml"), **(read_toml(path) if path else {})}
    values |= {key: value for key, value in changed.items() if value is not None}
    try:
        return ServiceSettings(**values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        known = ", ".join(ServiceSettings.model_fields)
        raise SettingsError(f"{path or config_path('service.toml')}: {where}: {first['msg']} (known keys: {known})") from error
