"""The overview: one look tells whether somebody waits too long, and where."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.api.running import Server
from tests.pages.devices import Devices, shows
from tests.pages.halls import Hall

STATES = {"w-1": "serving", "w-2": "called", "w-3": "paused", "w-4": "closed"}


@pytest.fixture
def overview(devices: Devices, hall: Hall) -> Page:
    """The overview of a hall in which something of everything happens."""
    hall.open("w-1", "w-2", "w-3")
    for services in (["passport"], ["pickup"], ["residence"], ["passport"]):
        hall.take(*services)
    hall.at("w-1", "call-next")
    hall.at("w-1", "start")
    hall.at("w-2", "call-next")
    hall.at("w-3", "pause")
    page = devices.open(hall.overview(lang="en"))
    expect(page.get_by_role("heading", name="Service centre")).to_be_visible()
    return page


def test_every_window_says_its_state_in_words_and_shape(overview: Page) -> None:
    words = {"serving": "in service", "called": "called", "paused": "paused", "closed": "closed"}
    for number, state in enumerate(STATES.values()):
        tile = overview.locator(".tile").nth(number)
        expect(tile).to_have_class(re.compile(f"tile-{state}"))
        expect(tile).to_contain_text(words[state])
        expect(tile.locator("svg")).to_have_count(1)
    shows(overview.locator(".tile-number .number").nth(0), "A1")
    shows(overview.locator(".tile-number .number").nth(1), "K1")


def test_who_waits_over_the_target_is_marked_in_words(overview: Page) -> None:
    late = overview.locator(".person", has_text="B1")
    expect(late).to_have_class(re.compile("is-late"))
    expect(late).to_contain_text("over target")
    expect(overview.locator(".person", has_text="A2")).not_to_have_class(re.compile("is-late"))
    row = overview.get_by_role("row", name="Registration of residence")
    expect(row).to_contain_text("1 late")
    expect(overview.locator(".sentence")).to_contain_text("1 of them longer than the target")


def test_the_overview_is_alive_and_tells_why_each_call_was_made(overview: Page, hall: Hall) -> None:
    expect(overview.locator(".sentence")).to_contain_text("2 people are waiting.")
    hall.take()
    expect(overview.locator(".sentence")).to_contain_text("3 people are waiting.")
    hall.open("w-4")
    hall.at("w-4", "call-next")
    newest = overview.locator(".last-call").first
    shows(newest.locator(".last-number .number").first, "B1")
    expect(newest).to_contain_text("B1 first: has waited longest of all this window serves")
    overview.reload()
    expect(overview.locator(".last-call").first).to_contain_text(
        "B1 first: has waited longest of all this window serves"
    )
    hall.at("w-4", "start")
    hall.at("w-4", "finish")
    served = overview.locator(".figure").filter(has=overview.get_by_text("served", exact=True))
    expect(served).to_contain_text("1")


def test_who_was_overtaken_and_how_long_the_unlucky_waited_are_told(devices: Devices, hall: Hall) -> None:
    hall.open("w-1", "w-2")
    tickets = [hall.take("passport") for _ in range(4)]
    page = devices.open(hall.overview(lang="en"))
    most = page.locator(".figure").filter(has=page.get_by_text("most overtaken now", exact=True))
    expect(most).to_contain_text("–")
    hall.at("w-1", "call", ticket=tickets[1]["id"])
    expect(most).to_contain_text("A1 ×1")
    hall.at("w-2", "call", ticket=tickets[3]["id"])
    expect(most).to_contain_text("A1 ×2")
    place = page.locator("th", has_text="19 of 20 today").evaluate("cell => cell.cellIndex")
    for service, minutes in (("Passport", "0"), ("Collecting documents", "–")):
        row = page.get_by_role("row", name=service)
        expect(row.locator("th, td").nth(place)).to_have_text(minutes)
    hall.at("w-2", "undo")
    expect(most).to_contain_text("A1 ×1")
    page.reload()
    expect(most).to_contain_text("A1 ×1")


def test_the_spread_of_occupancy_is_told_and_outlives_a_restart(
    devices: Devices, hall: Hall, server: Server
) -> None:
    """One window serves nearly all the time, the other never: half of all time lies between them."""
    page = devices.open(hall.overview(lang="en"))
    spread = page.locator(".figure").filter(has=page.get_by_text("spread of occupancy, points", exact=True))
    expect(spread).to_contain_text("–")
    hall.take("passport")
    hall.open("w-1")
    hall.at("w-1", "call-next")
    hall.at("w-1", "start")
    hall.open("w-2")
    hall.at("w-1", "finish")
    expect(spread).to_contain_text(re.compile(r"[0-9]"))
    told = hall.now()["today"]["occupancy_spread"]
    server.kill()
    server.start()
    assert hall.now()["today"]["occupancy_spread"] == told


def test_the_language_changes_at_a_press(overview: Page) -> None:
    overview.get_by_role("button", name="Українська").click()
    expect(overview.get_by_role("heading", name="Центр послуг")).to_be_visible()
    expect(overview.locator("html")).to_have_attribute("lang", "uk")
    overview.get_by_role("button", name="English").click()
    expect(overview.get_by_role("heading", name="Service centre")).to_be_visible()


def test_dark_and_light_change_at_a_press_and_are_kept(overview: Page) -> None:
    ground = "() => getComputedStyle(document.documentElement).backgroundColor"
    overview.emulate_media(color_scheme="light")
    light = overview.evaluate(ground)
    overview.get_by_role("button", name="Dark or light").click()
    dark = overview.evaluate(ground)
    assert light != dark
    overview.reload()
    expect(overview.get_by_role("heading", name="Service centre")).to_be_visible()
    assert overview.evaluate(ground) == dark
    overview.emulate_media(media="print")
    assert overview.evaluate(ground) == "rgb(255, 255, 255)", "paper is white"


@pytest.mark.parametrize(
    ("language", "words", "unreliable"),
    [
        ("en", r"In \d+ of 10 visits today the call came when it was foreseen \(3\d visits\)", "cannot rely"),
        (
            "uk",
            r"у \d+ з 10 візитів виклик прийшов тоді, коли його очікували \(усього 3\d\)",
            "не можна покластися",
        ),
    ],
)
def test_how_true_the_told_waits_were_is_one_line_and_plain_where_they_were_not(
    devices: Devices, hall: Hall, language: str, words: str, unreliable: str
) -> None:
    hall.open("w-1")
    for _ in range(20):
        hall.take()
    hall.foreseen(minutes=50)
    hall.at("w-1", "call-next")
    page = devices.open(hall.overview(lang=language))
    expect(page.locator(".tile")).to_have_count(4)
    expect(page.locator(".told")).to_have_count(0)
    tickets = [hall.take() for _ in range(30)]
    assert all(ticket["wait"]["low"] > 0 for ticket in tickets), "twenty are before them"
    hall.at("w-1", "no-show")
    for ticket in tickets:
        hall.at("w-1", "call", ticket=ticket["id"])
        hall.at("w-1", "no-show")
    expect(page.locator(".told")).to_contain_text(re.compile(words))
    expect(page.locator(".told")).to_contain_text(unreliable)
