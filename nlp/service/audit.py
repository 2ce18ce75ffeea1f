"""The log of writes: who did what to what, when, from where."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request

from nlp.service.access import address_of, state_of
from nlp.service.database import note_write
from nlp.service.keys import Key

Note = Callable[[Key, str, str, str], None]
"""Key, action, target, detail."""


def audit_of(request: Request) -> Note:
    """What writes into the log for this request."""
    database, address = state_of(request).database, address_of(request)

    def note(key: Key, action: str, target: str, detail: str) -> None:
        with database.writing() as connection:
            note_write(connection, f"{key.name} ({key.id})", address, action, target, detail)

    return note


Audited = Annotated[Note, Depends(audit_of)]
