"""A record against what an annotator says: right, found and wanted of each thing measured, F1 with intervals.

The rules are those of `../shared/tools/score.py`: spans are compared on the text without white space; overlap is a
one-to-one match with intersection over union of at least one half; facts are compared as multisets.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from nlp.record import Narrative
from training.cases import Case
from training.markup import CODED

Key = tuple[str, str]
Hits = tuple[int, int, int]
Edges = tuple[int, int]
Fact = TypeVar("Fact")
OVERLAP = 0.5
RESAMPLES = 2000
CODE = "one category"
ROLES = ("leaders", "deputies", "members")


@dataclass(frozen=True)
class Judged:
    """One document: (right, found, wanted) of each thing measured, and (score, whether right) of each mention."""

    hits: Mapping[Key, Hits]
    scores: Sequence[tuple[float, bool]]


def judge(case: Case, said: Narrative) -> Judged:
    """What of a narrative is right; offsets of both are those of the case's text."""
    at = [0, *accumulate(not char.isspace() for char in case.text)]
    found = [(m.label, at[m.start], at[m.end], m.score) for m in said.mentions if m.label in case.labels]
    wanted = [(span.label, at[span.start], at[span.end]) for span in case.spans]
    free = Counter(wanted)
    scores = []
    for *span, score in found:
        is_right = free[tuple(span)] > 0  # type: ignore[index]  # label and edges
        free[tuple(span)] -= is_right  # type: ignore[index]
        scores.append((score, is_right))
    hits = _span_hits([one[:3] for one in found], wanted) | _statement_hits(case, said, at)
    if case.facts is not None:
        hits |= _fact_hits(case.facts, said)
    return Judged(hits, scores)


def _span_hits(found: Sequence[tuple[str, int, int]], wanted: Sequence[tuple[str, int, int]]) -> dict[Key, Hits]:
    hits: dict[Key, Hits] = {}
    right = Counter(found) & Counter(wanted)
    for label in sorted({one[0] for one in (*found, *wanted)}):
        sides = [[one[1:] for one in some if one[0] == label] for some in (found, wanted)]
        n_found, n_wanted = map(len, sides)
        hits["strict", label] = (sum(n for one, n in right.items() if one[0] == label), n_found, n_wanted)
        hits["overlap", label] = (len(matched(*sides)), n_found, n_wanted)
    for kind in ("strict", "overlap"):
        for name, left_out in (("all", ()), ("short", CODED)):
            some = [h for (k, label), h in hits.items() if k == kind and label not in (*left_out, "all")]
            hits[kind, name] = (sum(h[0] for h in some), sum(h[1] for h in some), sum(h[2] for h in some))
    return hits


def matched(found: Sequence[Edges], wanted: Sequence[Edges]) -> list[tuple[int, int]]:
    """Greedy one-to-one matches (place in `found`, place in `wanted`) that overlap enough."""
    pairs: list[tuple[int, int]] = []
    free = list(range(len(wanted)))
    for place, one in enumerate(found):
        for other in free:
            if _overlaps(one, wanted[other]):
                pairs.append((place, other))
                free.remove(other)
                break
    return pairs


def _overlaps(one: Edges, other: Edges) -> bool:
    inside = min(one[1], other[1]) - max(one[0], other[0])
    return inside > 0 and inside / (max(one[1], other[1]) - min(one[0], other[0])) >= OVERLAP


def _statement_hits(case: Case, said: Narrative, at: Sequence[int]) -> dict[Key, Hits]:
    """Categories and status of the statements that were found, and links between problems and remedies."""
    if not {*CODED} & {span.label for span in case.spans} & {*case.labels}:
        return {}
    first = n_matched = 0
    right, named, wanted = Counter[str](), Counter[str](), Counter[str]()
    status = n_status = 0
    pairs: dict[str, dict[int, int]] = {}
    for label, items in (("PROBLEM", said.problems), ("REMEDY", said.remedies)):
        gold = [span for span in case.spans if span.label == label]
        edges = [(at[one.span.start], at[one.span.end]) for one in items]
        pairs[label] = dict(matched(edges, [(at[span.start], at[span.end]) for span in gold]))
        for place, number in pairs[label].items():
            item, span = items[place], gold[number]
            n_matched += 1
            first += bool(item.categories) and item.categories[0] in span.codes
            right.update({*item.categories} & {*span.codes})
            named.update(item.categories)
            wanted.update(span.codes)
            if label == "REMEDY":
                n_status += 1
                status += (said.remedies[place].status == "done") == span.done
    linked = [(pairs["PROBLEM"].get(p), pairs["REMEDY"].get(r)) for p, one in enumerate(said.problems) for r in one.remedies]
    hits: dict[Key, Hits] = {
        ("categories", "first code"): (first, n_matched, n_matched),
        ("categories", "all codes"): (right.total(), named.total(), wanted.total()),
        **{(CODE, code): (right[code], named[code], wanted[code]) for code in sorted(named | wanted)},
    }
    if case.links:
        hits["links", "problem–remedy"] = (sum(pair in case.links for pair in linked), len(linked), len(case.links))
    if case.has_status:
        hits["remedies", "done or planned"] = (status, n_status, n_status)
    return hits


def _fact_hits(facts: Mapping[str, Any], said: Narrative) -> dict[Key, Hits]:
    groups = [
        {**{key: getattr(one, key) for key in ("name", "established", "office")},
         **{role: [{"name": who.name, "title": who.title} for who in getattr(one, role)] for role in ROLES}}
        for one in said.leadership_groups
    ]
    counts = [{"value": one.value, "unit": one.unit, "item": one.item} for one in said.counts]
    return {
        ("facts", "groups"): _common(_group_facts(groups), _group_facts(facts["groups"])),
        ("facts", "counts"): _common(_count_facts(counts, False), _count_facts(facts["counts"], False)),
        ("facts", "counts with item"): _common(_count_facts(counts, True), _count_facts(facts["counts"], True)),
    }


def _common(found: Counter[Fact], wanted: Counter[Fact]) -> Hits:
    return (found & wanted).total(), found.total(), wanted.total()


def _group_facts(groups: Sequence[Mapping[str, Any]]) -> Counter[tuple[str, ...]]:
    """Every (field, value) that leadership groups state."""
    facts: Counter[tuple[str, ...]] = Counter()
    for group in groups:
        facts.update((key, _compact(group[key])) for key in ("name", "established", "office") if group.get(key))
        for role in ROLES:
            facts.update((role, _compact(who.get("name")), _compact(who.get("title"))) for who in group.get(role) or [])
    return facts


def _count_facts(counts: Sequence[Mapping[str, Any]], with_item: bool) -> Counter[tuple[float, str, str]]:
    return Counter(
        (float(one["value"]), _compact(one.get("unit")), _compact(one.get("item")) if with_item else "")
        for one in counts
        if one.get("value") is not None
    )


def _compact(value: str | None) -> str:
    return "".join((value or "").split())


def figures(judged: Sequence[Judged], seed: int = 0) -> dict[str, dict[str, dict[str, Any]]]:
    """Precision, recall, F1 with its 95 % interval, and numbers, by kind and name of what was measured.

    The interval is a bootstrap over documents (Efron and Tibshirani 1993).
    """
    keys = sorted({key for one in judged for key in one.hits})
    counts = np.array([[one.hits.get(key, (0, 0, 0)) for key in keys] for one in judged]).reshape(len(judged), len(keys), 3)
    drawn = np.random.default_rng(seed).multinomial(len(judged), np.full(len(judged), 1 / len(judged)), RESAMPLES)
    resampled = np.einsum("nd,dkc->nkc", drawn, counts)
    spread = np.where(resampled[..., 1:].any(-1), f1(resampled), np.nan)  # what was not drawn says nothing
    table: dict[str, dict[str, dict[str, Any]]] = {}
    for number, (kind, name) in enumerate(keys):
        table.setdefault(kind, {})[name] = _row(counts[:, number].sum(axis=0), spread[:, number])
    if CODE in table:
        means = spread[:, [number for number, (kind, _) in enumerate(keys) if kind == CODE]].mean(axis=1)
        table["categories"]["mean of codes"] = _mean([*table[CODE].values()], means)
    return table


def _row(summed: npt.NDArray[np.int64], spread: npt.NDArray[np.float64]) -> dict[str, Any]:
    right, found, wanted = summed.tolist()
    return {
        "p": round(right / max(1, found), 4),
        "r": round(right / max(1, wanted), 4),
        "f1": round(2 * right / max(1, found + wanted), 4),
        "interval": _interval(spread),
        "right": right, "found": found, "gold": wanted,
    }  # fmt: skip


def _mean(rows: Sequence[Mapping[str, Any]], spread: npt.NDArray[np.float64]) -> dict[str, Any]:
    """Macro average: every row counts alike, however rare."""
    shares = {key: round(sum(row[key] for row in rows) / len(rows), 4) for key in ("p", "r", "f1")}
    return {**shares, "interval": _interval(spread), **{key: sum(row[key] for row in rows) for key in ("right", "found", "gold")}}


def _interval(drawn: npt.NDArray[np.float64]) -> list[float] | None:
    """The middle 95 %; None where nothing was found or wanted in any draw."""
    told = drawn[~np.isnan(drawn)]
    return [round(float(edge), 4) for edge in np.quantile(told, (0.025, 0.975))] if len(told) else None


def f1(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """F1 from right, found and wanted in the last axis."""
    right, found, wanted = np.moveaxis(counts, -1, 0)
    return np.asarray(2 * right / np.maximum(1, found + wanted), dtype=np.float64)
