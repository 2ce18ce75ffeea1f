"""A local S3 server holds the sources and the output: the same bytes as a local folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nlp.batch.folder import Folder
from nlp.batch.local import run_locally
from nlp.batch.run import Job, run
from tests.nlp.batch.making import archive, bytes_of, job

pytest.importorskip("s3fs", reason="the extra `s3` is not installed")
server = pytest.importorskip("moto.server", reason="moto[server], the S3 server of the tests, is not installed")


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The file system of an S3 server on this machine, with a bucket."""
    import s3fs

    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    s3fs.S3FileSystem.clear_instance_cache()
    found = s3fs.S3FileSystem()
    found.mkdir("bucket")
    yield found
    s3fs.S3FileSystem.clear_instance_cache()
    running.stop()


def do(one: Job) -> None:
    run(one, run_locally, lambda n: None, lambda counts: None)


def test_sources_and_output_in_buckets_give_the_bytes_of_a_local_folder(files: Any, tmp_path: Path):
    source = archive(tmp_path / "archive", 30)
    files.put(str(source), "bucket/crawl", recursive=True)
    there, here = job(source, "s3://bucket/there"), job(source, tmp_path / "here")
    sources = ["s3://bucket/crawl"]
    do(Job(sources, here.folder, here.settings, here.batch))
    do(Job(sources, there.folder, there.settings, there.batch))
    wanted = bytes_of(tmp_path / "here")
    assert there.folder.local is None and len([name for name in wanted if name.endswith(".parquet")]) > 3
    assert stored(files, "bucket/there") == wanted
    files.rm_file("bucket/there/shards/000001.json")
    do(Job(sources, Folder("s3://bucket/there"), there.settings, there.batch))
    assert stored(files, "bucket/there") == wanted


def stored(files: Any, folder: str) -> dict[str, bytes]:
    """Every object below a folder of a bucket, by name."""
    files.invalidate_cache()
    return {path.removeprefix(f"{folder}/"): files.cat_file(path) for path in files.find(folder)}
