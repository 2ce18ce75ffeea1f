"""Runs from sources to shards: the same bytes however it went, whatever was killed, added or lost on the way."""

from __future__ import annotations

import dataclasses
import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

import nlp
from nlp.batch.folder import Folder
from nlp.batch.local import run_locally
from nlp.batch.run import Job, run, shard_files
from nlp.errors import StoreError
from nlp.output import read_parquet
from tests.conftest import ROOT
from tests.nlp.batch.making import archive, bytes_of, job, report

N = 60


def do(job: Job):
    return run(job, run_locally, lambda n: None, lambda counts: None)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return archive(tmp_path_factory.mktemp("batch") / "archive", N)


@pytest.fixture(scope="module")
def undisturbed(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("batch") / "out"
    do(job(source, out))
    return out


def records(out: Path):
    return [one for shard in shard_files(Folder(str(out))) for one in read_parquet(shard)]


def test_every_content_has_one_record_in_the_order_of_the_sources(source: Path, undisturbed: Path):
    found = records(undisturbed)
    assert len({one.id for one in found}) == len(found) == N - N // 30 + 1  # the empty files are one content
    assert [one.source.path for one in found] == sorted(one.source.path for one in found)


def test_one_worker_and_many_give_the_same_bytes(source: Path, undisturbed: Path, tmp_path: Path):
    do(job(source, tmp_path, workers=1))
    assert bytes_of(tmp_path) == bytes_of(undisturbed)


def test_a_second_run_changes_nothing(source: Path, undisturbed: Path):
    before = bytes_of(undisturbed)
    read = Counter[str]()
    summary = run(job(source, undisturbed), run_locally, lambda n: read.update(planned=n), read.update)
    assert not read.total()
    assert bytes_of(undisturbed) == before
    assert (summary.n_duplicates, summary.counts["failed"], summary.n_pending) == (N // 20 + N // 30 - 1, 1, 0)


def test_a_failed_document_is_a_record_and_a_letter(undisturbed: Path):
    (letter,) = (json.loads(path.read_text()) for path in (undisturbed / "dead-letter").iterdir())
    assert (letter["stage"], letter["code"]) == ("ingest", "empty")
    (failed,) = (one for one in records(undisturbed) if one.status == "failed")
    assert failed.id == letter["id"]


def test_sources_added_later_make_further_shards(source: Path, undisturbed: Path, tmp_path: Path):
    out = tmp_path / "out"
    do(job(source, out))
    more = tmp_path / "more"
    more.mkdir()
    (more / "new.txt").write_text(report(1000), encoding="utf-8")
    (more / "old.txt").write_text(report(1), encoding="utf-8")
    do(job(more, out))
    old, new = bytes_of(undisturbed), bytes_of(out)
    assert {name: new[name] for name in old} == old
    assert [one.source.path for one in records(out)][-1] == str(more / "new.txt")
    assert len(records(out)) == len(records(undisturbed)) + 1


@pytest.mark.parametrize("lost", ["shards/000002.json", "shards/000004.parquet", "plan/000.parquet"])
def test_what_is_lost_is_done_again(source: Path, undisturbed: Path, tmp_path: Path, lost: str):
    do(job(source, tmp_path))
    if lost.endswith(".parquet") and "shards" in lost:
        (tmp_path / lost).with_suffix(".json").unlink()
    (tmp_path / lost).unlink()
    do(job(source, tmp_path))
    assert bytes_of(tmp_path) == bytes_of(undisturbed)


def test_another_model_or_other_settings_are_refused(source: Path, undisturbed: Path):
    with pytest.raises(StoreError, match=r"begun with .*shard_documents 7 \(now 8\).*another --out"):
        do(job(source, undisturbed, shard_documents=8))


def with_limit(one: Job, retry_failed: bool = False, **limits: int) -> Job:
    changed = one.settings.limits.model_copy(update=limits)
    return dataclasses.replace(one, settings=one.settings.model_copy(update={"limits": changed}), retry_failed=retry_failed)


@pytest.mark.parametrize(("limit", "raised"), [({"max_bytes": 500}, {"max_bytes": 50_000}), ({"max_characters": 300}, {})])
def test_a_raised_limit_is_a_remedy_for_a_dead_letter(tmp_path: Path, limit: dict[str, int], raised: dict[str, int]):
    """Beyond `max_bytes` not even the hash is known, beyond `max_characters` it is; either way one document stays one."""
    few = tmp_path / "few"
    few.mkdir()
    (few / "long.txt").write_text(report(1) + "本校依法公开信息。" * 200, encoding="utf-8")
    (few / "short.txt").write_text(report(2), encoding="utf-8")
    one = job(few, tmp_path / "out")
    do(with_limit(one, **limit))
    refused, short = records(tmp_path / "out")
    assert (refused.status, short.status) == ("failed", "complete")
    summary = do(with_limit(one, retry_failed=True, **raised))
    assert (summary.counts["complete"], summary.n_documents, summary.n_pending, summary.n_duplicates) == (2, 2, 0, 0)
    read, same = records(tmp_path / "out")
    assert same == short and not list((tmp_path / "out" / "dead-letter").iterdir())
    names = [record.produced_by.settings_sha256 for record in (short, read)]
    told = [json.loads((tmp_path / "out" / "limits" / f"{name}.json").read_text()) for name in names]
    defaults = one.settings.limits.model_dump()
    assert told == [{**defaults, **limit}, {**defaults, **raised}]
    before = bytes_of(tmp_path / "out")
    do(with_limit(one, **raised))
    assert bytes_of(tmp_path / "out") == before


def test_another_run_after_a_kill_between_letter_and_commit(source: Path, undisturbed: Path, tmp_path: Path):
    out = tmp_path / "out"
    do(job(source, out))
    (letter,) = (json.loads(path.read_text()) for path in (out / "dead-letter").iterdir())
    (out / "shards" / f"{letter['shard']:06}.json").unlink()
    do(dataclasses.replace(job(source, out), retry_failed=True))
    assert bytes_of(out) == bytes_of(undisturbed)


def test_a_planned_document_that_is_gone_has_a_record_that_says_so(source: Path, tmp_path: Path):
    few = tmp_path / "few"
    few.mkdir()
    for number in range(3):
        (few / f"{number}.txt").write_text(report(number), encoding="utf-8")
    out = tmp_path / "out"
    do(job(few, out))
    (out / "shards" / "000000.json").unlink()
    text = (few / "1.txt").read_text(encoding="utf-8")
    (few / "1.txt").unlink()
    do(job(few, out))
    assert [one.status for one in records(out)] == ["complete", "failed", "complete"]
    assert records(out)[1].issues[0].code == "source_gone"
    (few / "1.txt").write_text(text, encoding="utf-8")
    again = job(few, out)
    do(Job(again.paths, again.folder, again.settings, again.batch, retry_failed=True))
    assert [one.status for one in records(out)] == ["complete"] * 3
    assert not list((out / "dead-letter").iterdir())


def test_sources_not_given_this_time_stay_pending(source: Path, tmp_path: Path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "x.txt").write_text(report(2000), encoding="utf-8")
    out = tmp_path / "out"
    do(job(source, out))
    (out / "shards" / "000003.json").unlink()
    assert do(job(other, out)).n_pending == 7
    assert do(job(source, out)).n_pending == 0


def test_memory_as_an_object_store(source: Path, undisturbed: Path):
    do(job(source, "memory://run"))
    folder = Folder("memory://run")
    assert folder.local is None
    there = bytes_of(undisturbed)
    assert {name: folder.get(name) for name in there} == there


COMMAND = """
import sys
from pathlib import Path
from nlp.batch.local import run_locally
from nlp.batch.run import run
from nlp.errors import StoreError
from tests.nlp.batch.making import job
one = job(Path(sys.argv[1]), sys.argv[2])
if __name__ == "__main__":
    try:
        with one.folder.lock():
            run(one, run_locally, lambda n: None, lambda counts: None)
    except StoreError as error:
        sys.exit(str(error))
"""


def command(source: Path, out: Path, script: Path) -> list[str]:
    script.write_text(COMMAND, encoding="utf-8")
    return [sys.executable, str(script), str(source), str(out)]


def test_killed_at_any_time_it_goes_on_to_the_same_bytes(source: Path, undisturbed: Path, tmp_path: Path):
    out, rng = tmp_path / "out", random.Random(1)
    words = command(source, out, tmp_path / "run.py")
    n_killed = 0
    for _ in range(4):
        process = subprocess.Popen(words, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, start_new_session=True)
        time.sleep(rng.uniform(0.5, 3.0))
        n_killed += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert n_killed
    subprocess.run(words, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True)
    assert bytes_of(out) == bytes_of(undisturbed)


def test_a_full_disk_is_said_and_what_is_committed_stays(source: Path, undisturbed: Path, tmp_path: Path):
    """A limit on the size of files stands for the full disk: the system refuses the write alike."""
    out = tmp_path / "out"
    words = command(source, out, tmp_path / "run.py")
    limited = ["bash", "-c", 'ulimit -f 8; exec "$@"', "bash", *words]
    done = subprocess.run(limited, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
    assert done.returncode == 1 and "cannot write" in done.stderr and "run the same command again" in done.stderr
    assert "Traceback" not in done.stderr
    subprocess.run(words, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True)
    assert bytes_of(out) == bytes_of(undisturbed)


def test_what_a_killed_run_was_writing_is_cleared_away(tmp_path: Path):
    (tmp_path / "shards").mkdir()
    for name in (".gongkai.duckdb.77.part", ".gongkai.duckdb.77.part.wal", "shards/.000001.parquet.77.part"):
        (tmp_path / name).write_bytes(b"half")
    with Folder(str(tmp_path)).lock():
        assert [path for path in tmp_path.glob("**/*") if path.is_file()] == []


def test_a_second_run_in_the_same_folder_at_once_is_refused(tmp_path: Path):
    with Folder(str(tmp_path)).lock(), pytest.raises(StoreError, match="another run"), Folder(str(tmp_path)).lock():
        pass


def test_sources_and_output_on_another_file_system(tmp_path: Path):
    import fsspec

    files = fsspec.filesystem("memory")
    for number in range(5):
        files.pipe_file(f"/crawl/{number % 2}/{number}.txt", report(number).encode())
    one = job(Path("x"), "memory://there")
    summary = do(Job(["memory://crawl"], one.folder, one.settings, one.batch))
    assert summary.counts["complete"] == 5
    found = list(read_parquet(io.BytesIO(one.folder.get("shards/000000.parquet") or b"")))
    assert [record.source.path for record in found] == [f"memory:///crawl/{n % 2}/{n}.txt" for n in (0, 2, 4, 1, 3)]


def test_since_leaves_out_what_has_not_changed(tmp_path: Path):
    few = tmp_path / "few"
    few.mkdir()
    for number, changed in enumerate((1_000, 2_000, 3_000)):
        (few / f"{number}.txt").write_text(report(number), encoding="utf-8")
        os.utime(few / f"{number}.txt", (changed, changed))
    one = job(few, tmp_path / "out")
    do(Job(one.paths, one.folder, one.settings, one.batch, since=2_000))
    assert [Path(record.source.path).name for record in records(tmp_path / "out")] == ["1.txt", "2.txt"]


def test_a_page_and_its_attachment_are_one_source(tmp_path: Path):
    site = tmp_path / "site"
    site.mkdir()
    (site / "P2021001.docx").write_bytes((ROOT / "tests/golden/docx/sources/shanghai-yunjian-2019.docx").read_bytes())
    page = '<html><body><p>年度报告见附件</p><a href="./P2021001.docx">附件</a></body></html>'
    (site / "index.html").write_text(page, encoding="utf-8")
    do(job(site, tmp_path / "out"))
    (record,) = records(tmp_path / "out")
    assert "merged_attachment" in {issue.code for issue in record.issues}
    assert record.statistics.applications


def test_extract_and_batch_give_the_same_records_of_companions_and_volumes(tmp_path: Path):
    site = tmp_path / "site"
    site.mkdir()
    (site / "P2021001.docx").write_bytes((ROOT / "tests/golden/docx/sources/shanghai-yunjian-2019.docx").read_bytes())
    page = '<html><body><p>年度报告见附件</p><a href="./P2021001.docx">附件</a></body></html>'
    (site / "index.html").write_text(page, encoding="utf-8")
    (site / "volume.txt").write_text("\n".join(report(number) for number in range(1, 4)), encoding="utf-8")
    one = job(site, tmp_path / "out")
    do(one)
    found = list(nlp.extract_many([site], one.settings))
    assert found == records(tmp_path / "out")
    assert len(found) == 1 + 3 and "merged_attachment" in {issue.code for issue in found[0].issues}
