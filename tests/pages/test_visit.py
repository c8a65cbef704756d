"""One visit through the real pages: from two touches at the kiosk to the number on the screen, and out again.

Kiosk, console and screen are three browsers that know nothing of each other; the server is a process that is
killed in between. Times are read on the pages themselves: when the key went down, when the number was drawn.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.pages.devices import Devices, press, shows, touch, until
from tests.pages.halls import Hall

SHOWN_SECONDS_MAX = 1.0

WATCH_KEY = """() => addEventListener("keydown", () => {
  window.pressedAt = performance.timeOrigin + performance.now();
}, { capture: true, once: true })"""

WATCH_NUMBER = """(number) => {
  const look = () => {
    const hero = document.querySelector(".hero-number");
    if (window.stoodAt || !hero || hero.textContent.replace(/\\s/g, "") !== number) return;
    window.stoodAt = Infinity;
    requestAnimationFrame(() => (window.stoodAt = performance.timeOrigin + performance.now()));
  };
  window.stoodAt = undefined;
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
}"""


class Room:
    """The three pages of a small hall."""

    def __init__(self, devices: Devices, hall: Hall) -> None:
        self.hall = hall
        self.kiosk = devices.panel(hall.kiosk(lang="en"))
        self.console = devices.open(hall.console("w-1", lang="en"))
        self.screen = devices.open(hall.screen(lang="en"))
        expect(self.console.get_by_role("button", name="Call next")).to_be_visible()
        expect(self.screen.locator(".board")).to_contain_text("Waiting now")

    def take_ticket(self) -> str:
        """Two touches; the number on the panel."""
        touch(self.kiosk.locator(".choice", has_text="Passport"))
        touch(self.kiosk.get_by_role("button", name="Take a ticket"))
        told = self.kiosk.locator(".ticket-number").inner_text()
        touch(self.kiosk.get_by_role("button", name="Done"))
        return re.sub(r"\s", "", told)

    def call(self) -> float:
        """F2; seconds from the key to the drawn number."""
        waiting = next(one["number"] for one in self.hall.now()["tickets"] if one["state"] == "waiting")
        self.console.evaluate(WATCH_KEY)
        self.screen.evaluate(WATCH_NUMBER, waiting)
        press(self.console, "F2")
        shows(self.screen.locator(".hero-number").first, waiting)
        until(self.screen, "drawn", lambda: self.screen.evaluate("() => isFinite(window.stoodAt)"))
        stood = self.screen.evaluate("() => window.stoodAt")
        pressed = self.console.evaluate("() => window.pressedAt")
        return float(stood - pressed) / 1000

    def announced(self) -> list[dict[str, Any]]:
        """The announcements that were spoken to their end."""
        log = self.screen.evaluate("() => window.viknoAnnouncements")
        return [entry for entry in log if entry["endedAt"]]

    def line_on(self, page: Page, waiting: int) -> bool:
        """Whether a page shows so many people in the line of the passports."""
        where = {
            self.kiosk: self.kiosk.locator(".choice", has_text="Passport").locator(".choice-line"),
            self.console: self.console.locator(".side-line li", has_text="Passport").locator(".line-count"),
            self.screen: self.screen.locator(".service", has_text="Passport").locator(".service-people"),
        }[page]
        words = where.first.text_content() or ""
        return bool(re.search(rf"\b{waiting}\b", words))


def test_a_ticket_of_the_kiosk_called_on_the_console_stands_on_the_screen_within_a_second(
    devices: Devices, hall: Hall
) -> None:
    hall.open("w-1")
    room = Room(devices, hall)
    number = room.take_ticket()
    assert room.call() < SHOWN_SECONDS_MAX
    shows(room.console.locator(".visitor-number"), number)
    until(room.screen, "announced", lambda: len(room.announced()) == 1)
    [spoken] = room.announced()
    assert (spoken["number"], spoken["label"]) == (number, "1")
    assert spoken["languages"][0] == "uk", "the hall's own language comes first"
    assert spoken["languages"][-1] == "en", "the visitor's comes last"
    press(room.console, "F7")
    expect(room.console.get_by_text("being served")).to_be_visible()
    press(room.console, "F8")
    expect(room.console.get_by_text("Ready for the next visitor")).to_be_visible()
    [ticket] = hall.journal("service-finished")
    assert hall.window()["served"] == 1
    assert ticket


@pytest.mark.parametrize("stop", ["kill", "terminate"])
def test_a_server_that_was_gone_for_a_moment_has_lost_nobody_and_all_pages_come_back(
    devices: Devices, hall: Hall, stop: str
) -> None:
    hall.open("w-1")
    room = Room(devices, hall)
    number = room.take_ticket()
    end: Callable[[], int] = getattr(hall.server, stop)
    end()
    hall.server.start()
    # Only a page that listens again can know of a second visitor.
    hall.take()
    for page in (room.kiosk, room.console, room.screen):
        until(page, f"{page.url} is back", partial(room.line_on, page, 2), seconds=30)
    assert hall.now()["tickets"][0]["number"] == number
    assert room.call() < SHOWN_SECONDS_MAX
    shows(room.console.locator(".visitor-number"), number)
    room.take_ticket()
    assert [ticket["number"] for ticket in hall.now()["tickets"]] == ["A1", "A2", "A3"]
