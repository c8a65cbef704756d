"""The kiosk: trembling hands, impatient fingers, a blinking network: a visitor gets one ticket."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.pages.devices import Devices, Wire, calm, shows, touch
from tests.pages.halls import Hall

TICKETS = "**/api/v1/halls/*/tickets"
RETRY_SECONDS_MAX = 15.0


@pytest.fixture
def kiosk(devices: Devices, hall: Hall) -> Page:
    """A kiosk at which nobody stands."""
    hall.open("w-1")
    page = devices.panel(hall.kiosk(lang="en"), tampered=True)
    expect(service(page)).to_be_visible()
    return page


def service(kiosk: Page, name: str = "Passport") -> Locator:
    return kiosk.locator(".choice", has_text=name)


def take(kiosk: Page) -> Locator:
    return kiosk.get_by_role("button", name="Take a ticket")


def tap_twice(target: Locator) -> None:
    """Two touches of the same spot within half a second."""
    box = target.bounding_box()
    assert box
    spot = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    target.page.evaluate("() => (window.taps = [])")
    target.page.evaluate("() => addEventListener('pointerdown', (e) => window.taps.push(e.timeStamp), true)")
    target.page.touchscreen.tap(*spot)
    target.page.touchscreen.tap(*spot)
    first, second = target.page.evaluate("() => window.taps")[:2]
    assert second - first < 500, "this machine is too slow to tap twice"


def only_ticket(hall: Hall) -> str:
    """The number of the one ticket in the journal."""
    [issued] = hall.journal("ticket-issued")
    number: str = issued["number"]
    return number


def test_a_ticket_says_the_number_and_what_to_expect(kiosk: Page, hall: Hall) -> None:
    hall.foreseen()
    expect(service(kiosk)).to_contain_text("under 5 min")
    touch(service(kiosk))
    touch(take(kiosk))
    ticket = kiosk.locator(".kiosk-ticket")
    expect(ticket).to_be_visible()
    shows(ticket.locator(".ticket-number"), only_ticket(hall))
    for words in ("Passport", "Before you", "nobody", "Time to wait", "under 5 min", "Ask at the desk"):
        expect(ticket).to_contain_text(words)
    assert ticket.locator("img").evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 0


def test_a_second_touch_within_half_a_second_does_nothing(kiosk: Page, hall: Hall) -> None:
    tap_twice(service(kiosk))
    expect(take(kiosk)).to_be_visible()
    assert not hall.journal("ticket-issued")
    touch(kiosk.get_by_role("button", name="Back"))
    touch(service(kiosk))
    expect(take(kiosk)).to_be_visible()
    calm(kiosk)
    tap_twice(take(kiosk))
    shows(kiosk.locator(".ticket-number"), "A1")
    assert only_ticket(hall) == "A1"


def test_a_storm_of_presses_gives_one_ticket(kiosk: Page, hall: Hall) -> None:
    touch(service(kiosk))
    expect(take(kiosk)).to_be_visible()
    calm(kiosk)
    kiosk.locator(".kiosk-take").evaluate("(button) => { for (let n = 0; n < 200; n += 1) button.click(); }")
    shows(kiosk.locator(".ticket-number"), "A1")
    assert only_ticket(hall) == "A1"


def test_who_presses_on_while_the_network_is_slow_gets_one_ticket(kiosk: Page, hall: Hall) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    kiosk.route(TICKETS, hold)
    wire = Wire(kiosk)
    touch(service(kiosk))
    touch(take(kiosk))
    button = kiosk.locator(".kiosk-take")
    expect(button).to_have_text("One moment…")
    for _ in range(3):
        calm(kiosk)
        button.tap(force=True)  # whether or not it looks as if it could be pressed
    [request] = held
    request.continue_()
    expect(kiosk.locator(".ticket-number")).to_be_visible()
    shows(kiosk.locator(".ticket-number"), only_ticket(hall))
    assert len(wire.keys) == 1


@pytest.mark.parametrize("answer_lost", [False, True], ids=["request-lost", "answer-lost"])
def test_a_blink_of_the_network_is_tried_again_with_the_same_key(
    kiosk: Page, hall: Hall, answer_lost: bool
) -> None:
    def blink(route: Route) -> None:
        if answer_lost:
            route.fetch()
        route.abort("connectionreset")

    kiosk.route(TICKETS, blink, times=1)
    wire = Wire(kiosk)
    touch(service(kiosk))
    touch(take(kiosk))
    expect(kiosk.locator(".ticket-number")).to_be_visible(timeout=RETRY_SECONDS_MAX * 1000)
    shows(kiosk.locator(".ticket-number"), only_ticket(hall))
    assert len(wire.keys) == 2
    assert len(set(wire.keys)) == 1


def test_who_is_told_sorry_and_tries_again_gets_the_ticket_that_was_made(kiosk: Page, hall: Hall) -> None:
    def break_answer(route: Route) -> None:
        route.fetch()
        route.fulfill(status=500, body="lost on the way")

    kiosk.route(TICKETS, break_answer, times=1)
    touch(service(kiosk))
    touch(take(kiosk))
    expect(kiosk.get_by_text("We could not give you a ticket")).to_be_visible()
    touch(kiosk.get_by_role("button", name="Try again"))
    touch(take(kiosk))
    expect(kiosk.locator(".ticket-number")).to_be_visible()
    shows(kiosk.locator(".ticket-number"), only_ticket(hall))


def test_the_next_visitor_gets_a_ticket_of_their_own(kiosk: Page, hall: Hall) -> None:
    for number in ("A1", "A2"):
        touch(service(kiosk))
        touch(take(kiosk))
        shows(kiosk.locator(".ticket-number"), number)
        touch(kiosk.get_by_role("button", name="Done"))
    assert len(hall.journal("ticket-issued")) == 2


def test_one_ticket_can_be_for_two_services(kiosk: Page, hall: Hall) -> None:
    touch(service(kiosk))
    touch(kiosk.get_by_role("button", name="Add another service"))
    expect(service(kiosk)).to_have_count(0)
    touch(service(kiosk, "Collecting"))
    touch(take(kiosk))
    expect(kiosk.locator(".ticket-service")).to_have_text("Passport · Collecting documents")
    [issued] = hall.journal("ticket-issued")
    assert issued["services"] == ["passport", "pickup"]


def test_each_visitor_finds_the_kiosk_as_it_was(kiosk: Page) -> None:
    """Language and switches are forgotten with the visitor, whom a countdown asks before."""
    kiosk.clock.install()
    touch(kiosk.get_by_role("button", name="Українська"))
    touch(kiosk.get_by_role("button", name="Більший текст"))
    root = kiosk.locator("html")
    expect(root).to_have_attribute("lang", "uk")
    expect(root).to_have_attribute("data-text", "large")
    kiosk.clock.run_for(46_000)
    expect(kiosk.get_by_role("alertdialog")).to_be_visible()
    kiosk.get_by_role("alertdialog").tap()
    expect(kiosk.get_by_role("alertdialog")).to_have_count(0)
    expect(root).to_have_attribute("data-text", "large")
    kiosk.clock.run_for(66_000)
    expect(root).to_have_attribute("data-text", "usual")
    expect(root).to_have_attribute("lang", "en")


def test_a_hall_that_is_full_says_so(kiosk: Page, hall: Hall) -> None:
    refusal: dict[str, Any] = {"type": "about:blank", "title": "full", "status": 409, "code": "hall-full"}
    kiosk.route(TICKETS, lambda route: route.fulfill(status=409, json=refusal), times=1)
    touch(service(kiosk))
    touch(take(kiosk))
    expect(kiosk.get_by_role("heading")).to_have_text("The hall is full now")
    assert not hall.journal("ticket-issued")
