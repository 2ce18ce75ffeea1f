"""Records in the service's state: kept once by content, listed by filters, found by full text."""

from __future__ import annotations

import base64
import binascii
import sqlite3
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

import msgspec

from nlp.record import Record, from_json, to_json
from nlp.service.correcting import Change, Correction, corrected
from nlp.service.correcting.change import TARGETS
from nlp.service.database import Database, now
from nlp.service.errors import NotFoundError, UnusableError
from nlp.service.search import grams, match

_COLUMNS = ("id", "agency", "level", "province", "city", "county", "adcode", "year", "title", "published", "status", "forms",
            "failed_checks", "n_issues", "n_problems", "n_corrections", "path", "member", "media_type", "added")  # fmt: skip


@dataclass(frozen=True)
class Filters:
    """Which records: every one that is not None must hold. `region` is a province, city, county or the start of an adcode."""

    agency: str | None = None
    region: str | None = None
    level: str | None = None
    year: int | None = None
    form: str | None = None
    failed_check: str | None = None
    status: str | None = None
    text: str | None = None
    job: str | None = None


@dataclass(frozen=True)
class Line:
    """A record in a list."""

    id: str
    agency: str | None
    level: str | None
    province: str | None
    city: str | None
    county: str | None
    adcode: str | None
    year: int | None
    title: str | None
    published: str | None
    status: str
    forms: str
    failed_checks: str
    n_issues: int
    n_problems: int
    n_corrections: int
    path: str
    member: str | None
    media_type: str
    added: str


_AT_A_TIME = 50  # records read at once from the state for an export


@dataclass(frozen=True)
class Page:
    """Some records of a list, the newest first; `next` leads to those after them, None at the end."""

    lines: list[Line]
    total: int
    next: str | None


class _Text(msgspec.Struct):
    """Of a record's JSON, the text."""

    text: str


class Records:
    """The records of a service."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, connection: sqlite3.Connection, record: Record, blob: str) -> None:
        """Keep a record within the caller's transaction; one that is there is replaced when another program or model made it.

        It keeps its corrections, which its line in lists shows. `blob`: the document's bytes.
        """
        producer = msgspec.json.encode(record.produced_by).decode()
        known = connection.execute("SELECT n, producer, record FROM records WHERE id = ?", (record.id,)).fetchone()
        if known and known["producer"] == producer:
            return
        shown = corrected(record, corrections_of(connection, record.id)) if known else record
        values = {**columns(shown), "blob": blob, "producer": producer, "record": zlib.compress(to_json(record)),
                  "changed": next_change(connection)}  # fmt: skip
        if known:
            old = from_json(zlib.decompress(known["record"]))
            connection.execute("INSERT INTO record_text (record_text, rowid, grams) VALUES ('delete', ?, ?)", (known["n"], _terms(old)))
            connection.execute(f"UPDATE records SET {', '.join(f'{name} = :{name}' for name in values)} WHERE n = :n",  # noqa: S608
                               {**values, "n": known["n"]})  # fmt: skip
            n = known["n"]
        else:
            values["added"] = now()
            names, marks = ", ".join(values), ", ".join(f":{name}" for name in values)
            n = connection.execute(f"INSERT INTO records ({names}) VALUES ({marks})", values).lastrowid  # noqa: S608  names are ours
        connection.execute("INSERT INTO record_text (rowid, grams) VALUES (?, ?)", (n, _terms(record)))

    def get(self, identity: str) -> Record:
        """The machine's record. Raises NotFoundError."""
        return from_json(self.json(identity))

    def json(self, identity: str) -> bytes:
        """The JSON of the machine's record. Raises NotFoundError."""
        return zlib.decompress(self._row(identity, "record")["record"])

    def line(self, identity: str) -> Line:
        """The record as it stands in a list. Raises NotFoundError."""
        return Line(**self._row(identity, ", ".join(_COLUMNS)))

    def blob(self, identity: str) -> str:
        """The name of the record's document among the blobs. Raises NotFoundError."""
        name: str = self._row(identity, "blob")["blob"]
        return name

    def text(self, identity: str) -> str:
        """The record's text alone, which takes less time than the record. Raises NotFoundError."""
        return msgspec.json.decode(self.json(identity), type=_Text).text

    def has(self, identity: str, producer: str) -> bool:
        """Whether there is a record of this document by the same program, model and settings (JSON of the Producer)."""
        question = "SELECT 1 FROM records WHERE id = ? AND producer = ?"
        return self._database.reading.execute(question, (identity, producer)).fetchone() is not None

    def page(self, filters: Filters, size: int, cursor: str | None = None) -> Page:
        """Records by filters, the newest first. Raises UnusableError for a cursor that is not ours or a text without letters."""
        where, values = _where(filters)
        total: int = self._database.reading.execute(f"SELECT count(*) FROM records WHERE {where}", values).fetchone()[0]  # noqa: S608
        if cursor is not None:
            where, values = f"{where} AND n < :before", {**values, "before": _decode(cursor)}
        question = f"SELECT n, {', '.join(_COLUMNS)} FROM records WHERE {where} ORDER BY n DESC LIMIT :size"  # noqa: S608
        rows = [dict(row) for row in self._database.reading.execute(question, {**values, "size": size + 1})]
        following = _encode(rows[size - 1]["n"]) if len(rows) > size else None
        return Page([Line(**{name: row[name] for name in _COLUMNS}) for row in rows[:size]], total, following)

    def each(self, filters: Filters, limit: int) -> Iterator[tuple[str, Record]]:
        """Ids and records by filters, the oldest first, at most `limit`.

        Some at a time: no read stays open between them, and each step may run in another thread, as an answer in parts does.
        """
        where, values = _where(filters)
        question = f"SELECT n, id, record FROM records WHERE {where} AND n > :after ORDER BY n LIMIT :size"  # noqa: S608
        after = 0
        while limit > 0:
            values.update(after=after, size=min(limit, _AT_A_TIME))
            rows = self._database.reading.execute(question, values).fetchall()
            for row in rows:
                yield row["id"], from_json(zlib.decompress(row["record"]))
            if len(rows) < _AT_A_TIME:
                return
            after, limit = rows[-1]["n"], limit - len(rows)

    def changed(self, after: int, until: int) -> Iterator[Record]:
        """The records that changed since the change number `after`, up to `until`."""
        question = "SELECT record FROM records WHERE changed > ? AND changed <= ? ORDER BY changed"
        for row in self._database.reading.execute(question, (after, until)):
            yield from_json(zlib.decompress(row["record"]))

    def count(self) -> int:
        """How many records there are."""
        number: int = self._database.reading.execute("SELECT count(*) FROM records").fetchone()[0]
        return number

    def choices(self) -> dict[str, list[str | int]]:
        """What the filters can be set to: years, levels, provinces, statuses that occur."""
        columns = {"year": "year DESC", "level": "level", "province": "province", "status": "status"}
        found = {}
        for name, order in columns.items():
            question = f"SELECT DISTINCT {name} FROM records WHERE {name} IS NOT NULL ORDER BY {order}"  # noqa: S608
            found[name] = [row[0] for row in self._database.reading.execute(question)]
        return found

    def _row(self, identity: str, columns: str) -> sqlite3.Row:
        row: sqlite3.Row | None = self._database.reading.execute(
            f"SELECT {columns} FROM records WHERE id = ?", (identity,)  # noqa: S608  columns are ours
        ).fetchone()
        if row is None:
            raise NotFoundError(f"there is no record {identity[:64]!r}; GET /v1/records lists them")
        return row


def next_change(connection: sqlite3.Connection) -> int:
    """The number of the next change of any record."""
    number: int = connection.execute("SELECT coalesce(max(changed), 0) + 1 FROM records").fetchone()[0]
    return number


def corrections_of(connection: sqlite3.Connection, identity: str, *, live: bool = True) -> list[Correction]:
    """The corrections of a record, the oldest first; with `live` only those in force."""
    question = "SELECT * FROM corrections WHERE record_id = ? AND (undone IS NULL OR NOT ?) ORDER BY n"
    return [_correction(row) for row in connection.execute(question, (identity, live))]


def _correction(row: sqlite3.Row) -> Correction:
    target = msgspec.json.decode(row["target"], type=TARGETS[row["kind"]])
    old, new = (msgspec.json.decode(row[name]) for name in ("old", "new"))
    return Correction(row["n"], Change(row["kind"], target, new), old, row["who"], row["at"], row["undone"])


def columns(record: Record) -> Mapping[str, object]:
    """What a record's line in lists says, by column."""
    region, source = asdict(record.agency.region), record.source
    return {
        "id": record.id, "agency": record.agency.name, "level": record.agency.level, **region, "year": record.year,
        "title": record.title, "published": record.published, "status": record.status,
        "forms": " ".join(dict.fromkeys(record.statistics.forms.values())),
        "failed_checks": " ".join(dict.fromkeys(check.rule for check in record.checks if check.status == "fail")),
        "n_issues": len(record.issues), "n_problems": len(record.narrative.problems),
        "path": source.path, "member": source.member, "media_type": source.media_type,
    }  # fmt: skip


def _terms(record: Record) -> str:
    return grams(f"{record.title or ''}\n{record.agency.name or ''}\n{record.text}")


def _where(filters: Filters) -> tuple[str, dict[str, object]]:
    """The condition in SQL, and its values."""
    said = {name: value for name, value in asdict(filters).items() if value is not None}
    conditions = {
        "agency": "instr(agency, :agency) > 0",
        "region": "(:region IN (province, city, county) OR (:region GLOB '[0-9]*' AND adcode GLOB :region || '*'))",
        "level": "level = :level",
        "year": "year = :year",
        "form": "(' ' || forms || ' ') LIKE '% ' || :form || ' %'",
        "failed_check": "(' ' || failed_checks || ' ') LIKE '% ' || :failed_check || ' %'",
        "status": "status = :status",
        "text": "n IN (SELECT rowid FROM record_text WHERE record_text MATCH :text)",
        "job": "id IN (SELECT record_id FROM job_records WHERE job_id = :job)",
    }
    if filters.text is not None:
        said["text"] = match(filters.text)
        if said["text"] is None:
            raise UnusableError("the text to search for has no letter or digit; give a word of the report")
    return " AND ".join(conditions[name] for name in said) or "TRUE", said


def _encode(n: int) -> str:
    return base64.urlsafe_b64encode(str(n).encode()).decode().rstrip("=")


def _decode(cursor: str) -> int:
    try:
        return max(0, min(int(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))), 1 << 62))  # SQLite's numbers end at 2^63
    except (ValueError, binascii.Error) as error:
        raise UnusableError("this cursor is none of ours; take `next` of the page before, or leave it out") from error


