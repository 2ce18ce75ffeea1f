"""Models: which there are, which one reads, what another would change."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from nlp.service.access import Administers, Holds, Reads, Writes
from nlp.service.audit import Audited
from nlp.service.model_comparison import Comparison
from nlp.service.models import ModelCard, ModelLine
from nlp.service.problems import responses

router = APIRouter(tags=["models"])
ModelName = Annotated[str, Path(description="name of a model", max_length=100, examples=["gongkai-base"])]
N_RECORDS = 20


class Choice(BaseModel):
    """The model that shall read."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(max_length=100, examples=["gongkai-base"])


@router.get("/models", responses=responses())
def list_models(state: Holds, key: Reads) -> list[ModelLine]:
    """The models: those released with the program, then those below `models/` of the data folder."""
    return state.models.all()


@router.put("/models/current", responses=responses(404, 409))
def switch_model(state: Holds, audit: Audited, key: Administers, choice: Choice) -> ModelLine:
    """Read with another model from now on. Records stay as they are until their documents are given in again.

    Refused while jobs wait or run (409), and for a damaged model (422).
    """
    state.switch_model(choice.name)
    audit(key, "model", choice.name, "")
    return state.models.get(choice.name).model


@router.get("/models/{name}", responses=responses(404))
def get_model(state: Holds, key: Reads, name: ModelName) -> ModelCard:
    """A model with its card (Markdown) and all its figures."""
    return state.models.get(name)


@router.post("/models/{name}/compare", responses=responses(404, 503))
def compare_model(
    state: Holds, audit: Audited, key: Writes, name: ModelName, records: Annotated[int, Query(ge=1, le=200)] = N_RECORDS
) -> Comparison:
    """What a model would change in stored records, those with corrections first, then the newest; nothing is stored.

    It also tells which corrections the model would make unnecessary. One comparison runs at a time (429).
    """
    settings = state.models.settings_of(name)
    audit(key, "compare", name, str(records))
    return state.comparer.compare(name, settings, records)
