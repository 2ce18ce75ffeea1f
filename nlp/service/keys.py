"""API keys and sign-ins: random, kept as hashes only, with scopes."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import sqlite3
import time
from collections.abc import Collection
from dataclasses import dataclass

from nlp.errors import SettingsError
from nlp.service.database import Database, note_write, now

SCOPES = ("read", "write", "admin")
"""What a key may do; `write` includes `read`, `admin` includes both."""
_PREFIX = "gk"
_COMMAND = "gongkai keys"


@dataclass(frozen=True)
class Key:
    """A key as it is listed; the secret is not known."""

    id: str
    name: str
    scopes: tuple[str, ...]
    created: str
    revoked: str | None

    def may(self, scope: str) -> bool:
        """Whether the key has the scope, or a wider one."""
        return any(SCOPES.index(own) >= SCOPES.index(scope) for own in self.scopes)


@dataclass(frozen=True)
class SignIn:
    """A person who is signed in on the pages: whose key, and the token that their forms must carry."""

    key: Key
    csrf: str


class Keys:
    """The keys of a service. Secrets have 256 random bits, so that a plain SHA-256 keeps them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, name: str, scopes: Collection[str]) -> tuple[Key, str]:
        """Make a key; returns it with its text, which is shown this once. Raises SettingsError for an unknown scope."""
        unknown = sorted(set(scopes) - set(SCOPES))
        if unknown or not scopes:
            raise SettingsError(f"unknown scope {', '.join(unknown) or '(none)'}; scopes are {', '.join(SCOPES)}")
        key = Key(secrets.token_hex(6), name, tuple(scope for scope in SCOPES if scope in scopes), now(), None)
        text = f"{_PREFIX}_{key.id}_{secrets.token_urlsafe(32)}"
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO keys (id, name, hash, scopes, created) VALUES (?, ?, ?, ?, ?)",
                (key.id, name, _hash(text), " ".join(key.scopes), key.created),
            )
            note_write(connection, _COMMAND, "", "key", key.id, f"{name}: {' '.join(key.scopes)}")
        return key, text

    def revoke(self, identity: str) -> None:
        """End a key and its sign-ins. Raises SettingsError when there is none, or it is ended already."""
        with self._database.writing() as connection:
            ended = connection.execute("UPDATE keys SET revoked = ? WHERE id = ? AND revoked IS NULL", (now(), identity))
            if not ended.rowcount:
                raise SettingsError(f"no key {identity!r} that is in use; `gongkai keys list` shows them")
            connection.execute("DELETE FROM sessions WHERE key_id = ?", (identity,))
            note_write(connection, _COMMAND, "", "revoke", identity, "")

    def all(self) -> list[Key]:
        """All keys, the oldest first."""
        return [_key(row) for row in self._database.reading.execute("SELECT * FROM keys ORDER BY created, id")]

    def find(self, text: str) -> Key | None:
        """The key with this text; None when it is unknown or ended."""
        parts = text.split("_", 2)
        row = self._database.reading.execute("SELECT * FROM keys WHERE id = ?", (parts[1] if len(parts) == 3 else "",)).fetchone()
        known = hmac.compare_digest(row["hash"] if row else _hash(""), _hash(text))
        return _key(row) if known and row and row["revoked"] is None else None

    def sign_in(self, key: Key, hours: float) -> str:
        """Begin a sign-in with a key; returns the text of its cookie."""
        text = secrets.token_urlsafe(32)
        with self._database.writing() as connection:
            connection.execute("DELETE FROM sessions WHERE expires < ?", (time.time(),))
            row = (_hash(text), key.id, secrets.token_urlsafe(24), time.time() + hours * 3600)
            connection.execute("INSERT INTO sessions VALUES (?, ?, ?, ?)", row)
        return text

    def signed_in(self, text: str) -> SignIn | None:
        """Whose sign-in this cookie is; None when it is unknown or over."""
        question = "SELECT keys.*, csrf FROM sessions JOIN keys ON keys.id = key_id WHERE sessions.hash = ? AND expires >= ?"
        row = self._database.reading.execute(question, (_hash(text), time.time())).fetchone()
        return SignIn(_key(row), row["csrf"]) if row and row["revoked"] is None else None

    def sign_out(self, text: str) -> None:
        """End a sign-in."""
        with self._database.writing() as connection:
            connection.execute("DELETE FROM sessions WHERE hash = ?", (_hash(text),))


def _key(row: sqlite3.Row) -> Key:
    return Key(row["id"], row["name"], tuple(row["scopes"].split()), row["created"], row["revoked"])


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
