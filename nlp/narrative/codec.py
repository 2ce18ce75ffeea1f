"""Characters as model input: one token a character, offsets exact to the code point.

A character is folded before it is looked up, so that widths, quotation marks and dashes share one embedding. White
space is not text: a run that holds a line feed is one `[LF]` token, a run of two or more blanks one `[BLANK]`
token, a lone blank no token at all (`2019 年` reads as `2019年`). The text itself never changes; only ids are made
here.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

PAD, UNKNOWN, FIRST, SEPARATOR, MASK, LINE_FEED, BLANK = SPECIAL = (
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    "[LF]",
    "[BLANK]",
)
LINE_ENDS = "\n\r\v\f\u0085\u2028\u2029"
INVISIBLE = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
ALIKE = {
    **dict.fromkeys("“”„‟〝〞＂「」『』﹁﹂﹃﹄«»", '"'),
    **dict.fromkeys("‘’‚‛′｀`", "'"),
    **dict.fromkeys("—–―─━‐‑‒−﹣－〜～~", "-"),
    **dict.fromkeys("·•‧∙⋅・･●◆■▪", "·"),
    **dict.fromkeys("〈＜‹", "<"),
    **dict.fromkeys("〉＞›", ">"),
    **dict.fromkeys("〔［【〖", "["),
    **dict.fromkeys("〕］】〗", "]"),
    "…": ".",
    "｡": "。",
    "､": "、",
    "〇": "零",
    "○": "零",
}


@lru_cache(maxsize=65536)
def fold(character: str) -> str:
    """The form under which `character` is looked up; always one character, itself when nothing is like it."""
    alike = ALIKE.get(character)
    if alike:
        return alike
    plain = unicodedata.normalize("NFKC", character)
    if len(plain) > 1:  # ⑴ and ㈠ are "(1)" and "(一)": the sign that counts stands alone between marks
        letters = [one for one in plain if one.isalnum()]
        plain = letters[0] if len(letters) == 1 else character
    return ALIKE.get(plain, plain) or character


def is_blank(character: str) -> bool:
    """White space, or a sign that prints as nothing."""
    return character.isspace() or character in INVISIBLE


@dataclass(frozen=True)
class Encoded:
    """Token ids and, for each, the offset of its code point in the text that was encoded; both of shape (tokens,)."""

    ids: npt.NDArray[np.int64]
    offsets: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ids)


class Codec:
    """Text to token ids by a vocabulary of single characters.

    `vocabulary` lists the tokens in the order of their ids and begins with SPECIAL.
    """

    def __init__(self, vocabulary: Sequence[str]) -> None:
        if tuple(vocabulary[: len(SPECIAL)]) != SPECIAL:
            raise ValueError(f"a vocabulary begins with {' '.join(SPECIAL)}")
        self.vocabulary = tuple(vocabulary)
        self.ids = {token: number for number, token in enumerate(vocabulary)}

    @classmethod
    def read(cls, path: Path) -> Codec:
        """The codec of a `vocab.txt`: one token a line."""
        return cls(path.read_text(encoding="utf-8").rstrip("\n").split("\n"))

    def encode(self, text: str, start: int = 0, end: int | None = None) -> Encoded:
        """Tokens of `text[start:end]`; offsets count from the beginning of `text`."""
        end = len(text) if end is None else end
        ids: list[int] = []
        offsets: list[int] = []
        unknown = self.ids[UNKNOWN]
        at = start
        while at < end:
            if is_blank(text[at]):
                after = _run_end(text, at, end)
                token = _blank_token(text[at:after])
                if token:
                    ids.append(self.ids[token])
                    offsets.append(at)
                at = after
                continue
            ids.append(self.ids.get(fold(text[at]), unknown))
            offsets.append(at)
            at += 1
        return Encoded(np.array(ids, dtype=np.int64), np.array(offsets, dtype=np.int64))

    def words(self, text: str) -> list[int]:
        """Ids of the characters of a short text without blanks, such as a section's name."""
        return [int(one) for one in self.encode(text).ids]


def _run_end(text: str, start: int, end: int) -> int:
    while start < end and is_blank(text[start]):
        start += 1
    return start


def _blank_token(run: str) -> str | None:
    if any(one in LINE_ENDS for one in run):
        return LINE_FEED
    visible = sum(one not in INVISIBLE for one in run)
    return BLANK if visible > 1 else None
