"""Mentions: added, relabelled, removed; the facts that were made from them follow."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nlp.narrative.labels import LABELS
from nlp.narrative.snap import LONG
from nlp.record import Mention, Record
from nlp.service.correcting.change import SpanTarget, UnfitError

_NUMBER = re.compile("[0-9０-９零〇○一二两三四五六七八九十百千万亿半数几]")
_FINAL = "。；;，,、：:"
_SHOWN = 30


def touched(record: Record, start: int, end: int) -> list[Mention]:
    """The mentions that share a character with `[start, end)`."""
    return [one for one in record.narrative.mentions if one.start < end and one.end > start]


def target_of(record: Record, start: int, end: int) -> SpanTarget:
    """The stretch as a target. Raises UnfitError when it is empty or outside the text."""
    if not 0 <= start < end <= len(record.text):
        raise UnfitError(f"[{start}, {end}) is empty or outside the text of {len(record.text)} characters; offsets are code points")
    return SpanTarget(start, end, record.text[start:end])


def check_label(record: Record, target: SpanTarget, label: str | None) -> None:
    """Raise UnfitError for a label or edges that the rules of annotation do not allow, or the removal of what is not there.

    The rules are those of `gongkai annotate import`, so that what is exported can be learnt from.
    """
    if label is None:
        if exact(record.narrative.mentions, target) is None:
            where = f"[{target.start}, {target.end})"
            raise UnfitError(f"there is no mention {where} to remove; see `narrative.mentions` of the corrected record")
        return
    known = [*LABELS, *sorted({one.label for one in record.narrative.mentions} - {*LABELS})]
    if label not in known:
        raise UnfitError(f"unknown label {label!r}; labels are {', '.join(known)}")
    shown = target.text[:_SHOWN]
    if target.text != target.text.strip() or (label in LONG and target.text[-1] in _FINAL):
        raise UnfitError(f"{shown!r} has a blank or a final mark at an edge; leave it outside the span")
    if label == "QUANTITY" and not _NUMBER.search(target.text):
        raise UnfitError(f"{shown!r} has no number, so it is no QUANTITY; take the number into the span")


def with_mention(record: Record, mentions: Sequence[Mention], target: SpanTarget, label: str | None) -> list[Mention]:
    """The mentions with this one instead of all that it touches, or without it; a person's mention is certain (score 1).

    What is to be removed and is not there is removed already. Raises UnfitError when another text stands there.
    """
    there = record.text[target.start : target.end]
    if there != target.text:
        raise UnfitError(f"at [{target.start}, {target.end}) the text is {there[:_SHOWN]!r} now, not {target.text[:_SHOWN]!r}")
    if label is None:
        gone = exact(mentions, target)
        return [one for one in mentions if one is not gone]
    free = [one for one in mentions if one.end <= target.start or one.start >= target.end]
    return sorted([*free, Mention(label, target.start, target.end, there, 1.0)], key=lambda one: one.start)


def exact(mentions: Sequence[Mention], target: SpanTarget) -> Mention | None:
    """The mention with these edges."""
    return next((one for one in mentions if (one.start, one.end) == (target.start, target.end)), None)
