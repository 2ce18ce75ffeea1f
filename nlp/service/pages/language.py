"""The language of the pages: Chinese first, English by `?lang=en`, kept in a cookie."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Request

from nlp.settings import load_toml
from nlp.show.texts import LANGUAGES, Language, Text
from nlp.show.texts import texts as shown_texts

LANGUAGE_COOKIE = "gongkai_lang"
HTML_LANG = {"zh": "zh-Hans", "en": "en"}


def language_of(request: Request) -> Language:
    """The language that was chosen now or before; Chinese otherwise."""
    for said in (request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if said in LANGUAGES:
            return said
    return LANGUAGES[0]


def texts(language: Language) -> Text:
    """What a template calls as `t("section.key", n=3)`: the texts of configs/pages.toml, and those of record pages."""
    return shown_texts(language, "pages.toml")


def reasons(language: Language) -> Callable[[str, str], str]:
    """What a template calls as `reason(code, message)`: what an issue of a record means; its message where no text is there."""

    def reason(code: str, message: str) -> str:
        known: list[str] | None = load_toml("pages.toml")["reason"].get(code)
        return known[LANGUAGES.index(language)] if known else message

    return reason
