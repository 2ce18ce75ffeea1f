"""The record: one report in, one record out. Shape and meaning: `spec/record.md`, schema version 1.0.

Frozen dataclasses; JSON and JSON Schema through msgspec, so that the types below are the only definition.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from nlp.document import Block, Issue, Section, Severity, Source, Span
from nlp.errors import RecordError

SCHEMA_VERSION = "1.0"
Level = Literal["province", "city", "county", "township", "department", "other"]
CellState = Literal["printed", "blank", "recovered", "unreadable"]
RecoveredBy = Literal["row", "report", "prose", "years"]
CheckStatus = Literal["pass", "fail", "unknown"]
RecordStatus = Literal["complete", "partial", "failed"]
CountKind = Literal[
    "published", "request", "reply", "review", "lawsuit", "interpretation", "response", "meeting", "training",
    "audience", "share", "fee", "other",
]
RemedyStatus = Literal["planned", "done"]
Number = int | float

__all__ = [
    "SCHEMA_VERSION", "Agency", "Block", "Cell", "CellState", "Check", "CheckStatus", "Count", "CountKind", "Indicator", "Issue",
    "LeadershipGroup", "Level", "Mention", "Narrative", "Number", "Person", "Problem", "Producer", "Record", "RecordStatus",
    "RecoveredBy", "Region", "Remedy", "RemedyStatus", "Section", "Severity", "Source", "Span", "Statistics",
    "from_json", "json_schema", "to_json",
]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of an official table. `value` is the number as printed, null where blank or unreadable; never guessed.

    `raw` is the printed text (null for a recovered or unreadable cell, whose `span` is the whole run of digits);
    `value_yuan` only for money; `recovered_by` says which relation left one reading.
    """

    raw: str | None
    value: Number | None
    unit: str | None = None
    value_yuan: Number | None = None
    span: Span | None = None
    state: CellState = "printed"
    recovered_by: RecoveredBy | None = None


@dataclass(frozen=True, slots=True)
class Indicator:
    """A row of a statistics table from before the 2019 form: label and unit as printed, the column's head, the cell."""

    label: str
    unit: str | None
    column: str | None
    cell: Cell
    parent: str | None = None


Row = dict[str, Cell]


@dataclass(frozen=True, slots=True)
class Statistics:
    """The official tables, keyed as in `configs/forms`; `forms` names the form that each table follows."""

    forms: dict[str, str] = field(default_factory=dict)
    disclosure: dict[str, dict[str, Row]] = field(default_factory=dict)
    applications: dict[str, Row] = field(default_factory=dict)
    review_litigation: dict[str, Row] = field(default_factory=dict)
    indicators: list[Indicator] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Mention:
    """A labelled span of the narrative; `score` is the calibrated probability that label and edges are right."""

    label: str
    start: int
    end: int
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Person:
    """Who fills a role in a leadership group; name or title may be unknown."""

    name: str | None
    title: str | None


@dataclass(frozen=True, slots=True)
class LeadershipGroup:
    """A body set up to lead disclosure work; `established` is an ISO date; `mentions` index `Narrative.mentions`."""

    name: str
    established: str | None = None
    leaders: list[Person] = field(default_factory=list)
    deputies: list[Person] = field(default_factory=list)
    members: list[Person] = field(default_factory=list)
    office: str | None = None
    mentions: list[int] = field(default_factory=list)
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class Count:
    """A counted thing: item, outlet, number (万 and 亿 expanded), unit, whether approximate, what kind, which year."""

    item: str | None
    channel: str | None
    value: Number | None
    unit: str | None
    approximate: bool
    kind: CountKind
    period: int | None
    mentions: list[int] = field(default_factory=list)
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class Problem:
    """One self-reported shortcoming; `remedies` index `Narrative.remedies`."""

    text: str
    span: Span
    categories: list[str] = field(default_factory=list)
    remedies: list[int] = field(default_factory=list)
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class Remedy:
    """One measure against shortcomings, planned or done."""

    text: str
    span: Span
    categories: list[str] = field(default_factory=list)
    status: RemedyStatus = "planned"
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class Narrative:
    """Mentions of the labeller and the facts assembled from them."""

    mentions: list[Mention] = field(default_factory=list)
    leadership_groups: list[LeadershipGroup] = field(default_factory=list)
    counts: list[Count] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    remedies: list[Remedy] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Check:
    """A relation of the forms applied to this record; `cells` are dotted paths below `statistics`."""

    rule: str
    scope: str
    status: CheckStatus
    expected: Number | str | None
    found: Number | str | None
    message: str
    cells: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Region:
    """Where the agency is; `city` is null for the four municipalities; `adcode` of the deepest level known."""

    province: str | None = None
    city: str | None = None
    county: str | None = None
    adcode: str | None = None


@dataclass(frozen=True, slots=True)
class Agency:
    """Who reports: full name, level and region; null where the text does not tell."""

    name: str | None = None
    level: Level | None = None
    region: Region = field(default_factory=Region)


@dataclass(frozen=True, slots=True)
class Producer:
    """What made the record: program version, model and its hash, hash of the settings."""

    version: str
    model: str | None = None
    model_sha256: str | None = None
    settings_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """One disclosure report: statistics and narrative merged, every value tied to its place in `text`."""

    schema_version: str
    id: str
    source: Source
    text: str
    title: str | None
    agency: Agency
    year: int | None
    published: str | None
    script: Literal["hans", "hant"]
    sections: list[Section]
    statistics: Statistics
    narrative: Narrative
    checks: list[Check]
    issues: list[Issue]
    status: RecordStatus
    produced_by: Producer
    blocks: list[Block] = field(default_factory=list)


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Record)


def to_json(record: Record) -> bytes:
    """The record as one line of UTF-8 JSON; the same record gives the same bytes."""
    return _ENCODER.encode(record)


def from_json(line: bytes | str) -> Record:
    """Read a record back. Raises RecordError if the JSON does not fit the schema or has another major version."""
    try:
        record = _DECODER.decode(line)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise RecordError(f"not a gongkai record: {error}; see `gongkai schema`") from error
    if record.schema_version.split(".")[0] != SCHEMA_VERSION.split(".", maxsplit=1)[0]:
        raise RecordError(f"record has schema version {record.schema_version}, this program reads {SCHEMA_VERSION}")
    return record


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of `Record`."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "gongkai record", **msgspec.json.schema(Record)}
