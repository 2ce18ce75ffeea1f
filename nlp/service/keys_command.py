"""Add, revoke and list the keys of a service; a key is shown once, when it is made."""

from __future__ import annotations

import argparse
from pathlib import Path

from nlp.service.command import tell
from nlp.service.database import Database
from nlp.service.keys import SCOPES, Keys
from nlp.service.state import DATABASE

EXAMPLES = """examples:
  gongkai keys add 张三 --scopes read,write
  gongkai keys list
  gongkai keys revoke 0123456789ab
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("action", choices=("add", "revoke", "list"))
    parser.add_argument("name", nargs="?", default="", help="whose key it is; for revoke its id")
    parser.add_argument("--scopes", default="read", help=f"of {', '.join(SCOPES)}, joined by commas (default: read)")
    parser.add_argument("--data", type=Path, default=Path("gongkai-data"), metavar="DIR", help="of the service (default: gongkai-data)")


def run(arguments: argparse.Namespace) -> int:
    """Do it; see the module."""
    keys = Keys(Database(arguments.data / DATABASE))
    if arguments.action == "add":
        key, text = keys.add(arguments.name or "key", arguments.scopes.split(","))
        tell(f"key {key.id} ({key.name}; {', '.join(key.scopes)}), shown this once:")
        print(text)
    elif arguments.action == "revoke":
        keys.revoke(arguments.name)
        tell(f"key {arguments.name} is ended, and with it its sign-ins")
    else:
        for key in keys.all():
            state = f"revoked {key.revoked}" if key.revoked else "in use"
            print(f"{key.id}  {key.name}  {','.join(key.scopes)}  made {key.created}  {state}")
    return 0
