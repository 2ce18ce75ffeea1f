"""The report in a real browser: no complaint, no request, tables sort and filter, a phone shows it all, links unfold."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nlp.summary.report import write_html
from tests.nlp.summary.summarized import summary

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed (extra `dev`)")
CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="no chromium and chromedriver on this machine")
Browser = Any  # selenium is optional, so its types are not to be had


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    write_html(summary(), path)
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for switch in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(switch)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


def column(browser: Browser, table: str, n: int) -> list[str]:
    rows = "[...document.querySelectorAll(arguments[0] + ' tbody tr')].filter(row => !row.hidden)"
    found: list[str] = browser.execute_script(f"return {rows}.map(row => row.cells[arguments[1]].innerText)", table, n)
    return found


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_screen_complains_or_is_fetched(browser: Browser, report: Path, width: int) -> None:
    browser.get_log("performance")
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.get(report.as_uri())
    browser.execute_script("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert browser.get_log("browser") == []
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = {event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"}
    assert {url for url in asked if not url.startswith("data:")} == {report.as_uri()}


def test_tables_sort_by_a_head(browser: Browser, report: Path) -> None:
    browser.get(report.as_uri())
    numbers = [int(text) for text in column(browser, ".ranking", 0)]
    head = browser.find_elements("css selector", ".ranking th button")[0]
    browser.execute_script("arguments[0].click()", head)
    assert [int(text) for text in column(browser, ".ranking", 0)] == sorted(numbers, reverse=True)
    browser.execute_script("arguments[0].click()", head)
    assert [int(text) for text in column(browser, ".ranking", 0)] == sorted(numbers)


def test_tables_filter_by_words(browser: Browser, report: Path) -> None:
    browser.get(report.as_uri())
    browser.execute_script("document.getElementById('by-report').open = true")
    field = browser.find_element("css selector", "#by-report input")
    assert len(column(browser, "#by-report", 0)) == len(summary().reports)
    field.send_keys("洺溪 2022")
    assert len(column(browser, "#by-report", 0)) == 1
    field.clear()
    field.send_keys("没有这样的机关")
    assert column(browser, "#by-report", 0) == []


def test_a_link_unfolds_what_it_leads_to(browser: Browser, report: Path) -> None:
    browser.get(report.as_uri())
    link = browser.find_element("css selector", ".ranking a")
    point = browser.find_element("css selector", f"[id='{link.get_attribute('href').split('#')[1]}']")
    assert not point.get_property("open")
    follow = "const done = arguments[1]; addEventListener('hashchange', () => setTimeout(done)); arguments[0].click()"
    browser.execute_async_script(follow, link)
    assert point.get_property("open")


def test_a_count_of_a_group_shows_its_members(browser: Browser, report: Path) -> None:
    browser.get(report.as_uri())
    point = summary().key_points[0]
    split = point.by["region"][0]
    facts = summary().reports
    expected = [m.text for m in point.members if facts[m.report].groups["region"] == split.key]
    link = browser.find_element("css selector", f"[id='{point.id}'] a[data-group='region={split.key}']")
    follow = "const done = arguments[1]; addEventListener('hashchange', () => setTimeout(done)); arguments[0].click()"
    browser.execute_async_script(follow, link)
    items = "[...document.querySelectorAll(arguments[0] + ' li')].filter(item => !item.hidden)"
    shown = f"return {items}.map(item => item.querySelector('.said').innerText)"
    members = f"[id='members-{point.id}']"
    assert browser.find_element("css selector", members).get_property("open")
    assert browser.execute_script(shown, members) == expected
    browser.execute_script("arguments[0].click()", browser.find_element("css selector", f"{members} .only button"))
    assert browser.execute_script(shown, members) == [m.text for m in point.members]


def test_figures_of_a_group_lead_to_its_reports(browser: Browser, report: Path) -> None:
    browser.get(report.as_uri())
    statistics = summary().statistics
    assert statistics
    by = next(by for by in statistics.by if by.key == "agency")
    link = browser.find_element("css selector", f"#statistics a[data-group='agency={by.groups[1].key}']")
    browser.execute_script("arguments[0].click()", link)
    assert set(column(browser, "#by-report", 0)) == {by.groups[1].name}
    assert len(column(browser, "#by-report", 0)) == len(by.groups[1].reports)


def test_markup_of_a_report_does_not_run(browser: Browser, report: Path) -> None:
    browser.get(report.as_uri())
    assert browser.title == "政府信息公开年度报告问题汇总"


def test_it_reads_without_a_script(browser: Browser, report: Path) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    browser.get(report.as_uri())
    summaries = browser.find_elements("css selector", ".point > summary .title")
    assert summaries[0].text == summary().key_points[0].name
    browser.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", summaries[0])
    summaries[0].click()
    assert browser.find_element("css selector", ".point blockquote mark").text == summary().key_points[0].quotes[0].text
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
