"""The language of the pages: Chinese first, English by `?lang=en`, kept in a cookie."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from fastapi import Request

from nlp.settings import load_toml
from nlp.show.names import name as chinese_name

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
"""In the order in which `configs/pages.toml` has a text's versions."""
LANGUAGE_COOKIE = "gongkai_lang"
HTML_LANG = {"zh": "zh-Hans", "en": "en"}


def language_of(request: Request) -> Language:
    """The language that was chosen now or before; Chinese otherwise."""
    for said in (request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if said in LANGUAGES:
            return said
    return LANGUAGES[0]


def texts(language: Language) -> Callable[..., str]:
    """What a template calls as `t("section.key", n=3)`: the text of configs/pages.toml with `{n}` filled in.

    It raises KeyError for a text that is not there: a mistake of ours.
    """
    place = LANGUAGES.index(language)

    def text(key: str, **values: object) -> str:
        section, _, entry = key.partition(".")
        return str(load_toml("pages.toml")[section][entry][place]).format_map(values)

    return text


def reasons(language: Language) -> Callable[[str, str], str]:
    """What a template calls as `reason(code, message)`: what an issue of a record means; its message where no text is there."""

    def reason(code: str, message: str) -> str:
        known: list[str] | None = load_toml("pages.toml")["reason"].get(code)
        return known[LANGUAGES.index(language)] if known else message

    return reason


def names(language: Language) -> Callable[[str, str | None], str]:
    """What a template calls as `name("status", code)`: the Chinese name, or in English the code, which is a word."""

    def english(kind: str, code: str | None) -> str:
        word = (code or "").replace("_", " ")
        return word.lower() if len(word) > 3 else word

    return chinese_name if language == "zh" else english
