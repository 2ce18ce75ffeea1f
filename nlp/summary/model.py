"""The answer of a summary: what agencies say is wrong, how many say it, who, since when, what they do, who only copies.

Frozen dataclasses, to and from JSON through msgspec like the record. Counts are of agencies and reports, never of mentions,
and each equals the number of distinct agencies or reports among the members that stand beside it. Reports stand once, in
`Summary.reports`; members name them by their place there, so that a summary of 200,000 problems stays a file one can send.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from nlp.errors import RecordError
from nlp.record import RemedyStatus
from nlp.summary.figures import EqualFigure, EqualYears
from nlp.summary.measures import Statistics
from nlp.summary.quality import RuleQuality
from nlp.summary.reuse import Cluster, Copy

SUMMARY_VERSION = "1.1"


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """A report in scope and where it falls in each dimension; `path`, `member`, `url` tell where its file is.

    `agency` is the record's id where the report names none. `groups`: dimension → its key there; a dimension is missing
    where the report does not tell.
    """

    id: str
    agency: str
    year: int | None
    title: str | None
    path: str
    member: str | None
    url: str | None
    groups: dict[str, str]


@dataclass(frozen=True, slots=True)
class Group:
    """One value of a dimension, such as the year 2023: how many agencies and reports in scope have it.

    `key` is what stands in `ReportFacts.groups` and `Split.key`, `name` what a reader sees (Chinese).
    """

    key: str
    name: str
    n_agencies: int
    n_reports: int


@dataclass(frozen=True, slots=True)
class Dimension:
    """A way to split: `key` is one of region, city, level, year, agency-kind; `name` in Chinese; groups in display order."""

    key: str
    name: str
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Split:
    """How many agencies and reports of a group are counted here; the group's own numbers are the denominators."""

    key: str
    n_agencies: int
    n_reports: int
    of_agencies: int
    of_reports: int


Splits = dict[str, tuple[Split, ...]]
"""Dimension → its groups that occur here, in the order of `Dimension.groups`; groups with no report here are left out."""


@dataclass(frozen=True, slots=True)
class Member:
    """A stated problem: the `n`-th of report `Summary.reports[report]`, `text` = `[start, end)` of that record's text.

    `similarity` (cosine, at most 1) is to the key point it stands under, or in the remainder to the nearest one.
    `remedies` are the numbers, in the record, of the remedies that answer it; `categories` the codes that it carries.
    """

    report: int
    n: int
    start: int
    end: int
    text: str
    similarity: float
    remedies: tuple[int, ...] = ()
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Quote:
    """A representative member in full: who, when, where; `before` and `after` are the text around it, for reading."""

    record: str
    agency: str
    year: int | None
    n: int
    start: int
    end: int
    text: str
    before: str
    after: str
    path: str
    member: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A statement that came near a key point and stands elsewhere: in key point `went_to`, or (None) in the remainder."""

    member: Member
    went_to: str | None


@dataclass(frozen=True, slots=True)
class RemedyMember:
    """A stated remedy: the `n`-th of report `Summary.reports[report]`; `problems` are the numbers of those it answers."""

    report: int
    n: int
    start: int
    end: int
    text: str
    status: RemedyStatus
    problems: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class RemedyPoint:
    """Remedies of one meaning that agencies state for a key point; `name` is the text of a member.

    `n_planned` and `n_done` count reports; a report that plans and has done is in both.
    """

    name: str
    n_agencies: int
    n_reports: int
    n_planned: int
    n_done: int
    members: tuple[RemedyMember, ...]


@dataclass(frozen=True, slots=True)
class KeyPoint:
    """Problems of one meaning. `name` is the statement of a member, in its own words; `id` stays from run to run.

    `share` is `n_agencies` over the agencies in scope. `categories`: code → how many members carry it, most first.
    `members` are all, in the order of `Summary.reports`. `remedies` are the most stated first; `n_without_remedy` counts
    the members that no remedy answers.
    """

    id: str
    name: str
    n_agencies: int
    n_reports: int
    share: float
    by: Splits
    categories: dict[str, int]
    quotes: tuple[Quote, ...]
    near_misses: tuple[NearMiss, ...]
    remedies: tuple[RemedyPoint, ...]
    n_without_remedy: int
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class CategoryCount:
    """How many agencies and reports state a problem of a category; `code` and `name` are of `configs/categories.toml`."""

    code: str
    name: str
    n_agencies: int
    n_reports: int
    share: float
    by: Splits


@dataclass(frozen=True, slots=True)
class Place:
    """The `n`-th problem (or remedy) of report `Summary.reports[report]`."""

    report: int
    n: int


@dataclass(frozen=True, slots=True)
class Again:
    """An agency promised remedies for a key point in one year (`report`) and stated it again in the next (`later`)."""

    key_point: str
    agency: str
    year: int
    report: int
    problems: tuple[int, ...]
    remedies: tuple[int, ...]
    later: int
    later_problems: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Remedies:
    """What agencies do about their problems. `n_problems` and `n_remedies` are all in scope, to divide by."""

    n_problems: int
    n_remedies: int
    without_remedy: tuple[Place, ...]
    without_problem: tuple[RemedyMember, ...]
    again: tuple[Again, ...]


@dataclass(frozen=True, slots=True)
class Aligned:
    """The words of a copy's passages, for reading: of each the older and the newer text, in the order of `Copy.passages`."""

    older: str
    newer: str
    passages: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Copies:
    """Who copies: each report beside its agency's last one, text shared between agencies, figures that stay equal.

    `aligned` has the words of the copies with the largest share (`older` and `newer` are record ids).
    """

    against_last: tuple[Copy, ...] = ()
    clusters: tuple[Cluster, ...] = ()
    equal_figures: tuple[EqualFigure, ...] = ()
    equal_years: tuple[EqualYears, ...] = ()
    aligned: tuple[Aligned, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """What was counted, and what was not: `n_records` are in the store, of which some are left out, each for one reason."""

    n_records: int
    n_reports: int
    n_agencies: int
    first_year: int | None
    last_year: int | None
    n_failed: int
    n_superseded: int
    n_without_agency: int


@dataclass(frozen=True, slots=True)
class Made:
    """How the summary was made: program, model with its hash, the dimensions asked for, the thresholds used."""

    version: str
    model: str
    model_sha256: str
    by: tuple[str, ...]
    threshold: float
    settings_sha256: str


@dataclass(frozen=True, slots=True)
class Summary:
    """The whole answer. `key_points`: the most agencies first. `remainder`: problems that fit none, all of them."""

    summary_version: str
    made: Made
    scope: Scope
    dimensions: tuple[Dimension, ...]
    reports: tuple[ReportFacts, ...]
    key_points: tuple[KeyPoint, ...]
    remainder: tuple[Member, ...]
    categories: tuple[CategoryCount, ...]
    remedies: Remedies
    copies: Copies = field(default_factory=Copies)
    statistics: Statistics | None = None
    quality: tuple[RuleQuality, ...] = ()


_ENCODER = msgspec.json.Encoder()


def to_json(summary: Summary) -> bytes:
    """The summary as one line of UTF-8 JSON; the same summary gives the same bytes."""
    return _ENCODER.encode(summary)


def from_json(text: bytes | str) -> Summary:
    """Read a summary back. Raises RecordError if the JSON does not fit or has another major version."""
    try:
        summary = msgspec.json.decode(text, type=Summary)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise RecordError(f"not a summary of `gongkai summarize -o FILE.json`: {error}") from error
    if summary.summary_version.split(".")[0] != SUMMARY_VERSION.split(".", maxsplit=1)[0]:
        raise RecordError(f"summary version {summary.summary_version}; this program reads {SUMMARY_VERSION}")
    return summary
