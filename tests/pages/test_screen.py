"""The hall screen: large enough for its room, alone for months, and honest when it has lost the server."""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.pages.devices import UPRIGHT, WALL, Devices, shows, until
from tests.pages.halls import Hall

STALE_SECONDS = 15.0
CAPITAL_MM_PER_METRE = 12.2
"""EN 301 549, 5.1.4: 0.7 degrees."""

CAPITAL_OF_FONT = 0.70
MM_PER_INCH = 25.4

FITS = """() => {
  const root = document.documentElement;
  const out = [...document.querySelectorAll(".board *")].filter((one) => {
    const { left, top, right, bottom } = one.getBoundingClientRect();
    const inside = left > -1 && top > -1 && right < innerWidth + 1 && bottom < innerHeight + 1;
    return !inside && !one.closest(".unseen");
  });
  return {
    wide: root.scrollWidth - root.clientWidth,
    high: root.scrollHeight - root.clientHeight,
    bars: innerWidth - root.clientWidth,
    out: out.map((one) => one.className),
  };
}"""

CAPITAL_PX = """(hero) => {
  const pen = document.createElement("canvas").getContext("2d");
  const { fontWeight, fontSize, fontFamily } = getComputedStyle(hero);
  pen.font = `${fontWeight} ${fontSize} ${fontFamily}`;
  return pen.measureText("H").actualBoundingBoxAscent;
}"""


def pixel_mm(screen: dict[str, int], diagonal: float) -> float:
    return diagonal * MM_PER_INCH / math.hypot(screen["width"], screen["height"])


def busy(hall: Hall) -> str:
    """Three at the windows, more waiting; the number called last."""
    hall.open("w-1", "w-2", "w-3")
    tickets = [hall.take() for _ in range(3)]
    hall.take("residence")
    hall.take("pickup")
    for window in ("w-1", "w-2", "w-3"):
        hall.at(window, "call-next")
    number: str = tickets[-1]["number"]
    return number


def font_px(page: Page) -> float:
    size: str = page.locator(".hero-number").first.evaluate("(hero) => getComputedStyle(hero).fontSize")
    return float(size.removesuffix("px"))


@pytest.mark.parametrize(("diagonal", "distance", "percent"), [(55, 8, 20), (55, 5, 13), (43, 5, 16)])
def test_the_number_is_as_large_as_the_farthest_seat_needs(
    devices: Devices, hall: Hall, diagonal: int, distance: int, percent: int
) -> None:
    busy(hall)
    page = devices.open(hall.screen(diagonal=str(diagonal), distance=str(distance)))
    expect(page.locator(".hero-number").first).to_be_visible()
    capital_mm = CAPITAL_MM_PER_METRE * distance
    needed = capital_mm / CAPITAL_OF_FONT / pixel_mm(WALL, diagonal)
    assert round(100 * needed / WALL["height"]) == percent, "the table of sizes"
    least = 0.20 * WALL["height"]
    assert font_px(page) == pytest.approx(max(needed, least), abs=1)
    page.evaluate("() => document.fonts.ready.then(() => true)")
    capital_px = page.locator(".hero-number").first.evaluate(CAPITAL_PX)
    assert capital_px * pixel_mm(WALL, diagonal) >= capital_mm


@pytest.mark.parametrize(
    "room", [{}, {"diagonal": "55", "distance": "8"}, {"diagonal": "43", "distance": "10"}]
)
def test_everything_stands_on_the_screen_lying_and_upright(
    devices: Devices, hall: Hall, room: dict[str, str]
) -> None:
    number = busy(hall)
    page = devices.open(hall.screen(**room))
    for viewport in (WALL, UPRIGHT):
        page.set_viewport_size(viewport)
        expect(page.locator(".board")).to_have_class(
            re.compile("portrait" if viewport is UPRIGHT else "landscape")
        )
        shows(page.locator(".hero-number").first, number)
        assert page.evaluate(FITS) == {"wide": 0, "high": 0, "bars": 0, "out": []}


def test_a_screen_shows_only_its_services(devices: Devices, hall: Hall) -> None:
    hall.open("w-1", "w-2")
    passport, pickup = hall.take(), hall.take("pickup")
    page = devices.open(hall.screen(services="pickup", lang="en"))
    expect(page.locator(".service")).to_have_text(re.compile("Collecting documents"))
    hall.at("w-1", "call", ticket=passport["id"])
    hall.at("w-2", "call", ticket=pickup["id"])
    shows(page.locator(".hero-number").first, pickup["number"])
    announced: list[dict[str, Any]] = page.evaluate("() => window.viknoAnnouncements")
    assert [one["number"] for one in announced] == [pickup["number"]]


def test_a_screen_that_lost_the_server_says_since_when_and_is_right_again_untouched(
    devices: Devices, hall: Hall
) -> None:
    number = busy(hall)
    page = devices.open(hall.screen(lang="en"))
    shows(page.locator(".hero-number").first, number)
    at = hall.clock()
    hall.server.terminate()
    gone = page.evaluate("() => performance.now()")
    notice = page.locator(".link-lost")
    expect(notice).to_have_text(re.compile(r"No connection since \d\d:\d\d$"))
    assert near(notice.inner_text()[-5:], at)
    # The numbers are still good for a while, then they are grey.
    board = page.locator(".board")
    assert "is-stale" not in (board.get_attribute("class") or "")
    expect(board).to_have_class(re.compile("is-stale"), timeout=(STALE_SECONDS + 5) * 1000)
    seconds = (page.evaluate("() => performance.now()") - gone) / 1000
    assert seconds > STALE_SECONDS - 6, "the last heartbeat is up to five seconds old"
    assert colour_of_hero(page) == colour(page, "--stale")
    shows(page.locator(".hero-number").first, number)
    hall.server.start()
    hall.at("w-1", "start")
    hall.at("w-1", "finish")
    hall.at("w-1", "call-next")
    [called] = [one["number"] for one in hall.now()["windows"] if one["id"] == "w-1"]
    expect(notice).to_have_count(0)
    shows(page.locator(".hero-number").first, called)
    assert colour_of_hero(page) != colour(page, "--stale")


def near(shown: str, at: datetime) -> bool:
    return shown in {f"{at - timedelta(minutes=1):%H:%M}", f"{at:%H:%M}"}


def colour_of_hero(page: Page) -> str:
    found: str = page.locator(".hero-number").first.evaluate("(hero) => getComputedStyle(hero).color")
    return found


def colour(page: Page, name: str) -> str:
    """A colour of the style sheet, as a browser writes it."""
    found: str = page.locator(".board").evaluate(
        """(board, name) => {
          const probe = board.appendChild(document.createElement("i"));
          probe.style.color = `var(${name})`;
          const found = getComputedStyle(probe).color;
          probe.remove();
          return found;
        }""",
        name,
    )
    return found


def test_a_visit_that_is_over_stays_readable_and_a_mistake_does_not(devices: Devices, hall: Hall) -> None:
    hall.open("w-1", "w-2")
    first, second = hall.take(), hall.take()
    page = devices.open(hall.screen())
    expect(page.locator(".waiting")).to_be_visible()
    hall.at("w-1", "call-next")
    hall.at("w-1", "start")
    hall.at("w-1", "finish")
    hall.at("w-2", "call-next")
    shows(page.locator(".hero-number").first, first["number"])
    shows(page.locator(".row-plate").first, second["number"])
    hall.at("w-2", "undo")
    expect(page.locator(".row-plate")).to_have_count(0)
    shows(page.locator(".hero-number").first, first["number"])
    assert hall.ticket(second)["state"] == "waiting"


def test_setting_a_screen_up_says_whether_the_room_fits(devices: Devices, hall: Hall) -> None:
    page = devices.open(hall.screen(lang="en"))
    page.get_by_role("button", name="Set up this screen").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Diagonal").fill("55")
    dialog.get_by_label("Farthest seat").fill("8")
    expect(dialog.get_by_role("status")).to_contain_text("It fits")
    dialog.get_by_label("Farthest seat").fill("30")
    expect(dialog.get_by_role("status")).to_contain_text("It does not fit")
    dialog.get_by_role("button", name="Done").click()
    expect(dialog).to_have_count(0)
    page.reload()
    page.get_by_role("button", name="Set up this screen").click()
    expect(page.get_by_label("Farthest seat")).to_have_value("30")


def test_a_screen_set_up_once_needs_no_address_again(devices: Devices, hall: Hall) -> None:
    page = devices.open(hall.screen(lang="en"))
    expect(page.locator(".waiting")).to_be_visible()
    page.reload()
    hall.take()
    until(page, "the line", lambda: "1" in (page.locator(".service-people").first.text_content() or ""))
