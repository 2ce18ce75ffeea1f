"""A Hugging Face `datasets` folder (`save_to_disk`): a row a text, with columns id, text, spans and meta (JSON)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import datasets
import msgspec
from datasets import Dataset, DatasetDict, Features, List, Value

from training.annotation.draft import Draft
from training.annotation.faults import Faults, parsed, shaped
from training.annotation.text import ANSWERED, AnnotatedText
from training.markup import Annotated

FEATURES = Features(
    {
        "id": Value("string"),
        "text": Value("string"),
        "spans": List(
            {
                "label": Value("string"),
                "start": Value("int64"),
                "end": Value("int64"),
                "codes": List(Value("string")),
                "done": Value("bool"),
                "answers": List(Value("int64")),
            }
        ),
        "meta": Value("string"),
    }
)


class _Span(msgspec.Struct):
    label: str
    start: int
    end: int
    codes: list[str] = []
    done: bool = False
    answers: list[int] = []


class _Row(msgspec.Struct):
    text: str
    spans: list[_Span]
    id: str | None = None
    meta: str = "{}"


def read(path: Path, faults: Faults) -> Iterator[AnnotatedText]:
    """The texts of a folder, of all its splits one after the other."""
    try:
        loaded = datasets.load_from_disk(path)
    except Exception as error:  # noqa: BLE001  # broken JSON, Arrow and missing files have no common error
        faults.add(path.name, f"no datasets folder ({type(error).__name__}: {error})", "write it with save_to_disk")
        return
    splits = loaded if isinstance(loaded, DatasetDict) else {"": loaded}
    for split, rows in splits.items():
        for number, value in enumerate(rows, 1):
            place = f"{path.name}, {split + ' ' if split else ''}row {number}"
            row = shaped(value, _Row, place, faults)
            if row is not None:
                yield from _text(row, place, faults, f"{path.name}-{split}{number}")


def _text(row: _Row, place: str, faults: Faults, name: str) -> Iterable[AnnotatedText]:
    value = parsed(row.meta or "{}", place, faults)
    meta = None if value is None else shaped(value, dict[str, str], place, faults)
    if meta is None:
        return ()
    draft = Draft(place, row.id or name, row.text, meta)
    draft.spans = {
        n: Annotated(one.label, one.start, one.end, tuple(one.codes), one.done) for n, one in enumerate(row.spans)
    }
    problems = [n for n, one in enumerate(row.spans) if one.label == ANSWERED]
    for number, one in enumerate(row.spans):
        # a number that names no problem becomes a key that names no span, which is a fault
        draft.links += [(number, problems[to] if 0 <= to < len(problems) else f"problem {to}") for to in one.answers]
    return draft.finish(faults)


def write(texts: Iterable[AnnotatedText], path: Path) -> None:
    """One split, unnamed."""
    rows = [_row(one) for one in texts]
    whole = Dataset.from_dict({column: [row[column] for row in rows] for column in FEATURES}, features=FEATURES)
    silent = datasets.are_progress_bars_disabled()
    datasets.disable_progress_bars()
    try:
        whole.save_to_disk(path, num_shards=1)  # of nothing it would make none, and not load
    finally:
        if not silent:
            datasets.enable_progress_bars()


def _row(one: AnnotatedText) -> dict[str, Any]:
    spans = [
        {
            "label": span.label,
            "start": span.start,
            "end": span.end,
            "codes": list(span.codes),
            "done": span.done,
            "answers": list(span.answers),
        }
        for span in one.spans
    ]
    return {"id": one.id, "text": one.text, "spans": spans, "meta": msgspec.json.encode(dict(one.meta)).decode()}
