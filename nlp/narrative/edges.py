"""Where a statement outside the lists may begin and end: the edges of clauses next to those that the labeller set.

On a same-length copy of the text in simplified script and half-width punctuation.
"""

from __future__ import annotations

import re
from functools import cache

from nlp.document import Span
from nlp.narrative.clauses import FINAL, is_lead_in, sentences, squeeze, trim
from nlp.settings import load_toml

NEAR = 4
"""An edge that the labeller set this far from one of the text is moved to it."""
_STOP_BONUS = 1.5  # the start of a sentence draws from so much further than that of a clause
_VIEW = 24
_LAST_WORDS = 14
_CLAUSE = 200
_SENTENCE = 2000


@cache
def _pattern(key: str) -> re.Pattern[str]:
    return re.compile(load_toml("narrative.toml")["items"][key])


def start_near(plain: str, at: int, low: int, high: int) -> int:
    """The start of a sentence or clause, or the place after an opening word, next to `at` in `[low, high)`; else `at` itself."""
    starts = {low: _STOP_BONUS}
    left, right = max(low, at - _VIEW), min(high, at + _VIEW)
    for match in _pattern("openings").finditer(plain, left, right):
        starts[match.end()] = 0.0
    for place in range(left, right):
        if plain[place] in FINAL + ",:\n":
            starts[trim(plain, place + 1, high).start] = _STOP_BONUS if plain[place] in FINAL else 0.0
    distance, best = min((abs(start - at) - bonus, start) for start, bonus in starts.items())
    return best if distance < NEAR and best < high else at


def clause_start(plain: str, at: int, low: int, high: int) -> int:
    """As `start_near`; where nothing is near, the start of the clause that holds `at`, not before `low`."""
    start = start_near(plain, at, low, high)
    if start != at or not plain[max(0, at - 1) : at].isalpha():
        return start
    stops = [plain.rfind(sign, low, at) for sign in FINAL + ",:\n"]
    return trim(plain, max(stops) + 1, high).start if max(stops) >= 0 else start


def end_near(plain: str, at: int, start: int, limit: int) -> int:
    """The end of the clause group that holds `at`, before a trailing 等; `limit` is never passed."""
    stop = max(plain.rfind(sign, start, max(start, at - NEAR)) for sign in FINAL)
    for part in sentences(plain, max(start, stop + 1), min(limit, at + _SENTENCE)):
        span = trim(plain, *part)
        if span.end < at - NEAR or span.end <= start:
            continue
        rest = plain[at : span.end]
        if len(rest) > NEAR and rest[0] == "," and _pattern("turning").match(rest[1:]):
            return at
        return before_closing(plain, at, span.end)
    return trim(plain, start, limit).end


def turn_end(plain: str, at: int, start: int, limit: int) -> int:
    """The end of a clause nearest to `at` before a statement of the other kind begins at `limit`."""
    view = Span(max(start, at - _CLAUSE), min(limit, at + _CLAUSE))
    ends = [trim(plain, *part).end for part in sentences(plain, *view, FINAL + ",:")]
    best = min((end for end in ends if end > start), key=lambda end: abs(end - at), default=min(at, limit))
    return before_closing(plain, at, best)


def before_closing(plain: str, at: int, end: int) -> int:
    """`at` where only 等, 的问题 and the like stand between it and the end of its clause, else that end."""
    return at if at < end and _pattern("closings").fullmatch(plain, at, end) else end


def is_announced(plain: str, start: int, end: int) -> bool:
    """Whether the text of an item before its statement only announces it (`仍存在一些不足,`)."""
    return bool(_pattern("announcements").search(plain[start:end]))


def after_opening(plain: str, start: int, end: int, enumerated: bool) -> int:
    """Where a problem begins after what only announces it; outside lists also after praise that it is set against, and after 如."""
    for key in ("announced",) if enumerated else ("announced", "conceded", "exemplified"):
        if opening := _pattern(key).match(plain[start:end]):
            start += opening.end()
    return start


def shortcoming(plain: str, start: int, end: int) -> bool:
    """Whether the text is worded as a shortcoming."""
    return bool(_pattern("shortcoming").search(squeeze(plain[start:end])))


def begins_measure(plain: str, at: int) -> bool:
    """Whether the words at `at` turn to a measure (`今后将`, `已`)."""
    return bool(_pattern("turning").match(plain, at))


def marked_turn(plain: str, start: int, end: int) -> tuple[Span, Span] | None:
    """Problem and rest of an item that sets its measure off by a word of its own (`…。整改:…`); None where it does not."""
    mark = _pattern("measure_mark").search(plain, start, end)
    if mark is None:
        return None
    lead = _pattern("problem_mark").match(plain[start : mark.start()])
    problem = trim(plain, start + (lead.end() if lead else 0), mark.start())
    return (problem, Span(mark.end(), end)) if problem.start < problem.end else None


def ends_short(plain: str, start: int, end: int) -> bool:
    """Whether the last words are those of a shortcoming."""
    return shortcoming(plain, max(start, end - _LAST_WORDS), end)


def without_open_end(plain: str, end: int) -> int:
    """`end` before a 等 that leaves a list of statements open; 等 as part of a word (平等) stays."""
    return end - 1 if _pattern("open_end").search(plain, max(0, end - 2), end) else end


def lead_label(plain: str, mark: int, low: int) -> str | None:
    """What the sentence or heading before a list leads in to: PROBLEM, REMEDY, or None where it does not tell."""
    parts = sentences(plain, max(low, mark - _CLAUSE), mark)
    lead = squeeze(plain[slice(*parts[-1])]) if parts else ""
    if not is_lead_in(lead):
        return None
    named = _pattern("measures_lead").search(lead), _pattern("shortcomings_lead").search(lead)
    if named[0] and named[1] and not _pattern("answers_lead").search(lead):
        return None
    return "REMEDY" if named[0] else "PROBLEM" if named[1] else None
