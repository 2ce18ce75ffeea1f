"""Text with its mentions written in braces, for tests: `{Q:268条}{I:信息}`."""

from __future__ import annotations

import re

from nlp.record import Mention

LABELS = {
    "Q": "QUANTITY", "I": "ITEM", "C": "CHANNEL", "G": "GROUP", "R": "ROLE", "P": "PERSON", "T": "TITLE", "O": "OFFICE", "D": "DATE",
}


def unmarked(marked: str) -> tuple[str, list[Mention]]:
    """The text without braces, and its mentions."""
    text = ""
    mentions: list[Mention] = []
    for piece in re.split(r"(\{\w:[^}]*\})", marked):
        inner = piece[3:-1] if piece.startswith("{") else piece
        if piece.startswith("{"):
            mentions.append(Mention(LABELS[piece[1]], len(text), len(text) + len(inner), inner, 0.9))
        text += inner
    return text, mentions
