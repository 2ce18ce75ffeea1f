"""Ask a store in SQL; without SQL, list its tables."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from nlp.cli.messages import console

EXAMPLES = """examples:
  gongkai query reports.duckdb
  gongkai query reports.duckdb "SELECT agency, year, total FROM applications WHERE row_key = 'new' ORDER BY total DESC"
  gongkai query reports.duckdb "SELECT * FROM checks WHERE status = 'fail'" --format csv > failed.csv
  gongkai query reports.duckdb - < question.sql
"""
_TABLES = """SELECT c.table_name AS "table", any_value(t.comment) AS "about",
       string_agg(c.column_name, ' ' ORDER BY c.column_index) AS "columns"
FROM duckdb_columns() AS c
JOIN (SELECT table_name, comment FROM duckdb_tables() UNION ALL SELECT view_name, comment FROM duckdb_views()) AS t
USING (table_name)
WHERE NOT c.internal GROUP BY ALL ORDER BY ALL"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("store", type=Path, metavar="STORE", help="made by `gongkai extract --store`")
    parser.add_argument("sql", nargs="?", metavar="SQL", help="one statement; - reads it from standard input")
    parser.add_argument("--format", choices=("table", "csv", "json"), default="table", help="default: table")


def run(arguments: argparse.Namespace) -> int:
    """Query; see the module."""
    from nlp import store
    from nlp.show.terminal import answer_table, printed

    sql = sys.stdin.read() if arguments.sql == "-" else arguments.sql or _TABLES
    answer = store.query(arguments.store, sql)
    if arguments.format == "csv":
        import csv

        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(answer.columns)
        writer.writerows([printed(value) for value in row] for row in answer.rows)
    elif arguments.format == "json":
        import json

        rows = [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]
        print(json.dumps(rows, ensure_ascii=False, default=str, indent=1))
    else:
        console(sys.stdout).print(answer_table(answer.columns, answer.rows))
    return 0
