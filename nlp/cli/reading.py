"""Options that every command which reads reports has, and the settings file of the folder in which it runs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from nlp.cli.messages import tell

if TYPE_CHECKING:
    from nlp.settings import Settings

PROJECT_FILE = Path("gongkai.toml")


def add_reading_arguments(parser: argparse.ArgumentParser) -> None:
    """`--settings` and `--no-labeller`."""
    parser.add_argument(
        "--settings",
        type=Path,
        metavar="FILE",
        help="TOML with other settings than configs/extract.toml (default: ./gongkai.toml where there is one)",
    )
    parser.add_argument(
        "--no-labeller", dest="labeller", action="store_false", help="read the tables only, not the prose"
    )


def chosen_settings(arguments: argparse.Namespace) -> Settings:
    """The settings that these options choose. Raises SettingsError with the place and the remedy."""
    settings = read_settings(arguments.settings)
    return settings if arguments.labeller else settings.model_copy(update={"labeller": False})


def read_settings(path: Path | None = None) -> Settings:
    """The settings of a file; without one, of `gongkai.toml` in the working folder, which is told, or the defaults."""
    from nlp.settings import load_settings

    if path is None and PROJECT_FILE.is_file():
        path = PROJECT_FILE
        settings = load_settings(path)
        tell(f"settings from ./{path}" + (f" (model {settings.model})" if settings.model else ""))
        return settings
    return load_settings(path)
