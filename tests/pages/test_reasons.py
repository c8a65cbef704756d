"""Why somebody was called, wherever it is read: at the window, on the phone, in the list of the day."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Page, expect

from tests.api.running import Server
from tests.pages import weighing
from tests.pages.conftest import HALLS_MAX
from tests.pages.devices import POCKET, Devices, press, shows
from tests.pages.halls import Hall, hall_file
from vikno.display import catalog
from vikno.display.reasons import FIRST, TO_VISITORS, limit, sentence, to_visitor
from vikno.queue.policy import Why

OVERTAKEN_MAX = 2
FIGURES: tuple[dict[str, float], ...] = (
    {},
    {"rate": 6.0, "overtaken": 2.0},
    {"rate": 0.15, "fit": 0.3, "pressure": 1.5},
)

SAY = """async ([language, reasons, passed]) => {
  const { loadCatalog } = await import("/static/js/i18n.js");
  const { limit, sentence, toVisitor } = await import("/static/js/reasons.js");
  await loadCatalog(language);
  return [reasons.map((why) => sentence(why, "A12")), passed.map((one) => [toVisitor(one), limit(one)])];
}"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, bytecode: Path) -> Iterator[Server]:
    """A server whose halls call who came last, for a reason of each kind in turn, within their bound."""
    bound = f"\n[dispatch]\novertaken_max = {OVERTAKEN_MAX}\n"
    files = [hall_file(f"hall-{number}") + bound for number in range(1, HALLS_MAX + 1)]
    running = Server(tmp_path_factory.mktemp("weighing"), bytecode, *files)
    running.data.mkdir()
    running.start([sys.executable, weighing.__file__, str(running.data), "0", *running.files])
    yield running
    running.kill()
    running.check_log()


def reasons_of_every_kind() -> list[Why]:
    """Every rule with every shape of figures that changes the words."""
    named: tuple[tuple[int, tuple[str, ...]], ...] = (
        (0, ()),
        (1, ("M7",)),
        (21, ("A1", "A2", "A3", "A4", "A5")),
    )
    return [
        Why("index", rule, waited, 5, overtook, numbers, score, against)
        for rule, waited, (overtook, numbers), score, against in product(
            (*FIRST, "a-rule-of-tomorrow"), (0.4, 14.5), named, FIGURES, FIGURES
        )
    ]


@pytest.mark.parametrize("language", list(catalog.languages()))
def test_pages_with_a_script_say_word_for_word_what_those_without_say(
    devices: Devices, hall: Hall, language: str
) -> None:
    page = devices.open(f"{hall.server.url}sign-in?lang={language}")  # one that leads nowhere by itself
    reasons = reasons_of_every_kind()
    passed = [
        {"count": count, "rule": rule, "most": most}
        for count, rule, most in product((0, 1, 2, 5, 21), (*TO_VISITORS, None), (None, 0, 1, 3, 30))
    ]
    told = page.evaluate(SAY, [language, json.loads(msgspec.json.encode(reasons)), passed])
    assert told == [
        [sentence(why, language, "A12") for why in reasons],
        [[to_visitor(one, language), limit(one, language)] for one in passed],
    ]


@pytest.fixture
def line(hall: Hall) -> list[dict[str, Any]]:
    """Four wait at two open windows."""
    hall.open("w-1", "w-2")
    return [hall.take() for _ in range(4)]


def told(hall: Hall, language: str, of: int = -1) -> str:
    """The sentence of a call as it lies in the journal."""
    event = hall.journal("ticket-called")[of]
    ticket = next(one for one in hall.now()["tickets"] if one["id"] == event["ticket"])
    return sentence(msgspec.convert(event["why"], Why), language, ticket["number"])


@pytest.mark.parametrize("language", list(catalog.languages()))
def test_the_clerk_reads_the_stored_reason_and_its_figures_by_keyboard(
    devices: Devices, hall: Hall, line: list[dict[str, Any]], language: str
) -> None:
    page = devices.open(hall.console("w-1", lang=language))
    expect(page.locator(".visitor-nobody")).to_be_visible()
    press(page, "F2")
    shows(page.locator(".visitor-number"), line[-1]["number"])
    why = page.locator(".visitor-why")
    expect(why.locator("p").first).to_have_text(told(hall, language))
    expect(why.locator("table")).to_be_hidden()
    where = "() => [...document.querySelectorAll('.deed')].map((one) => one.getBoundingClientRect().toJSON())"
    before = page.evaluate(where)
    why.locator("summary").focus()
    press(page, "Enter")
    expect(why.locator("table")).to_be_visible()
    expect(why.locator("thead")).to_contain_text(re.compile("A4.*A1"))
    comma = "." if language == "en" else ","
    expect(why.locator("tbody tr")).to_have_count(len(weighing.SCORE))
    expect(why.locator("tbody tr").nth(1)).to_contain_text(re.compile(rf"6.*2\{comma}5"))
    assert page.evaluate(where) == before, "buttons never move"
    page.reload()
    expect(why.locator("p").first).to_have_text(told(hall, language))


def test_a_window_kept_free_says_that_another_is_better(devices: Devices, hall: Hall) -> None:
    hall.open("w-1")
    hall.take("pickup")
    page = devices.open(hall.console("w-1", lang="en"))
    expect(page.get_by_text("Ready for the next visitor")).to_be_visible()
    press(page, "F2")
    expect(page.locator(".console-line")).to_contain_text("Nobody yet: another free window is better")
    audit = devices.open(hall.audit(lang="en"))
    expect(audit.locator(".calls-why")).to_contain_text("Nobody yet: another free window is better")
    expect(audit.locator(".calls-ticket")).to_have_text("–")


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no-script"])
def test_a_visitor_reads_who_went_first_why_and_how_many_may(
    devices: Devices, hall: Hall, line: list[dict[str, Any]], scripts: bool
) -> None:
    page = devices.open(hall.phone(line[0], lang="en"), viewport=POCKET, java_script_enabled=scripts)
    why = page.locator(".phone-why")
    expect(why).to_contain_text(f"At most {OVERTAKEN_MAX} visitors who came later go before you")
    expect(page.locator(".phone-passed")).to_have_count(0)
    hall.at("w-1", "call-next")
    page.reload()
    passed = page.locator(".phone-passed")
    expect(passed).to_contain_text("1 visitor who came later was called first.")
    expect(passed).to_contain_text("takes little time at that window.")
    expect(passed).to_contain_text(f"At most {OVERTAKEN_MAX} visitors who came later go before you")
    assert line[-1]["number"] not in page.locator("main").inner_text(), "nobody reads another's number"
    hall.at("w-2", "call-next")
    page.reload()
    expect(passed).to_contain_text("2 visitors who came later were called first.")
    expect(passed).to_contain_text("You are now among the first to be called.")


def test_who_was_passed_enough_is_called_and_the_reason_says_so(
    devices: Devices, hall: Hall, line: list[dict[str, Any]]
) -> None:
    hall.at("w-1", "call-next")
    hall.at("w-2", "call-next")
    hall.open("w-3")
    page = devices.open(hall.console("w-3", lang="en"))
    expect(page.locator(".visitor-nobody")).to_be_visible()
    press(page, "F2")
    shows(page.locator(".visitor-number"), line[0]["number"])
    expect(page.locator(".visitor-why")).to_contain_text(
        f"A1 first: {OVERTAKEN_MAX} who came later have gone before; the hall allows no more."
    )


@pytest.fixture
def audit(devices: Devices, hall: Hall, line: list[dict[str, Any]]) -> Page:  # noqa: ARG001  (they wait)
    """The calls of a day in which the two who came last were called."""
    hall.at("w-1", "call-next")
    hall.at("w-2", "call-next")
    hall.at("w-2", "undo")
    hall.at("w-2", "call-next")
    page = devices.open(hall.audit(lang="en"))
    expect(page.locator(".calls > tbody > tr")).to_have_count(3)
    return page


def test_a_manager_reads_the_calls_of_the_day_newest_first(audit: Page, hall: Hall) -> None:
    rows = audit.locator(".calls > tbody > tr")
    for row, of in ((0, -1), (2, 0)):
        expect(rows.nth(row).locator(".calls-why")).to_contain_text(told(hall, "en", of))
    expect(rows.nth(1)).to_contain_text("taken back")
    expect(rows.nth(2).locator(".calls-passed")).to_have_text("A1, A2, A3")
    rows.nth(0).locator("summary").focus()
    press(audit, "Enter")
    expect(rows.nth(0).locator("table")).to_contain_text("Visitors an hour here")
    audit.get_by_role("button", name="Українська").click()
    expect(rows.nth(0).locator(".calls-why")).to_contain_text(told(hall, "uk"))


def test_a_manager_finds_who_went_before_a_ticket_and_can_show_it_to_others(
    audit: Page, hall: Hall, devices: Devices
) -> None:
    audit.get_by_label("Ticket number").fill("a3")
    press(audit, "Enter")
    found = audit.locator(".found")
    expect(found).to_have_text("1 visitor who came later went before A3.")
    rows = audit.locator(".calls > tbody > tr")
    expect(rows).to_have_count(3)
    expect(rows.nth(2)).to_contain_text("went before A3")
    address = f"{audit.url}#token={hall.audit().partition('#token=')[2]}"
    assert "number=a3" in address
    other = devices.open(address, viewport=POCKET)
    expect(other.locator(".found")).to_have_text("1 visitor who came later went before A3.")
    expect(other.get_by_label("Ticket number")).to_have_value("a3")
    audit.get_by_role("button", name="All tickets").click()
    expect(found).to_have_text("3 calls")
    assert "number" not in audit.url


def test_another_day_has_its_own_calls(audit: Page) -> None:
    audit.get_by_label("Day").fill("2020-01-01")
    press(audit, "Enter")
    expect(audit.locator(".found")).to_have_text("There were no calls on this day.")
    expect(audit.locator(".calls")).to_have_count(0)


def test_the_calls_can_be_saved_as_a_sheet(audit: Page) -> None:
    with audit.expect_download() as saving:
        audit.get_by_role("button", name="Save as CSV").click()
    rows = Path(saving.value.path()).read_text(encoding="utf-8").splitlines()
    assert rows[0].startswith("seq,at,window,label,ticket,")
    assert len(rows) == 4
