import io
import json
import zipfile

import pytest
from fastapi.testclient import TestClient

from nlp.record import from_json
from nlp.service.app import create_app
from tests.nlp.batch.making import report
from tests.nlp.service.conftest import open_state


def extract(served: TestClient, text: str) -> dict:
    answer = served.post("/v1/extract", files={"file": ("报告.txt", text.encode())})
    assert answer.status_code == 200, answer.text
    return answer.json()


def problem(answer, status: int) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status
    assert body["type"].startswith("urn:gongkai:problem:")
    return body["detail"]


def test_a_report_gives_its_record(served: TestClient) -> None:
    text = report(7)
    record = extract(served, text)
    assert record["text"] == text
    assert record["source"]["path"] == "报告.txt"
    assert from_json(json.dumps(record)).year == 2017
    assert served.get(f"/v1/records/{record['id']}").json() == record
    source = served.get(f"/v1/records/{record['id']}/source")
    assert source.content.decode() == text
    assert source.headers["content-disposition"].startswith("attachment")


def test_text_is_taken_too_and_the_same_content_is_the_same_record(served: TestClient) -> None:
    one = served.post("/v1/extract", data={"text": report(8)}).json()
    n_before = served.get("/v1/records").json()["total"]
    assert extract(served, report(8))["id"] == one["id"]
    assert served.get("/v1/records").json()["total"] == n_before


def test_neither_file_nor_text_nor_both(served: TestClient) -> None:
    assert "one of" in problem(served.post("/v1/extract", data={}), 422)
    assert "one of" in problem(served.post("/v1/extract", data={"text": "a"}, files={"file": ("a.txt", b"b")}), 422)


def test_an_archive_is_no_single_report(served: TestClient) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.txt", report(1))
    assert "/v1/jobs" in problem(served.post("/v1/extract", files={"file": ("a.zip", packed.getvalue())}), 422)


def test_what_cannot_be_read_is_a_failed_record(served: TestClient) -> None:
    answer = served.post("/v1/extract", files={"file": ("a.bin", bytes(range(256)) * 8)})
    assert answer.status_code == 200
    assert answer.json()["status"] == "failed"


def test_no_key_a_wrong_key_and_too_narrow_a_key(served: TestClient) -> None:
    nobody = TestClient(served.app)
    answer = nobody.get("/v1/records")
    problem(answer, 401)
    assert answer.headers["www-authenticate"] == "Bearer"
    problem(nobody.get("/v1/records", headers={"Authorization": "Bearer gk_a_b"}), 401)
    _, text = served.app.state.gongkai.keys.add("reader", ["read"])
    reader = TestClient(served.app, headers={"Authorization": f"Bearer {text}"})
    assert reader.get("/v1/records").status_code == 200
    assert "scope write" in problem(reader.post("/v1/extract", data={"text": report(9)}), 403)


def test_filters_and_cursors_reach_every_record_once(served: TestClient) -> None:
    for number in range(20, 33):
        extract(served, report(number))
    seen: list[str] = []
    cursor = None
    while True:
        page = served.get("/v1/records", params={"size": 4, "text": "第2", **({"cursor": cursor} if cursor else {})}).json()
        seen += [line["id"] for line in page["records"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == page["total"]
    assert {line["year"] for line in served.get("/v1/records", params={"year": 2016}).json()["records"]} <= {2016}
    problem(served.get("/v1/records", params={"cursor": "%%%"}), 422)
    problem(served.get("/v1/records", params={"text": "，"}), 422)


def test_a_record_as_a_page_cannot_run_what_a_report_says(served: TestClient) -> None:
    record = extract(served, report(40) + "\n<script>alert(1)</script>")
    answer = served.get(f"/v1/records/{record['id']}", headers={"Accept": "text/html"})
    assert "<script>alert(1)" not in answer.text
    assert "sandbox" in answer.headers["content-security-policy"]


LOST = ["/v1/records/x", "/v1/records/..%2f..%2fservice.sqlite", "/v1/jobs/x", "/v1/records/x/source", "/v1/nothing"]


@pytest.mark.parametrize("path", LOST)
def test_what_is_not_there_is_a_problem(served: TestClient, path: str) -> None:
    problem(served.get(path), 404)


def test_security_headers_stand_on_every_answer(served: TestClient) -> None:
    for path in ("/v1/records", "/healthz", "/v1/nothing"):
        headers = served.get(path).headers
        assert "script-src 'self'" in headers["content-security-policy"]
        assert "unsafe-inline" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


def test_health_and_figures(served: TestClient) -> None:
    nobody = TestClient(served.app)
    assert nobody.get("/healthz").json() == {"status": "alive"}
    assert nobody.get("/readyz").json() == {"status": "ready"}
    problem(nobody.get("/metrics"), 401)
    extract(served, report(41))
    text = served.get("/metrics").text
    assert 'gongkai_requests_total{method="POST",route="/extract",status="200"}' in text
    assert "gongkai_records " in text


def test_writes_are_logged(served: TestClient) -> None:
    job = served.post("/v1/jobs", files=[("files", ("a.txt", report(50).encode()))]).json()
    rows = served.app.state.gongkai.database.reading.execute("SELECT who, action FROM audit WHERE target = ?", (job["id"],)).fetchall()
    assert [(row["who"].split()[0], row["action"]) for row in rows] == [("test", "job")]


def test_too_many_wrong_keys_have_to_wait(tmp_path) -> None:
    state = open_state(tmp_path / "data", failures_per_minute=3)
    client = TestClient(create_app(state))
    answers = [client.get("/v1/records", headers={"Authorization": f"Bearer gk_a_{n}"}) for n in range(5)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429, 429]
    assert int(answers[-1].headers["retry-after"]) > 0
    _, good = state.keys.add("good", ["read"])
    assert client.get("/v1/records", headers={"Authorization": f"Bearer {good}"}).status_code == 429, "no oracle while it waits"


def test_a_key_has_a_rate(tmp_path) -> None:
    state = open_state(tmp_path / "data", requests_per_minute=3)
    _, text = state.keys.add("a", ["read"])
    client = TestClient(create_app(state), headers={"Authorization": f"Bearer {text}"})
    assert [client.get("/v1/records").status_code for _ in range(5)] == [200, 200, 200, 429, 429]


def test_a_body_that_is_too_large_is_refused_before_it_is_read(tmp_path) -> None:
    state = open_state(tmp_path / "data", max_body=10_000)
    _, text = state.keys.add("a", ["write"])
    client = TestClient(create_app(state), headers={"Authorization": f"Bearer {text}"})
    problem(client.post("/v1/extract", files={"file": ("a.txt", b"x" * 20_000)}), 413)

    def chunks():
        for _ in range(20):
            yield b"x" * 1_000

    problem(client.post("/v1/extract", content=chunks(), headers={"Content-Type": "multipart/form-data; boundary=b"}), 413)
