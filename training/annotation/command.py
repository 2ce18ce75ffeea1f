"""Exchange annotations with doccano, Label Studio, brat, CoNLL, spaCy, `datasets` and the project's own markup.

`export` reads reports and writes their prose with what the labeller found, the least certain first; `import` checks
what people made of it and writes the folder that `gongkai train` learns from.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nlp.cli.messages import progress, tell, tell_failure
from nlp.cli.reading import read_settings
from nlp.errors import GongkaiError, SettingsError

if TYPE_CHECKING:
    from training.annotation.text import AnnotatedText

FORMATS = ("doccano", "label-studio", "brat", "conll", "docbin", "datasets", "markup")
EXAMPLES = """examples:
  gongkai annotate export reports/ -o tasks.json --format label-studio --limit 200
  gongkai annotate setup label-studio > interface.xml      the labels, for the tool's settings
  gongkai annotate import done.json -o annotated/          checked; then: gongkai train
  gongkai annotate check annotated/
  gongkai annotate convert annotated/ annotated.spacy --format docbin

exit status: 0 done, 1 some source failed, 2 wrong use or wrong annotations
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    _add_export(_action(actions, "export", "reports → texts with what the labeller found, least certain first", _export))
    _add_import(_action(actions, "import", "a tool's annotations → checked markup for `gongkai train`", _import))
    check = _action(actions, "check", "say what is wrong with annotations", _check)
    check.add_argument("file", type=Path, metavar="FILE", help="file or folder, in any of the formats")
    _add_format(check)
    _add_labels(check)
    convert = _action(actions, "convert", "from one format to another", _convert)
    convert.add_argument("file", type=Path, metavar="IN", help="file or folder")
    convert.add_argument("output", type=Path, metavar="OUT", help="file or folder")
    convert.add_argument("--format", choices=FORMATS, required=True, help="of OUT; that of IN is recognised")
    convert.add_argument("--force", action="store_true", help="replace OUT")
    setup = _action(actions, "setup", "print the labels as the tool's settings take them", _setup)
    setup.add_argument("tool", choices=("doccano", "label-studio", "brat"))
    _add_labels(setup)


def run(arguments: argparse.Namespace) -> int:
    """Run the chosen action."""
    status: int = arguments.action(arguments)
    return status


Action = Callable[[argparse.Namespace], int]


def _action(
    actions: argparse._SubParsersAction[argparse.ArgumentParser], name: str, summary: str, action: Action
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(name, help=summary, description=summary)
    parser.set_defaults(action=action)
    return parser


def _add_format(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=FORMATS, help="default: recognised")


def _add_labels(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--settings", type=Path, metavar="FILE", help="TOML with `labels` of your own, as `gongkai train` takes it"
    )


def _add_output(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument("-o", "--output", type=Path, required=True, metavar=what.upper(), help=f"{what} to write")
    parser.add_argument("--force", action="store_true", help="replace what is there")


def _add_export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("sources", nargs="+", metavar="SOURCE", help="report, folder or archive; - for standard input")
    _add_output(parser, "file")
    parser.add_argument("--format", choices=FORMATS, required=True)
    parts = parser.add_mutually_exclusive_group()
    parts.add_argument("--passages", action="store_true", help="a text a stretch of prose (default)")
    parts.add_argument("--documents", action="store_true", help="a text a report")
    parser.add_argument("--limit", type=_count, metavar="N", help="only the N least certain")
    parser.add_argument("--settings", type=Path, metavar="FILE", help="TOML with other settings (default: ./gongkai.toml)")


def _add_import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="file or folder that the tool exported")
    _add_output(parser, "folder")
    _add_format(parser)
    _add_labels(parser)
    parser.add_argument("--only", nargs="+", metavar="LABEL", help="only these labels were annotated; leave out the others")
    parser.add_argument("--code", metavar="CODE", help="category of problems and remedies that have none, such as other")
    parser.add_argument("--trim", action="store_true", help="cut blanks and final punctuation off the edges of spans")


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of texts; give 1 or more")
    return int(text)


def _export(arguments: argparse.Namespace) -> int:
    from nlp.ingest.sources import sources
    from nlp.pipeline import Extractor
    from training.annotation.formats import refuse_to_overwrite, write
    from training.annotation.preannotate import Witness, document_of, least_certain_first, passages_of

    refuse_to_overwrite(arguments.output, arguments.format, arguments.force)
    settings = read_settings(arguments.settings)
    found = sources(arguments.sources, settings.limits)
    witness = Witness.of(settings)
    extractor = Extractor(settings, witness)
    texts: list[AnnotatedText] = []
    n_reports = n_failed = 0
    with progress(record for raw in found for record in extractor(raw)) as records:
        for record in records:
            seen = witness.told()
            n_reports += 1
            if record.status == "failed":
                n_failed += 1
                tell_failure(record)
            elif seen is not None:
                texts += [document_of(record, seen)] if arguments.documents else passages_of(record, seen)
    chosen = least_certain_first(texts)[: arguments.limit]
    write(chosen, arguments.output, arguments.format, force=arguments.force)
    tell(f"{n_reports} reports → {_numbers(chosen, len(texts))} → {arguments.output} ({arguments.format})")
    return 1 if n_failed else 0


def _import(arguments: argparse.Namespace) -> int:
    from training.annotation.formats import write
    from training.annotation.guidelines import coded, only, trimmed
    from training.annotation.inline import category_codes

    if arguments.code is not None and arguments.code not in category_codes():
        raise GongkaiError(f"unknown category code {arguments.code!r}; codes are {', '.join(category_codes())}")

    def mended(texts: Sequence[AnnotatedText]) -> list[AnnotatedText]:
        texts = list(only(texts, arguments.only)) if arguments.only else list(texts)
        texts = list(trimmed(texts)) if arguments.trim else texts
        return list(coded(texts, arguments.code)) if arguments.code else texts

    texts = _sound(arguments, mended)
    if texts is None:
        return 2
    write(texts, arguments.output, "markup", force=arguments.force)
    tell(f"{_numbers(texts)} → {arguments.output}")
    return 0


def _check(arguments: argparse.Namespace) -> int:
    texts = _sound(arguments, list)
    if texts is None:
        return 2
    counts = Counter(span.label for one in texts for span in one.spans)
    tell(f"{_numbers(texts)}, nothing wrong: {', '.join(f'{label} {n}' for label, n in counts.most_common())}")
    return 0


def _convert(arguments: argparse.Namespace) -> int:
    from training.annotation.formats import read, write

    try:
        texts = read(arguments.file)
    except SettingsError as error:
        return _refuse(error, arguments.file)
    write(texts, arguments.output, arguments.format, force=arguments.force)
    tell(f"{_numbers(texts)} → {arguments.output} ({arguments.format})")
    return 0


def _setup(arguments: argparse.Namespace) -> int:
    from training.annotation import brat, doccano, label_studio
    from training.annotation.inline import category_codes

    labels = _labels(arguments)
    shown = {
        "brat": lambda: brat.configuration(labels),
        "doccano": lambda: doccano.label_config(labels),
        "label-studio": lambda: label_studio.label_config(labels, category_codes()),
    }
    sys.stdout.write(shown[arguments.tool]())
    return 0


def _labels(arguments: argparse.Namespace) -> tuple[str, ...]:
    """The labels that facts are built from, and those of the user's own."""
    from training.settings import read_settings as read_training_settings

    return read_training_settings(arguments.settings).scheme.labels


Mend = Callable[[Sequence["AnnotatedText"]], list["AnnotatedText"]]


def _sound(arguments: argparse.Namespace, mended: Mend) -> list[AnnotatedText] | None:
    """The texts of the file where all is right with them; None, and every fault told in its own line, where not."""
    from training.annotation.faults import Faults
    from training.annotation.formats import read
    from training.annotation.guidelines import check
    from training.annotation.inline import category_codes

    labels = _labels(arguments)
    try:
        texts = mended(read(arguments.file, arguments.format))
        faults = Faults()
        check(texts, category_codes(), labels, faults)
        faults.raise_any()
    except SettingsError as error:
        _refuse(error, arguments.file)
        return None
    return texts


def _refuse(error: SettingsError, path: Path) -> int:
    """Tell the faults of a file; returns the exit status."""
    for fault in str(error).splitlines():
        tell(f"error: {fault}")
    tell(f"error: {path}: nothing was written")
    return 2


def _numbers(texts: Sequence[AnnotatedText], n_all: int = 0) -> str:
    n_characters, n_spans = sum(len(one.text) for one in texts), sum(len(one.spans) for one in texts)
    of_all = f" of {n_all:,}" if n_all > len(texts) else ""
    return f"{len(texts):,} texts{of_all}, {n_characters:,} characters, {n_spans:,} spans"
