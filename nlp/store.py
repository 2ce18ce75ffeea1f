"""A DuckDB file over Parquet shards of records: a table for each kind of thing, a view for each official table.

The file stands alone (the Parquet may go) and needs no server. Tables: `nlp/store.sql`; column comments in Chinese:
`configs/store.toml`; the wide views `disclosure_2019`, `disclosure_2021` and `application_totals` follow `configs/forms`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from nlp.errors import StoreError
from nlp.forms import Column, FormBlock, FormRow, load_forms
from nlp.output import aside
from nlp.settings import load_toml

_SCHEMA = Path(__file__).with_suffix(".sql")
# DuckDB names what it does not know in these words; the nearest known table is ours to find.
_UNKNOWN_TABLE = re.compile(r"Table with name (\S+) does not exist")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query gave: column names and rows in order."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


@dataclass(frozen=True, slots=True)
class _FormCell:
    form: str
    table: str
    block: str | None
    row_key: str
    row_label: str
    column_key: str
    column_label: str
    position: int


def build(parquet: Path | Sequence[Path], database: Path) -> None:
    """Build `database` from Parquet files of records, aside, then put it in place of an older one.

    Identical reports (same id) are kept once. Raises StoreError when a file is missing, is no Parquet of records, or
    the database cannot be written.
    """
    shards = [parquet] if isinstance(parquet, Path) else list(parquet)
    for shard in shards:
        if not shard.is_file():
            raise StoreError(
                f"cannot build a store: no Parquet file at {shard}; write one with `gongkai extract -o FILE.parquet`"
            )
    beside = aside(database)
    try:
        with duckdb.connect(str(beside)) as connection:
            _fill(connection, [str(shard) for shard in shards])
        beside.replace(database)
    except (duckdb.Error, OSError) as error:
        raise StoreError(f"cannot build the store {database}: {_words(error)}") from error
    finally:
        beside.unlink(missing_ok=True)
        beside.with_name(beside.name + ".wal").unlink(missing_ok=True)


def open(database: Path) -> duckdb.DuckDBPyConnection:
    """A read-only connection that can reach nothing but the store. Raises StoreError if there is no store."""
    if not database.is_file():
        raise StoreError(f"no store at {database}; make one with `gongkai extract PATH --store {database}`")
    try:
        connection = duckdb.connect(str(database), read_only=True)
        connection.execute("SET enable_external_access = false; SET lock_configuration = true")
    except duckdb.Error as error:
        raise StoreError(f"{database} is not a store that DuckDB can open: {_words(error)}") from error
    return connection


def query(database: Path, sql: str) -> Answer:
    """The answer to one SQL statement. Raises StoreError, for an unknown table with the nearest known one."""
    with open(database) as connection:
        try:
            result = connection.execute(sql)
        except duckdb.Error as error:
            raise StoreError(_explained(error, connection)) from error
        if result.description is None:
            return Answer((), ())
        columns = tuple(column[0] for column in result.description)
        return Answer(columns, tuple(result.fetchall()))


def records(database: Path, id_prefix: str = "") -> Iterator[str]:
    """The JSON of the stored records whose id starts with `id_prefix`, in the order of the source."""
    with open(database) as connection:
        found = connection.execute("SELECT record FROM records WHERE starts_with(id, ?) ORDER BY rowid", [id_prefix])
        while row := found.fetchone():
            yield row[0]


def _fill(connection: duckdb.DuckDBPyConnection, shards: list[str]) -> None:
    connection.execute("SET preserve_insertion_order = true")
    _form_cells(connection)
    files = ", ".join(_quoted(shard) for shard in shards)
    shards_in_order = f"SELECT *, row_number() OVER () AS position FROM read_parquet([{files}])"  # noqa: S608  names are quoted
    connection.execute(f"CREATE TEMP VIEW placed AS {shards_in_order}")
    connection.execute(
        "CREATE TEMP TABLE firsts AS SELECT id, min(position) AS position, count(*) AS copies FROM placed GROUP BY id"
    )
    connection.execute("CREATE TEMP VIEW source AS SELECT * FROM placed JOIN firsts USING (id, position)")
    connection.execute(_SCHEMA.read_text(encoding="utf-8"))
    for view in _wide_views():
        connection.execute(view)
    _comment(connection)


def _form_cells(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        'CREATE TABLE form_cells (form VARCHAR, "table" VARCHAR, block VARCHAR, row_key VARCHAR, row_label VARCHAR,'
        " column_key VARCHAR, column_label VARCHAR, position INTEGER)"
    )
    cells = [[getattr(cell, name) for name in _FormCell.__slots__] for cell in _official_cells()]
    connection.executemany("INSERT INTO form_cells VALUES (?, ?, ?, ?, ?, ?, ?, ?)", cells)


def _official_cells() -> Iterator[_FormCell]:
    for name, form in load_forms().items():
        position = 0
        tables: list[tuple[str, str | None, Sequence[FormRow | FormBlock], Sequence[Column]]] = [
            ("disclosure", table.key, table.rows, table.columns) for table in form.disclosure
        ]
        tables.append(("applications", None, form.applications.rows, form.applications.columns))
        tables += [("review_litigation", None, (block,), block.columns) for block in form.review_litigation]
        for table, block_key, rows, columns in tables:
            for row in rows:
                for column in columns:
                    position += 1
                    yield _FormCell(name, table, block_key, row.key, row.label, column.key, column.label, position)


def _wide_views() -> Iterator[str]:
    """SQL of the views with a row a report: article 20 of each form, and the totals of the matrix of applications."""
    for name, form in load_forms().items():
        columns = {
            f"{row.key}_{column.key}" + ("_yuan" if column.kind == "money" else ""): (
                f"{table.key}.{row.key}.{column.key}",
                "value_yuan" if column.kind == "money" else "value",
                f"{row.label} · {column.label}" + ("（元）" if column.kind == "money" else ""),
            )
            for table in form.disclosure
            for row in table.rows
            for column in table.columns
        }
        yield _wide_view(f"disclosure_{name}", "disclosure", name, columns)
    totals = {
        row.key: (f"{row.key}.total", "value", f"{row.label} · 总计")
        for form in load_forms().values()
        for row in form.applications.rows
    }
    yield _wide_view("application_totals", "applications", None, totals)


def _wide_view(view: str, table: str, form: str | None, columns: dict[str, tuple[str, str, str]]) -> str:
    picked = ",\n".join(
        f"max({value}) FILTER (WHERE path = {_quoted(f'{table}.{path}')}) AS {name}"
        for name, (path, value, _) in columns.items()
    )
    where = f"\"table\" = '{table}'" + (f" AND form = '{form}'" if form else "")
    comments = "".join(
        f"COMMENT ON COLUMN {view}.{name} IS {_quoted(label)};\n" for name, (_, _, label) in columns.items()
    )
    return (
        f"CREATE VIEW {view} AS SELECT id, agency, year, form,\n{picked}\nFROM cells WHERE {where}\n"
        f"GROUP BY id, agency, year, form ORDER BY agency, year, id;\n{comments}"
    )


def _comment(connection: duckdb.DuckDBPyConnection) -> None:
    """Give the columns their comments: `columns` of store.toml holds for every table, `table.column` for one."""
    comments = load_toml("store.toml")["columns"]
    found = connection.execute(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal AND comment IS NULL AND schema_name = 'main'"
    )
    for table, column in found.fetchall():
        comment = comments.get(f"{table}.{column}") or comments.get(column)
        if comment:
            connection.execute(f'COMMENT ON COLUMN "{table}"."{column}" IS {_quoted(comment)}')


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _explained(error: duckdb.Error, connection: duckdb.DuckDBPyConnection) -> str:
    unknown = _UNKNOWN_TABLE.search(str(error))
    if unknown is None:
        return f"the query cannot be answered: {_words(error)}"
    names = "SELECT table_name FROM duckdb_tables() UNION SELECT view_name FROM duckdb_views() WHERE NOT internal"
    known = [name for (name,) in connection.execute(names).fetchall()]
    near = difflib.get_close_matches(unknown[1], known, n=1, cutoff=0.0)
    return f"the store has no table {unknown[1]!r}; did you mean {near[0]!r}? (tables: {', '.join(sorted(known))})"


def _words(error: Exception) -> str:
    """What DuckDB says, on one line, without the statement that it repeats below."""
    said = str(error).split("\nLINE ")[0]
    return " ".join(said.split()) or type(error).__name__
