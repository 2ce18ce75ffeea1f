"""Words of the pages in each language: texts of `configs/*.toml` by key, names of codes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from nlp.record import Check, Issue
from nlp.settings import load_toml

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
"""In the order in which a text has its versions; the first is what pages have unless another is asked for."""
Text = Callable[..., str]
Name = Callable[[str, str | None], str]


def texts(language: Language, *files: str) -> Text:
    """What a template calls as `t("section.key", n=3)`: the text of show.toml or one of `files` with `{n}` filled in.

    It raises KeyError for a text that is not there: a mistake of ours.
    """
    place = LANGUAGES.index(language)
    sections = {section: entries for file in ("show.toml", *files) for section, entries in load_toml(file).items()}

    def text(key: str, **values: object) -> str:
        section, _, entry = key.partition(".")
        return str(sections[section][entry][place]).format_map(values)

    return text


def names(language: Language) -> Name:
    """What a template calls as `name("status", code)`: the name of a code in the language, in English often the code as words."""
    return _chinese if language == "zh" else _english


@dataclass(frozen=True, slots=True)
class Words:
    """The words of show.toml in one language, for what is worded outside of templates."""

    language: Language

    def t(self, key: str, **values: object) -> str:
        """The text of the section `show`; see `texts`."""
        return texts(self.language)(f"show.{key}", **values)

    def name(self, kind: str, code: str | None) -> str:
        """The name of a code; see `names`."""
        return names(self.language)(kind, code)

    def of_check(self, check: Check) -> str:
        """What a check says; the messages are Chinese, so in English its rule."""
        return check.message if check.message and self.language == "zh" else self.name("checks", check.rule)

    def of_issue(self, issue: Issue) -> str:
        """What a note on the reading says; some messages are Chinese, and in English those have a text by code."""
        known = {} if self.language == "zh" else load_toml("show.toml")["english"]["issues"]
        return str(known.get(issue.code, issue.message))


CHINESE = Words("zh")


def _chinese(kind: str, code: str | None) -> str:
    entry = load_toml("labels.toml")[kind].get(code, code or "")
    return str(entry["name"] if isinstance(entry, dict) else entry)


def _english(kind: str, code: str | None) -> str:
    known = load_toml("show.toml")["english"].get(kind, {}).get(code)
    word = (code or "").replace("_", " ")
    return str(known) if known else word.lower() if len(word) > 3 else word
