"""One token a character, at the place where the character stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.narrative.codec import BLANK, LINE_FEED, SPECIAL, UNKNOWN, Codec, fold, is_blank

CODEC = Codec([*SPECIAL, *"0123456789,.;:()\"'-%abcXYZ", *"信息公开年件条一二三。、·零[]<>"])
TEXTS = st.text(
    st.one_of(st.sampled_from("信息公开12３４，。　 \t\r\n\u00a0\ufeff“”𠀀𪚥😀é"), st.characters()), max_size=80
)


def tokens(text: str) -> list[str]:
    return [CODEC.vocabulary[number] for number in CODEC.encode(text).ids]


@given(TEXTS)
def test_each_token_stands_at_its_own_character(text: str) -> None:
    encoded = CODEC.encode(text)
    offsets = encoded.offsets.tolist()
    assert offsets == sorted(set(offsets))
    for offset, number in zip(offsets, encoded.ids, strict=True):
        token = CODEC.vocabulary[number]
        assert is_blank(text[offset]) if token in (LINE_FEED, BLANK) else token in (fold(text[offset]), UNKNOWN)
    assert {at for at, one in enumerate(text) if not is_blank(one)} <= set(offsets)


@given(TEXTS, TEXTS, TEXTS)
def test_a_stretch_reads_as_it_would_alone(before: str, text: str, after: str) -> None:
    alone = CODEC.encode(text)
    inside = CODEC.encode(before + text + after, len(before), len(before) + len(text))
    assert inside.ids.tolist() == alone.ids.tolist()
    assert (inside.offsets - len(before)).tolist() == alone.offsets.tolist()


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        ("，", ","),
        ("；", ";"),
        ("（", "("),
        ("３", "3"),
        ("“", '"'),
        ("『", '"'),
        ("—", "-"),
        ("％", "%"),
        ("⑴", "1"),
        ("㈠", "一"),
    ],
)
def test_forms_of_one_sign_share_a_token(wide: str, narrow: str) -> None:
    assert fold(wide) == narrow == fold(narrow)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("信 息", ["信", "息"]),
        ("信\u200b息", ["信", "息"]),
        ("信　　息", ["信", BLANK, "息"]),
        ("信 \r\n　　息", ["信", LINE_FEED, "息"]),
        ("信\n\n息", ["信", LINE_FEED, "息"]),
        ("", []),
    ],
)
def test_white_space(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


def test_astral_characters_count_as_one() -> None:
    assert CODEC.encode("𠀀件😀").offsets.tolist() == [0, 1, 2]


def test_a_vocabulary_must_begin_with_the_special_tokens() -> None:
    with pytest.raises(ValueError, match="begins with"):
        Codec(["信", "息"])
