"""The pages in a real browser: what is said of a value is marked at its place, the list sorts, a phone shows it all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nlp.record import Record
from nlp.show import write_site
from tests.nlp.handmade import make_record, old_record

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed (extra `dev`)")
CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="no chromium and chromedriver on this machine")
Browser = Any  # selenium is optional, so its types are not to be had


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for switch in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(switch)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    records: list[Record] = [make_record(), make_record("白石县人民政府", 2019, "2019"), old_record()]
    return write_site(records, tmp_path_factory.mktemp("site"))


def find(browser: Browser, css: str) -> list[Any]:
    return browser.find_elements("css selector", css)


def open_first(browser: Browser, site: Path) -> None:
    browser.get(site.as_uri())
    find(browser, ".reports tbody a")[0].click()


def test_a_value_points_at_its_place_in_the_source(browser: Browser, site: Path) -> None:
    open_first(browser, site)
    cell = find(browser, "[data-at]")[0]
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", cell)
    pointer = webdriver.ActionChains(browser).move_to_element(find(browser, "h1")[0])
    pointer.move_to_element(cell).pause(0.2).perform()
    hot = {element.get_attribute("id") for element in find(browser, ".hot")}
    assert cell.get_attribute("data-at") in hot


def test_the_list_sorts_by_a_head(browser: Browser, site: Path) -> None:
    browser.get(site.as_uri())

    def years() -> list[str]:
        return [row.find_elements("css selector", "td")[0].text for row in find(browser, ".reports tbody tr")]

    before, button = years(), find(browser, ".reports th button")[1]
    button.click()
    ascending = years()
    button.click()
    assert sorted(before) == sorted(ascending)
    assert ascending == years()[::-1]


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_screen_and_nothing_complains(browser: Browser, site: Path, width: int) -> None:
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    for path in sorted(site.parent.glob("*.html")):
        browser.get(path.as_uri())
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width, path.name
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert browser.get_log("browser") == []
