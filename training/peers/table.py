"""Figures of the peers as tables for the model card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nlp.narrative.labels import LABELS

_STATEMENTS = ("PROBLEM", "REMEDY")
_COLUMNS = (
    "strict F1", "95 % interval", "short spans", "problems and remedies", "overlap of these", "strict F1 after our rules",
    "counts with item",
)


def as_markdown(rows: Sequence[Mapping[str, Any]], skipped: Mapping[str, str]) -> str:
    """One table over all peers for each set of documents, one of F1 per label, and the peers that could not run."""
    sets = list(rows[0]["scores"]) if rows else []
    parts = [_overview(rows, name) for name in sets] + [_labels(rows, name) for name in sets] + [_cost(rows)]
    return "\n\n".join([*parts, *(f"{name}: skipped, {reason}" for name, reason in skipped.items())])


def _overview(rows: Sequence[Mapping[str, Any]], name: str) -> str:
    lines = [_line([f"**{name}**", *_COLUMNS]), _line(["---"] * (1 + len(_COLUMNS)))]
    for row in rows:
        raw, rules = (row["scores"][name][kind] for kind in ("raw", "rules"))
        low, high = raw["strict"]["all"]["interval"] or (0.0, 1.0)
        whole = len(row["labels"]) == len(LABELS)
        cells = [
            row["peer"] + ("" if whole else f" ({', '.join(row['labels'])})"), _f1(raw, "strict", "all"), f"{low:.3f}–{high:.3f}",
            _f1(raw, "strict", "short"), _together(raw, "strict"), _together(raw, "overlap"), _f1(rules, "strict", "all"),
            _f1(rules, "facts", "counts with item"),
        ]
        lines.append(_line(cells))
    return "\n".join(lines)


def _labels(rows: Sequence[Mapping[str, Any]], name: str) -> str:
    lines = [_line([f"**{name}, strict F1**", *LABELS]), _line(["---"] * (1 + len(LABELS)))]
    for row in rows:
        raw = row["scores"][name]["raw"]
        lines.append(_line([row["peer"], *(_f1(raw, "strict", label) if label in row["labels"] else "–" for label in LABELS)]))
    return "\n".join(lines)


def _cost(rows: Sequence[Mapping[str, Any]]) -> str:
    lines = [_line(["**cost**", "what", "trained on", "seconds to train or open", "characters a second"]), _line(["---"] * 5)]
    for row in rows:
        cells = [row["peer"], row["about"], row["cost"] or "–", f"{row['seconds_to_open']:,.0f}", f"{row['characters_a_second']:,}"]
        lines.append(_line(cells))
    return "\n".join(lines)


def _together(figures: Mapping[str, Any], kind: str) -> str:
    """F1 over PROBLEM and REMEDY together."""
    some = [figures[kind][label] for label in _STATEMENTS if label in figures[kind]]
    total = sum(one["found"] + one["gold"] for one in some)
    return f"{2 * sum(one['right'] for one in some) / total:.3f}" if total else "–"


def _f1(figures: Mapping[str, Any], kind: str, name: str) -> str:
    return f"{figures[kind][name]['f1']:.3f}" if name in figures.get(kind, {}) else "–"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
