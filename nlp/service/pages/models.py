"""Models: cards and figures, what another would change, the switch, corrections that wait for training."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Path, Request, Response
from fastapi.responses import RedirectResponse
from markdown_it import MarkdownIt
from markupsafe import Markup

from nlp.service.access import Holds
from nlp.service.api.models import N_RECORDS
from nlp.service.audit import Audited
from nlp.service.errors import UnusableError
from nlp.service.model_comparison import Comparison
from nlp.service.pages.render import render
from nlp.service.pages.session import Governs, Posts, Visits
from nlp.service.state import State

router = APIRouter(include_in_schema=False)
_SEE_OTHER = 303
_DEEPER = {"h1": "h3", "h2": "h4", "h3": "h5", "h4": "h6", "h5": "h6"}  # the page has the first and second level
Name = Annotated[str, Path(max_length=100)]
_markdown = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


@router.get("/models")
def models(request: Request, state: Holds, visit: Visits) -> Response:
    """The models, and the corrections that wait."""
    return render(
        request, "models.html.j2", models=state.models.all(), n_waiting=state.corrections.n_texts(), folder=state.models.place
    )


@router.get("/models/{name}")
def model(request: Request, state: Holds, visit: Visits, name: Name) -> Response:
    """A model: card, figures, comparison, switch."""
    return _model(request, state, name, None)


@router.post("/models/{name}/compare")
def compare(
    request: Request, state: Holds, audit: Audited, visit: Posts, name: Name, records: Annotated[int, Form(ge=1, le=200)] = N_RECORDS
) -> Response:
    """What a model would change."""
    settings = state.models.settings_of(name)
    audit(visit.key, "compare", name, str(records))
    return _model(request, state, name, state.comparer.compare(name, settings, records))


@router.post("/models/{name}/switch")
def switch(state: Holds, audit: Audited, visit: Governs, name: Name, confirmed: Annotated[str, Form()] = "") -> Response:
    """Let a model read from now on, once it is confirmed."""
    if confirmed != "yes":
        raise UnusableError("the switch was not confirmed; tick the box beside the button")
    state.switch_model(name)
    audit(visit.key, "model", name, "")
    return RedirectResponse("/models", _SEE_OTHER)


def _model(request: Request, state: State, name: str, comparison: Comparison | None) -> Response:
    found = state.models.get(name)
    return render(
        request, "model.html.j2", model=found.model, card=card_html(found.card), current=state.models.current,
        comparison=comparison, n_records=N_RECORDS,
    )  # fmt: skip


def card_html(text: str) -> Markup:
    """A card as HTML: HTML in it shows as text, headings go below those of the page, alignment is left to the style sheet."""
    tokens = _markdown.parse(text)
    for token in tokens:
        token.tag = _DEEPER.get(token.tag, token.tag)
        token.attrs.pop("style", None)
    return Markup(_markdown.renderer.render(tokens, _markdown.options, {}))  # noqa: S704  made from Markdown with HTML off
