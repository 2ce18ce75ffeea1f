"""Options that every command which reads reports has."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nlp.settings import Settings


def add_reading_arguments(parser: argparse.ArgumentParser) -> None:
    """`--settings` and `--no-labeller`."""
    parser.add_argument(
        "--settings", type=Path, metavar="FILE", help="TOML with other settings than configs/extract.toml"
    )
    parser.add_argument(
        "--no-labeller", dest="labeller", action="store_false", help="read the tables only, not the prose"
    )


def chosen_settings(arguments: argparse.Namespace) -> Settings:
    """The settings that these options choose. Raises SettingsError with the place and the remedy."""
    from nlp.settings import load_settings

    settings = load_settings(arguments.settings)
    return settings if arguments.labeller else settings.model_copy(update={"labeller": False})
