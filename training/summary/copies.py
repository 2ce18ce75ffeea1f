"""How well copies are found: `python -m training.summary.copies [dev|test]`.

The planted reports of a half become records, a store and an index, as in earnest. Of every two reports the newer has a
known share of the older; F1 counts the pairs with more than 0.3 of it, recall those with more than 0.8.
"""

from __future__ import annotations

import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from nlp import output, store
from nlp.summary.reuse import open_archive
from nlp.summary.settings import ReuseSettings, load_reuse_settings
from training.summary.planted import Planted, planted, record_of, share

_LARGE = 0.8
Pair = tuple[str, str]


@dataclass(frozen=True)
class Figures:
    """Of pairs with more than the set share: precision, recall, F1; recall of those above 0.8; how many there are."""

    precision: float
    recall: float
    f1: float
    recall_large: float
    n_pairs: int
    n_large: int


def truth(reports: Sequence[Planted]) -> dict[Pair, float]:
    """The share of every pair (older agency, newer agency) that shares a sentence."""
    pairs = {(a.agency, b.agency): share(a, b) for a, b in combinations(sorted(reports, key=lambda r: r.order), 2)}
    return {pair: part for pair, part in pairs.items() if part}


def found(reports: Sequence[Planted], settings: ReuseSettings) -> dict[Pair, float]:
    """The pairs that the program finds, with their shares."""
    with tempfile.TemporaryDirectory() as folder:
        output.write([record_of(report) for report in reports], Path(folder, "a.parquet"), "parquet")
        store.build(Path(folder, "a.parquet"), Path(folder, "a.duckdb"))
        with open_archive(Path(folder, "a.duckdb"), settings=settings) as archive:
            return {(copy.older.agency, copy.newer.agency): copy.share for copy in archive.copies()}


def measure(true: dict[Pair, float], said: dict[Pair, float], least: float) -> Figures:
    """Compare what is with what was found."""
    wanted = {pair for pair, part in true.items() if part > least}
    large = {pair for pair, part in true.items() if part > _LARGE}
    right = len(wanted & said.keys())
    precision, recall = right / max(1, len(said)), right / len(wanted)
    f1 = 2 * precision * recall / max(1e-9, precision + recall)
    return Figures(precision, recall, f1, len(large & said.keys()) / len(large), len(wanted), len(large))


def main(half: str = "test") -> None:
    """Print the figures of a half, and for each strength how the shares found compare with the true ones."""
    reports, settings = planted(half), load_reuse_settings()
    true, said = truth(reports), found(reports, settings)
    figures = measure(true, said, settings.share)
    print(f"{half}: {len(reports)} reports, {figures.n_pairs} pairs above {settings.share:.0%}, {figures.n_large} above 80 %")
    print(f"precision {figures.precision:.3f}  recall {figures.recall:.3f}  F1 {figures.f1:.3f}")
    print(f"recall above 80 %: {figures.recall_large:.3f}")
    by_strength = defaultdict(list)
    family = ""
    for report in reports:
        family = report.agency if report.strength == "base" else family
        if report.strength not in ("base", "independent"):
            by_strength[report.strength].append((true[family, report.agency], said.get((family, report.agency), 0.0)))
    for strength, pairs in by_strength.items():
        shares = f"true share {min(t for t, _ in pairs):.2f} to {max(t for t, _ in pairs):.2f}"
        print(f"{strength:32}{len(pairs)} copies, {shares}, found {sum(s > 0 for _, s in pairs)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
