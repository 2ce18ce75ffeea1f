"""Settings of summaries: typed, frozen, read from `configs/summary.toml`, which says what each is for."""

from __future__ import annotations

from functools import cache

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from nlp.errors import SettingsError
from nlp.settings import config_path, load_toml


class ReuseSettings(BaseModel):
    """When text counts as copied, and what is left out because the form asks for it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    shortest: int = Field(ge=2)
    gram: int = Field(ge=2)
    one_in: int = Field(ge=1)
    candidates_one_in: int = Field(ge=1)
    candidate_share: float = Field(gt=0, le=1)
    share: float = Field(gt=0, le=1)
    crowd: int = Field(ge=2)
    memory: str
    form_share: float = Field(gt=0, le=1)
    form_agencies: int = Field(ge=2)
    form_longest: int = Field(ge=1)
    form_phrases: tuple[str, ...]

    @model_validator(mode="after")
    def _samples_nest(self) -> ReuseSettings:
        if self.candidates_one_in % self.one_in:
            raise ValueError("candidates_one_in must be a multiple of one_in")
        return self


@cache
def load_reuse_settings() -> ReuseSettings:
    """The table `reuse` of `configs/summary.toml`. Raises SettingsError with the place."""
    try:
        return ReuseSettings(**load_toml("summary.toml")["reuse"])
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"{config_path('summary.toml')}: reuse.{where}: {first['msg']}") from error
