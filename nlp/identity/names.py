"""Names of bodies: whether a phrase is one, what level the body has, where a text names the one that reports."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache

from nlp.identity.gazetteer import gazetteer
from nlp.record import Level
from nlp.settings import load_toml

_GOVERNMENT = re.compile(r"(?:人民)?政府$")
_BY_CLASS: tuple[tuple[str, Level], ...] = (
    ("省", "province"), ("自治区", "province"), ("州", "city"), ("盟", "city"), ("地区", "city"), ("市", "city"),
    ("县", "county"), ("区", "county"), ("旗", "county"), ("镇", "township"), ("乡", "township"),
)  # fmt: skip
_WRAPPED = 20  # characters from which on a line may be a part of a wrapped paragraph
_LONGEST_NAME = 25  # characters
_CLASS_WORDS = "省市县区旗州盟"
_REPRESENTATION = re.compile(r"驻.{2,8}办事处$")


@cache
def _pattern(key: str) -> re.Pattern[str]:
    return re.compile(load_toml("identity.toml")["agency"][key])


@cache
def _patterns(key: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern) for pattern in load_toml("identity.toml")["agency"][key])


def is_relative(name: str) -> bool:
    """Whether the name only says what the body is to the speaker: 我局, 县政府; 市教育局 has a name."""
    return bool(_pattern("relative").match(name))


def looks_like_body(name: str) -> bool:
    """Whether the whole phrase can be the name of a body that reports."""
    if not 2 <= len(name) <= 40 or is_relative(name) or _pattern("never").search(name):
        return False
    by_words = any(_pattern(key).search(name) for key in ("department", "township", "other", "zone"))
    return by_words or bool(_GOVERNMENT.search(name)) or (name[-1] in _CLASS_WORDS and is_place_path(name))


def level_of(name: str) -> Level | None:
    """The level of the body: of a government its place's; `department` for its bureaus, `other` for what is neither."""
    place = _GOVERNMENT.sub("", name)
    for start in range(max(0, len(place) - 15), len(place)):
        found = gazetteer().full(place[start:]) or (place[-1] in _CLASS_WORDS and gazetteer().short(place[start:]))
        if found and _whole_name(place[:start]):
            return found[0].level
    for key, level in (("other", "other"), ("zone", "other"), ("township", "township"), ("department", "department")):
        if _pattern(key).search(name) and not (key == "township" and _REPRESENTATION.search(name)):
            return level  # type: ignore[return-value]  # the literals above
    if _REPRESENTATION.search(name):
        return "department"
    return next((level for word, level in _BY_CLASS if place.endswith(word)), None)


def _whole_name(above: str) -> bool:
    """Whether what stands before a place's name is empty or names the places above it."""
    return not above or is_place_path(above)


def is_place_path(text: str) -> bool:
    """Whether the text is places one after the other and nothing else: `福建省平潭县`."""
    places = gazetteer()
    while text:
        end = next((n for n in range(len(text), 1, -1) if places.full(text[:n]) or places.short(text[:n])), 0)
        if not end:
            return False
        text = text[end:].removeprefix("人民政府")
    return True


def named_in(header: str, opening: str, tail: str) -> Iterator[str]:
    """Names of the body that reports, surest first: announced, signed, stated as the source, the maker, the subject.

    `header` is the text before the first section, `opening` that and the first sentences, `tail` the end of the report;
    lines kept, ASCII punctuation.
    """
    header_words, opening_words = _unwrapped(header), _unwrapped(opening)
    yield from _matches("announced", header_words)
    yield from _signatures(tail)
    yield from _matches("stated", header)
    yield from _matches("made", header_words)
    yield from _matches("announced", opening_words)
    yield from _matches("made", opening_words)
    yield from _matches("subject", opening_words)


def _unwrapped(text: str) -> str:
    """Lines joined where they are long enough to be wrapped prose; other breaks kept; no other white space."""
    lines = ["".join(line.split()) for line in text.splitlines()]
    return "".join(line if len(line) >= _WRAPPED else line + "\n" for line in lines if line)


def _matches(key: str, text: str) -> Iterator[str]:
    for pattern in _patterns(key):
        for match in pattern.finditer(text):
            name = "".join(match.group("name").split())
            name = _pattern("office").sub("", f"{name}政府" if name.endswith("人民") else name)
            if looks_like_body(name):
                yield name


def _signatures(tail: str) -> Iterator[str]:
    """Names on a line of their own, or before the date that closes the report, the last first."""
    lines = ["".join(line.split()) for line in re.split(r"[\n|]", tail)]
    for line in reversed([line for line in lines if line][-6:]):
        name = re.sub(r"\(盖章\)|20\d\d年\d+月\d+日.*$", "", line)
        name = re.split(r"[。;!?:]", name)[-1]
        if 4 <= len(name) <= 30 and re.fullmatch(r"[\u4e00-\u9fff()]+", name) and looks_like_body(name):
            yield name


def named_like_itself(text: str) -> str | None:
    """The body most often named in the text, with its place, among those called as the speaker calls itself (我局).

    For reports whose title and first sentences name nobody; `text` without white space.
    """
    selves = load_toml("identity.toml")["agency"]["selves"]
    said = Counter(re.findall(rf"[我本]({'|'.join(sorted(selves, key=len, reverse=True))})", text))
    if not said:
        return None
    own = said.most_common(1)[0][0]
    ends = (match.end() for match in re.finditer(selves[own], text))
    names = Counter(name for end in ends for name in [_from_place(text[max(0, end - _LONGEST_NAME) : end])] if name)
    return names.most_common(1)[0][0] if names else None


def _from_place(words: str) -> str | None:
    """The part of `words` that is a name from its place on: `通过岳阳市水利局` → `岳阳市水利局`."""
    for start in range(len(words) - 1):
        for end in range(start + 2, min(len(words), start + 12) + 1):
            part_of_word = end - start == 2 and "\u4e00" <= words[start - 1 : start] <= "\u9fff"
            if words[end - 1] in _CLASS_WORDS and gazetteer().full(words[start:end]) and not part_of_word:
                name = words[start:]
                return name if looks_like_body(name) and re.fullmatch(r"[\u4e00-\u9fff]+", name) else None
    return None
