"""Pages as a person meets them: sign-in, forms that are ours, text that stays text, two languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="needs the extra serve")

from fastapi.testclient import TestClient

from nlp.service.access import COOKIE
from nlp.service.app import create_app
from nlp.service.pages.session import local_path
from nlp.service.state import State
from nlp.settings import load_toml
from tests.nlp.service.conftest import open_state

PAGES = Path(__file__).parents[3] / "nlp" / "service" / "pages"


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


def test_every_text_is_there_in_both_languages() -> None:
    table = load_toml("pages.toml")
    assert all(len(pair) == 2 and all(pair) for section in table.values() for pair in section.values())
    holes = [set(re.findall(r"{\w*}", text)) for section in table.values() for pair in section.values() for text in pair]
    assert holes[::2] == holes[1::2]
    used = {key for file in PAGES.rglob("*.j2") for key in re.findall(r't\("(\w+\.\w+)"[),]', file.read_text(encoding="utf-8"))}
    assert {key for key in used if key.split(".")[1] not in table.get(key.split(".")[0], {})} == set()


def test_templates_have_nothing_inline() -> None:
    class Inline(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert not [name for name, _ in attrs if name == "style" or name.startswith("on")], (tag, attrs)
            assert tag != "style" and (tag != "script" or "src" in dict(attrs)), (tag, attrs)

    for file in PAGES.rglob("*.j2"):
        Inline().feed(re.sub(r"{[{%#].*?[}%#]}", "", file.read_text(encoding="utf-8"), flags=re.DOTALL))
