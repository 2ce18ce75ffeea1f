"""Which model reads: listed, compared, switched; a damaged one is told."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="needs the extra serve")

from fastapi.testclient import TestClient

from nlp.errors import ModelError
from nlp.record import Mention
from nlp.service.access import COOKIE
from nlp.service.app import create_app
from nlp.service.model_comparison import Moved, _mentions
from nlp.service.settings import load_service_settings
from nlp.service.state import State
from nlp.settings import data_path, load_settings
from tests.nlp.batch.making import report
from tests.nlp.service.conftest import open_state

OTHER = "other"
CARD = "# Other\n\n<script>alert(1)</script>\n\n[bad](javascript:alert(1))\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n"


def add_model(data: Path, name: str = OTHER) -> Path:
    """A copy of the released model with another name and manifest."""
    folder = data / "models" / name
    shutil.copytree(data_path("models", "gongkai-base"), folder)
    card = folder / "README.md"
    card.write_text(CARD, encoding="utf-8")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["name"] = name
    if "README.md" in manifest["files"]:
        manifest["files"]["README.md"] = hashlib.sha256(card.read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def _wait(http: TestClient, job: str) -> None:
    until = time.monotonic() + 30
    while http.get(f"/v1/jobs/{job}").json()["state"] != "done":
        assert time.monotonic() < until
        time.sleep(0.05)


def labelling(data: Path) -> State:
    return State(data, load_settings(), load_service_settings())


@pytest.fixture
def state(tmp_path: Path) -> State:
    """A state with a second model, which does not work on jobs."""
    add_model(tmp_path / "data")
    return open_state(tmp_path / "data")


@pytest.fixture
def client(tmp_path: Path) -> Iterator[tuple[TestClient, State]]:
    """An administrator's client of a service with a second model."""
    add_model(tmp_path / "data")
    state = open_state(tmp_path / "data")
    _, text = state.keys.add("test", ["admin"])
    with TestClient(create_app(state), headers={"Authorization": f"Bearer {text}"}) as found:
        yield found, state


def test_models_are_listed_shown_and_switched(client: tuple[TestClient, State]) -> None:
    http, state = client
    listed = {one["name"]: one for one in http.get("/v1/models").json()}
    assert [name for name, one in listed.items() if one["is_current"]] == ["gongkai-base"]
    assert listed[OTHER]["sha256"] != listed["gongkai-base"]["sha256"]
    assert "PROBLEM" in listed[OTHER]["labels"]
    assert http.get(f"/v1/models/{OTHER}").json()["card"].startswith("# Other")
    assert http.get("/v1/models/none").status_code == 404
    assert http.put("/v1/models/current", json={"name": OTHER}).json()["is_current"]
    assert state.pool.settings.model.endswith(OTHER)
    files = {"files": ("a.html", report(1))}
    other_job = http.post("/v1/jobs", files=files).json()["id"]
    _wait(http, other_job)
    http.put("/v1/models/current", json={"name": "gongkai-base"})
    assert http.post("/v1/jobs", files=files).json()["id"] != other_job
    assert state.database.reading.execute("SELECT count(*) FROM audit WHERE action = 'model'").fetchone()[0] == 2


def test_only_an_administrator_switches(client: tuple[TestClient, State]) -> None:
    http, state = client
    _, text = state.keys.add("writer", ["write"])
    answer = http.put("/v1/models/current", json={"name": OTHER}, headers={"Authorization": f"Bearer {text}"})
    assert answer.status_code == 403
    assert state.models.current == "gongkai-base"


def test_no_switch_while_a_job_waits(client: tuple[TestClient, State]) -> None:
    http, state = client
    with state.database.writing() as connection:
        connection.execute("INSERT INTO jobs (id, name, state, created) VALUES ('a', 'a', 'running', '')")
    assert http.put("/v1/models/current", json={"name": OTHER}).status_code == 409
    assert state.models.current == "gongkai-base"
    assert not state.pool.settings.model


@pytest.mark.parametrize("content", ["3", "{}", '{"files": 3}', "no JSON"])
def test_a_damaged_model_is_told_and_not_taken(client: tuple[TestClient, State], content: str) -> None:
    http, state = client
    (state.folder / "models" / OTHER / "manifest.json").write_text(content, encoding="utf-8")
    damaged = next(one for one in http.get("/v1/models").json() if one["name"] == OTHER)
    assert damaged["problem"]
    assert damaged["sha256"] is None
    answer = http.put("/v1/models/current", json={"name": OTHER})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert http.post(f"/v1/models/{OTHER}/compare").status_code == 422


def test_the_choice_holds_after_a_restart(tmp_path: Path, state: State) -> None:
    state.switch_model(OTHER)
    again = open_state(tmp_path / "data")
    assert again.models.current == OTHER
    assert again.pool.settings.model.endswith(OTHER)
    shutil.rmtree(tmp_path / "data" / "models" / OTHER)
    with pytest.raises(ModelError, match="put its folder back"):
        open_state(tmp_path / "data")


def test_a_comparison_and_a_switch_with_the_labeller(tmp_path: Path) -> None:
    """The second model has the first one's weights: nothing changes but whose record it is."""
    add_model(tmp_path / "data")
    state = labelling(tmp_path / "data")
    _, text = state.keys.add("test", ["admin"])
    with TestClient(create_app(state), headers={"Authorization": f"Bearer {text}"}) as http:
        files = {"file": ("a.html", report(1))}
        record = http.post("/v1/extract", files=files).json()
        mention, kept = record["narrative"]["mentions"][:2]
        for one, label in ((mention, None), (kept, kept["label"])):
            span = {"kind": "span", "target": {"start": one["start"], "end": one["end"], "label": label}}
            http.put(f"/v1/records/{record['id']}/corrections", json=span)
        found = http.post(f"/v1/models/{OTHER}/compare?records=5").json()
        assert (found["n_records"], found["is_whole"], found["mentions"], found["facts"]) == (1, True, {}, {})
        assert found["corrections"]["contradicted"] == 1
        assert found["records"][0]["problem"] is None
        http.post("/sign-in", data={"key": text})
        person = state.keys.signed_in(http.cookies[COOKIE])
        assert person
        page = http.post(f"/models/{OTHER}/compare", data={"csrf": person.csrf, "records": "5"}).text
        assert f"/records/{record['id']}" in page
        assert "gongkai train" in http.get("/models").text
        http.put("/v1/models/current", json={"name": OTHER})
        again = http.post("/v1/extract", files=files).json()
    assert record["produced_by"]["model"] == "gongkai-base"
    assert again["produced_by"]["model"] == OTHER


def test_one_comparison_at_a_time(client: tuple[TestClient, State]) -> None:
    http, state = client
    with state.comparer._busy:
        answer = http.post(f"/v1/models/{OTHER}/compare")
    assert answer.status_code == 429
    assert answer.headers["retry-after"]
    assert http.post(f"/v1/models/{OTHER}/compare").json()["n_records"] == 0


def test_mentions_that_move_are_told_from_those_that_come_and_go() -> None:
    before = [Mention("ITEM", 0, 4, "甲乙丙丁", 1.0), Mention("PERSON", 10, 12, "张三", 1.0), Mention("DATE", 20, 22, "五月", 1.0)]
    after = [Mention("ITEM", 0, 3, "甲乙丙", 0.9), Mention("OFFICE", 30, 33, "办公室", 0.9), Mention("DATE", 20, 22, "五月", 0.4)]
    assert _mentions(before, after) == {"ITEM": Moved(changed=1), "OFFICE": Moved(added=1), "PERSON": Moved(removed=1)}


def test_the_pages_show_cards_as_text_compare_and_switch_by_forms(client: tuple[TestClient, State]) -> None:
    http, state = client
    _, text = state.keys.add("person", ["admin"])
    del http.headers["Authorization"]
    http.post("/sign-in", data={"key": text})
    found = state.keys.signed_in(http.cookies[COOKIE])
    assert found
    listed = http.get("/models")
    assert listed.status_code == 200
    assert "/models/other" in listed.text
    page = http.get(f"/models/{OTHER}").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    assert 'href="javascript' not in page
    assert "<h3>Other</h3>" in page
    assert "style=" not in page
    assert http.post(f"/models/{OTHER}/switch", data={"confirmed": "yes"}).status_code == 403
    assert http.post(f"/models/{OTHER}/switch", data={"csrf": found.csrf}).status_code == 422
    assert state.models.current == "gongkai-base"
    assert http.post(f"/models/{OTHER}/compare", data={"csrf": found.csrf, "records": "3"}).status_code == 200
    answer = http.post(f"/models/{OTHER}/switch", data={"csrf": found.csrf, "confirmed": "yes"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/models")
    assert state.models.current == OTHER
    assert http.get("/models?lang=en").status_code == 200
    assert "gongkai train" not in listed.text
