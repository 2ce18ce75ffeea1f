"""Fingerprints of the reports of a store, kept beside it: a report whose record was read before is not read again.

A report's fingerprint is the set of its shingles whose hash is divisible by `one_in`: FracMinHash (Irber et al. 2022), the
MinHash that estimates how much of one text is in another whatever their lengths. (MinHash with banding, for texts alike as
a whole, offers 0.92 of the planted pairs that share 30 to 50 %: datasketch 2.0, 128 permutations, threshold 0.1.)
Sets are kept and joined by DuckDB, which goes to disk when memory is short.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import numpy as np
import pyarrow as pa

from nlp.errors import StoreError
from nlp.record import from_json
from nlp.summary.align import Hashes, shingles
from nlp.summary.prose import Prose, prose_of
from nlp.summary.reports import one_a_year
from nlp.summary.settings import ReuseSettings

_AT_ONCE = 256  # reports read between two writes

# `place` is the row in the store, by which a record is read without looking through all of them. `rank` orders the reports
# in time; ties are settled by what they are, never by the order in which they were stored.
_REPORTS = f"""
CREATE OR REPLACE TEMP TABLE reports AS
SELECT row_number() OVER (ORDER BY year, published NULLS LAST, agency, id) AS rank,
       id, agency, year, published, sha256(record) AS content, place
FROM ({one_a_year("store.records")}) JOIN (SELECT id, rowid AS place FROM store.records) USING (id)
"""  # noqa: S608  # nothing from outside stands in it


@contextmanager
def opened(store: Path, index: Path | None, settings: ReuseSettings) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the store attached as `store`, tables `reports` and `fingerprints(rank, hash)`, all up to date.

    `index` is a DuckDB file that is made where there is none; None keeps it in memory. Raises StoreError.
    """
    if not store.is_file():
        raise StoreError(f"no store at {store}; make one with `gongkai extract PATH --store {store}`")
    try:
        # What goes to disk goes away with this block; a database in memory would leave it in the working folder.
        with TemporaryDirectory(prefix="gongkai-") as spill, duckdb.connect(str(index) if index else ":memory:") as connection:
            connection.execute(f"SET memory_limit = {_quoted(settings.memory)}; SET preserve_insertion_order = false")
            connection.execute(f"SET temp_directory = {_quoted(spill)}")
            connection.execute(f"ATTACH {_quoted(str(store))} AS store (READ_ONLY)")
            connection.execute(_REPORTS)
            _update(connection, settings)
            yield connection
    except duckdb.Error as error:
        raise StoreError(f"cannot look for copies in {store} with the index {index}: {error}") from error


def fingerprint(prose: Prose, settings: ReuseSettings) -> Hashes:
    """Distinct hashes of the shingles that are kept, ascending."""
    hashes, whole = shingles(prose.text, settings.gram)
    kept: Hashes = np.unique(hashes[whole & (hashes % np.uint64(settings.one_in) == 0)])
    return kept


def _update(connection: duckdb.DuckDBPyConnection, settings: ReuseSettings) -> None:
    """Read what the index lacks. An index made with other shingles is begun anew."""
    made_with = f"gram {settings.gram}, one in {settings.one_in}"
    connection.execute("CREATE TABLE IF NOT EXISTS made (made_with VARCHAR)")
    if connection.execute("SELECT made_with FROM made").fetchall() != [(made_with,)]:
        connection.execute("DELETE FROM made; DROP TABLE IF EXISTS known; DROP TABLE IF EXISTS hashes")
        connection.execute("CREATE TABLE known (content VARCHAR PRIMARY KEY, number INTEGER)")
        connection.execute("CREATE TABLE hashes (number INTEGER, hash UBIGINT)")
        connection.execute("INSERT INTO made VALUES (?)", [made_with])
    reading = connection.cursor()  # of its own, for writing ends a query that is still being read
    missing = connection.execute("SELECT id, content FROM reports ANTI JOIN known USING (content) ORDER BY rank").fetchall()
    for start in range(0, len(missing), _AT_ONCE):
        _read(connection, reading, dict(missing[start : start + _AT_ONCE]), settings)
    connection.execute(
        "CREATE OR REPLACE TEMP VIEW fingerprints AS"
        " SELECT rank, agency, hash FROM reports JOIN known USING (content) JOIN hashes USING (number)"
    )


def _read(
    connection: duckdb.DuckDBPyConnection, reading: duckdb.DuckDBPyConnection, some: dict[str, str], settings: ReuseSettings
) -> None:
    """Write the fingerprints of some reports, `id` → content hash, in one transaction."""
    (before,) = connection.execute("SELECT coalesce(max(number), -1) FROM known").fetchone() or (-1,)
    numbers = {content: before + n for n, content in enumerate(some.values(), 1)}
    records = reading.execute("SELECT id, record FROM store.records WHERE id IN (SELECT unnest(?))", [list(some)])
    sets = {some[identity]: fingerprint(prose_of(from_json(line)), settings) for identity, line in records.fetchall()}
    connection.begin()
    connection.executemany("INSERT INTO known VALUES (?, ?)", [[content, numbers[content]] for content in sets])
    for content, kept in sets.items():
        batch = pa.table({"number": pa.array([numbers[content]] * len(kept), pa.int32()), "hash": pa.array(kept, pa.uint64())})
        connection.register("batch", batch)
        connection.execute("INSERT INTO hashes SELECT * FROM batch")
    connection.commit()


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
