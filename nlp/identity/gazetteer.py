"""The administrative divisions of China by name: provinces, cities, counties, townships; telephone area codes.

The data is that of the package `jionlp` (`china_location.zip`, divisions down to the township with codes of GB/T 2260;
`china_location_change.txt`, renamed ones; `landline_phone_area_code.txt`). The files are read where the package lies,
without importing it: its import unpacks 50 MB of other dictionaries beside itself and prints.
"""

from __future__ import annotations

import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from nlp.errors import SettingsError

PlaceLevel = Literal["province", "city", "county", "township"]

_MUNICIPALITIES = frozenset({"北京市", "上海市", "天津市", "重庆市"})
_NO_CITY = "直辖行政区划"  # counties right below a province (仙桃市) and towns right below a city (东莞市)
_LINE = re.compile(rb"(?m)^(\t{0,3})([^\t\r\n]+)(?:\t(\d{6})\t([^\t\r\n]*))?")
_ZONES = range(71, 81)  # the last two digits of the code of a development zone, which is no division
_TOWNSHIP = re.compile(r"(?:镇|乡|街道|苏木|办事处)$")  # the list holds farms, offices and zones beside them
_REPORTS_SINCE = "2008"  # earlier renamings cannot stand in a report
_AUTONOMOUS = re.compile(r"(?<=.)(?:[\u4e00-\u9fff]{1,3}族)+自治([州县旗])$")


@dataclass(frozen=True, slots=True)
class Place:
    """A division: its own name and the names above it; `city` is None in a municipality and right below a province."""

    name: str
    level: PlaceLevel
    province: str
    city: str | None
    county: str | None
    adcode: str

    def inside(self, other: Place) -> bool:
        """Whether `other` is this place or lies above it."""
        mine = (self.province, self.city, self.county)[
            : ("province", "city", "county", "township").index(other.level) + 1
        ]
        return other.level != "township" and mine[-1] == other.name and self.province == other.province


@dataclass(slots=True)
class Gazetteer:
    """Places by full name and by what people call them (`合水`, `大理州`); cities by telephone area code."""

    named: dict[str, list[Place]] = field(default_factory=lambda: defaultdict(list))
    called: dict[str, list[Place]] = field(default_factory=lambda: defaultdict(list))
    towns: dict[str, list[Place]] = field(default_factory=lambda: defaultdict(list))
    area_codes: dict[str, tuple[str, str]] = field(default_factory=dict)

    def full(self, name: str) -> list[Place]:
        """Places of exactly this name, counties before 2019 under their old names included."""
        return self.named.get(name, [])

    def short(self, name: str) -> list[Place]:
        """Provinces, cities and counties that are called so for short."""
        return self.called.get(name, [])

    def township(self, name: str) -> list[Place]:
        """Townships of this name, each as the county that it lies in."""
        return self.towns.get(name, [])

    def has_township(self, county: Place, start: str) -> bool:
        """Whether a township of the same county has a name that starts so (东湖高新区, 东湖风景区街道)."""
        near = (place for name, places in self.towns.items() if name.startswith(start) for place in places)
        return any((p.province, p.city, p.county) == (county.province, county.city, county.county) for p in near)

    def by_pinyin(self, letters: str) -> list[Place]:
        """Provinces, cities and counties whose short name is spelt so (`pingtan`)."""
        return [place for name in _spelt().get(letters, ()) for place in self.called[name]]


@cache
def _spelt() -> dict[str, list[str]]:
    """Short names by their pinyin; built at first use, for most reports place themselves without it."""
    from pypinyin import lazy_pinyin  # its dictionaries take 0.15 s to load

    spelt: dict[str, list[str]] = defaultdict(list)
    for name in gazetteer().called:
        spelt["".join(lazy_pinyin(name))].append(name)
    return spelt


@cache
def gazetteer() -> Gazetteer:
    """Read the gazetteer once. Raises SettingsError when the package that carries it is not installed."""
    spec = find_spec("jionlp")
    if spec is None or not spec.submodule_search_locations:
        raise SettingsError("package jionlp, which carries the gazetteer, is not installed; run `pip install gongkai`")
    folder = Path(spec.submodule_search_locations[0]) / "dictionary"
    places = Gazetteer()
    with zipfile.ZipFile(folder / "china_location.zip") as archive:
        _add_divisions(places, archive.read("china_location.txt"))
    _add_renamed(places, (folder / "china_location_change.txt").read_text(encoding="utf-8"))
    for line in (folder / "landline_phone_area_code.txt").read_text(encoding="utf-8").splitlines():
        code, _, where = line.partition(" ")
        province, _, city = where.partition("/")
        places.area_codes[code] = (province, city)
    return places


def _add_divisions(places: Gazetteer, data: bytes) -> None:
    for place, short in _divisions(data):
        if place.level == "township":
            places.towns[place.name].append(place)
            continue
        places.named[place.name].append(place)
        for name in _nicknames(place.name, short):
            places.called[name].append(place)


def _divisions(data: bytes) -> Iterator[tuple[Place, str]]:
    """Every division above the village, with its short name. Indentation by tabs tells the level."""
    province = city = county = adcode = ""
    for tabs, raw_name, raw_code, raw_short in _LINE.findall(data):
        name, code, short = raw_name.decode(), raw_code.decode(), raw_short.decode()
        depth = len(tabs)
        if depth == 0:
            province, city, county = name, "", ""
            yield Place(name, "province", name, None, None, code), short
        elif depth == 1:
            city, county = ("" if name in _MUNICIPALITIES or name.endswith(_NO_CITY) else name), ""
            if city:
                yield Place(name, "city", province, name, None, code), short
        elif depth == 2:
            is_division = code and not name.endswith(_NO_CITY) and int(code[4:]) not in _ZONES
            county = name if is_division else ""
            adcode = code
            if county:
                yield Place(name, "county", province, city or None, name, code), short
        elif (county or city) and _TOWNSHIP.search(name):
            yield Place(name, "township", province, city or None, county or None, adcode), ""


def _nicknames(name: str, short: str) -> set[str]:
    """What a division is called: its short name, and that with the class word of an autonomous one (`大理州`)."""
    autonomous = _AUTONOMOUS.search(name)
    return {short, short + autonomous.group(1)} if autonomous else {short}


def _add_renamed(places: Gazetteer, table: str) -> None:
    """Add cities and counties under the names they had, with the code of the division that they became."""
    for line in table.splitlines():
        before, _, after = line.partition("=>")
        date, _, *old = before.split("\t")
        new = after.split("\t")
        if date < _REPORTS_SINCE or len(old) < 4 or len(new) != len(old) // 2:
            continue
        *above, name, short = old
        successor = next((p for p in places.full(new[-1]) if p.province == new[0]), None)
        if successor is None or any(p.province == above[0] for p in places.full(name)):
            continue
        if successor.level == "city":
            place = Place(name, "city", new[0], name, None, successor.adcode)
        else:
            place = Place(name, "county", above[0], above[2], name, successor.adcode)
        places.named[name].append(place)
        if all(known.adcode != place.adcode for known in places.called[short]):
            places.called[short].append(place)
