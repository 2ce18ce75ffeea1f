"""Sources in files, folders, archives and standard input."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import stat
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from nlp.errors import SourceError
from nlp.ingest.sources import sources
from nlp.settings import Limits

LIMITS = Limits()
DATA = "一、总体情况".encode()


def names(*paths: Path | str, limits: Limits = LIMITS) -> list[str | None]:
    return [raw.source.member or Path(raw.source.path).name for raw in sources(paths, limits)]


def zipped(name: str = "年报/a.txt", encoding: str | None = None, flag: int = 0) -> bytes:
    """A ZIP whose one member's name is written in `encoding`, without the UTF-8 flag unless `flag` has it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("x" * len(name.encode(encoding or "utf-8")), DATA)
    raw = name.encode(encoding or "utf-8")
    return buffer.getvalue().replace(b"x" * len(raw), raw)


def tarred(name: str, encoding: str = "utf-8", mode: str = "w") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode, format=tarfile.GNU_FORMAT, encoding=encoding) as archive:  # type: ignore[call-overload]
        info = tarfile.TarInfo(name)
        info.size = len(DATA)
        archive.addfile(info, io.BytesIO(DATA))
    return buffer.getvalue()


def test_a_path_that_does_not_exist_is_an_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"missing\.txt"):
        sources([tmp_path / "missing.txt"], LIMITS)


def test_folders_are_sorted_at_every_depth_and_junk_is_no_source(tmp_path: Path) -> None:
    for name in ("b/2.txt", "b/1.txt", "a.txt", "c.txt", ".DS_Store", "__MACOSX/x.txt", "b/._1.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(DATA)
    assert names(tmp_path) == ["a.txt", "1.txt", "2.txt", "c.txt"]
    assert names(tmp_path / "c.txt", tmp_path / "a.txt") == ["c.txt", "a.txt"]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "big5"])
def test_member_names_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    name = "縣水務局年度報告/二零二零年.txt" if encoding == "big5" else "县水务局年度报告/二〇二〇年.txt"
    for file, data in (
        ("a.zip", zipped(name, encoding)),
        ("a.tar", tarred(name, encoding)),
        ("a.tgz", gzip.compress(tarred(name, encoding))),
    ):
        (tmp_path / file).write_bytes(data)
        assert names(tmp_path / file) == [name]


def test_a_link_in_a_zip_is_an_issue_and_its_neighbours_are_read(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link.txt")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(link, str(tmp_path / "secret.txt"))
        archive.writestr("report.txt", DATA)
    (tmp_path / "secret.txt").write_text("geheim", encoding="utf-8")
    first, second = sources([tmp_path / "a.zip"], LIMITS)
    assert (first.source.member, first.data) == ("link.txt", None)
    assert [(issue.code, issue.severity) for issue in first.issues] == [("not_a_file", "error")]
    assert "leave it out of the archive" in first.issues[0].message
    assert (second.source.member, second.data) == ("report.txt", DATA)


def test_flagged_utf8_names(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("年报/Ünï.txt", DATA)
    assert names(tmp_path / "a.zip") == ["年报/Ünï.txt"]


def test_archives_in_archives_and_single_gzip_files(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "outer.zip", "w") as archive:
        archive.writestr("inner.tar.gz", gzip.compress(tarred("r.txt")))
        archive.writestr("page.html.gz", gzip.compress(DATA))
    found = list(sources([tmp_path / "outer.zip"], Limits(max_depth=3)))
    assert [(raw.source.member, raw.data) for raw in found] == [("inner.tar.gz!/r.txt", DATA), ("page.html.gz", DATA)]


def test_an_office_document_is_no_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<w:document/>")
    assert names(tmp_path / "a.zip") == ["a.zip"]


def test_the_same_member_gives_the_same_bytes_every_time(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped())
    assert list(sources([tmp_path], LIMITS)) == list(sources([tmp_path], LIMITS))


@pytest.mark.parametrize(
    ("data", "member"),
    [(DATA, None), (zipped("a.txt"), "a.txt"), (tarred("a.txt"), "a.txt"), (gzip.compress(tarred("a.txt")), "a.txt")],
)
def test_standard_input_is_a_file_or_an_archive(
    monkeypatch: pytest.MonkeyPatch, data: bytes, member: str | None
) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))
    (raw,) = sources(["-"], LIMITS)
    assert (raw.source.path, raw.source.member, raw.data) == ("-", member, DATA)


def test_limits_are_the_settings(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for index in range(5):
            archive.writestr(f"{index}.txt", DATA * (index + 1))
    few = [raw.issues[0].code if raw.issues else None for raw in sources([tmp_path], Limits(max_members=2))]
    assert few == [None, None, "too_many_members"]
    small = [raw.issues[0].code if raw.issues else None for raw in sources([tmp_path], Limits(max_bytes=2 * len(DATA)))]
    assert small == [None, None, "too_large", "too_large", "too_large"]


PACKERS = [gzip.compress, bz2.compress, lzma.compress]


@pytest.mark.parametrize("pack", PACKERS)
def test_packed_files_and_packed_tars(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    (tmp_path / "a.txt").write_bytes(pack(DATA))
    (tmp_path / "b.txt").write_bytes(pack(tarred("r.txt")))
    (tmp_path / "c.txt").write_bytes(pack(DATA) + pack(DATA))
    found = [(raw.source.member, raw.data) for raw in sources([tmp_path], LIMITS)]
    assert found == [(None, DATA), ("r.txt", DATA), (None, DATA * 2)]


@pytest.mark.parametrize("pack", PACKERS)
def test_packed_files_that_are_damaged_or_bombs(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    (tmp_path / "cut.bin").write_bytes(pack(DATA * 100)[:-9])
    noise = io.BytesIO()
    with tarfile.open(fileobj=noise, mode="w") as archive:
        for seed in (1, 2):
            info = tarfile.TarInfo(f"{seed}.txt")
            info.size = 2_000_000
            archive.addfile(info, io.BytesIO(random.Random(seed).randbytes(info.size)))
    packed = pack(noise.getvalue())
    (tmp_path / "cut_tar.bin").write_bytes(packed[: len(packed) * 3 // 4])
    (tmp_path / "z_bomb.bin").write_bytes(pack(b"\0" * 30_000_000))
    codes = [[issue.code for issue in raw.issues] for raw in sources([tmp_path], LIMITS)]
    assert codes[0] == ["damaged_archive"] and codes[-1] == ["compression_ratio"]
    assert codes[1:-1] == [[], ["damaged_archive"]]


def test_xz_may_not_ask_for_all_memory(tmp_path: Path) -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 1 << 20}]
    data = bytearray(lzma.compress(DATA, filters=filters))
    assert data[16] == 16  # the size of the dictionary, 2 ** (16 / 2 + 12) bytes; below it the checksum of the header
    data[16] = 38
    data[20:24] = zlib.crc32(data[12:20]).to_bytes(4, "little")
    (tmp_path / "a.xz").write_bytes(data)
    (raw,) = sources([tmp_path], LIMITS)
    assert [issue.code for issue in raw.issues] == ["damaged_archive"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.zip", b"<html><body>BZh</body></html>"),
        ("a.gz", b"BZh is how bzip2 begins"),
        ("a.eml", "From: 水务局\n一、总体情况".encode()),
        ("a.jsonl", b"{not json}\n{}"),
        ("a.txt", "标题: 年报\n发布时间: 2022-01-20\n一、总体情况".encode()),
    ],
)
def test_a_name_makes_no_container(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    (raw,) = sources([tmp_path], LIMITS)
    assert (raw.source.member, raw.data) == (None, data)


def test_archives_of_every_kind_count_towards_the_depth(tmp_path: Path) -> None:
    data = zipped("r.txt")
    for pack in PACKERS:
        data = pack(data)
    (tmp_path / "a.bin").write_bytes(data)
    assert [raw.data for raw in sources([tmp_path], Limits(max_depth=4))] == [DATA]
    assert [raw.issues[0].code for raw in sources([tmp_path], Limits(max_depth=3))] == ["nested_too_deep"]
