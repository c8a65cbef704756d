"""The clerk's console: a whole day by keyboard alone, every call with its reason, nothing lost on the way."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import APIResponse, Page, Route, expect

from tests.pages.devices import Devices, Wire, press, shows
from tests.pages.halls import Hall

DEEDS = "**/api/v1/halls/*/windows/**"
RETRY_SECONDS_MAX = 15.0


@pytest.fixture
def console(devices: Devices, hall: Hall) -> Page:
    """The console of window 1, in English."""
    page = devices.open(hall.console("w-1", lang="en"), tampered=True)
    expect(page.get_by_role("heading", name="Window 1")).to_be_visible()
    return page


def state(hall: Hall, ticket: dict[str, object]) -> str:
    found: str = hall.ticket(ticket)["state"]
    return found


def tab_to(page: Page, name: str) -> None:
    """Tab until the button has the focus, and see that the focus can be seen."""
    for _ in range(60):
        press(page, "Tab")
        focus = page.locator(":focus")
        if focus.count() and (focus.inner_text() or "").strip() == name:
            ring = focus.evaluate(
                "(one) => getComputedStyle(one).outlineStyle + getComputedStyle(one).boxShadow"
            )
            assert ring != "nonenone"
            return
    raise AssertionError(f"no way to {name!r} by Tab")


def test_a_clerk_works_by_keyboard_alone(console: Page, hall: Hall) -> None:
    first, second, third = hall.take(), hall.take(), hall.take()
    tab_to(console, "Open")
    press(console, "Enter")
    expect(console.get_by_text("Ready for the next visitor")).to_be_visible()
    press(console, "F2")
    shows(console.locator(".visitor-number"), first["number"])
    press(console, "F4")
    expect(console.get_by_text("called 2 times")).to_be_visible()
    press(console, "F7")
    expect(console.get_by_text("being served")).to_be_visible()
    press(console, "F8")
    expect(console.get_by_text("Ready for the next visitor")).to_be_visible()
    press(console, "F2")
    shows(console.locator(".visitor-number"), second["number"])
    press(console, "F9")
    expect(console.get_by_text("Noted: did not come")).to_be_visible()
    press(console, "Escape")
    shows(console.locator(".visitor-number"), second["number"])
    assert state(hall, second) == "called"
    press(console, "F9")
    expect(console.locator(".visitor-number")).to_have_count(0)
    press(console, "F2")
    shows(console.locator(".visitor-number"), third["number"])
    press(console, "F6")
    expect(console.get_by_role("heading", name="Visitors set aside")).to_be_visible()
    assert [state(hall, one) for one in (first, second, third)] == ["served", "no-show", "parked"]
    assert hall.window()["served"] == 1


def test_a_transfer_goes_by_keyboard_and_takes_its_note_along(console: Page, hall: Hall) -> None:
    ticket = hall.take()
    hall.open("w-1")
    expect(console.get_by_text("Ready for the next visitor")).to_be_visible()
    press(console, "F2")
    shows(console.locator(".visitor-number"), ticket["number"])
    press(console, "F3")
    panel = console.get_by_role("region", name="Transfer")
    expect(panel.locator(".transfer-to").first).to_be_focused()
    press(console, "Escape")
    expect(panel).to_have_count(0)
    expect(console.locator(".deed-transfer")).to_be_focused()
    press(console, "F3")
    expect(panel.locator(".transfer-to").first).to_be_focused()
    press(console, "Shift+Tab")
    console.keyboard.type("has the form")
    press(console, "Tab", "Enter")
    expect(console.get_by_text("Transferred")).to_be_visible()
    [moved] = hall.now()["tickets"]
    assert (moved["state"], moved["service"], moved["note"]) == ("waiting", "residence", "has the form")


def test_esc_takes_back_a_call_within_five_seconds_and_not_later(console: Page, hall: Hall) -> None:
    ticket = hall.take()
    hall.open("w-1")
    expect(console.get_by_text("Ready for the next visitor")).to_be_visible()
    press(console, "F2")
    expect(console.locator(".undo")).to_contain_text("Called")
    press(console, "Escape")
    expect(console.get_by_text("Ready for the next visitor")).to_be_visible()
    assert (state(hall, ticket), hall.now()["tickets"][0]["calls"]) == ("waiting", 0)
    press(console, "F2")
    expect(console.locator(".undo")).to_contain_text("Called")
    expect(console.locator(".undo")).to_have_count(0)
    press(console, "Escape")
    shows(console.locator(".visitor-number"), ticket["number"])
    assert state(hall, ticket) == "called"
    assert len(hall.journal("step-undone")) == 1


def test_a_key_held_down_is_one_press(console: Page, hall: Hall) -> None:
    hall.take()
    hall.take()
    hall.open("w-1")
    expect(console.get_by_text("Ready for the next visitor")).to_be_visible()
    for _ in range(5):
        console.keyboard.down("F2")
    console.keyboard.up("F2")
    shows(console.locator(".visitor-number"), "A1")
    press(console, "F2", "F2")
    assert [event["window"] for event in hall.journal("ticket-called")] == ["w-1"]


@pytest.mark.parametrize(
    ("language", "chosen", "passed"),
    [
        (
            "en",
            r"A2 first: chosen by the clerk after waiting 0 min\.",
            r"Goes before 1 person who came earlier: A1\.",
        ),
        ("uk", r"Спершу A2: вибір працівника вікна; чекає 0 хв\.", r"A1"),
    ],
)
def test_why_this_visitor_is_said_in_the_clerk_s_language_and_still_after_a_reload(
    devices: Devices, hall: Hall, language: str, chosen: str, passed: str
) -> None:
    hall.take()
    second = hall.take()
    hall.open("w-1")
    page = devices.open(hall.console("w-1", lang=language))
    row = page.locator(".side-line li", has_text="Passport" if language == "en" else "Паспорт")
    row.get_by_role("button").first.click()
    row.locator(".line-numbers button").nth(1).click()
    shows(page.locator(".visitor-number"), second["number"])
    why = page.locator(".visitor-why > p")
    expect(why).to_contain_text(re.compile(passed))
    before = why.inner_text()
    assert re.search(chosen, before), before
    page.reload()
    expect(why).to_have_text(before)


def test_the_console_keeps_the_clerk_s_language(console: Page) -> None:
    console.get_by_label("Language").select_option("uk")
    expect(console.get_by_role("heading", name="Вікно 1")).to_be_visible()
    console.reload()
    expect(console.get_by_role("heading", name="Вікно 1")).to_be_visible()


@pytest.mark.parametrize("answer_lost", [False, True], ids=["request-lost", "answer-lost"])
def test_when_the_network_blinks_the_console_says_so_and_the_call_happens_once(
    console: Page, hall: Hall, answer_lost: bool
) -> None:
    def blink(route: Route) -> None:
        if answer_lost:
            route.fetch()
        route.abort("connectionreset")

    hall.take()
    hall.take()
    hall.open("w-1")
    expect(console.get_by_text("Ready for the next visitor")).to_be_visible()
    console.route(DEEDS, blink, times=2)
    wire = Wire(console)
    press(console, "F2")
    expect(console.get_by_text("Trying again; nothing is lost")).to_be_visible()
    shows(console.locator(".visitor-number"), "A1")
    expect(console.get_by_text("Trying again; nothing is lost")).to_have_count(
        0, timeout=RETRY_SECONDS_MAX * 1000
    )
    assert len(wire.keys) == 3
    assert len(set(wire.keys)) == 1
    assert len(hall.journal("ticket-called")) == 1


def test_a_key_pressed_before_the_answer_came_is_not_lost(console: Page, hall: Hall) -> None:
    """The stream is often faster than the answer: the clerk sees the visitor and goes on."""
    held: list[tuple[Route, APIResponse]] = []
    console.route(DEEDS, lambda route: held.append((route, route.fetch())), times=1)
    hall.take()
    hall.open("w-1")
    expect(console.get_by_text("Ready for the next visitor")).to_be_visible()
    press(console, "F2")
    shows(console.locator(".visitor-number"), "A1")
    press(console, "F7")
    [(request, answer)] = held
    request.fulfill(response=answer)
    expect(console.get_by_text("being served")).to_be_visible()


def test_a_cable_pulled_and_put_back_costs_nothing(console: Page, hall: Hall) -> None:
    hall.take()
    hall.open("w-1")
    expect(console.get_by_text("Ready for the next visitor")).to_be_visible()
    wire = Wire(console)
    console.context.set_offline(True)
    press(console, "F2")
    expect(console.get_by_text("Trying again; nothing is lost")).to_be_visible()
    console.context.set_offline(False)
    shows(console.locator(".visitor-number"), "A1")
    assert len(set(wire.keys)) == 1
    assert len(hall.journal("ticket-called")) == 1


def test_what_the_hall_refuses_is_said_in_words(console: Page, hall: Hall) -> None:
    """A second console of the same window is faster."""

    def overtake(route: Route) -> None:
        hall.at("w-1", "call-next")
        route.continue_()

    hall.take()
    hall.open("w-1")
    expect(console.get_by_text("Ready for the next visitor")).to_be_visible()
    console.route(DEEDS, overtake, times=1)
    press(console, "F2")
    expect(console.get_by_text("A visitor is at this window. Finish first.")).to_be_visible()
    shows(console.locator(".visitor-number"), "A1")


def test_nobody_waiting_is_said_and_nothing_moves(console: Page, hall: Hall) -> None:
    hall.open("w-1")
    expect(console.get_by_text("Ready for the next visitor")).to_be_visible()
    where = "() => [...document.querySelectorAll('.deed')].map((one) => one.getBoundingClientRect().toJSON())"
    before = console.evaluate(where)
    press(console, "F2")
    expect(console.locator(".console-line")).to_have_text("Nobody is waiting for this window.")
    assert console.evaluate(where) == before
    hall.take()
    press(console, "F2")
    shows(console.locator(".visitor-number"), "A1")
    assert console.evaluate(where) == before, "buttons never move"
