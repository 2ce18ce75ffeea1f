"""A small start and a small corpus for the tests of training."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of an encoder with random weights."""
    from tests.training import tiny  # needs the extra `train`, which the tests ask for

    return tiny.encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a few annotated documents."""
    from tests.training import tiny

    return tiny.corpus(tmp_path_factory.mktemp("corpus"))
