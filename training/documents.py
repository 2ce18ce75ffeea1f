"""The authored documents as a `datasets.Dataset`: which files there are, which are held out, and their pieces."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datasets import Dataset

from nlp.errors import SettingsError
from training.markup import Annotated, read_marked

DEV_EVERY = 20
SPAN_KEYS = ("label", "start", "end", "codes", "done", "answers")


@dataclass(frozen=True)
class Piece:
    """A stretch of a document: a whole annotated span, or (`span` None) text between spans.

    The offsets in `span` are those of the unchanged document.
    """

    text: str
    span: Annotated | None = None


def authored_files(folder: Path) -> list[Path]:
    """The marked-up documents below `folder`, `<family>/<id>.txt`, in order of their names."""
    return sorted(folder.glob("*/*.txt"))


def is_dev(path: Path) -> bool:
    """Whether a document is held out for early stopping and calibration: about one in DEV_EVERY, by a hash of its id.

    New files change no other file's place.
    """
    return zlib.crc32(path.stem.encode()) % DEV_EVERY == 0


def load_documents(folder: Path, codes: Collection[str]) -> dict[str, Dataset]:
    """Splits `train` and `dev` of all documents below `folder`: id, agency, text, spans.

    Raises SettingsError naming every fault of the markup.
    """
    rows: dict[str, list[dict[str, Any]]] = {"train": [], "dev": []}
    faults: list[str] = []
    for path in authored_files(folder):
        marked = read_marked(path, codes)
        faults += marked.faults
        spans = [{key: getattr(span, key) for key in SPAN_KEYS} for span in marked.spans]
        row = {"id": path.stem, "agency": marked.meta.get("agency", ""), "text": marked.text, "spans": spans}
        rows["dev" if is_dev(path) else "train"].append(row)
    if faults or not rows["train"]:
        raise SettingsError("\n".join(faults) or f"no documents `<family>/<id>.txt` below {folder}")
    return {split: Dataset.from_list(some) for split, some in rows.items()}


def pieces_of(row: dict[str, Any]) -> list[Piece]:
    """A document as pieces, in order; their texts put together are the document's text."""
    pieces, cursor = [], 0
    for values in row["spans"]:
        span = Annotated(**{**values, "codes": tuple(values["codes"]), "answers": tuple(values["answers"])})
        pieces += [Piece(row["text"][cursor : span.start]), Piece(row["text"][span.start : span.end], span)]
        cursor = span.end
    return [piece for piece in [*pieces, Piece(row["text"][cursor:])] if piece.text]


def data_hash(folder: Path) -> str:
    """SHA-256 over names and bytes of all documents below `folder`."""
    whole = hashlib.sha256()
    for path in authored_files(folder):
        whole.update(f"{path.parent.name}/{path.name}".encode() + path.read_bytes())
    return whole.hexdigest()
