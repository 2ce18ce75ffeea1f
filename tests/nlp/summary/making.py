"""Reports of invented agencies with a prose of one's choice, and stores of them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from nlp import output, store
from nlp.document import Section
from nlp.record import Agency, Narrative, Record, Span, Statistics
from tests.nlp.handmade import make_record

SEAWALL = "今年汛前把海塘沿线的三十处险段逐一登记造册，张榜告知沿岸住户，并请渔民代表到现场看过之后才定下修复的先后。"
ORCHARD = "果农最关心收购价，镇里每逢收购旺季把各收购点的牌价抄在黑板上，早晚各换一次，谁压价谁抬价一目了然。"
SCHOOL = "山上两所小学合并以后校车怎么走，先在家长群里问了一圈，再把三条线路画成图贴在校门口，一周内没有人反对才开通。"
BRIDGE = "老桥封闭期间渡船免费，班次改动提前两天写在渡口木牌上，夜里有急事可以拨打值班电话，船工十分钟内到岸。"


def report(agency: str, year: int, prose: str, statistics: Statistics | None = None) -> Record:
    """A report whose one section is `prose`."""
    title, heading = f"{agency}{year}年政府信息公开工作年度报告\n", "一、总体情况\n"
    text = title + heading + prose + "\n"
    start = len(title)
    section = Section("overview", heading.strip(), Span(start, len(text)), Span(start, start + len(heading) - 1))
    return replace(
        make_record(), id=hashlib.sha256(text.encode()).hexdigest(), text=text, agency=Agency(agency, "township"), year=year,
        published=None, sections=[section], statistics=statistics or Statistics(), narrative=Narrative(), status="complete",
    )  # fmt: skip


def store_of(records: Sequence[Record], folder: Path, name: str = "reports") -> Path:
    """A store of `records` in this order."""
    output.write(records, folder / f"{name}.parquet", "parquet")
    store.build(folder / f"{name}.parquet", folder / f"{name}.duckdb")
    return folder / f"{name}.duckdb"
