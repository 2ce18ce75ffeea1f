"""A service over a folder of its own, with the labeller off; skipped where the extra `serve` is not installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="needs the extra serve")

from fastapi.testclient import TestClient

from nlp.service.app import create_app
from nlp.service.settings import load_service_settings
from nlp.service.state import State
from nlp.settings import load_settings

Open = Callable[..., State]


def open_state(folder: Path, **changed: object) -> State:
    """A state over a folder."""
    settings = load_settings().model_copy(update={"labeller": False})
    return State(folder, settings, load_service_settings(shard_documents=4, **{"hosts": ["testserver"], **changed}))


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    """A state that works on jobs."""
    found = open_state(tmp_path / "data")
    found.start()
    yield found
    found.stop()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client with an admin key, of a service that all tests of a module share."""
    found = open_state(tmp_path_factory.mktemp("service") / "data")
    _, text = found.keys.add("test", ["admin"])
    with TestClient(create_app(found), headers={"Authorization": f"Bearer {text}"}, raise_server_exceptions=False) as client:
        yield client
