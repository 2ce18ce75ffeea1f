"""The authored documents: which files there are, and which of them are held out."""

from __future__ import annotations

import zlib
from pathlib import Path

DEV_EVERY = 20


def authored_files(folder: Path) -> list[Path]:
    """The marked-up documents below `folder`, `<family>/<id>.txt`, in order of their names."""
    return sorted(folder.glob("*/*.txt"))


def is_dev(path: Path) -> bool:
    """Whether a document is held out for early stopping and calibration: about one in DEV_EVERY, by a hash of its id.

    New files change no other file's place.
    """
    return zlib.crc32(path.stem.encode()) % DEV_EVERY == 0
