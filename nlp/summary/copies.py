"""Who copies, gathered for a summary."""

from __future__ import annotations

from pathlib import Path

from nlp.summary.figures import equal_figures, equal_years
from nlp.summary.model import Copies
from nlp.summary.reuse import open_archive


def find_copies(database: Path, index: Path | None = None) -> Copies:
    """Reports beside their agency's last ones, text shared between agencies, equal figures. Raises StoreError."""
    with open_archive(database, index) as archive:
        against_last, clusters = tuple(archive.against_last()), tuple(archive.clusters())
    return Copies(against_last, clusters, tuple(equal_figures(database)), tuple(equal_years(database)))
