"""Documents to measure on: text with what an annotator says of it, from a folder of inline markup or of gold JSON."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nlp.errors import SettingsError
from nlp.narrative.labels import LABELS
from nlp.settings import load_toml
from training.markup import CODED, Annotated, read_marked

SPLIT_ORDER = ("test", "dev", "train")


@dataclass(frozen=True)
class Case:
    """One document: its text, its spans, and the labels that were annotated.

    `links`: (problem, remedy) by their places among the spans of their label. `facts`: groups and counts as in a record,
    `has_status`: whether remedies are told to be done or planned; only where the annotation says so.
    """

    id: str
    text: str
    spans: tuple[Annotated, ...]
    labels: tuple[str, ...] = LABELS
    links: frozenset[tuple[int, int]] = frozenset()
    facts: Mapping[str, Any] | None = None
    has_status: bool = False


def find_cases(folder: Path, labels: Collection[str] = LABELS, split: str | None = None) -> list[Case]:
    """The documents of a folder: gold JSON (`narrative/`, `text/`), or inline markup (`split` as in `markup_cases`).

    Raises SettingsError when there are none, or when the markup is wrong, naming every fault.
    """
    if (folder / "narrative").is_dir() and (folder / "text").is_dir():
        return gold_cases(folder)
    return markup_cases(folder, labels, split)


def markup_cases(folder: Path, labels: Collection[str] = LABELS, split: str | None = None) -> list[Case]:
    """The documents of a folder of inline markup.

    `split`: `train`, `dev`, `test` or `all`; None for the first there is of test and dev, all where it is not divided.
    """
    codes = [entry["code"] for entry in load_toml("categories.toml")["category"]]
    marked = {path: read_marked(path, codes, labels) for path in _files(folder, split)}
    faults = [fault for one in marked.values() for fault in one.faults]
    if faults or not marked:
        raise SettingsError("\n".join(faults) or f"no annotated documents in {folder}{f' ({split})' if split else ''}")
    return [
        Case(
            path.stem, one.text, one.spans, tuple(one.meta.get("labels", "").split()) or LABELS, _links(one.spans),
            has_status=True,
        )
        for path, one in marked.items()
    ]


def _files(folder: Path, split: str | None) -> list[Path]:
    if not any((folder / name).is_dir() for name in SPLIT_ORDER):
        return sorted([*folder.glob("*.txt"), *folder.glob("*/*.txt")])
    files = {name: sorted((folder / name).glob("*/*.txt")) for name in SPLIT_ORDER}
    if split == "all":
        return [path for some in files.values() for path in some]
    return files[split or next((name for name, some in files.items() if some), "test")]


def _links(spans: Sequence[Annotated]) -> frozenset[tuple[int, int]]:
    remedies = [span for span in spans if span.label == "REMEDY"]
    return frozenset((problem, number) for number, remedy in enumerate(remedies) for problem in remedy.answers)


def gold_cases(folder: Path) -> list[Case]:
    """The documents of a folder of gold: `narrative/*.json` with spans, groups, counts, links; `categories.json`."""
    categories = json.loads((folder / "categories.json").read_text(encoding="utf-8"))
    cases = []
    for path in sorted((folder / "narrative").glob("*.json")):
        gold = json.loads(path.read_text(encoding="utf-8"))
        text = (folder / "text" / gold["text_file"]).read_bytes().decode("utf-8-sig")
        facts = {"groups": gold["groups"], "counts": gold["counts"]}
        links = frozenset((problem, remedy) for problem, remedy in gold["links"])
        cases.append(Case(path.stem, text, _gold_spans(gold["spans"], categories[path.stem]), LABELS, links, facts))
    return cases


def _gold_spans(spans: Sequence[Mapping[str, Any]], categories: Mapping[str, Sequence[Sequence[str]]]) -> tuple[Annotated, ...]:
    codes = {label: iter(categories[label]) for label in CODED}
    return tuple(
        Annotated(one["label"], one["start"], one["end"], tuple(next(codes[one["label"]])) if one["label"] in CODED else ())
        for one in spans
    )
