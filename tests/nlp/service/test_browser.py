"""The service as a person uses it, in Debian's Chromium: one story over a real service, whose steps follow one another."""

from __future__ import annotations

import base64
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="needs the extra serve")
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (extra `dev`)")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed (extra `dev`)")
CHROMIUM = shutil.which("chromium")
if CHROMIUM is None:
    pytest.skip("no chromium on this machine", allow_module_level=True)

from nlp.cli import main
from nlp.show.names import name
from tests.conftest import ROOT
from tests.service_running import Service

expect = sync_api.expect
SAMPLES = ROOT / "tests" / "samples" / "reports.zip"
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
TOWN, VILLAGE = "江西省/镜溪市2023.txt", "天津市/蓟州区果楼乡2020.txt"
CELL = "applications.new.total"
AWAITED = (("503", "/summary"), ("404", "/nowhere"))  # the summary is being made; the page that tells of a wrong address
PLACE = """(words) => {
  const walker = document.createTreeWalker(document.querySelector(".source .text"), NodeFilter.SHOW_TEXT);
  const nodes = [];
  let text = "";
  while (walker.nextNode()) { nodes.push([walker.currentNode, text.length]); text += walker.currentNode.data; }
  const place = (at) => { const [node, start] = nodes.findLast(([, start]) => start <= at); return [node, at - start]; };
  const at = text.indexOf(words), range = document.createRange();
  range.setStart(...place(at));
  const [node, last] = place(at + words.length - 1);
  range.setEnd(node, last + 1);
  document.querySelector(".origin").scrollBy(0, range.getBoundingClientRect().top - innerHeight / 2);
  const boxes = [...range.getClientRects()], [first, end] = [boxes[0], boxes.at(-1)];
  return [first.left + 1, first.top + first.height / 2, end.right - 1, end.top + end.height / 2];
}"""
Page = Any  # playwright is optional, so its types are not to be had


@dataclass
class Story:
    """What the steps share: the service, a browser's tab, and what the browser complained of."""

    service: Service
    browser: Any
    page: Page
    pictures: Path
    complaints: list[str] = field(default_factory=list)
    job: str = ""

    def watch(self, page: Page) -> Page:
        """Note what a tab complains of, and requests to other hosts."""
        page.on("console", lambda line: self._note(line.type, f"{line.text} {line.location['url']}"))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self._note("error", request.url) if not self._is_ours(request.url) else None)
        return page

    def _note(self, kind: str, text: str) -> None:
        is_awaited = any(status in text and text.endswith(path) for status, path in AWAITED)
        if kind in ("error", "warning") and not is_awaited:
            self.complaints.append(text)

    def _is_ours(self, url: str) -> bool:
        return url.startswith((self.service.url, "data:", "blob:"))

    def record(self, member: str) -> str:
        """The address of a record's page."""
        return next(f"/records/{line.id}" for line in self.service.client().records() if line.member == member)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("story")
    pictures = Path(os.environ.get("GONGKAI_SCREENSHOTS") or folder / "pictures")
    service = Service(folder / "data")
    service.start()
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"])
        context = browser.new_context(base_url=service.url, viewport=WIDE, locale="zh-CN", reduced_motion="reduce")
        found = Story(service, browser, context.new_page(), pictures)
        found.watch(found.page)
        yield found
        browser.close()
    service.stop()


@pytest.fixture
def page(story: Story) -> Iterator[Page]:
    """The tab; what the browser complains of fails the step."""
    yield story.page
    told, story.complaints[:] = list(story.complaints), []
    assert told == []


def sign_in(page: Page, key: str) -> None:
    page.goto("/")
    page.get_by_label("密钥").fill(key)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("提交报告")


def test_sign_in(story: Story, page: Page) -> None:
    sign_in(page, story.service.key)


def test_give_in_an_archive_by_dropping_it_and_watch_it_finish(story: Story, page: Page) -> None:
    dropped = page.evaluate_handle(
        """([name, bytes]) => { const data = new DataTransfer();
        data.items.add(new File([Uint8Array.from(atob(bytes), (one) => one.charCodeAt(0))], name)); return data; }""",
        [SAMPLES.name, base64.b64encode(SAMPLES.read_bytes()).decode()],
    )
    for event in ("dragover", "drop"):
        page.dispatch_event("#give-files", event, {"dataTransfer": dropped})
    page.wait_for_url("**/jobs/*")
    story.job = page.url
    read: list[int] = []
    while page.locator("h1 .job-done").count() == 0:
        read.append(int(page.locator("[data-field=n_read]").inner_text()))
        page.wait_for_timeout(200)
        assert len(read) < 600
    assert read == sorted(read)
    expect(page.locator("[data-field=n_read]")).to_have_text("42")
    expect(page.locator("#documents")).to_contain_text("座谈会新闻.html")
    page.get_by_role("link", name="只看失败").click()
    expect(page.locator("#documents tbody tr")).to_have_count(3)
    expect(page.locator("#documents")).to_contain_text("不是政府信息公开工作年度报告")


def test_open_a_record_and_correct_a_cell_by_clicking_it(story: Story, page: Page) -> None:
    page.get_by_role("link", name="记录", exact=True).click()
    page.get_by_label("机关").fill("果楼乡")
    page.get_by_role("button", name="查找").click()
    page.get_by_role("link", name="天津市蓟州区果楼乡人民政府").click()
    cell = page.locator(f'[id="{CELL}"]')
    before = cell.inner_text().strip()
    cell.click()
    page.locator("#editor-new").fill("77")
    page.get_by_role("button", name="保存").last.click()
    expect(cell).to_have_text("77")
    expect(page.locator(".made li").first).to_contain_text("77")
    expect(page.locator(".made li del").first).to_have_text(before)


def test_go_to_an_uncertain_cell_and_correct_it_by_keys(page: Page) -> None:
    page.reload()
    page.locator("#doubts summary").focus()
    page.keyboard.press("n")
    expect(page.locator("#editor-new")).to_be_focused()
    page.keyboard.type("5")
    page.keyboard.press("Enter")
    expect(page.locator(".made li")).to_have_count(2)
    expect(page.locator("td.cell.corrected")).to_have_count(2)


def drag_over(page: Page, words: str) -> None:
    """Mark words of the source with the mouse."""
    x0, y0, x1, y1 = page.evaluate(PLACE, words)
    page.mouse.move(x0, y0)
    page.mouse.down()
    page.mouse.move(x1, y1, steps=6)
    page.mouse.up()


def mark(page: Page, words: str) -> Any:
    """A stretch of the source that has a label."""
    return page.locator(".source a.mark[data-name]").get_by_text(words, exact=True)


def test_label_a_stretch_with_the_mouse_and_remove_a_label(story: Story, page: Page) -> None:
    page.goto(story.record(TOWN))
    palette = page.get_by_role("toolbar")
    drag_over(page, "盲文手册")
    palette.get_by_role("button", name=name("labels", "ITEM")).click()
    expect(mark(page, "盲文手册")).to_have_class("mark l-ITEM")
    expect(page.locator(".made li").first).to_contain_text("盲文手册")
    drag_over(page, "第三方评估")
    palette.get_by_role("button", name="去掉标注").click()
    expect(mark(page, "第三方评估")).to_have_count(0)
    assert "#" not in page.url
    mark(page, "网民留言").click()
    assert "#count-" in page.url


def test_label_a_stretch_by_keys_and_take_corrections_back(page: Page) -> None:
    mark(page, "业务培训").focus()
    page.keyboard.press("s")
    page.keyboard.press("Shift+ArrowLeft")
    assert page.evaluate("getSelection().toString()") == "业务培"
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("x")
    expect(mark(page, "业务培训")).to_have_count(0)
    page.keyboard.press("u")
    expect(mark(page, "业务培训")).to_have_count(1)
    page.locator("#made summary").click()
    page.locator(".made li:not(.undone)").first.get_by_role("button", name="撤销").click()
    expect(mark(page, "第三方评估")).to_have_count(1)
    expect(page.locator(".made li.undone")).to_have_count(2)


def test_the_list_tells_of_corrections_and_full_text_finds_words(page: Page) -> None:
    page.get_by_role("link", name="记录", exact=True).click()
    page.get_by_label("全文").fill("网民留言")
    page.keyboard.press("Enter")
    expect(page.locator(".excerpt mark")).to_have_text("网民留言")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody td[data-name=更正]")).to_have_text("1")


def test_export_corrections_and_fine_tune_on_them(page: Page, tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="training needs the extra `train`")
    answer = page.request.get("/v1/corrections/export?format=doccano")
    (tmp_path / "corrections.jsonl").write_bytes(answer.body())
    (tmp_path / "small.toml").write_text("[train]\nepochs = 1\ntokens_a_step = 512\nwindow = 64\n")
    assert main(["annotate", "import", str(tmp_path / "corrections.jsonl"), "-o", str(tmp_path / "own")]) == 0
    assert any("{ITEM:盲文手册}" in text.read_text(encoding="utf-8") for text in (tmp_path / "own").rglob("*.txt"))
    words = [tmp_path / "own", "-o", tmp_path / "model", "--settings", tmp_path / "small.toml", "--no-replay"]
    assert main(["train", *map(str, words)]) == 0
    assert (tmp_path / "model" / "manifest.json").exists()


def test_compare_two_records(page: Page) -> None:
    page.goto("/records?level=township")
    for box in page.get_by_role("checkbox").all()[:2]:
        box.check()
    page.get_by_role("button", name="比较选中的两份").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("比较两份报告")
    expect(page.locator(".figures-table tbody tr").first).to_be_visible()


def test_from_a_key_point_to_the_record(page: Page) -> None:
    page.get_by_role("link", name="汇总", exact=True).click()
    for _ in range(60):  # it says whether the last records and corrections are in it
        if page.locator(".bar-top .chip.good").count():
            break
        page.wait_for_timeout(1000)
        page.reload()
    report = page.frame_locator("iframe")
    point = report.locator("#points details.point").first
    point.locator("> summary").click()
    members = point.locator("[id^=members-]")
    members.locator("> summary").click()
    members.locator("a[href*='/records/']").first.click()
    page.wait_for_url("**/records/*#problem-*")
    expect(page.locator(".problem:target")).to_be_visible()


def test_without_scripts_one_reads_and_corrects_by_forms(story: Story) -> None:
    context = story.browser.new_context(base_url=story.service.url, java_script_enabled=False, locale="zh-CN")
    page = story.watch(context.new_page())
    sign_in(page, story.service.key)
    expect(page.get_by_role("link", name=SAMPLES.name)).to_be_visible()
    page.goto(story.record(TOWN))
    expect(page.locator(".source")).to_contain_text("网民留言")
    page.locator("#correct-details > summary").click()
    page.locator("#cell-path").select_option(CELL)
    page.locator("#cell-new").fill("500")
    page.locator("#cell-form button").click()
    expect(page.locator(f'[id="{CELL}"]')).to_have_text("500")
    page.locator("#correct-details > summary").click()
    text = story.service.client().record(page.url.rpartition("/")[2].partition("#")[0]).text
    start = text.index("老花镜")
    page.locator("#span-place").fill(f"{start}-{start + 3}")
    page.locator("#span-label").select_option("ITEM")
    page.locator("#span-form button").click()
    expect(mark(page, "老花镜")).to_be_visible()
    page.get_by_role("button", name="撤销").first.click()
    expect(mark(page, "老花镜")).to_have_count(0)
    context.close()
    assert story.complaints == []


GRAVE = ("serious", "critical")
COLOURS = ("color-contrast", "link-in-text-block")
LOOKS: tuple[tuple[str, dict[str, int], dict[str, Any]], ...] = (  # colours do not depend on the width, nor structure on the colours
    ("light", WIDE, {}),
    ("dark", WIDE, {"runOnly": COLOURS}),
    ("light", PHONE, {"rules": {rule: {"enabled": False} for rule in COLOURS}}),
)
PAGES = ("sign-in", "give", "job", "records", "record", "compare-choose", "compare", "summary", "report", "models", "problem")


def address(story: Story, called: str) -> str:
    """Where a page is."""
    town, village = story.record(TOWN), story.record(VILLAGE)
    a, b = (path.rpartition("/")[2] for path in (village, town))
    special = {
        "give": "/", "job": story.job, "record": town, "compare-choose": "/compare", "compare": f"/compare?a={a}&b={b}",
        "report": "/summary/report", "problem": "/nowhere",
    }  # fmt: skip
    return special.get(called, f"/{called}")


@pytest.mark.parametrize("called", PAGES)
def test_pages_are_accessible_light_and_dark_and_on_a_phone(story: Story, page: Page, called: str) -> None:
    page.goto(address(story, called))
    found = []
    for scheme, size, rules in LOOKS:
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        part = "#points" if called == "report" and rules else None  # it is long
        answer = axe.Axe().run(page, part, {"resultTypes": ["violations"], **rules}).response
        found += [(scheme, size["width"], one["id"], one["nodes"][0]["html"]) for one in answer["violations"] if one["impact"] in GRAVE]
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        if scheme == "light":
            page.screenshot(path=story.pictures / f"{called}-{size['width']}.png")
    page.set_viewport_size(WIDE)
    assert found == []


def test_switch_the_language_and_sign_out(story: Story, page: Page) -> None:
    page.goto("/records")
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Records")
    page.get_by_role("link", name="Compare", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Compare two reports")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    page.goto("/records")
    expect(page.get_by_label("Key")).to_be_visible()
