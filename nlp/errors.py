"""One small tree of errors. A bad call raises; a bad document is data and becomes a record with issues."""

from __future__ import annotations


class GongkaiError(Exception):
    """Base of every error that this package raises on purpose; its message says what, where, and what to do."""


class SettingsError(GongkaiError):
    """A settings file or value cannot be used."""


class SourceError(GongkaiError):
    """A source given by the caller cannot be opened at all (it does not exist, or is no file, folder or archive)."""


class ModelError(GongkaiError):
    """A model folder is missing, incomplete, or its bytes are not those of its manifest."""


class StoreError(GongkaiError):
    """A store or an output file cannot be read or written."""


class RecordError(GongkaiError):
    """JSON that is not a record of a schema version this package reads."""
