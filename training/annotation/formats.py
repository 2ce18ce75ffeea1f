"""The formats: their one table, how a file is recognised, and reading and writing with nothing half done."""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from nlp.errors import SettingsError, SourceError, StoreError
from nlp.output import aside
from training.annotation.faults import Faults
from training.annotation.text import AnnotatedText, add_faults


class Exchange(Protocol):
    """What the module of a format has."""

    def read(self, path: Path, faults: Faults) -> Iterator[AnnotatedText]:
        """The texts of a file or folder; what cannot be read is reported to `faults` and left out."""

    def write(self, texts: Iterable[AnnotatedText], path: Path) -> None:
        """Write a new file or folder."""


@dataclass(frozen=True)
class Format:
    """A format: its module, whether it is a folder, and how a path is recognised as one of it."""

    module: str
    is_folder: bool
    recognises: Callable[[Path], bool]


def _begins(*marks: bytes) -> Callable[[Path], bool]:
    """Whether a file's first character that is no blank is one of `marks`."""

    def recognises(path: Path) -> bool:
        with path.open("rb") as stream:
            return stream.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in marks

    return recognises


def _holds(*patterns: str) -> Callable[[Path], bool]:
    return lambda path: any(next(path.glob(pattern), None) is not None for pattern in patterns)


FORMATS: dict[str, Format] = {  # the first that recognises a path reads it
    "docbin": Format("docbin", False, lambda path: path.suffix == ".spacy"),
    "label-studio": Format("label_studio", False, _begins(b"[")),
    "doccano": Format("doccano", False, _begins(b"{")),
    "conll": Format("conll", False, lambda path: True),
    "datasets": Format("dataset_folder", True, _holds("dataset_dict.json", "dataset_info.json", "state.json")),
    "brat": Format("brat", True, _holds("**/*.ann", "annotation.conf")),
    "markup": Format("inline", True, _holds("*.txt", "*/*.txt")),
}


def recognise(path: Path) -> str:
    """The name of a path's format. Raises SourceError when there is no such path, SettingsError when it is unknown."""
    if not path.exists():
        raise SourceError(f"no such file or folder: {path}")
    for name, one in FORMATS.items():
        if one.is_folder == path.is_dir() and one.recognises(path):
            return name
    raise SettingsError(f"{path} is a folder of no known format; formats are {', '.join(FORMATS)}")


def read(path: Path, format: str | None = None) -> list[AnnotatedText]:
    """The texts of a file or folder, whose format is recognised when it is not said.

    Raises SettingsError with all faults of the file, a line each, and SourceError when it cannot be read at all.
    """
    name = format or recognise(path)
    module = _module(name)
    if FORMATS[name].is_folder != path.is_dir() or not path.exists():
        raise SourceError(f"{path} is no {'folder' if FORMATS[name].is_folder else 'file'}, as {name} needs")
    faults = Faults()
    texts = list(module.read(path, faults))
    seen: set[str] = set()
    for one in texts:
        if one.id in seen:
            faults.add(path.name, f"the id {one.id!r} is there twice", "give each text an id of its own")
        seen.add(one.id)
    faults.raise_any()
    return texts


def write(texts: Iterable[AnnotatedText], path: Path, format: str, *, force: bool = False) -> None:
    """Write a file or folder, aside first, so that it is there whole or not at all.

    Raises SettingsError for a text that no format can hold, StoreError when something is there already (`force`
    replaces a file, and a folder of the same format) or the path cannot be written.
    """
    whole = list(texts)
    faults = Faults()
    for one in whole:
        add_faults(one, f"text {one.id}", faults)
    faults.raise_any()
    refuse_to_overwrite(path, format, force)
    try:
        with _replaced(path) as beside:
            _module(format).write(whole, beside)
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror or error}") from error


def _module(format: str) -> Exchange:
    if format not in FORMATS:
        raise SettingsError(f"unknown format {format!r}; formats are {', '.join(FORMATS)}")
    return cast(Exchange, importlib.import_module(f"training.annotation.{FORMATS[format].module}"))


def refuse_to_overwrite(path: Path, format: str, force: bool) -> None:
    """Raise StoreError where something stands at `path` that may not be replaced."""
    if not path.exists() or (path.is_dir() and not any(path.iterdir())):
        return
    if not force:
        raise StoreError(f"{path} is there already; name another, or replace it with --force")
    if path.is_dir() and not (FORMATS[format].is_folder and recognise(path) == format):
        raise StoreError(f"{path} is a folder, and not one of {format}; name another")


@contextmanager
def _replaced(path: Path) -> Iterator[Path]:
    """Where to write what takes the place of `path` when the block ends without an exception."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = aside(path)
    old = beside.with_suffix(".old")
    try:
        yield beside
        if path.exists():
            path.rename(old)
        try:
            beside.rename(path)
        except OSError:
            if old.exists():
                old.rename(path)
            raise
    finally:
        _remove(beside)
    _remove(old)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
