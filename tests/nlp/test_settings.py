from __future__ import annotations

from pathlib import Path

import pytest

from nlp.errors import SettingsError
from nlp.settings import Limits, Settings, load_settings


def test_the_shipped_settings_are_the_defaults() -> None:
    assert load_settings() == Settings()


def test_an_unknown_key_names_the_nearest_known_one(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("[limits]\nmax_byte = 5\n")
    with pytest.raises(SettingsError, match=r"limits\.max_byte.*limits\.max_bytes"):
        load_settings(path)


@pytest.mark.parametrize("text", ["threads = -1", "threads = 'many'", "threads = ", "labeller = 3"])
def test_a_wrong_value_is_an_error_that_names_the_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=r"mine\.toml"):
        load_settings(path)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="nowhere"):
        load_settings(tmp_path / "nowhere.toml")


def test_the_hash_follows_what_can_change_a_record() -> None:
    assert Settings(threads=2).sha256 == Settings().sha256 == Settings(model="/elsewhere").sha256
    assert Settings(limits=Limits(max_threads=1)).sha256 == Settings().sha256
    assert Settings(labeller=False).sha256 != Settings().sha256


def test_threads_bind_the_reading_of_pictures_too() -> None:
    assert Settings(threads=1).reading.max_threads == 1
    assert Settings(threads=4, limits=Limits(max_threads=2)).reading.max_threads == 2
    assert Settings().reading == Limits()
