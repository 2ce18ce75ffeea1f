"""The plan: every document once, shards of bounded size, nothing that was planned ever moves."""

from __future__ import annotations

import hashlib
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.batch.folder import Folder
from nlp.batch.plan import extend_plan, read_entries, read_plan
from nlp.document import Source
from nlp.errors import StoreError
from nlp.ingest.raw import RawSource
from tests.nlp.batch.making import batch_settings

CONTENTS = st.lists(st.binary(max_size=6), max_size=30)


def raws(contents: list[bytes], path: str = "a") -> list[RawSource]:
    return [RawSource(Source(path, str(number)), data) for number, data in enumerate(contents)]


@given(CONTENTS, CONTENTS, st.integers(1, 5), st.integers(1, 20))
def test_every_content_is_planned_once_in_order_and_in_bounded_shards(first, second, n_documents, n_bytes):
    settings = batch_settings(shard_documents=n_documents, shard_bytes=n_bytes)
    with TemporaryDirectory() as out:
        folder = Folder(out)
        plan = read_plan(folder)
        extend_plan(folder, plan, raws(first), settings)
        before = [list(numbers) for numbers in plan.shards]
        n_new = extend_plan(folder, plan, raws(first) + raws(second, "b"), settings)
        assert plan.shards[: len(before)] == before
        assert n_new == len(set(second) - set(first))
        assert plan.n_documents == len({*first, *second})
        assert plan.n_duplicates == len(first) + len(second) - plan.n_documents
        entries = read_entries(folder, range(1000))
        assert [entries[n].shard for n in sorted(entries) if entries[n].shard is not None] == [
            shard for shard, numbers in enumerate(plan.shards) for _ in numbers
        ]
        for numbers in plan.shards:
            assert len(numbers) <= n_documents
            assert len(numbers) == 1 or sum(entries[n].bytes for n in numbers) <= n_bytes
        again = read_plan(folder)
        assert (again.numbers, again.places, again.shards) == (plan.numbers, plan.places, plan.shards)
        for data in {*first, *second}:
            shard, number = plan.find(hashlib.sha256(data).hexdigest()) or (-1, -1)
            assert number in plan.shards[shard] and entries[number].sha256 == hashlib.sha256(data).hexdigest()


def test_nothing_new_writes_no_part(tmp_path: Path):
    folder = Folder(str(tmp_path))
    for _ in range(2):
        extend_plan(folder, read_plan(folder), raws([b"x", b"y"]), batch_settings())
    assert folder.names("plan", ".parquet") == ["000.parquet"]


def test_a_changed_document_is_a_new_one(tmp_path: Path):
    folder = Folder(str(tmp_path))
    plan = read_plan(folder)
    extend_plan(folder, plan, raws([b"x"]), batch_settings())
    assert extend_plan(folder, plan, raws([b"x2"]), batch_settings()) == 1


def test_a_damaged_plan_is_said(tmp_path: Path):
    (tmp_path / "plan").mkdir()
    (tmp_path / "plan" / "000.parquet").write_bytes(b"no plan")
    with pytest.raises(StoreError, match=r"000\.parquet is damaged"):
        read_plan(Folder(str(tmp_path)))
