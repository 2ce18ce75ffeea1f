"""A summary with something in every part, of invented agencies; some of their words try to be markup or formulas."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from nlp.document import Section
from nlp.record import Record, Span
from nlp.summary import Options, Summary, summarize
from tests.nlp.handmade import make_record
from tests.nlp.summary.making import BRIDGE, ORCHARD, SCHOOL, SEAWALL, store_of
from tests.nlp.summary.stating import PROBLEMS, REMEDIES, Stated, stating
from tests.nlp.summary.topics import Topics

MARKUP = "<script>document.title='hacked'</script><b>信息</b>"
FORMULA = "=HYPERLINK(\"http://example.invalid\",\"点此\")"
PLACES = [("河北省", "洺溪市"), ("江苏省", "白马渡市"), ("云南省", "青溪市")]
CATEGORIES = {"late": "timeliness", "staff": "staff", "interpretation": "interpretation"}


def _report(n: int, place: tuple[str, str], year: int) -> Record:
    stated = [
        Stated(PROBLEMS[topic][(n + year) % 4], (code,), ((REMEDIES[topic][year % 2], bool(n % 2)),) if n != 1 else ())
        for topic, code in CATEGORIES.items()
    ]
    odd = [Stated(MARKUP, ("platform",)), Stated(FORMULA, ("other",))] if (n, year) == (0, 2022) else []
    name = f"{place[1]}{'@SUM(1)|' if n == 2 else ''}水务局"
    record = stating(name, year, stated + odd, place, ["继续加强学习"])
    start = len(record.text)
    text = record.text + f"一、总体情况\n{SEAWALL}{ORCHARD}{SCHOOL}{BRIDGE if year == 2022 else ''}\n"
    overview = Section("overview", "一、总体情况", Span(start, len(text)), Span(start, start + 6))
    tables = make_record(name, year, "2021", (0, year % 2))
    bare = {
        key: {column: replace(cell, span=None) for column, cell in row.items()}
        for key, row in tables.statistics.applications.items()
    }
    return replace(
        record, text=text, sections=[*record.sections, overview], checks=tables.checks,
        statistics=replace(tables.statistics, applications=bare, disclosure={}),
    )  # fmt: skip


@cache
def summary() -> Summary:
    """The summary of nine reports: three agencies, three years."""
    records = [_report(n, place, year) for n, place in enumerate(PLACES) for year in (2021, 2022, 2023)]
    with TemporaryDirectory() as folder:
        return summarize(store_of(records, Path(folder)), Options(), Topics())  # type: ignore[arg-type]  # stands in for Encoder
