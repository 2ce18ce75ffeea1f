"""Fine-tune a released model on annotated reports of your own, and write a model folder.

A run that was killed goes on when the same command is given again, with the export when it was trained already.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from nlp.cli.messages import tell
from nlp.errors import SettingsError

if TYPE_CHECKING:
    from training.finetune import Job

EXAMPLES = """examples:
  gongkai annotate import done.json -o annotated/
  gongkai train annotated/ -o my-model/            100 reports: under half an hour on two cores
  gongkai train annotated/ -o my-model/ --settings my.toml --tensorboard curves/
  gongkai models choose my-model/

FOLDER holds documents in inline markup, <family>/<id>.txt; a fifth is held out, or what stands below dev/ beside train/.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="annotated documents")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="MODEL", help="model folder to write")
    parser.add_argument("--start", default="", metavar="MODEL", help="name or folder; default: the released model")
    parser.add_argument("--settings", type=Path, metavar="FILE", help="TOML whose entries replace those of configs/train.toml")
    replay = parser.add_mutually_exclusive_group()
    replay.add_argument("--replay", type=_share, metavar="SHARE", help="part of the project's corpus that is mixed in")
    replay.add_argument("--no-replay", dest="replay", action="store_const", const=0.0, help="only FOLDER; may forget the rest")
    parser.add_argument("--seed", type=int, metavar="N", help="default: that of the settings")
    parser.add_argument("--tensorboard", type=Path, metavar="FOLDER", help="write curves for TensorBoard")


def run(arguments: argparse.Namespace) -> int:
    """Train; see the module."""
    job = _job(arguments)
    try:
        _train(job)
    except SettingsError as error:
        for line in str(error).splitlines():  # wrong markup: a line each fault
            tell(f"error: {line}")
        return 2
    return 0


def _job(arguments: argparse.Namespace) -> Job:
    from nlp.narrative.release import model_folder
    from training.finetune import Job
    from training.settings import read_settings

    seed = {} if arguments.seed is None else {"train": {"seed": arguments.seed}}
    settings = read_settings(arguments.settings, seed, finetune=True)
    replay = settings.finetune.replay if arguments.replay is None else arguments.replay
    start = model_folder(arguments.start)
    return Job(tuple(arguments.folders), arguments.output, start, settings, replay, arguments.tensorboard)


def _train(job: Job) -> None:
    import sys

    from nlp.cli.messages import console
    from training.cases import markup_cases
    from training.commands.evaluate import comparison_table
    from training.evaluate import measure
    from training.finetune import finetune, prepare, with_labels_of

    numbers = prepare(job)
    labels = with_labels_of(job.start, job.settings).scheme.labels
    measured_on = "test" if numbers["test"] else "dev"
    cases = markup_cases(job.own, labels, measured_on)
    mixed = f"{job.replay:.0%} of our own corpus" if job.replay else "nothing of our own corpus"
    tell(f"training on {numbers['train']} documents and {mixed}; {numbers['dev']} held out; run kept in {job.work}")
    before = measure(job.start, cases) if (job.start / "manifest.json").exists() else None
    finetune(job)
    after = measure(job.out, cases)
    console(sys.stdout).print(comparison_table(before, after, f"{len(cases)} documents of {measured_on}, not trained on"))
    tell(f"{job.out} is written; choose it: gongkai models choose {job.out}")


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 < share <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no share; give a number above 0, at most 1, or --no-replay")
    return share
