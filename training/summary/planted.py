"""Planted copies: reports of invented agencies that take a known share of their text from another one.

`copies/<half>.txt` holds, below the name of the document of `training/corpus` it was taken from, sentences and, indented
under a sentence, another wording of it, written by hand. Everything else is made from these by rules, the same every time.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import opencc

from nlp.document import Section, Source, Span
from nlp.record import SCHEMA_VERSION, Agency, Narrative, Producer, Record, Statistics
from nlp.summary.prose import prose_of_text
from training.markup import read_marked

_HERE = Path(__file__).resolve().parent
_CORPUS = _HERE.parent / "corpus"
_SENTENCE = re.compile(r"[^。；\n]{21,61}[。；]")
_N_INDEPENDENT = 60  # reports of each half that copy nothing
_N_SENTENCES = 8  # of an independent report, and what a mixed one adds for each part
_FULL_WIDTH = {ord("0") + n: ord("０") + n for n in range(10)} | {ord("，"): ",", ord("；"): ";", ord("："): ":"}


@dataclass(frozen=True)
class Unit:
    """A sentence; those of one `key` say the same in the same words (numbers, script, width apart)."""

    key: str
    text: str

    @cached_property
    def size(self) -> int:
        """Characters of its normal form, in which a number is one."""
        return len(prose_of_text(self.text).text.rstrip())


@dataclass(frozen=True)
class Base:
    """Sentences of an authored document, and other wordings of most of them."""

    name: str
    sentences: tuple[Unit, ...]
    wordings: dict[int, Unit]


@dataclass(frozen=True)
class Planted:
    """A report: how it was made (`strength`), its sentences, and its text as printed."""

    agency: str
    year: int
    strength: str
    units: tuple[Unit, ...]
    text: str

    @property
    def order(self) -> tuple[int, str]:
        """Its place in time."""
        return self.year, self.agency


def share(older: Planted, newer: Planted) -> float:
    """The share of the characters of `newer` that stand in sentences taken from `older`; numbers count as one."""
    keys = {unit.key for unit in older.units}
    return sum(unit.size for unit in newer.units if unit.key in keys) / sum(unit.size for unit in newer.units)


def planted(half: str) -> list[Planted]:
    """All reports of a half, `dev` or `test`: bases, their copies, and reports that copy nothing."""
    bases = list(read_bases(_HERE / "copies" / f"{half}.txt"))
    fillers = _fillers(half, {base.name for base in bases})
    reports = [report for base in bases for report in _family(base, fillers)]
    for _ in range(_N_INDEPENDENT):
        reports.append(_printed("independent", [next(fillers) for _ in range(_N_SENTENCES)], 2020))
    return [replace(report, agency=f"第{n:03}号镇人民政府") for n, report in enumerate(reports)]


def read_bases(path: Path) -> Iterator[Base]:
    """The bases of a file of copies, in order."""
    for block in path.read_text(encoding="utf-8").strip().split("\n\n"):
        head, *lines = block.split("\n")
        name = head.removeprefix("# ")
        sentences: list[Unit] = []
        wordings: dict[int, Unit] = {}
        for line in lines:
            if line.startswith("\t"):
                n = len(sentences) - 1
                wordings[n] = Unit(f"{name}/{n}/reworded", line.strip())
            else:
                sentences.append(Unit(f"{name}/{len(sentences)}", line))
        yield Base(name, tuple(sentences), wordings)


def record_of(report: Planted) -> Record:
    """A report as a record: a title, a section, its prose."""
    title = f"{report.agency}{report.year}年政府信息公开工作年度报告"
    heading = "一、总体情况"
    start = len(title) + 1
    text = f"{title}\n{heading}\n{report.text}\n"
    section = Section("overview", heading, Span(start, len(text)), Span(start, start + len(heading)))
    return Record(
        SCHEMA_VERSION, hashlib.sha256(text.encode()).hexdigest(), Source(f"{report.agency}.txt"), text, title,
        Agency(report.agency, "township"), report.year, None, "hans", [section], Statistics(), Narrative(), [], [],
        "complete", Producer("planted"),
    )  # fmt: skip


def _family(base: Base, fillers: Iterator[Unit]) -> Iterator[Planted]:
    """A base and its copies, from a whole one to one that keeps less than a third."""
    own = list(base.sentences)
    moved = random.Random(base.name).sample(own, len(own))
    places = sorted(base.wordings)
    third = max(2, len(own) // 3)
    yield _printed("base", own, 2020)
    yield _printed("verbatim", own)
    yield _printed("numbers", own, change=_other_numbers)
    yield _printed("moved", moved)
    yield _printed("traditional", own, change=opencc.OpenCC("s2t").convert)
    yield _printed("width", own, change=_other_layout)
    yield _printed("third reworded", _reworded(base, places[:third]))
    yield _printed("another third reworded", _reworded(base, places[third : 2 * third]))
    yield _printed("third reworded, moved, numbers", _reworded(base, places[-third:])[::-1], change=_other_numbers)
    yield _printed("half reworded", _reworded(base, places[::2] + places[1:2]))
    yield _printed("all reworded", _reworded(base, places))
    yield _printed("half added", [*own, *(next(fillers) for _ in own)])
    yield _printed("five quoted", [*own[1:6], *(next(fillers) for _ in range(_N_SENTENCES))])
    yield _printed("three quoted", [*own[2:5], *(next(fillers) for _ in range(_N_SENTENCES))])
    yield _printed("one quoted", [own[4], *(next(fillers) for _ in range(_N_SENTENCES))])


def _reworded(base: Base, places: Sequence[int]) -> list[Unit]:
    return [base.wordings[n] if n in places else unit for n, unit in enumerate(base.sentences)]


def _printed(
    strength: str, units: Sequence[Unit], year: int = 2021, change: Callable[[str], str] = lambda text: text
) -> Planted:
    return Planted("", year, strength, tuple(units), change("".join(unit.text for unit in units)))


def _other_numbers(text: str) -> str:
    return re.sub(r"\d", lambda digit: str(int(digit[0]) * 7 % 10 or 3), text)


def _other_layout(text: str) -> str:
    """Full-width digits, ASCII punctuation, lines of a page."""
    return "\n".join(re.findall(r".{1,33}", text.translate(_FULL_WIDTH)))


def _fillers(half: str, used: set[str]) -> Iterator[Unit]:
    """Sentences of the other documents of the corpus, each once, those of one document after each other."""
    for n, path in enumerate(sorted(_CORPUS.glob("*/*/*.txt"))):
        if (n % 2 == 0) == (half == "dev") and path.stem not in used:
            text = read_marked(path, ()).text
            yield from (Unit(f"{path.stem}/{place}", s.strip()) for place, s in enumerate(_SENTENCE.findall(text)[:_N_SENTENCES]))
