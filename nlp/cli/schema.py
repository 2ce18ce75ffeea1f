"""Print the JSON Schema of a record."""

from __future__ import annotations

import argparse

EXAMPLES = "example:\n  gongkai schema > record.schema.json\n"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command takes nothing."""


def run(arguments: argparse.Namespace) -> int:
    """Print; see the module."""
    import json

    from nlp.record import json_schema

    print(json.dumps(json_schema(), ensure_ascii=False, indent=2))
    return 0
