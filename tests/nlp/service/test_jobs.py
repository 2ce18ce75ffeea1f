import time
import zipfile
from pathlib import Path

import pytest

from nlp.service.errors import ConflictError, NotFoundError
from nlp.service.jobs import OPEN, Given, JobLine
from nlp.service.records import Filters
from nlp.service.state import State
from tests.nlp.batch.making import report
from tests.nlp.service.conftest import open_state


def archive(folder: Path, numbers: range) -> Path:
    path = folder / f"{numbers.start}.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for number in numbers:
            packed.writestr(f"{number:03}.txt", report(number))
    return path


def give(state: State, path: Path, name: str = "档案.zip") -> JobLine:
    return state.jobs.add([Given(name, state.blobs.add([path.read_bytes()]))], None)[0]


def wait(state: State, identity: str) -> JobLine:
    until = time.monotonic() + 60
    while (job := state.jobs.get(identity)).state in OPEN:
        assert time.monotonic() < until, job
        time.sleep(0.05)
    return job


def test_a_job_reads_every_document_once(state: State, tmp_path: Path) -> None:
    job = wait(state, give(state, archive(tmp_path, range(11))).id)
    assert (job.state, job.n_documents, job.n_read, job.n_failed) == ("done", 11, 11, 0)
    outcomes, following = state.jobs.outcomes(job.id, 5)
    assert [one.number for one in outcomes] == [0, 1, 2, 3, 4]
    assert [one.number for one in state.jobs.outcomes(job.id, 50, following or 0)[0]] == [5, 6, 7, 8, 9, 10]
    assert {one.path for one in outcomes} == {"档案.zip"}, "the caller's name, not a path of the server"
    assert state.records.page(Filters(job=job.id), 50).total == 11


def test_the_same_files_again_are_the_same_job(state: State, tmp_path: Path) -> None:
    path = archive(tmp_path, range(3))
    first = wait(state, give(state, path).id)
    again, is_new = state.jobs.add([Given("档案.zip", state.blobs.add([path.read_bytes()]))], None)
    assert (again.id, is_new, again.state) == (first.id, False, "done")
    assert state.records.count() == 3


def test_a_document_of_two_jobs_has_one_record_and_stands_in_both(state: State, tmp_path: Path) -> None:
    one, two = give(state, archive(tmp_path, range(4))), give(state, archive(tmp_path, range(2, 6)))
    assert wait(state, one.id).n_read == wait(state, two.id).n_read == 4
    assert state.records.count() == 6
    assert state.records.page(Filters(job=two.id), 50).total == 4


def test_a_stopped_service_goes_on_with_its_jobs(tmp_path: Path) -> None:
    first = open_state(tmp_path / "data")
    first.start()
    job = give(first, archive(tmp_path, range(40)))
    until = time.monotonic() + 60
    while not first.jobs.get(job.id).n_read:
        assert time.monotonic() < until
        time.sleep(0.01)
    first.stop()
    left = first.jobs.get(job.id)
    assert left.state == "running"
    second = open_state(tmp_path / "data")
    second.start()
    try:
        done = wait(second, job.id)
        assert (done.state, done.n_read, second.records.count()) == ("done", 40, 40)
        assert done.n_read >= left.n_read
    finally:
        second.stop()


def test_a_cancelled_job_keeps_what_it_has_read(state: State, tmp_path: Path) -> None:
    first, second = give(state, archive(tmp_path, range(200))), give(state, archive(tmp_path, range(300, 303)))
    assert state.jobs.cancel(second.id).state == "cancelled", "one that waits is stopped at once"
    until = time.monotonic() + 60
    while not state.jobs.get(first.id).n_read:
        assert time.monotonic() < until
        time.sleep(0.01)
    state.jobs.cancel(first.id)
    stopped = wait(state, first.id)
    assert stopped.state == "cancelled"
    assert stopped.n_read < 200
    with pytest.raises(ConflictError):
        state.jobs.cancel(first.id)
    again = give(state, tmp_path / "0.zip")
    assert wait(state, again.id).n_read == 200


def test_what_is_no_report_is_said(state: State, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.writestr("empty.txt", "")
        packed.writestr("good.txt", report(1))
    job = wait(state, give(state, tmp_path / "a.zip", "../../etc/passwd\n<script>").id)
    assert (job.n_complete + job.n_partial, job.n_failed) == (1, 1)
    failed, _ = state.jobs.outcomes(job.id, 10, failed=True)
    assert [one.member for one in failed] == ["empty.txt"]
    assert any(issue.code == "empty" for issue in state.records.get(failed[0].record_id).issues)


def test_an_unknown_job_is_not_found(state: State) -> None:
    with pytest.raises(NotFoundError):
        state.jobs.get("nothing")
