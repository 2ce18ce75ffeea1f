"""`gongkai models`: list, card, choice by `gongkai.toml`, integrity."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest

from nlp.cli import main
from nlp.cli.models import with_model
from nlp.cli.reading import read_settings
from nlp.errors import ModelError
from nlp.narrative.release import RELEASED, model_folder


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def mine(here: Path) -> Path:
    """A copy of the released model."""
    shutil.copytree(model_folder(), here / "my-model")
    return here / "my-model"


def test_released_models_and_those_of_the_folder_are_listed(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models"]) == 0
    listed = capsys.readouterr().out
    assert RELEASED in listed
    assert "my-model" in listed


def test_a_card_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "show", RELEASED]) == 0
    assert capsys.readouterr().out.startswith(f"# {RELEASED}")


def test_the_chosen_model_is_the_one_that_commands_use(mine: Path, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "gongkai.toml").write_text('# mine\nthreads = 1\nmodel = "old"\n\n[limits]\nmax_depth = 1\n')
    assert main(["models", "choose", "my-model/"]) == 0
    assert tomllib.loads((here / "gongkai.toml").read_text()) == {"model": "my-model", "threads": 1, "limits": {"max_depth": 1}}
    assert "# mine" in (here / "gongkai.toml").read_text()
    capsys.readouterr()
    assert read_settings().model == "my-model"
    assert "settings from ./gongkai.toml" in capsys.readouterr().err
    assert main(["models", "choose", RELEASED]) == 0
    assert model_folder(read_settings().model) == model_folder()


def test_settings_given_by_name_come_before_the_project_file(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "gongkai.toml").write_text('model = "mine"\n')
    (here / "other.toml").write_text("threads = 3\n")
    assert (read_settings(here / "other.toml").model, capsys.readouterr().err) == ("", "")


@pytest.mark.parametrize("name", ["a-model", 'quoted "name"', "模型/一", "back\\slash"])
def test_any_name_can_be_written(name: str) -> None:
    assert tomllib.loads(with_model("", name)) == {"model": name}


def test_a_changed_byte_is_told(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "verify", "my-model"]) == 0
    (mine / "vocab.txt").write_bytes(b"x")
    assert main(["models", "verify", "my-model"]) == 2
    assert "vocab.txt is not the file its manifest names" in capsys.readouterr().err
    assert main(["models", "choose", "my-model"]) == 2
    assert not Path("gongkai.toml").exists()


def test_a_model_that_is_not_there_is_told() -> None:
    with pytest.raises(ModelError, match="no model 'nowhere'"):
        model_folder("nowhere")
