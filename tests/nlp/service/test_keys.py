from pathlib import Path

import pytest

from nlp.errors import SettingsError
from nlp.service.database import Database
from nlp.service.keys import Keys


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(Database(tmp_path / "service.sqlite"))


def test_a_key_is_found_by_its_text_and_by_nothing_else(keys: Keys, tmp_path: Path) -> None:
    key, text = keys.add("张三", ["write"])
    assert keys.find(text) == key
    assert keys.find(text[:-1]) is None
    assert keys.find("") is None
    assert keys.find(f"gk_{key.id}_") is None
    assert text.encode() not in (tmp_path / "service.sqlite").read_bytes()


def test_a_wider_scope_includes_the_narrower_ones(keys: Keys) -> None:
    key, _ = keys.add("a", ["write"])
    assert key.may("read")
    assert key.may("write")
    assert not key.may("admin")


def test_a_revoked_key_ends_its_sign_ins(keys: Keys) -> None:
    key, text = keys.add("a", ["read"])
    cookie = keys.sign_in(key, 1)
    assert keys.signed_in(cookie) is not None
    keys.revoke(key.id)
    assert keys.find(text) is None
    assert keys.signed_in(cookie) is None
    with pytest.raises(SettingsError, match="no key"):
        keys.revoke(key.id)


def test_a_sign_in_ends(keys: Keys) -> None:
    key, _ = keys.add("a", ["read"])
    assert keys.signed_in(keys.sign_in(key, -1)) is None
    cookie = keys.sign_in(key, 1)
    keys.sign_out(cookie)
    assert keys.signed_in(cookie) is None


def test_an_unknown_scope_is_refused(keys: Keys) -> None:
    with pytest.raises(SettingsError, match="owner"):
        keys.add("a", ["owner"])


def test_keys_made_and_ended_are_in_the_log_of_writes(keys: Keys, tmp_path: Path) -> None:
    key, text = keys.add("张三", ["read"])
    keys.revoke(key.id)
    rows = Database(tmp_path / "service.sqlite").reading.execute("SELECT action, target, detail FROM audit").fetchall()
    assert [tuple(row)[:2] for row in rows] == [("key", key.id), ("revoke", key.id)]
    assert not any(text in row["detail"] for row in rows)
