"""Tables of documents: JSON lines and Parquet."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import random
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nlp.ingest.raw import RawSource
from nlp.ingest.read import read
from nlp.ingest.sources import sources
from nlp.settings import Limits

TEXT = "云溪县水务局2021年政府信息公开工作年度报告\n一、总体情况\n" + "全年主动公开信息一百二十条。" * 20
ROWS: list[dict[str, Any]] = [
    {"url": "http://yx.example/1", "title": "甲局年报", "date": "2022-01-20", "text": TEXT, "n": 1},
    {"url": None, "title": "", "date": None, "text": TEXT + "二", "n": 2},
]


def jsonl(rows: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def parquet(rows: list[dict[str, Any]], path: Path, **options: Any) -> bytes:
    pq.write_table(pa.Table.from_pylist(rows), path, **options)
    return path.read_bytes()


def found(tmp_path: Path, data: bytes, limits: Limits | None = None) -> list[RawSource]:
    path = tmp_path / "rows.bin"  # the name says nothing
    path.write_bytes(data)
    return list(sources([path], limits or Limits()))


def codes(raws: list[RawSource]) -> list[str]:
    return [raw.issues[0].code if raw.issues else "" for raw in raws]


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress])
def test_json_lines_with_what_their_columns_state(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    one, two = found(tmp_path, pack(jsonl(ROWS)))
    assert (one.source.member, one.source.url, one.title, one.published) == (
        "line 1", "http://yx.example/1", "甲局年报", "2022-01-20"
    )  # fmt: skip
    assert one.data == TEXT.encode()
    assert (two.source.member, two.source.url, two.title, two.published) == ("line 2", None, None, None)


def test_parquet_with_what_its_columns_state(tmp_path: Path) -> None:
    one, two = found(tmp_path, parquet(ROWS, tmp_path / "x", row_group_size=1))
    assert (one.source.member, one.source.url, one.title, one.published) == (
        "row 1", "http://yx.example/1", "甲局年报", "2022-01-20"
    )  # fmt: skip
    assert (one.data, two.data) == (TEXT.encode(), (TEXT + "二").encode())
    assert two.source.url is None


@pytest.mark.parametrize("name", ["HTML", "content", "正文", "Body"])
def test_which_column_holds_the_text_is_in_the_settings(tmp_path: Path, name: str) -> None:
    rows = [{"id": "x" * 900, name: TEXT}] * 2
    for data in (jsonl(rows), parquet(rows, tmp_path / "x")):
        assert [raw.data for raw in found(tmp_path, data)] == [TEXT.encode()] * 2


def test_html_comes_before_text_and_an_empty_column_before_none(tmp_path: Path) -> None:
    rows = [{"text": TEXT, "html": f"<p>{TEXT}</p>"}, {"text": TEXT, "html": ""}]
    assert [raw.data for raw in found(tmp_path, jsonl(rows))] == [f"<html><body><p>{TEXT}</p></body></html>".encode(), TEXT.encode()]


def test_no_column_fits_and_the_issue_names_those_there_are(tmp_path: Path) -> None:
    rows = [{"号": 1, "wenben": TEXT}, {"号": 2, "wenben": TEXT}]
    for data in (jsonl(rows), parquet(rows, tmp_path / "x")):
        raws = found(tmp_path, data)
        assert set(codes(raws)) == {"no_text_column"}
        assert "wenben" in raws[0].issues[0].message and "rows.text" in raws[0].issues[0].message


def test_a_bad_row_costs_itself_only(tmp_path: Path) -> None:
    lines = jsonl(ROWS).splitlines()
    data = b"\n".join([lines[0], b'{"text": "cut', b"[1]", b"", b"[" * 100_000, b'{"text": ""}', lines[1]])
    raws = found(tmp_path, data)
    assert codes(raws) == ["", "bad_row", "bad_row", "bad_row", "empty", ""]
    assert raws[-1].source.member == "line 7"


def test_a_line_above_the_limit_costs_itself_only(tmp_path: Path) -> None:
    rows = [{"text": "短"}, {"text": "长" * 5000}, {"text": "也短"}]
    assert codes(found(tmp_path, jsonl(rows), Limits(max_bytes=1000))) == ["", "too_large", ""]
    assert codes(found(tmp_path, jsonl(rows), Limits(max_members=1))) == ["", "too_many_members"]
    assert codes(found(tmp_path, parquet(rows, tmp_path / "x"), Limits(max_bytes=1000))) == ["", "too_large", ""]


def test_a_surrogate_and_old_encodings(tmp_path: Path) -> None:
    (raw,) = found(tmp_path, b'{"text": "a\\ud800b"}')
    assert raw.data == b"a?b"
    raws = found(tmp_path, jsonl(ROWS).decode().encode("gb18030"))
    assert [raw.data for raw in raws] == [row["text"].encode() for row in ROWS]


def test_one_json_object_is_no_table(tmp_path: Path) -> None:
    for data in (b'{"title": "a", "items": [1, 2]}', b'{\n  "text": "a"\n}', b"{\\rtf1}", b'{"text'):
        (raw,) = found(tmp_path, data)
        assert raw.source.member is None and raw.data == data


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    bomb = gzip.compress(jsonl([{"text": "甲" * 300_000}] * 20))
    assert codes(found(tmp_path, bomb))[-1] == "compression_ratio"
    rows = [{"text": "甲" * 300_000 + str(i)} for i in range(20)]
    assert codes(found(tmp_path, parquet(rows, tmp_path / "x", compression="zstd")))[-1] == "compression_ratio"


def test_damage_is_an_issue_wherever_it_is(tmp_path: Path) -> None:
    chance = random.Random(3)
    for whole in (parquet(ROWS * 5, tmp_path / "x"), gzip.compress(jsonl(ROWS))):
        for _ in range(40):
            broken = bytearray(whole[: chance.randrange(5, len(whole))] if chance.random() < 0.4 else whole)
            for _ in range(chance.randint(1, 6)):
                broken[chance.randrange(4, len(broken))] = chance.randrange(256)
            assert found(tmp_path, bytes(broken))


def test_memory_does_not_grow_with_the_table(tmp_path: Path) -> None:
    def peak(n: int) -> int:
        path = tmp_path / "big.jsonl"
        path.write_bytes(jsonl([{"text": f"{i}" + "甲" * 5000} for i in range(n)]))
        tracemalloc.start()
        assert sum(1 for _ in sources([path], Limits())) == n
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    assert peak(1000) < 2 * peak(200)  # 64 neighbours are looked at together


def test_a_column_of_html_with_few_tags_is_a_page(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    rows = [{"html": "<p>公开信息120条&nbsp;</p>"}, {"html": "没有标记 1 < 2"}, {"text": "<p>原样</p>"}]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    documents = [read(raw) for raw in sources([path], Limits())]
    assert [document.text for document in documents] == ["公开信息120条", "没有标记 1 < 2", "<p>原样</p>"]
