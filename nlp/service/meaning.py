"""Whether two problems say the same, by the vectors of the model in use; one question at a time."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from nlp.narrative.release import model_folder
from nlp.summary.compare import Matrix, meaning
from nlp.summary.vectors import Encoder


class Meaning:
    """A similarity for `nlp.summary.compare`, whose encoder is loaded when it is first needed."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._encoder: Encoder | None = None
        self._one = threading.Lock()

    def __call__(self, before: Sequence[str], after: Sequence[str]) -> Matrix:
        """Similarity of every text of `before` (rows) to every one of `after` (columns). Raises ModelError."""
        with self._one:
            if self._encoder is None:
                self._encoder = Encoder(model_folder(self._model), threads=1)
            return meaning(self._encoder)(before, after)
