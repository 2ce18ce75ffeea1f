"""List models, show one's card, choose one for this folder, check that its bytes are those of its manifest."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from nlp.cli.messages import console, tell
from nlp.cli.reading import PROJECT_FILE
from nlp.errors import GongkaiError, ModelError, SettingsError

if TYPE_CHECKING:
    from rich.table import Table

EXAMPLES = """examples:
  gongkai models                          those released with this program and those in this folder
  gongkai models show gongkai-base
  gongkai models choose my-model/         written into ./gongkai.toml, which the other commands read
  gongkai models choose gongkai-base
  gongkai models verify my-model/
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.set_defaults(action=_list)
    actions = parser.add_subparsers(metavar="ACTION")
    list_ = actions.add_parser("list", help="models and their figures (default)")
    list_.set_defaults(action=_list)
    wanted: list[tuple[str, str, Callable[[argparse.Namespace], int]]] = [
        ("show", "print a model's card", _show),
        ("choose", f"use a model in this folder (writes ./{PROJECT_FILE})", _choose),
        ("verify", "check every file against the manifest", _verify),
    ]
    for name, summary, action in wanted:
        sub = actions.add_parser(name, help=summary, description=summary)
        sub.add_argument("model", metavar="MODEL", help="name of a released model, or a folder")
        sub.set_defaults(action=action)


def run(arguments: argparse.Namespace) -> int:
    """Run the chosen action."""
    status: int = arguments.action(arguments)
    return status


def _list(arguments: argparse.Namespace) -> int:
    from nlp.narrative.release import model_folders
    from nlp.settings import data_path

    chosen = _chosen()
    console(sys.stdout).print(_table([(folder, folder.resolve() == chosen) for folder in model_folders(data_path("models"), Path())]))
    return 0


def _chosen() -> Path | None:
    """The model that the commands use in this folder; None where the settings name one that is not there."""
    from nlp.narrative.release import model_folder
    from nlp.settings import load_settings

    settings = load_settings(PROJECT_FILE if PROJECT_FILE.is_file() else None)
    try:
        return model_folder(settings.model).resolve()
    except ModelError:
        return None


def _table(folders: list[tuple[Path, bool]]) -> Table:
    from rich.table import Table

    table = Table(caption="strict F1 on held-out documents, as the manifest tells; * chosen in this folder")
    for head in ("", "model", "folder", "F1", "spans", "labels", "MB"):
        table.add_column(head, justify="right" if head in ("F1", "spans", "labels", "MB") else "left")
    for folder, is_chosen in folders:
        table.add_row("*" if is_chosen else "", *_row(folder))
    return table


def _row(folder: Path) -> list[str]:
    from nlp.narrative.release import folder_size, read_manifest

    manifest = read_manifest(folder)
    spans = dict((manifest.get("figures") or {}).get("held-out spans") or {})
    every = spans.pop("all", None)
    told = (f"{every['f1']:.3f}", f"{every['gold']:,}", str(len(spans))) if every else ("–", "–", "–")
    return [str(manifest.get("name", folder.name)), str(folder), *told, f"{folder_size(folder) / 1e6:.0f}"]


def _show(arguments: argparse.Namespace) -> int:
    from rich.markdown import Markdown

    from nlp.narrative.release import model_folder

    card = model_folder(arguments.model) / "README.md"
    try:
        text = card.read_text(encoding="utf-8")
    except OSError as error:
        raise GongkaiError(f"no card {card} ({error.strerror}); a model folder's card is its README.md") from error
    shown = console(sys.stdout)
    if sys.stdout.isatty():
        shown.print(Markdown(text))
    else:
        sys.stdout.write(text)  # a pipe or file takes the Markdown itself
    return 0


def _choose(arguments: argparse.Namespace) -> int:
    """Write the model into the project file, keeping what else stands there."""
    from nlp.narrative.release import model_folder, open_release
    from nlp.settings import load_settings

    release = open_release(model_folder(arguments.model))
    name = arguments.model.rstrip("/") if Path(arguments.model).is_dir() else release.name
    old = PROJECT_FILE.read_text(encoding="utf-8") if PROJECT_FILE.is_file() else ""
    new = with_model(old, name)
    PROJECT_FILE.write_text(new, encoding="utf-8")
    try:
        load_settings(PROJECT_FILE)
    except SettingsError:
        PROJECT_FILE.write_text(old, encoding="utf-8")
        raise
    tell(f"{PROJECT_FILE}: model = {name!r}; the commands run in this folder use it")
    return 0


def with_model(toml: str, name: str) -> str:
    """The text of a settings file with `model` set to `name`; all other lines stay as they are."""
    line = f"model = {json.dumps(name, ensure_ascii=False)}"  # a JSON string is a TOML string
    lines = toml.splitlines()
    top = next((place for place, one in enumerate(lines) if one.lstrip().startswith("[")), len(lines))
    rest = [one for place, one in enumerate(lines) if place >= top or not re.match(r"\s*model\s*=", one)]
    return "\n".join([line, *rest]) + "\n"


def _verify(arguments: argparse.Namespace) -> int:
    from nlp.narrative.release import model_folder, open_release

    folder = model_folder(arguments.model)
    release = open_release(folder)  # raises where a byte has changed
    tell(f"{folder}: {release.name} is whole; every file is the one that the manifest names (SHA-256 {release.sha256})")
    return 0
