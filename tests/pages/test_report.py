"""The report in a browser: on a wall, in a pocket and on paper, dark and light, with nothing loaded."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.pages.wholeness import AXE, CHECK, RULES, SIZES, THEMES, WIDER
from tests.simulation.running import SEED, experiment
from vikno.api.report import render_report

WORDS_TOO_SMALL = """() => [...document.querySelectorAll("svg.plot text")]
  .filter((one) => one.getBoundingClientRect().height < 9).map((one) => one.textContent)"""

A4_TEXT_WIDTH = 688
"""CSS pixels of a page of 210 mm without its margins of 14 mm."""


@pytest.fixture(scope="module", params=[("en", 1), ("uk", 2)], ids=["one policy", "two policies"])
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    language, policies = request.param
    lived = experiment(12)
    summaries = dict(list(lived.summaries.items())[:policies])
    path = tmp_path_factory.mktemp("report") / "report.html"
    page = render_report(lived.scenarios[0].plan, summaries, SEED, "vikno simulate hall.toml", language)
    path.write_text(page, encoding="utf-8")
    return path


def opened(browser: Browser, report: Path, asked: list[str]) -> Page:
    page = browser.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: asked.append(message.text))
    page.goto(report.as_uri())
    page.evaluate("() => document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    return page


def test_the_report_is_whole(browser: Browser, report: Path) -> None:
    asked: list[str] = []
    page = opened(browser, report, asked)
    page.evaluate(f"() => {{ {AXE.read_text(encoding='utf-8')} }}")
    found = []
    for (size, viewport), theme in product(SIZES.items(), THEMES):
        page.set_viewport_size(viewport)
        page.emulate_media(color_scheme=theme)
        if (wider := page.evaluate(WIDER)) > 0:
            found.append(f"{size} {theme}: {wider} px too wide")
        found += [f"{size} {theme}: {words}" for words in page.evaluate(CHECK, RULES)]
        found += [f"{size} {theme}: {word!r} is small" for word in page.evaluate(WORDS_TOO_SMALL)]
    page.close()
    assert not found, "\n".join(found)
    assert [url for url in asked if not url.startswith("data:")] == [report.as_uri()]


def test_the_report_fits_on_paper(browser: Browser, report: Path) -> None:
    page = opened(browser, report, [])
    page.emulate_media(media="print", color_scheme="dark")
    page.set_viewport_size({"width": A4_TEXT_WIDTH, "height": 1000})
    assert page.evaluate(WIDER) <= 0
    paper = page.evaluate("() => getComputedStyle(document.body).color")
    page.close()
    assert paper == "rgb(0, 0, 0)"
