"""A released model folder: its files, checked against the manifest before anything is read from them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nlp.errors import ModelError
from nlp.narrative.labels import LABELS, TagScheme
from nlp.settings import data_path

RELEASED = "gongkai-base"
NETWORK, WEIGHTS, HEADS, VOCABULARY, LABEL_FILE, CALIBRATION, MANIFEST = (
    "model.onnx",
    "model.safetensors",
    "heads.safetensors",
    "vocab.txt",
    "labels.json",
    "calibration.json",
    "manifest.json",
)
NEEDED = (NETWORK, WEIGHTS, HEADS, VOCABULARY, LABEL_FILE, CALIBRATION)


@dataclass(frozen=True)
class Release:
    """An intact model folder: `sha256` is the hash of its manifest, which holds the hash of every file.

    `sections`: section kind → the words that lead a window; `categories`: codes in the order of the head; `window`: its
    length in tokens; `scheme`: its labels, those of `LABELS` and perhaps further ones.
    """

    folder: Path
    name: str
    sha256: str
    sections: Mapping[str, str]
    categories: tuple[str, ...]
    window: int
    calibration: Mapping[str, Any]
    scheme: TagScheme = field(default_factory=TagScheme)


def model_folder(name: str = "") -> Path:
    """The folder of a model: `name` is a folder or the name of a released model; empty for the released one.

    Raises ModelError when there is none.
    """
    released = data_path("models", name or RELEASED)
    if not name or ("/" not in name and not Path(name).is_dir() and released.is_dir()):
        return released
    if not Path(name).is_dir():
        raise ModelError(f"no model {name!r}: it is no folder and no released model; `gongkai models` lists those there are")
    return Path(name)


def model_folders(*places: Path) -> Iterator[Path]:
    """The model folders right below some folders, each once, sorted by name in the order of the places."""
    seen = set()
    for place in places:
        for path in sorted(place.glob(f"*/{MANIFEST}")):
            if path.parent.resolve() not in seen:
                seen.add(path.parent.resolve())
                yield path.parent


def read_manifest(folder: Path) -> dict[str, Any]:
    """What the manifest of a model folder says, whether or not the files are those it names. Raises ModelError."""
    return _parse(folder / MANIFEST, _read(folder / MANIFEST))


def folder_size(folder: Path) -> int:
    """Bytes of a model folder's files."""
    return sum(path.stat().st_size for path in folder.iterdir() if path.is_file())


def open_release(folder: Path | None = None) -> Release:
    """Check and describe a model folder, by default the released one.

    Raises ModelError when a file is missing, is not the one that the manifest names, or is made for other tags.
    """
    folder = folder or data_path("models", RELEASED)
    try:
        return _opened(folder)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(f"{folder}: the files that describe the model are damaged ({error!r}); fetch the folder anew") from error


def _opened(folder: Path) -> Release:
    manifest_bytes = _read(folder / MANIFEST)
    manifest = _parse(folder / MANIFEST, manifest_bytes)
    hashes = manifest.get("files", {})
    for name in sorted({*hashes, *NEEDED}):
        if hashlib.sha256(_read(folder / name)).hexdigest() != hashes.get(name):
            raise ModelError(
                f"{folder / name} is not the file its manifest names (SHA-256 differs); fetch the model folder anew"
            )
    labels = _parse(folder / LABEL_FILE, _read(folder / LABEL_FILE))
    scheme = TagScheme(tuple(tag[2:] for tag in labels["tags"] if tag.startswith("B-")))
    if tuple(labels["tags"]) != scheme.tags or scheme.labels[: len(LABELS)] != LABELS:
        raise ModelError(
            f"{folder / LABEL_FILE}: the model's tags are not those of this program; use a model made for this version"
        )
    calibration = _parse(folder / CALIBRATION, _read(folder / CALIBRATION))
    return Release(
        folder,
        str(manifest["name"]),
        hashlib.sha256(manifest_bytes).hexdigest(),
        labels["sections"],
        tuple(labels["categories"]),
        int(labels["window"]),
        calibration,
        scheme,
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelError(
            f"the model file {path} cannot be read ({error.strerror}); give a complete model folder"
        ) from error


def _parse(path: Path, content: bytes) -> dict[str, Any]:
    try:
        return dict(json.loads(content))
    except (ValueError, TypeError) as error:
        raise ModelError(f"{path} is not JSON: {error}; fetch the model folder anew") from error
