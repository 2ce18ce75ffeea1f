"""Which report speaks for an agency in a year, when a store holds several of them."""

from __future__ import annotations


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
