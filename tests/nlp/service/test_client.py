"""The Python client against a real service."""

import dataclasses
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from nlp.client import Client, Job, Line, ServiceError
from nlp.service.jobs import JobLine
from nlp.service.records import Line as RecordLine
from tests.nlp.batch.making import report
from tests.service_running import Service


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("client")
    (folder / "extract.toml").write_text("labeller = false\n", encoding="utf-8")
    found = Service(folder / "data", "--settings", str(folder / "extract.toml"))
    found.start()
    yield found
    assert found.stop() == 0, "SIGTERM ends it in order"


@pytest.fixture
def client(service: Service) -> Iterator[Client]:
    with service.client() as found:
        yield found


def test_its_types_are_those_of_the_service() -> None:
    assert set(Job.__struct_fields__) == {field.name for field in dataclasses.fields(JobLine)}
    assert set(Line.__struct_fields__) <= {field.name for field in dataclasses.fields(RecordLine)}


def test_one_report(client: Client, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(report(1), encoding="utf-8")
    record = client.extract(tmp_path / "a.txt")
    assert record == client.extract(report(1).encode(), "a.txt") == client.record(record.id)
    assert client.extract(report(2)).text == report(2)
    assert client.source(record.id).decode() == report(1)


def test_a_job_from_giving_in_to_export(client: Client, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        for number in range(10, 30):
            packed.writestr(f"{number}.txt", report(number))
    seen: list[int] = []
    job = client.wait(client.submit([tmp_path / "a.zip"]).id, lambda job: seen.append(job.n_read), pause=0.05)
    assert (job.state, job.n_documents) == ("done", 20)
    assert seen == sorted(seen)
    assert client.submit([tmp_path / "a.zip"]).id == job.id
    assert len(list(client.records(job=job.id))) == 20
    assert job.id in {one.id for one in client.jobs()}
    client.export(tmp_path / "some.csv", job=job.id)
    assert len((tmp_path / "some.csv").read_text(encoding="utf-8").splitlines()) == 21


def test_corrections_and_the_summary(client: Client) -> None:
    record = client.extract(report(40))
    made = client.correct(record.id, {"kind": "fact", "target": "agency.name", "new": "云岭县新名小学"})
    assert [one["new"] for one in made] == ["云岭县新名小学"]
    assert client.record(record.id, corrected=True).agency.name == "云岭县新名小学"
    assert client.record(record.id).agency.name == record.agency.name
    assert client.summary().scope.n_records > 0


def test_what_is_wrong_is_said(client: Client, service: Service) -> None:
    with pytest.raises(ServiceError, match="no record") as error:
        client.record("x")
    assert (error.value.status, error.value.code) == (404, "not-found")
    with pytest.raises(ServiceError, match="unknown"):
        Client(service.url, "gk_a_b").record("x")
    with pytest.raises(ServiceError, match="is `gongkai serve` running there"):
        Client("http://127.0.0.1:1", "gk_a_b").record("x")
