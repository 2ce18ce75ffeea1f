"""Document → who reports, where, for which year, published when: read from title, header, signature and text."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from nlp.document import Document, Folded, Section
from nlp.fold import fold
from nlp.identity.dates import plain_dates, publication_date, report_year
from nlp.identity.gazetteer import gazetteer
from nlp.identity.names import is_place_path, is_relative, level_of, looks_like_body, named_in, named_like_itself
from nlp.identity.region import Evidence, region_of
from nlp.identity.title import find_title
from nlp.record import Agency, Region

__all__ = ["Identity", "identify"]

_ASCII = str.maketrans("（）：，；！？【】〔〕", "():,;!?[][]")
_HEADER = 1500  # characters that count as the header of a report without sections
_OPENING = 600  # characters after the first heading in which a report without a header names its body
_TAIL = 600  # characters at the end in which a signature stands
_ADDRESS = re.compile(r"地址:?([\u4e00-\u9fff]{4,30})")
_SITE = re.compile(r"(?m)^\s*([\u4e00-\u9fff]{2,12}人民政府(?:门户)?网?站?)\s*$")  # the head of a page
_HOST = re.compile(r"(?<![a-z0-9.-])([a-z0-9.-]{1,80})\.(?:gov\.cn|gov|cn)(?![a-z.])")
_COMPLETIONS = ("人民政府", "街道办事处", "办事处", "管理委员会", "管委会")


@dataclass(frozen=True, slots=True)
class Identity:
    """What a report says of itself; None where it says nothing. `published` is an ISO date."""

    title: str | None
    agency: Agency
    year: int | None
    published: str | None


def identify(document: Document, folded: Folded, sections: Sequence[Section]) -> Identity:
    """Who reports, for which year, published when. `folded`: the simplified copy of the text; `sections`: its split."""
    text = folded.text.translate(_ASCII)
    header, tail = _ends(text, folded, sections)
    found = find_title(document, header, folded)
    dated_header, dated_tail = plain_dates(header), plain_dates(tail)
    squeezed = "".join(plain_dates(text).split())
    stated = document.published or publication_date(dated_header, dated_tail, None)
    year = report_year(found.plain if found else None, "".join(dated_header.split()), squeezed, stated)
    published = document.published or publication_date(dated_header, dated_tail, year)
    site, author = (fold(value or "").text.strip() for value in (document.site, document.author))
    names = [found.name] if found and found.name else []
    names += named_in(header, text[: len(header) + _OPENING], tail)
    names += [author] if looks_like_body(author) else []
    strong = " ".join([*names, site, *_SITE.findall(header), *_ADDRESS.findall(squeezed[: 2 * _HEADER])])
    agency = _agency(list(dict.fromkeys(names)), Evidence(squeezed, strong, _hosts(text, document.source.url)))
    return Identity(found.printed if found else document.title, agency, year, published)


def _hosts(text: str, url: str | None) -> frozenset[str]:
    found = _HOST.findall(f"{url or ''} {text}".lower())
    return frozenset(word for host in found for word in re.split(r"[.-]", host) if len(word) > 3)


def _ends(text: str, folded: Folded, sections: Sequence[Section]) -> tuple[str, str]:
    """What stands before the first section, and the end of the report without its appendix."""
    own = [s for s in sections if s.kind != "preamble"]
    start = bisect_left(folded.offsets, own[0].span.start) if own else _HEADER
    appendix = own[-1].span.start if own and own[-1].title.lstrip().startswith("附") else None
    last = appendix or (sections[-1].span.end if sections else len(text))
    end = bisect_left(folded.offsets, last)
    return text[:start], text[max(end - _TAIL, 0) : end]


def _agency(names: Sequence[str], evidence: Evidence) -> Agency:
    name = next((n for n in names if not is_relative(n)), None) or named_like_itself(evidence.text)
    if name is None:
        return Agency(None, None, region_of(None, evidence))
    name = _completed(name, names, evidence.text)
    region = region_of(name, evidence)
    return Agency(_with_place(name, region), level_of(name), region)


def _completed(name: str, names: Sequence[str], text: str) -> str:
    """The longer form of a name that the report itself uses: 固城镇 → 固城镇人民政府, 教育局 → 合水县教育局."""
    longer = [n for n in names if n.endswith(name) and n != name and is_place_path(n.removesuffix(name))]
    name = longer[0] if longer else name
    if level_of(name) in ("department", "other", None):
        return _place_before(name, text) + name
    return next((name + end for end in _COMPLETIONS if not name.endswith(_COMPLETIONS) and name + end in text), name)


def _place_before(name: str, text: str) -> str:
    """The place that the text puts before a name that holds none (水利局 → 梅河口市水利局), else nothing."""
    if gazetteer().full(name[:2]) or gazetteer().full(name[:3]) or gazetteer().full(name[:4]):
        return ""
    found = re.findall(rf"([\u4e00-\u9fff]{{1,8}}){re.escape(name)}", text)
    paths = Counter(place for before in found for place in [_last_place(before)] if place)
    return paths.most_common(1)[0][0] if paths else ""


def _last_place(before: str) -> str:
    return next((before[n:] for n in range(len(before) - 1) if is_place_path(before[n:])), "")


def _with_place(name: str, region: Region) -> str:
    """A name that starts with a bare class word (市教育局) with the name of the place in front."""
    places = {"省": region.province, "市": region.city or region.county, "县": region.county, "区": region.county,
              "旗": region.county, "州": region.city}  # fmt: skip
    place = places.get(name[0])
    return place + name[1:] if place and place.endswith(name[0]) else name
