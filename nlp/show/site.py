"""Many records as a folder: a page each and a list of them all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from nlp.errors import StoreError
from nlp.record import Record
from nlp.show.page import heading, page, render
from nlp.show.places import cells_by_path

# Enough of a SHA-256 to tell ten million reports apart, and short enough to read.
_ID_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the list: where the page is, whose report it is, and its figures."""

    href: str
    heading: str
    agency: str | None
    region: str
    level: str | None
    year: int | None
    forms: str
    status: str
    states: Counter[str]
    checks: Counter[str]
    facts: tuple[int, int, int, int]
    n_issues: int
    source: str


def write_site(records: Iterable[Record], folder: Path) -> Path:
    """Write `index.html` and a page for each record into `folder` (made if absent); returns the path of the list.

    The same report given twice has one page. Raises StoreError when the folder cannot be written.
    """
    entries: dict[str, Entry] = {}
    index = folder / "index.html"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for record in records:
            entry = _entry(record)
            if entry.href not in entries:
                entries[entry.href] = entry
                (folder / entry.href).write_text(page(record, index.name), encoding="utf-8")
        index.write_text(_index(list(entries.values())), encoding="utf-8")
    except OSError as error:
        raise StoreError(f"cannot write pages into {folder}: {error.strerror or error}") from error
    return index


def _index(entries: list[Entry]) -> str:
    states: Counter[str] = sum((entry.states for entry in entries), Counter())
    checks: Counter[str] = sum((entry.checks for entry in entries), Counter())
    return render(
        "index.html.j2",
        "index.js",
        entries=entries,
        states=states,
        checks=checks,
        statuses=Counter(entry.status for entry in entries),
        n_agencies=len({entry.agency for entry in entries if entry.agency}),
        years=sorted({entry.year for entry in entries if entry.year}),
    )


def _entry(record: Record) -> Entry:
    region, facts = record.agency.region, record.narrative
    parts = dict.fromkeys(part for part in (region.province, region.city, region.county) if part)
    return Entry(
        href=f"{record.id[:_ID_LENGTH]}.html",
        heading=heading(record),
        agency=record.agency.name,
        region=" ".join(parts),
        level=record.agency.level,
        year=record.year,
        forms=" ".join(dict.fromkeys(record.statistics.forms.values())),
        status=record.status,
        states=Counter(cell.state for cell in cells_by_path(record).values()),
        checks=Counter(check.status for check in record.checks),
        facts=(len(facts.leadership_groups), len(facts.counts), len(facts.problems), len(facts.remedies)),
        n_issues=len(record.issues),
        source=record.source.member or record.source.path,
    )
