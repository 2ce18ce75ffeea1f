"""Annotated documents as `datasets.Dataset`: which files there are, which are held out, and their pieces.

A folder holds documents in inline markup, `<family>/<id>.txt`. Families below `train/`, `dev/` and `test/` are what these
names say; where there is no `train/`, about one document in twenty is held out as `dev`.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datasets import Dataset

from nlp.errors import SettingsError
from nlp.narrative.labels import LABELS
from training.markup import Annotated, read_marked

SPLITS = ("train", "dev", "test")
DEV_EVERY = 20
SPAN_KEYS = ("label", "start", "end", "codes", "done", "answers")


@dataclass(frozen=True)
class Piece:
    """A stretch of a document: a whole annotated span, or (`span` None) text between spans.

    The offsets in `span` are those of the unchanged document.
    """

    text: str
    span: Annotated | None = None


def annotated_files(folder: Path) -> dict[str, list[Path]]:
    """The marked-up documents below `folder` by split, in order of their names."""
    if (folder / "train").is_dir():
        return {split: sorted((folder / split).glob("*/*.txt")) for split in SPLITS}
    files = sorted(folder.glob("*/*.txt"))
    held_out = [path for path in files if zlib.crc32(path.stem.encode()) % DEV_EVERY == 0]
    return {"train": [path for path in files if path not in held_out], "dev": held_out, "test": []}


def load_documents(
    folders: Sequence[Path], codes: Collection[str], labels: Collection[str] = LABELS
) -> dict[str, Dataset]:
    """Splits `train`, `dev` and `test` of all documents below `folders`: id, agency, text, spans, labels annotated.

    Raises SettingsError naming every fault of the markup.
    """
    rows: dict[str, list[dict[str, Any]]] = {split: [] for split in SPLITS}
    faults: list[str] = []
    for split, path in [(s, p) for folder in folders for s, some in annotated_files(folder).items() for p in some]:
        marked = read_marked(path, codes, labels)
        faults += marked.faults
        row = {
            "id": path.stem,
            "agency": marked.meta.get("agency", ""),
            "text": marked.text,
            "spans": [{key: getattr(span, key) for key in SPAN_KEYS} for span in marked.spans],
            "labels": marked.meta.get("labels", "").split() or list(LABELS),
        }
        rows[split].append(row)
    if faults or not rows["train"]:
        names = ", ".join(map(str, folders))
        raise SettingsError("\n".join(faults) or f"no documents `<family>/<id>.txt` below {names}")
    return {split: Dataset.from_list(some) for split, some in rows.items()}


def pieces_of(row: dict[str, Any]) -> list[Piece]:
    """A document as pieces, in order; their texts put together are the document's text."""
    pieces, cursor = [], 0
    for values in row["spans"]:
        span = Annotated(**{**values, "codes": tuple(values["codes"]), "answers": tuple(values["answers"])})
        pieces += [Piece(row["text"][cursor : span.start]), Piece(row["text"][span.start : span.end], span)]
        cursor = span.end
    return [piece for piece in [*pieces, Piece(row["text"][cursor:])] if piece.text]


def data_hash(folders: Sequence[Path]) -> str:
    """SHA-256 over names and bytes of all documents below `folders`."""
    whole = hashlib.sha256()
    for path in [p for folder in folders for some in annotated_files(folder).values() for p in some]:
        whole.update(f"{path.parent.name}/{path.name}".encode() + path.read_bytes())
    return whole.hexdigest()
