"""Which report speaks for an agency in a year, when a store holds several of them."""

from __future__ import annotations

import difflib
from pathlib import Path

import duckdb

from nlp import store
from nlp.errors import StoreError
from nlp.record import Record, from_json

_SHOWN = 5  # of what could have been meant


def one_a_year(records: str = "records") -> str:
    """SQL of one row for each agency and year, from the table `records`: id, agency, year, published, record.

    The completest report is taken, then the longest; ties are settled by id, so the order of storing changes nothing. Failed
    records and those without a year are left out; a report that names no agency stands for itself (`agency` is its id).
    """
    return f"""
SELECT id, coalesce(agency, id) AS agency, year, published, record
FROM {records} WHERE status <> 'failed' AND year IS NOT NULL
QUALIFY row_number() OVER (
  PARTITION BY coalesce(agency, id), year ORDER BY status = 'complete' DESC, length(text) DESC, id) = 1
"""  # noqa: S608  # `records` is written in code


def report_with_id(database: Path, prefix: str) -> Record:
    """The report whose id starts so. Raises StoreError when there is none, or several."""
    with store.open(database) as connection:
        rows = connection.execute(
            "SELECT id, record FROM records WHERE starts_with(id, ?) ORDER BY id LIMIT ?", [prefix, _SHOWN]
        ).fetchall()
    if not rows:
        raise StoreError(f"{database} has no record whose id starts with {prefix!r}; `gongkai query` lists ids: table records")
    if len(rows) > 1:
        several = ", ".join(row[0] for row in rows)
        raise StoreError(f"several ids of {database} start with {prefix!r}: {several}; give more of it")
    return from_json(rows[0][1])


def report_of(database: Path, agency: str, year: int) -> Record:
    """The report that speaks for an agency in a year. Raises StoreError that tells the years, or the agencies, there are."""
    with store.open(database) as connection:
        chosen = f"SELECT record FROM ({one_a_year()}) WHERE agency = ? AND year = ?"  # noqa: S608  # nothing from outside
        row = connection.execute(chosen, [agency, year]).fetchone()
        if row is None:
            raise StoreError(_what_there_is(connection, database, agency, year))
    return from_json(row[0])


def _what_there_is(connection: duckdb.DuckDBPyConnection, database: Path, agency: str, year: int) -> str:
    of_agency = "SELECT DISTINCT year FROM records WHERE agency = ? AND year IS NOT NULL AND status <> 'failed' ORDER BY year"
    years = [str(row[0]) for row in connection.execute(of_agency, [agency]).fetchall()]
    if years:
        return f"{database} has no report of {agency} for {year}; it has {', '.join(years)}"
    names = [row[0] for row in connection.execute("SELECT DISTINCT agency FROM records WHERE agency IS NOT NULL").fetchall()]
    near = difflib.get_close_matches(agency, sorted(names), _SHOWN, cutoff=0.4)
    like = f"; like it: {'、'.join(near)}" if near else ""
    return f"{database} has no report of {agency}{like}"
