"""7z archives, written by py7zr, and what may be wrong with them."""

from __future__ import annotations

import os
import random
import struct
import zlib
from pathlib import Path

import py7zr
import pytest

from nlp.ingest.raw import RawSource
from nlp.ingest.sources import sources
from nlp.settings import Limits

DATA = "一、总体情况".encode()


def packed(path: Path, members: dict[str, bytes], **options: object) -> Path:
    with py7zr.SevenZipFile(path, "w", **options) as archive:  # type: ignore[arg-type]
        for name, data in members.items():
            archive.writestr(data, name)
    return path


def found(path: Path, limits: Limits | None = None) -> list[tuple[str | None, bytes | None, str]]:
    raws: list[RawSource] = list(sources([path], limits or Limits()))
    return [(raw.source.member, raw.data, raw.issues[0].code if raw.issues else "") for raw in raws]


def test_members_in_their_order(tmp_path: Path) -> None:
    members = {"年报/甲局.txt": DATA, "年报/乙局.txt": DATA * 2, ".DS_Store": b"x"}
    path = packed(tmp_path / "a.zip", members)  # the name says nothing
    assert found(path) == [("年报/甲局.txt", DATA, ""), ("年报/乙局.txt", DATA * 2, "")]
    assert found(path) == found(path)


def test_archives_in_it_are_read_to_the_depth_of_the_limit(tmp_path: Path) -> None:
    inner = packed(tmp_path / "inner.7z", {"r.txt": DATA}).read_bytes()
    outer = packed(tmp_path / "outer.7z", {"inner.7z": inner})
    assert found(outer) == [("inner.7z!/r.txt", DATA, "")]
    assert found(outer, Limits(max_depth=1)) == [("inner.7z", None, "nested_too_deep")]


@pytest.mark.parametrize("hidden", [False, True])
def test_encrypted(tmp_path: Path, hidden: bool) -> None:
    path = packed(tmp_path / "a.7z", {"r.txt": DATA}, password="x", header_encryption=hidden)
    assert found(path) == [(None, None, "encrypted")]


def test_links_are_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "r.txt").write_bytes(DATA)
    (folder / "link").symlink_to("/etc/passwd")
    with py7zr.SevenZipFile(tmp_path / "a.7z", "w") as archive:
        archive.writeall(folder, "in")
    assert sorted(found(tmp_path / "a.7z"), key=str) == [("in/link", None, "not_a_file"), ("in/r.txt", DATA, "")]


def test_a_name_that_leads_outside_is_refused_and_the_rest_read(tmp_path: Path) -> None:
    path = tmp_path / "a.7z"
    with py7zr.SevenZipFile(path, "w") as archive:
        archive.set_encoded_header_mode(False)
        archive.writestr(DATA, "aa/evil.txt")
        archive.writestr(DATA, "r.txt")
    raw = path.read_bytes().replace("aa/evil".encode("utf-16-le"), "../evil".encode("utf-16-le"))
    offset, size = struct.unpack_from("<QQ", raw, 12)
    raw = raw[:28] + struct.pack("<I", zlib.crc32(raw[32 + offset : 32 + offset + size])) + raw[32:]
    path.write_bytes(raw[:8] + struct.pack("<I", zlib.crc32(raw[12:32])) + raw[12:])
    assert found(path) == [("../evil.txt", None, "unsafe_name"), ("r.txt", DATA, "")]


def test_limits_hold(tmp_path: Path) -> None:
    many = packed(tmp_path / "many.7z", {f"{i}.txt": DATA + bytes([i]) for i in range(5)})
    assert [code for _, _, code in found(many, Limits(max_members=2))] == ["", "", "too_many_members"]
    assert {code for _, _, code in found(many, Limits(max_bytes=3))} == {"too_large"}
    bomb = packed(tmp_path / "bomb.7z", {"a.txt": b"\0" * 20_000_000, "b.txt": DATA})
    assert [code for _, _, code in found(bomb)] == ["compression_ratio"]


def test_damage_is_an_issue_wherever_it_is(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.7z", {f"{i}.txt": os.urandom(200) for i in range(3)})
    whole = path.read_bytes()
    chance = random.Random(5)
    for _ in range(60):
        broken = bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            broken[chance.randrange(6, len(broken))] = chance.randrange(256)
        path.write_bytes(bytes(broken) if chance.random() < 0.7 else bytes(broken[: chance.randrange(7, len(broken))]))
        result = found(path)
        assert result
        assert any(code for _, _, code in result) or len(result) == 3


def test_giving_up_early_ends_the_thread(tmp_path: Path) -> None:
    import threading

    path = packed(tmp_path / "a.7z", {f"{i}.txt": DATA for i in range(20)})
    before = threading.active_count()
    reading = iter(sources([path], Limits()))
    next(reading)
    reading.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before


def test_rar_is_refused_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"Rar!\x1a\x07\x01\x00" + b"\0" * 50)
    (raw,) = sources([tmp_path / "a.zip"], Limits())
    assert raw.issues[0].code == "unsupported_format"
    assert "unpack" in raw.issues[0].message
