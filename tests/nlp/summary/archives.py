"""Archives of invented agencies made by chance from a seed, and summaries of them."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from nlp.document import Section
from nlp.record import Record, Span
from nlp.summary import Options, Summary, summarize
from nlp.summary.vectors import Encoder
from tests.nlp.handmade import make_record
from tests.nlp.summary.making import BRIDGE, ORCHARD, SCHOOL, SEAWALL, store_of
from tests.nlp.summary.stating import PROBLEMS, REMEDIES, Stated, stating

KINDS = ["教育局", "水务局", "财政局", "审计局"]
PLACES = [("云中省", "白石市"), ("云中省", "青溪市"), ("海东省", "月港市")]


def reports(seed: int, n: int) -> list[Record]:
    """Reports of agencies of several kinds, places and years, no two of one agency and year."""
    chance = random.Random(seed)
    found = []
    for number in range(n):
        place = chance.choice(PLACES)
        topics = chance.sample(sorted(PROBLEMS), chance.randint(0, 4))
        stated = [
            Stated(
                chance.choice(PROBLEMS[topic]),
                ("timeliness",) if topic == "late" else ("other",),
                tuple((words, chance.random() < 0.3) for words in chance.sample(REMEDIES[topic], chance.randint(0, 2))),
            )
            for topic in topics
        ]
        name = f"{place[1]}第{number // 3}{chance.choice(KINDS) if number % 3 == 0 else KINDS[0]}"
        found.append(stating(name, 2019 + number % 3, stated, place, ["继续加强学习"] if chance.random() < 0.2 else []))
    return list({(one.agency.name, one.year): one for one in found}.values())


def full_reports(seed: int, n: int) -> list[Record]:
    """The same with tables, checks, and prose of which much is copied."""
    chance = random.Random(seed)
    return [_filled(record, chance) for record in reports(seed, n)]


def _filled(record: Record, chance: random.Random) -> Record:
    assert record.agency.name and record.year
    start = len(record.text)
    prose = "".join(chance.sample([SEAWALL, ORCHARD, SCHOOL, BRIDGE], chance.randint(0, 4)))
    text = record.text + f"一、总体情况\n{prose}\n"
    overview = Section("overview", "一、总体情况", Span(start, len(text)), Span(start, start + 6))
    tables = make_record(record.agency.name, record.year, "2021", (chance.randint(0, 1), chance.randint(0, 2)))
    bare = {
        key: {column: replace(cell, span=None) for column, cell in row.items()} for key, row in tables.statistics.applications.items()
    }
    return replace(
        record, text=text, sections=[*record.sections, overview], checks=tables.checks,
        statistics=replace(tables.statistics, applications=bare, disclosure={}),
    )  # fmt: skip


def summary_of(records: Iterable[Record], encoder: Encoder, options: Options | None = None) -> Summary:
    with TemporaryDirectory() as folder:
        return summarize(store_of(list(records), Path(folder)), options or Options(copies=False), encoder)
