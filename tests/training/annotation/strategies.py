"""Annotated texts for property tests: every character that has ever broken an exchange, spans anywhere."""

from __future__ import annotations

from hypothesis import strategies as st

from nlp.narrative.labels import LABELS
from training.annotation.inline import category_codes
from training.annotation.text import AnnotatedText
from training.markup import CODED, Annotated

HARD = (
    "\r\n", "\r", "\n", "\n\n", "  ", "　", " ", "\t", "\u2028", "\u2029", "\x85", "\x0b", "\x1c", "\ufeff", "\u200b",
    "e\u0301", "𠮷", "👨🏻‍🚒", "{", "}", "{{", "}}", "{ITEM:", "\\", "\\n", "\\u0020", "#", "# id = ", "\x00",
    "\"", "<b>", "&amp;", "&#123;", "#125;", "&", "%",
)  # fmt: skip
_characters = st.characters(exclude_categories=["Cs"])
_pieces = st.one_of(st.sampled_from(HARD), st.sampled_from("政府信息公开3条。；更新慢"), _characters)
any_text = st.lists(_pieces, max_size=30).map("".join)
_words = st.text(_characters, max_size=12)
metas = st.dictionaries(_words, any_text, max_size=4) | st.fixed_dictionaries(
    {}, optional={"agency": _words, "year": _words, "family": _words, "id": _words, "meta": _words, "style": st.just("")}
)
_codes = st.lists(st.sampled_from(category_codes()), unique=True, max_size=3).map(tuple)


@st.composite
def _spans(draw: st.DrawFn, text: str) -> tuple[Annotated, ...]:
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    labels = [draw(st.none() | st.sampled_from(LABELS)) for _ in cuts[1:]]
    n_problems = labels.count("PROBLEM")
    numbers = st.lists(st.integers(0, max(0, n_problems - 1)), unique=True, max_size=n_problems).map(tuple)
    return tuple(
        Annotated(
            label,
            start,
            end,
            draw(_codes) if label in CODED else (),
            label == "REMEDY" and draw(st.booleans()),
            draw(numbers) if label == "REMEDY" else (),
        )
        for label, start, end in zip(labels, cuts, cuts[1:], strict=False)
        if label
    )


@st.composite
def annotated(draw: st.DrawFn) -> AnnotatedText:
    """A text with spans of any edges."""
    text = draw(any_text)
    return AnnotatedText(draw(st.text(_characters, min_size=1, max_size=12)), text, draw(_spans(text)), draw(metas))


@st.composite
def by_the_guidelines(draw: st.DrawFn) -> AnnotatedText:
    """A text whose spans training takes, between stretches of anything."""
    pieces, spans, length = [], [], 0
    kinds = draw(st.lists(st.sampled_from(LABELS), max_size=6))
    n_problems = kinds.count("PROBLEM")
    for label in kinds:
        before, inner = draw(any_text), draw(st.sampled_from(("3条", "栏目更新慢", "𠮷e\u0301　\r\n3", "3", "{3}", "&amp;#123;}3")))
        start = length + len(before)
        pieces += [before, inner]
        length = start + len(inner)
        codes = draw(_codes.filter(bool)) if label in CODED else ()
        quantity = label == "QUANTITY" and inner == "栏目更新慢"
        answers = tuple(range(draw(st.integers(0, n_problems)))) if label == "REMEDY" else ()
        done = label == "REMEDY" and draw(st.booleans())
        spans.append(Annotated("ITEM" if quantity else label, start, length, codes, done, answers))
    text = "".join([*pieces, draw(any_text)])
    return AnnotatedText(draw(st.text(_characters, min_size=1, max_size=12)), text, tuple(spans), draw(metas))


def several(one: st.SearchStrategy[AnnotatedText]) -> st.SearchStrategy[list[AnnotatedText]]:
    """Texts whose ids may be file names together."""
    return st.lists(one, max_size=3, unique_by=lambda text: text.id.casefold())
