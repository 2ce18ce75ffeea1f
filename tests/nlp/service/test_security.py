"""What a hostile caller tries, against a real service."""

import http.client
import io
import socket
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from openpyxl import load_workbook

pytest.importorskip("fastapi", reason="needs the extra serve")

from fastapi.testclient import TestClient

from nlp.service.access import COOKIE
from nlp.service.app import create_app
from nlp.service.database import Database
from nlp.service.keys import Keys
from nlp.service.state import DATABASE
from tests.conftest import ROOT
from tests.nlp.batch.making import report
from tests.nlp.service.conftest import open_state
from tests.service_running import Service

SCRIPT = "<script>alert(1)</script>"
NAMES = ["../../etc/passwd", "..\\..\\boot.ini", "a\x01\x1b[31m.txt", "\u202etxt.exe", "长" * 1000, f"{SCRIPT}.txt",
         "=cmd|' /C calc'!A0"]  # fmt: skip
LIMITS = "max_body = 2_000_000\nidle_seconds = 1.0\nbody_seconds = 2.5\nfailures_per_minute = 1000\nrequests_per_minute = 100_000\n"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("security")
    (folder / "extract.toml").write_text("labeller = false\n", encoding="utf-8")
    (folder / "service.toml").write_text(LIMITS, encoding="utf-8")
    found = Service(folder / "data", "--settings", str(folder / "extract.toml"), "--service-settings", str(folder / "service.toml"))
    found.start()
    yield found
    assert found.stop() == 0
    assert "Traceback" not in found.log.read_text(encoding="utf-8")


@pytest.fixture
def web(service: Service) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {service.key}"}
    with httpx.Client(base_url=service.url, headers=headers, timeout=120, trust_env=False) as client:
        yield client


@pytest.fixture
def pages(service: Service) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=service.url, timeout=120, trust_env=False) as client:
        answer = client.post("/sign-in", data={"key": service.key})
        assert answer.status_code == 303
        flags = answer.headers["set-cookie"].lower()
        assert "httponly" in flags
        assert "samesite=strict" in flags
        assert "secure" not in flags, "over plain HTTP the browser would drop it"
        yield client


@pytest.mark.parametrize(
    "path",
    ["/v1/records/{}", "/v1/records/{}/source", "/v1/jobs/{}", "/v1/summary/key-points/{}", "/static/{}", "/{}", "/records/{}"],
)
@pytest.mark.parametrize(
    "name", ["../../../etc/passwd", "..%2f..%2f..%2fetc%2fpasswd", "%2e%2e%2fservice.sqlite", "..%252fservice.sqlite", "%00", "..%5cx"]
)
def test_no_name_leads_out(service: Service, path: str, name: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", service.port)  # httpx would tidy the path
    connection.request("GET", path.format(name), headers={"Authorization": f"Bearer {service.key}"})
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status in (303, 400, 404, 405, 422, 503), body  # 303: to the sign-in; 503: the first summary is being made
    assert b"root:" not in body
    assert b"SQLite format" not in body
    assert b"Traceback" not in body


@pytest.mark.parametrize("name", NAMES)
def test_hostile_file_names_are_text(web: httpx.Client, service: Service, name: str) -> None:
    answer = web.post("/v1/extract", files={"file": (name, report(100 + NAMES.index(name)).encode())})
    assert answer.status_code == 200, answer.text
    path = answer.json()["source"]["path"]
    assert len(path) <= 200
    assert "/" not in path.replace("</script>", "")
    assert path.isprintable()
    files = {one.parent.name for one in service.data.glob("blobs/**/*") if one.is_file()}
    assert all(len(one) == 2 for one in files), "blobs lie under their hash only"


def test_script_shows_as_text_everywhere(web: httpx.Client, pages: httpx.Client) -> None:
    text = report(300).replace("公开不够及时", f"公开不够及时{SCRIPT}")
    files = [("files", (f"{SCRIPT}.zip", _zipped({f"{SCRIPT}.txt": text.encode()})))]
    job = _over(web, web.post("/v1/jobs", files=files).json()["id"])
    identity = web.get("/v1/records", params={"job": job["id"]}).json()["records"][0]["id"]
    named = {"kind": "fact", "target": "agency.name", "new": f"=HYPERLINK({SCRIPT})"}
    assert web.put(f"/v1/records/{identity}/corrections", json=named).status_code == 200
    addresses = ["/", "/records", f"/records/{identity}", f"/jobs/{job['id']}", "/compare", "/summary", f"/records?text={SCRIPT}"]
    for address in addresses:
        page = pages.get(address, headers={"Accept": "text/html"})
        assert SCRIPT not in page.text, address
        assert "script-src 'self'" in page.headers["content-security-policy"]
    shown = web.get(f"/v1/records/{identity}", params={"corrected": True}, headers={"Accept": "text/html"})
    assert SCRIPT not in shown.text
    assert "sandbox" in shown.headers["content-security-policy"]
    lines = web.get("/v1/export", params={"format": "csv", "job": job["id"]}).text
    assert "'=HYPERLINK" in lines
    book = load_workbook(io.BytesIO(web.get("/v1/export", params={"format": "xlsx", "job": job["id"]}).content))
    assert all(cell.data_type != "f" for sheet in book for row in sheet for cell in row)


def test_a_bomb_is_an_issue_and_memory_stays(web: httpx.Client, service: Service) -> None:
    bomb = _zipped({"bomb.txt": b"\0" * 400_000_000, "good.txt": report(400).encode()})
    assert web.post("/v1/extract", files={"file": ("a.zip", bomb)}).status_code == 422
    job = _over(web, web.post("/v1/jobs", files=[("files", ("bomb.zip", bomb))]).json()["id"])
    assert job["state"] == "done", job
    assert (job["n_failed"], job["n_documents"]) == (1, 2)
    assert service.process.memory_info().rss < 800_000_000


def test_an_encrypted_archive_is_an_issue(web: httpx.Client) -> None:
    packed = bytearray(_zipped({"a.txt": report(401).encode()}))
    packed[6] |= 1  # the flag of encryption, in both heads
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    job = _over(web, web.post("/v1/jobs", files=[("files", ("locked.zip", bytes(packed)))]).json()["id"])
    assert (job["state"], job["n_failed"], job["n_complete"]) == ("done", 1, 0)


def test_bodies_too_large_still_or_dripping(service: Service, web: httpx.Client) -> None:
    assert web.post("/v1/extract", files={"file": ("a.txt", b"a" * 3_000_000)}).status_code == 413
    assert _dripped(service, pause=5.0) == 408, "nothing comes"
    began = time.monotonic()
    assert _dripped(service, pause=0.3) == 408, "something comes, but not the whole"
    assert time.monotonic() - began < 10


def test_slow_connections_do_not_stop_others(service: Service, web: httpx.Client) -> None:
    slow = []
    for _ in range(300):
        one = socket.create_connection(("127.0.0.1", service.port))
        one.sendall(b"POST /v1/extract HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        slow.append(one)
    try:
        for _ in range(5):
            assert web.get("/v1/records", timeout=10).status_code == 200
    finally:
        for one in slow:
            one.close()


def test_a_form_or_change_of_another_site_is_refused(pages: httpx.Client) -> None:
    assert pages.post("/text", data={"text": report(402)}).status_code == 403
    assert pages.post("/", files={"files": ("a.txt", b"a")}).status_code == 403
    put = pages.put("/v1/records/x/corrections", json={"kind": "fact", "target": "year", "new": 2020})
    assert put.status_code == 403, put.text
    assert pages.post("/sign-in", data={"key": "x"}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert pages.get("/records").status_code == 200, "still signed in"


def test_a_cookie_over_tls_is_secure(service: Service) -> None:
    answer = httpx.post(f"{service.url}/sign-in", data={"key": service.key}, headers={"X-Forwarded-Proto": "https"}, trust_env=False)
    assert "; secure" in answer.headers["set-cookie"].lower()


@pytest.mark.parametrize(("host", "status"), [("evil.example", 421), ("127.0.0.1.evil.example:80", 421), ("", 421),
                                              ("localhost:1", 200), ("127.0.0.1", 200), ("[::1]:80", 200)])  # fmt: skip
def test_a_foreign_name_is_refused(service: Service, host: str, status: int) -> None:
    assert httpx.get(f"{service.url}/healthz", headers={"Host": host}, trust_env=False).status_code == status


def test_names_are_checked_elsewhere_when_they_are_set(tmp_path: Path) -> None:
    for number, (hosts, status) in enumerate([([], 200), (["gongkai.example.org"], 421)]):
        state = open_state(tmp_path / str(number), host="0.0.0.0", hosts=hosts)
        client = TestClient(create_app(state))
        assert client.get("/healthz", headers={"Host": "other.example"}).status_code == status
        assert client.get("/healthz", headers={"Host": "gongkai.example.org:443"}).status_code == 200


@pytest.mark.parametrize("address", ["/v1/records", "/sign-in"])
def test_guessing_keys_is_ended(tmp_path: Path, address: str) -> None:
    state = open_state(tmp_path / "data", failures_per_minute=3)
    client = TestClient(create_app(state))
    answers = [_guess(client, address, number) for number in range(5)]
    assert [one.status_code for one in answers] == [401, 401, 401, 429, 429]
    assert int(answers[-1].headers["retry-after"]) > 0


def test_an_open_address_needs_a_key(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "nlp.cli", "serve", "--data", str(tmp_path / "new"), "--host", "0.0.0.0", "--port", "0"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, timeout=60, check=False)
    assert done.returncode != 0
    assert b"without a key" in done.stderr
    assert b"Traceback" not in done.stderr


def test_no_connection_goes_out(service: Service) -> None:
    tree = [service.process, *service.process.children(recursive=True)]
    out = [one for process in tree for one in process.net_connections("inet") if one.raddr and one.laddr.port != service.port]
    assert not [one for one in out if not one.raddr.ip.startswith("127.")]


def test_a_revoked_key_stops_at_once_and_writes_are_noted(service: Service, web: httpx.Client) -> None:
    keys = Keys(Database(service.data / DATABASE))
    key, text = keys.add("short", ["write"])
    headers = {"Authorization": f"Bearer {text}"}
    record = httpx.post(f"{service.url}/v1/extract", data={"text": report(500)}, headers=headers, timeout=60, trust_env=False).json()
    address = f"/v1/records/{record['id']}/corrections"
    made = web.put(address, json={"kind": "fact", "target": "agency.name", "new": "甲"}, headers=headers).json()
    web.delete(f"{address}/{made[-1]['n']}", headers=headers)
    job = web.post("/v1/jobs", files=[("files", ("one.txt", report(501).encode()))], headers=headers).json()
    rows = sqlite3.connect(service.data / DATABASE).execute("SELECT action, target FROM audit WHERE who LIKE ?", (f"%{key.id}%",))
    identity = record["id"]
    assert list(rows) == [("extract", identity), ("correct", identity), ("undo", identity), ("job", job["id"])]
    cookie = keys.sign_in(key, 1)
    keys.revoke(key.id)
    assert web.get("/v1/records", headers=headers).status_code == 401
    assert httpx.get(f"{service.url}/v1/records", cookies={COOKIE: cookie}, trust_env=False).status_code == 401


def _guess(client: TestClient, address: str, number: int) -> httpx.Response:
    if address == "/sign-in":
        return client.post(address, data={"key": f"gk_{number}_x"})
    return client.get(address, headers={"Authorization": f"Bearer gk_{number}_x"})


def _zipped(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return packed.getvalue()


def _over(web: httpx.Client, identity: str) -> dict:
    end = time.monotonic() + 120
    while (job := web.get(f"/v1/jobs/{identity}").json())["state"] in ("queued", "running") and time.monotonic() < end:
        time.sleep(0.1)
    return job


def _dripped(service: Service, pause: float) -> int:
    """The status of a request whose body comes byte by byte."""
    with socket.create_connection(("127.0.0.1", service.port), timeout=20) as one:
        head = f"Host: localhost\r\nAuthorization: Bearer {service.key}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        one.sendall(f"POST /v1/extract HTTP/1.1\r\n{head}Content-Length: 1000\r\n\r\ntext=".encode())
        one.settimeout(pause)
        for _ in range(60):
            try:
                return int(one.recv(4096).split()[1])
            except TimeoutError:
                one.sendall(b"a")
    return 0
