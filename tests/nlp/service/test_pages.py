"""Pages as a person meets them: sign-in, forms that are ours, text that stays text, two languages."""

from __future__ import annotations

import dataclasses
import hashlib
import html
import re
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

pytest.importorskip("fastapi", reason="needs the extra serve")

from fastapi.testclient import TestClient

from nlp.record import Record
from nlp.service.access import COOKIE
from nlp.service.app import create_app
from nlp.service.pages.session import local_path
from nlp.service.records import Filters
from nlp.service.state import State
from nlp.settings import load_toml
from tests.nlp.handmade import make_record
from tests.nlp.service.conftest import open_state

PAGES = Path(__file__).parents[3] / "nlp" / "service" / "pages"
SHOW = Path(__file__).parents[3] / "nlp" / "show"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient, State]]:
    """A client without a key, and the state it asks."""
    state = open_state(tmp_path_factory.mktemp("pages") / "data")
    with TestClient(create_app(state), follow_redirects=False, raise_server_exceptions=False) as client:
        yield client, state


@pytest.fixture
def stranger(site: tuple[TestClient, State]) -> TestClient:
    """A client that is not signed in."""
    site[0].cookies.clear()
    return site[0]


@pytest.fixture
def person(site: tuple[TestClient, State]) -> TestClient:
    """A client that is signed in and may do everything."""
    return signed_in(site, "admin")


def signed_in(site: tuple[TestClient, State], scope: str) -> TestClient:
    client, state = site
    client.cookies.clear()
    _, text = state.keys.add(scope, [scope])
    assert client.post("/sign-in", data={"key": text}).status_code == 303
    return client


def token(site: tuple[TestClient, State]) -> str:
    """The token that the forms of the client's sign-in carry."""
    found = site[1].keys.signed_in(site[0].cookies[COOKIE])
    assert found
    return found.csrf


def test_sign_in_sets_a_cookie_that_scripts_and_other_sites_do_not_get(site: tuple[TestClient, State], stranger: TestClient) -> None:
    _, text = site[1].keys.add("x", ["read"])
    answer = stranger.post("/sign-in", data={"key": f" {text} ", "next": "/records?year=2021"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/records?year=2021")
    said = answer.headers["set-cookie"].lower()
    assert said.startswith(COOKIE) and "httponly" in said and "samesite=strict" in said and "secure" not in said
    again = TestClient(stranger.app, "https://testserver", follow_redirects=False).post("/sign-in", data={"key": text})
    assert "secure" in again.headers["set-cookie"].lower()


def test_a_wrong_key_is_one_wrong_key_as_another(tmp_path: Path) -> None:
    state = open_state(tmp_path / "data", failures_per_minute=3)
    ended, text = state.keys.add("ended", ["read"])
    state.keys.revoke(ended.id)
    client = TestClient(create_app(state))
    answers = [client.post("/sign-in", data={"key": key}) for key in ("gk_nobody_x", text, f"gk_{ended.id}_guess")]
    assert [answer.status_code for answer in answers] == [401, 401, 401]
    assert len({answer.text for answer in answers}) == 1
    assert not client.cookies
    blocked = client.post("/sign-in", data={"key": "gk_nobody_y"})
    assert blocked.status_code == 429 and blocked.headers["retry-after"] and "<h1>" in blocked.text


def test_a_sign_in_form_of_another_site_is_refused(site: tuple[TestClient, State], stranger: TestClient) -> None:
    _, text = site[1].keys.add("x", ["read"])
    answer = stranger.post("/sign-in", data={"key": text}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403 and "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "/a\n/b", "", "x"],
)
def test_nobody_is_led_to_another_site(stranger: TestClient, site: tuple[TestClient, State], address: str) -> None:
    assert local_path(address) == "/"
    _, text = site[1].keys.add("x", ["read"])
    assert stranger.post("/sign-in", data={"key": text, "next": address}).headers["location"] == "/"
    assert 'name="next" value="/"' in stranger.get("/sign-in", params={"next": address}).text


def test_sign_out_needs_the_token_and_ends_the_sign_in(site: tuple[TestClient, State], person: TestClient) -> None:
    text = token(site)
    cookie = person.cookies[COOKIE]
    assert person.post("/sign-out").status_code == 403
    assert person.post("/sign-out", data={"csrf": "x"}).status_code == 403
    assert person.post("/sign-out", data={"csrf": text}).headers["location"] == "/sign-in"
    person.cookies.set(COOKIE, cookie)
    assert person.post("/sign-out", data={"csrf": text}).headers["location"] == "/sign-in"  # led there as one who is not signed in


def test_language_is_chosen_and_kept(stranger: TestClient) -> None:
    assert '<html lang="zh-Hans">' in stranger.get("/sign-in").text
    assert '<html lang="en">' in stranger.get("/sign-in?lang=en").text
    assert '<html lang="en">' in stranger.get("/sign-in").text
    assert '<html lang="en">' in stranger.get("/sign-in?lang=xx").text
    assert '<html lang="zh-Hans">' in stranger.get("/sign-in?lang=zh").text


def test_problems_are_pages_for_people_and_details_for_programs(stranger: TestClient) -> None:
    page = stranger.get("/nothing")
    assert page.status_code == 404 and page.headers["content-type"].startswith("text/html") and "没有这个页面" in page.text
    as_program = stranger.get("/nothing", headers={"Accept": "application/json"})
    for answer in (as_program, stranger.get("/v1/nothing"), stranger.get("/metrics")):
        assert answer.headers["content-type"] == "application/problem+json"


def test_static_files_have_their_types_and_may_be_kept(stranger: TestClient) -> None:
    for address in re.findall(r'(?:href|src)="(/static/[^"]+)"', stranger.get("/sign-in").text):
        answer = stranger.get(address)
        kinds = {"css": "text/css", "js": "text/javascript"}
        kind = answer.headers["content-type"].partition(";")[0].replace("application/javascript", "text/javascript")
        assert answer.status_code == 200 and kind == kinds[address.partition("?")[0].rpartition(".")[2]]
        assert "immutable" in answer.headers["cache-control"]
    assert stranger.get("/static/../render.py").status_code == 404
    assert stranger.get("/static/%2e%2e/render.py").status_code == 404


REPORT = """某某县测试局{year}年政府信息公开工作年度报告
一、总体情况
<script>alert(1)</script> 本局认真落实政府信息公开条例，全年主动公开政府信息{n}条。<img src=x onerror=alert(2)>
二、存在的主要问题及改进情况
公开内容不够全面。"""
HOSTILE = '"><script>alert(3)<b>.txt'


def keep(state: State, *records: Record) -> None:
    with state.database.writing() as connection:
        for record in records:
            state.records.add(connection, record, record.id)


def finished(site: tuple[TestClient, State], address: str) -> str:
    """The page of a job once it is over."""
    identity = address.rpartition("/")[2]
    for _ in range(600):
        if site[1].jobs.get(identity).state not in ("queued", "running", "cancelling"):
            return site[0].get(address).text
        time.sleep(0.1)
    raise AssertionError("the job does not end")


@pytest.fixture(scope="module")
def job(site: tuple[TestClient, State]) -> str:
    """The address of a job with two reports, hostile in text and name, and an empty file; it is over."""
    client = signed_in(site, "admin")
    names = [HOSTILE, "2022.txt", "空.html"]
    texts = [REPORT.format(year=2021, n=12), REPORT.format(year=2022, n=15), ""]
    files = [("files", (name, text.encode())) for name, text in zip(names, texts, strict=True)]
    answer = client.post("/", data={"csrf": token(site)}, files=files)
    assert answer.status_code == 303
    finished(site, answer.headers["location"])
    return answer.headers["location"]


@pytest.mark.parametrize("address", ["/", "/records", "/records?year=2021", "/compare", "/jobs/x"])
def test_who_is_not_signed_in_is_led_to_the_form_and_back(stranger: TestClient, address: str) -> None:
    answer = stranger.get(address)
    assert answer.status_code == 303
    location = urlsplit(answer.headers["location"])
    assert location.path == "/sign-in" and parse_qs(location.query).get("next", ["/"]) == [address]


@pytest.mark.parametrize("address", ["/", "/text", "/jobs/x/stop"])
def test_forms_without_the_token_change_nothing(site: tuple[TestClient, State], person: TestClient, address: str) -> None:
    before = (site[1].jobs.counts(), site[1].records.count())
    for data in ({}, {"csrf": "guess"}):
        answer = person.post(address, data={**data, "text": "某某县"}, files={"files": ("a.txt", b"a")} if address == "/" else None)
        assert answer.status_code == 403
    assert (site[1].jobs.counts(), site[1].records.count()) == before


def test_a_key_that_may_only_read_gives_nothing_in(site: tuple[TestClient, State]) -> None:
    reader = signed_in(site, "read")
    assert "<form" not in reader.get("/").text.partition("<main")[2]
    assert reader.post("/text", data={"csrf": token(site), "text": "某某县"}).status_code == 403


def test_a_job_tells_what_failed_and_why(site: tuple[TestClient, State], job: str, person: TestClient) -> None:
    assert "空.html" in person.get(job).text
    failed = person.get(f"{job}?failed=true").text
    assert "文件里没有文字" in failed and "2022.txt" not in failed.partition("<table")[2]
    assert "The file has no text" in person.get(f"{job}?failed=true&lang=en").text


def test_names_and_text_of_reports_stay_text(site: tuple[TestClient, State], job: str, person: TestClient) -> None:
    keep(site[1], make_record(year=2015))
    for address in ("/", job, "/records", "/records?text=alert", f"/records?job={job[6:]}"):
        page = person.get(address).text
        assert "<script>alert" not in page and "<img src=x" not in page, address
    assert "&lt;script&gt;alert(3)" in person.get(job).text
    assert "<mark>alert</mark>" in person.get("/records?text=alert").text
    assert "<script>" not in person.get("/records", params={"text": "<script>x</script>", "agency": '"><script>'}).text


def test_text_is_read_at_once_and_leads_to_its_record(site: tuple[TestClient, State], person: TestClient) -> None:
    text = REPORT.format(year=2020, n=3)
    answer = person.post("/text", data={"csrf": token(site), "text": text.replace("\n", "\r\n")})
    assert answer.headers["location"] == f"/records/{hashlib.sha256(text.encode()).hexdigest()}"
    assert person.post("/text", data={"csrf": token(site), "text": " "}).status_code == 422


def test_filters_of_a_form_may_be_empty(job: str, person: TestClient) -> None:
    page = person.get("/records?text=&agency=测试局&region=&year=2022&level=&status=&form=&failed_check=").text
    assert "共 1 份" in page and "2022.txt" in page and "/v1/export?format=xlsx&amp;agency=" in page
    for wrong in ("year=x", "text=%20%21", "agency=" + "a" * 300, "cursor=%21"):
        assert person.get(f"/records?{wrong}").status_code == 422


def test_pages_of_the_list_follow_each_other(tmp_path: Path) -> None:
    state = open_state(tmp_path / "data", page_size=2)
    keep(state, *(dataclasses.replace(make_record(), id=f"{n}" * 64) for n in range(3)))
    client = signed_in((TestClient(create_app(state), follow_redirects=False), state), "read")
    seen, address = [], "/records"
    while address:
        page = client.get(address).text
        seen += re.findall(r'href="/records/(\d)', page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        address = html.unescape(following[1]) if following else ""
    assert seen == ["2", "1", "0"]


def test_two_records_are_compared_the_earlier_year_first(site: tuple[TestClient, State], job: str, person: TestClient) -> None:
    lines = {line.year: line.id for line in site[1].records.page(Filters(job=job[6:]), 10).lines}
    answer = person.get("/compare", params={"record": [lines[2022], lines[2021]]})
    assert answer.headers["location"] == f"/compare?a={lines[2021]}&b={lines[2022]}"
    page = person.get(answer.headers["location"]).text
    assert page.index("测试局2021年") < page.index("测试局2022年") and "<script>alert" not in page
    assert f"b={lines[2022]}" in person.get(f"/compare?a={lines[2021]}").text
    assert person.get("/compare?a=x&b=y").status_code == 404
    assert person.get("/compare").status_code == 200
    assert person.get("/compare", params={"record": [*lines.values(), "x"]}).status_code == 422


def test_what_differs_is_shown(site: tuple[TestClient, State], person: TestClient) -> None:
    two = [make_record(year=2021, carried=(0, 1)), make_record(year=2022, carried=(1, 3))]
    keep(site[1], *two)
    page = person.get(f"/compare?a={two[0].id}&b={two[1].id}").text
    assert "二、上年结转政府信息公开申请数量 · 总计" in page and ">+1</td>" in page
    assert f'href="/records/{two[1].id}#applications.carried_in.total"' in page
    repeated = page.partition("两份都有")[2].partition("只在左边一份")[0]
    assert repeated.count("更新不够及时") == 2 and repeated.count("解读形式单一") == 2


def test_every_text_is_there_in_both_languages() -> None:
    shown = load_toml("show.toml")
    assert not {"show", "english"} & set(load_toml("pages.toml"))  # the record page has the texts of both files
    table = {**load_toml("pages.toml"), "show": shown["show"]}
    assert all(len(pair) == 2 and all(pair) for section in table.values() for pair in section.values())
    holes = [set(re.findall(r"{\w*(?::[^}]*)?}", text)) for section in table.values() for pair in section.values() for text in pair]
    assert holes[::2] == holes[1::2]
    templates = [file.read_text(encoding="utf-8") for folder in (PAGES, SHOW) for file in folder.rglob("*.j2")]
    used = {key for text in templates for key in re.findall(r't\("(\w+\.\w+)"[),]', text)}
    assert {key for key in used if key.split(".")[1] not in table.get(key.split(".")[0], {})} == set()


def test_templates_have_nothing_inline() -> None:
    class Inline(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert not [name for name, _ in attrs if name == "style" or name.startswith("on")], (tag, attrs)
            assert tag != "style" and (tag != "script" or "src" in dict(attrs)), (tag, attrs)

    for file in PAGES.rglob("*.j2"):
        Inline().feed(re.sub(r"{[{%#].*?[}%#]}", "", file.read_text(encoding="utf-8"), flags=re.DOTALL))
