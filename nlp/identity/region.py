"""Where an agency is: the places in its name, and where these leave a choice, what else the report says of places."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from nlp.identity.gazetteer import Place, gazetteer
from nlp.record import Region
from nlp.settings import load_toml

_CLASS_WORDS = re.compile(r"[省市县区旗州盟]")
_AREA_CODE = re.compile(r"(?<!\d)(0(?:10|2\d|[3-9]\d\d))[-—–) ]{1,2}\d{7,8}(?!\d)")
_LONGEST = 12  # characters of the longest name that is looked up
_COUNT_CAP = 4  # more mentions of a name than this prove no more
_BEFORE_PLACES = "省市县区旗州盟府镇局行共国网团院司"  # what may precede a place: 大五里镇 is not 五里镇
_PROVINCIAL = "省区市"
_STRONG, _AREA_WEIGHT = 6.0, 8.0
_LEVEL_WEIGHT = {"county": 3.0, "city": 2.0, "province": 1.0}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a report says of places: its whole text, and short texts that speak of the agency (site, source, address).

    `hosts` are the words of the addresses of government sites and mail boxes that it names, in small letters.
    """

    text: str
    strong: str
    hosts: frozenset[str] = frozenset()

    @property
    def area_codes(self) -> set[tuple[str, str]]:
        """Province and city, by their short names, of the telephone numbers given."""
        known = gazetteer().area_codes
        return {known[code] for code in _AREA_CODE.findall(self.text) if code in known}


def region_of(name: str | None, evidence: Evidence) -> Region:
    """The region of the agency called `name`; only what name and evidence leave no doubt about."""
    places = _best(places_in(name, evidence), evidence) if name else []
    if name and len(places) > 1:
        places = [p for p in places if gazetteer().has_township(p, name[:2])] or places
    if places and not (places[0].level == "township" and _elsewhere(places, evidence)):
        return _common(places)
    return _common(_best(_named_in_text(name or "", evidence), evidence) or places)


def _elsewhere(townships: Sequence[Place], evidence: Evidence) -> bool:
    """Whether the report names none of the counties in which townships of this name are known to lie."""
    said = evidence.text + evidence.strong
    return not any(t.county is None or t.county in said or _in_hosts(_county_of(t), evidence) for t in townships)


def _county_of(township: Place) -> Place:
    return replace(township, name=township.county or "", level="county")


def places_in(name: str, evidence: Evidence) -> list[Place]:
    """The deepest place that a name starts with, read from the left (`合水县固城镇…`); several if it is ambiguous.

    A name that starts with no place is searched for one (`国家税务总局合水县税务局`).
    """
    found = _chain(name, 0, evidence)
    for start in range(1, len(name) - 2):
        if found:
            break
        found = _chain(name, start, evidence)
    return found


def _chain(name: str, start: int, evidence: Evidence) -> list[Place]:
    found: list[Place] = []
    position = start
    while position < len(name):
        for end in range(min(len(name), position + _LONGEST), position + 1, -1):
            options = _options(name, position, end, evidence, first=position == 0 or bool(found))
            if found:
                options = [o for o in options if any(o != above and o.inside(above) for above in found)]
            if options:
                found, position = options, end
                break
        else:
            break
    return found


def _options(name: str, start: int, end: int, evidence: Evidence, first: bool) -> list[Place]:
    places, piece = gazetteer(), name[start:end]
    if not first and name[start - 1] not in _BEFORE_PLACES:
        return []
    full = places.full(piece) or places.township(piece)
    if full:
        return full
    if piece.endswith("街"):
        return places.township(piece + "道")
    stem_class = piece[-1] if piece[-1] in "市县区" and len(piece) > 2 else ""
    if stem_class:  # 增城市 before it became 增城区
        return [p for p in places.short(piece[:-1]) if p.level == "county" and p.name[-1] in "市县区"][:1]
    return [p for p in places.short(piece) if _called_so(p, piece, name[end:], evidence)] if first else []


def _called_so(place: Place, piece: str, rest: str, evidence: Evidence) -> bool:
    """Whether a short name stands for the place, given the rest of the agency's name after it."""
    if piece[-1] in "县州旗盟":
        return True
    if place.level == "county":
        follows = re.match(load_toml("identity.toml")["agency"]["follows"], rest)
        return bool(follows) and _supported(place, evidence)
    return not re.match(r"[\u4e00-\u9fff]{1,3}[市县区旗]", rest)  # 衡阳江区 is not in 衡阳


def _supported(county: Place, evidence: Evidence) -> bool:
    """Whether a short name stands for this county: 昆山经济技术开发区 does, 东湖高新区 alone is not 东湖区.

    Districts are called like lakes and hills, so the report must name one, or what lies above it.
    """
    above = (county.name, county.city, county.province)
    named = any(name in evidence.text for name in above if name) or _in_hosts(county, evidence)
    return named or not county.name.endswith("区")


def _in_hosts(place: Place, evidence: Evidence) -> bool:
    """Whether a site named by the report is called like the place (`www.pingtan.gov.cn`)."""
    return any(place in gazetteer().by_pinyin(host) for host in evidence.hosts)


def _best(places: Sequence[Place], evidence: Evidence) -> list[Place]:
    """The places that the evidence speaks for most; all of them where it speaks for none."""
    if len(places) < 2:
        return list(places)
    codes = evidence.area_codes
    scores = [_score(place, evidence, codes) for place in places]
    top = max(scores)
    return [place for place, score in zip(places, scores, strict=True) if score == top]


def _score(place: Place, evidence: Evidence, codes: Iterable[tuple[str, str]]) -> float:
    score = 0.0
    for level, name in (("county", place.county), ("city", place.city), ("province", place.province)):
        if name:
            score += _STRONG * any(name == p.name for host in evidence.hosts for p in gazetteer().by_pinyin(host))
            stem = re.sub(r"(?:市|省|县|区|地区|盟|自治区|自治[州县旗])$", "", name)
            stem = stem if len(stem) > 1 else name
            count = min(evidence.text.count(name), _COUNT_CAP) + min(evidence.text.count(stem), _COUNT_CAP) / 2
            score += _LEVEL_WEIGHT[level] * (count + _STRONG * (stem in evidence.strong))
    city = place.city or place.province
    return score + _AREA_WEIGHT * any(place.province.startswith(p) and city.startswith(c) for p, c in codes)


def _named_in_text(name: str, evidence: Evidence) -> list[Place]:
    """Places named in full in the report, for an agency whose name holds none; those most often named.

    One mention is too little, unless the report names the province above as well.
    """
    counts = _mentions(evidence.text)
    for found, count in _mentions(evidence.strong).items():
        counts[found] += count * int(_STRONG)
    counts.update({p.name: int(_STRONG) for host in evidence.hosts for p in gazetteer().by_pinyin(host)})
    own = _own_class(name, evidence.text)
    options = [p for n in counts if n[-1] in own for p in _below_province(n, own)]
    votes = [counts[p.name] + (p.level != "province" and p.province in evidence.text) for p in options]
    top = max(votes, default=0)
    return [p for p, n in zip(options, votes, strict=True) if n == top] if top > 1 else []


def _below_province(name: str, own: str) -> list[Place]:
    return [p for p in gazetteer().full(name) if own == _PROVINCIAL or p.level != "province"]


def _own_class(name: str, text: str) -> str:
    """Last characters of the place that an agency without a place in its name belongs to: it says 我县, 市委."""
    words = Counter(re.findall(r"(?:我|全|本|[,，。、在])([省市县区旗州])(?![直级域内])", text))
    words.update({word: 50 for word in name[:1] if word in "省市县区旗州"})
    own = words.most_common(1)[0][0] if words else ""
    return {"省": _PROVINCIAL, "州": "州盟", "县": "县", "旗": "旗", "区": "区", "市": "市"}.get(own, "市县区旗州盟")


def _mentions(text: str) -> Counter[str]:
    """How often places are named in full; `城区` and the like are common words, 康县 may be a part of 马尔康县."""
    counts: Counter[str] = Counter()
    places = gazetteer()
    for match in _CLASS_WORDS.finditer(text):
        end = match.end()
        for start in range(max(0, end - _LONGEST), end - 1):
            piece = text[start:end]
            whole = len(piece) > 2 or (piece[-1] in "县省" and not "\u4e00" <= text[start - 1 : start] <= "\u9fff")
            if whole and places.full(piece):
                counts[piece] += 1
                break
    return counts


def _common(places: Sequence[Place]) -> Region:
    """What all the places share, from the province down; the code of the deepest level that is known."""
    if not places:
        return Region()
    first = places[0]
    same_province = all(p.province == first.province for p in places)
    same_city = same_province and all(p.city == first.city for p in places)
    same_county = same_city and all(p.county == first.county for p in places)
    if same_county:
        return Region(first.province, first.city, first.county, first.adcode)
    if same_city and first.city:
        return Region(first.province, first.city, None, _adcode(first.city, first.province))
    return Region(first.province, None, None, _adcode(first.province, first.province)) if same_province else Region()


def _adcode(name: str, province: str) -> str | None:
    return next((p.adcode for p in gazetteer().full(name) if p.province == province), None)
