"""Who copies, gathered for a summary."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nlp import store
from nlp.settings import load_toml
from nlp.summary.figures import equal_figures, equal_years
from nlp.summary.model import Aligned, Copies
from nlp.summary.reuse import Copy, open_archive
from nlp.summary.settings import load_reuse_settings


def find_copies(database: Path, index: Path | None = None) -> Copies:
    """Reports beside their agency's last ones, text shared between agencies, equal figures. Raises StoreError."""
    with open_archive(database, index) as archive:
        against_last, clusters = tuple(archive.against_last()), tuple(archive.clusters())
    every = [*against_last, *(copy for cluster in clusters for copy in cluster.copies)]
    return Copies(
        against_last, clusters, tuple(equal_figures(database)), tuple(equal_years(database)), _aligned(database, every)
    )


def _aligned(database: Path, copies: Sequence[Copy]) -> tuple[Aligned, ...]:
    """The words of the copies of the largest share, as many as a reader is shown."""
    least, shown = load_reuse_settings().share, load_toml("summary.toml")["report"]["aligned"]
    worth = {(copy.older.id, copy.newer.id): copy for copy in copies if copy.share >= least and copy.passages}
    chosen = sorted(worth.values(), key=lambda copy: (-copy.share, copy.newer.id, copy.older.id))[:shown]
    ids = sorted({report.id for copy in chosen for report in (copy.older, copy.newer)})
    with store.open(database) as connection:
        rows = connection.execute("SELECT id, text FROM records WHERE id IN (SELECT unnest(?))", [ids]).fetchall()
    texts = dict(rows)
    return tuple(
        Aligned(copy.older.id, copy.newer.id, tuple(
            (texts[copy.older.id][p.a_start : p.a_end], texts[copy.newer.id][p.b_start : p.b_end]) for p in copy.passages
        ))
        for copy in chosen
    )  # fmt: skip
