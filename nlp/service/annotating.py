"""Corrected records as annotations for training, in the formats that an installed package offers.

Writers are entry points of the group `gongkai.annotation_formats`, named like their format: `write(texts, path, format)`.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from importlib.metadata import entry_points
from pathlib import Path

from nlp.service.corrections import CorrectedText
from nlp.service.errors import UnusableError

Writer = Callable[[Iterable[CorrectedText], Path, str], None]
_GROUP = "gongkai.annotation_formats"
_NAME = "corrections"


def write_file(texts: Iterable[CorrectedText], folder: Path, format: str) -> Path:
    """Write the texts below `folder`, where nothing is yet; a format that is a folder becomes a ZIP file of its content.

    Raises UnusableError when the format cannot be written here.
    """
    writer = _writer(format)
    path = folder / _NAME
    try:
        writer(texts, path, format)
    except ModuleNotFoundError as error:
        raise UnusableError(f"{format} needs `pip install 'gongkai[train]'` where the service runs ({error})") from error
    return Path(shutil.make_archive(str(path), "zip", path)) if path.is_dir() else path


def _writer(format: str) -> Writer:
    entries = {entry.name: entry for entry in entry_points(group=_GROUP)}
    if format not in entries:
        known = ", ".join(sorted(entries)) or "none"
        raise UnusableError(f"no installed package writes {format!r} (there is {known}); gongkai's own need its package `training`")
    try:
        writer: Writer = entries[format].load()
    except (ModuleNotFoundError, AttributeError) as error:
        raise UnusableError(f"{format} needs `pip install 'gongkai[train]'` where the service runs ({error})") from error
    return writer
