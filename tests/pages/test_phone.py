"""The visitor's phone: their number, who is before them and where to go, with or without scripts."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.api.foreseeing import FORESEEN_SECONDS_MAX
from tests.pages.devices import POCKET, Devices, shows, until
from tests.pages.halls import Hall

LINE_SECONDS_MAX = 12.0
"""When the line moved, phones ask at a moment of their own within six seconds."""


def pocket(devices: Devices, address: str, **options: Any) -> Page:
    return devices.open(address, viewport=POCKET, **options)


def alive(page: Page) -> None:
    """The script has taken over from the page of the server; from here on a reload would show."""
    expect(page.get_by_role("button").first).to_be_visible()
    page.evaluate("() => (window.same = true)")


def tells_the_wait(page: Page, wait: dict[str, int], scripts: bool) -> bool:
    """A page without scripts is as old as its last loading; waits are foreseen again meanwhile."""
    assert wait["low"] < wait["high"]
    if not scripts:
        page.reload()
    range_ = rf"{wait['low']}.{{1,4}}{wait['high']} min" if wait["low"] else f"under {wait['high']} min"
    return re.search(range_, page.locator("main").inner_text()) is not None


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no-script"])
def test_a_visitor_reads_number_people_before_and_wait(devices: Devices, hall: Hall, scripts: bool) -> None:
    hall.open("w-1")
    for _ in range(4):
        hall.take()
    hall.foreseen()
    mine = hall.take()
    page = pocket(devices, hall.phone(mine, lang="en"), java_script_enabled=scripts)
    if scripts:
        alive(page)
    shows(page.locator(".phone-number"), mine["number"])
    expect(page.locator("main")).to_contain_text("4 people before you")
    until(page, "the wait that is told now", lambda: tells_the_wait(page, hall.ticket(mine)["wait"], scripts))
    expect(page.locator("main")).to_contain_text("Why may others go before me?")


def test_a_wait_that_is_foreseen_otherwise_is_shown_without_asking(devices: Devices, hall: Hall) -> None:
    for _ in range(3):
        hall.take()
    mine = hall.take()
    page = pocket(devices, hall.phone(mine, lang="en"), tampered=True)
    alive(page)
    page.route("**/tickets/*", lambda route: route.abort())
    hall.open("w-1")
    expect(page.locator("main")).to_contain_text(re.compile(r"\d min"), timeout=FORESEEN_SECONDS_MAX * 1000)
    assert page.evaluate("() => window.same"), "it was not reloaded"


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no-script"])
def test_a_wait_nobody_can_know_is_not_guessed(devices: Devices, hall: Hall, scripts: bool) -> None:
    hall.take("pickup")
    mine = hall.take("pickup")
    page = pocket(devices, hall.phone(mine, lang="en"), java_script_enabled=scripts)
    if scripts:
        alive(page)
    assert hall.ticket(mine)["wait"] is None
    expect(page.locator("main")).to_contain_text("1 person before you")
    expect(page.locator("main")).to_contain_text("not known yet")


def test_without_a_script_a_called_visitor_still_learns_the_window(devices: Devices, hall: Hall) -> None:
    hall.open("w-2")
    mine = hall.take()
    page = pocket(devices, hall.phone(mine, lang="uk"), java_script_enabled=False)
    expect(page.locator("main")).to_contain_text("Ви наступні")
    assert page.locator("button").count() == 0, "what needs a script is not offered"
    hall.at("w-2", "call-next")
    page.reload()
    expect(page.locator(".phone-call")).to_contain_text("до вікна")
    shows(page.locator(".phone-window"), "2")


def test_the_page_follows_the_visit_to_its_end_without_a_reload(devices: Devices, hall: Hall) -> None:
    hall.open("w-2")
    first, mine = hall.take(), hall.take()
    page = pocket(devices, hall.phone(mine, lang="en"))
    alive(page)
    expect(page.locator("main")).to_contain_text("1 person before you")
    hall.at("w-2", "call", ticket=first["id"])
    expect(page.locator("main")).to_contain_text("You are next", timeout=LINE_SECONDS_MAX * 1000)
    hall.at("w-2", "start")
    hall.at("w-2", "finish")
    hall.at("w-2", "call-next")
    expect(page.get_by_role("alert")).to_contain_text("Please go to window")
    shows(page.locator(".phone-window"), "2")
    assert re.search(r"window\W+2", page.title())
    hall.at("w-2", "recall")
    expect(page.get_by_role("alert")).to_contain_text("called 2 times")
    hall.at("w-2", "start")
    expect(page.locator("main")).to_contain_text("You are at window 2")
    hall.at("w-2", "finish")
    expect(page.locator("main")).to_contain_text("Your visit is finished")
    assert page.evaluate("() => window.same") is True


def test_who_needs_more_time_lets_three_pass_and_keeps_the_ticket(devices: Devices, hall: Hall) -> None:
    mine, *others = [hall.take() for _ in range(5)]
    page = pocket(devices, hall.phone(mine, lang="en"))
    alive(page)
    expect(page.locator("main")).to_contain_text("You are next")
    page.get_by_role("button", name="I need more time").click()
    expect(page.locator("main")).to_contain_text("3 people before you")
    line = sorted(hall.now()["tickets"], key=lambda one: one["place"])
    expected = [*others[:3], mine, others[3]]
    assert [one["number"] for one in line] == [one["number"] for one in expected]


def test_with_nobody_behind_there_is_nobody_to_let_pass(devices: Devices, hall: Hall) -> None:
    page = pocket(devices, hall.phone(hall.take(), lang="en"))
    alive(page)
    page.get_by_role("button", name="I need more time").click()
    expect(page.get_by_text("there is nobody to let pass")).to_be_visible()


def test_leaving_can_be_taken_back_at_the_old_place(devices: Devices, hall: Hall) -> None:
    mine = hall.take()
    hall.take()
    page = pocket(devices, hall.phone(mine, lang="en"))
    alive(page)
    page.get_by_role("button", name="Leave the line").click()
    expect(page.locator("main")).to_contain_text("You have left the line")
    assert hall.ticket(mine)["state"] == "left"
    page.get_by_role("button", name="Come back to my place").click()
    expect(page.locator("main")).to_contain_text("You are next")
    after = hall.ticket(mine)
    assert (after["state"], after["number"], after["ahead"]) == ("waiting", mine["number"], 0)


def test_a_phone_that_was_without_network_catches_up(devices: Devices, hall: Hall) -> None:
    hall.open("w-1")
    page = pocket(devices, hall.phone(hall.take(), lang="en"))
    alive(page)
    page.context.set_offline(True)
    hall.at("w-1", "call-next")
    page.context.set_offline(False)
    expect(page.get_by_role("alert")).to_contain_text("Please go to window")
    assert page.evaluate("() => window.same") is True


def test_the_phone_speaks_the_language_of_its_ticket(devices: Devices, hall: Hall) -> None:
    for language, words in (("uk", "Ваш талон"), ("en", "Your ticket")):
        page = pocket(devices, hall.phone(hall.take(language=language)))
        expect(page.locator(".phone-ticket")).to_contain_text(words)
    page.get_by_role("link", name="Українська").click()
    expect(page.locator(".phone-ticket")).to_contain_text("Ваш талон")


def test_the_code_on_the_ticket_leads_to_this_page(devices: Devices, hall: Hall) -> None:
    """A stranger who guesses finds nothing: the page is behind 128 random bits and not behind the number."""
    mine = hall.take()
    assert re.fullmatch(r"[0-9a-f]{32}", mine["id"])
    page = pocket(devices, hall.phone(mine))
    shows(page.locator(".phone-number"), mine["number"])
    answer = page.goto(hall.phone({"id": mine["number"]}))
    assert answer is not None
    assert answer.status == 404
    until(page, "nothing shown", lambda: page.locator(".phone-number").count() == 0)


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "There is no such ticket today"), ("uk", "Такого талона сьогодні немає")],
)
def test_a_ticket_of_another_day_is_told_in_words(
    devices: Devices, hall: Hall, language: str, words: str
) -> None:
    address = hall.phone({"id": "0" * 32}, lang=language)
    page = devices.open(address, viewport=POCKET)
    expect(page.get_by_role("heading", level=1)).to_have_text(words)
    page.get_by_role("link").first.click()
    expect(page.locator(".phone-languages [aria-current]")).to_have_text("Українська")
