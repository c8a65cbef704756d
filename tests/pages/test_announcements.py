"""The voice of the hall: calls are a line, first in, first out, and each is spoken whole.

What is heard is taken from the sound system itself: every sound that the page starts, how long it is, and
when it ended. What the page says of it, in `viknoAnnouncements`, must agree.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.pages.devices import Devices, shows, until
from tests.pages.halls import Hall

SHOWN_MS_MIN = 4000
SPOKEN_SECONDS_MAX = 60.0
ROUNDING_MS = 60.0
"""Sounds end on the boundary of an audio block, and two clocks are compared."""

LISTEN = """
  window.sounds = [];
  window.cuts = 0;
  const start = AudioBufferSourceNode.prototype.start;
  const stop = AudioBufferSourceNode.prototype.stop;
  AudioBufferSourceNode.prototype.start = function (...rest) {
    const sound = { from: Date.now(), ms: this.buffer.duration * 1000, to: null };
    window.sounds.push(sound);
    this.addEventListener("ended", () => (sound.to = Date.now()));
    return start.apply(this, rest);
  };
  AudioBufferSourceNode.prototype.stop = function (...rest) {
    window.cuts += 1;
    return stop.apply(this, rest);
  };
"""

FORBID_SOUND = """
  Object.defineProperty(AudioContext.prototype, "state", { get: () => "suspended" });
  AudioContext.prototype.resume = () => Promise.reject(new Error("not allowed"));
"""

WATCH_HERO = """() => {
  window.heroes = [];
  const look = () => {
    const hero = document.querySelector(".hero.is-new .hero-number");
    const number = hero ? hero.textContent.replace(/\\s/g, "") : null;
    const last = window.heroes[window.heroes.length - 1];
    if (!last || last.number !== number) window.heroes.push({ number, at: Date.now() });
  };
  look();
  new MutationObserver(look).observe(document, {
    subtree: true, childList: true, characterData: true, attributes: true,
  });
}"""


@pytest.fixture
def screen(devices: Devices, hall: Hall) -> Page:
    """A screen with its sound on."""
    hall.open("w-1", "w-2", "w-3", "w-4")
    page = devices.open(hall.screen(lang="en"), script=LISTEN, tampered=True)
    expect(page.locator(".waiting")).to_be_visible()
    expect(page.locator(".sound")).to_have_count(0)
    page.evaluate(WATCH_HERO)
    return page


def log(screen: Page) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = screen.evaluate("() => window.viknoAnnouncements")
    return entries


def spoken(screen: Page, times: int) -> list[dict[str, Any]]:
    """The announcements, once so many have been spoken and no other waits."""

    def done() -> bool:
        return len(log(screen)) >= times and all(entry["endedAt"] for entry in log(screen))

    until(screen, "all announcements", done, SPOKEN_SECONDS_MAX)
    return log(screen)


def check_heard(screen: Page, entries: list[dict[str, Any]]) -> None:
    """One sound after the other, each to its end, within the time of its announcement."""
    sounds = screen.evaluate("() => window.sounds")
    assert screen.evaluate("() => window.cuts") == 0
    for sound in sounds:
        assert sound["to"] - sound["from"] >= sound["ms"] - ROUNDING_MS
    for one, other in pairwise(sounds):
        assert other["from"] >= one["to"] - ROUNDING_MS
    for entry in entries:
        during = [one for one in sounds if entry["startedAt"] <= one["from"] < entry["endedAt"]]
        assert len(during) == 1 + len(entry["languages"]), "the chime, then every sentence"
        assert max(one["to"] for one in during) <= entry["endedAt"] + ROUNDING_MS


def test_three_calls_at_once_are_spoken_one_after_the_other_each_whole_and_none_that_was_taken_back(
    screen: Page, hall: Hall
) -> None:
    tickets = [hall.take(language=language) for language in ("uk", "en", "uk")]
    mistaken = hall.take("residence")
    for window in ("w-1", "w-2", "w-3"):
        hall.at(window, "call-next")
    hall.at("w-4", "call-next")
    hall.at("w-4", "undo")
    entries = spoken(screen, 3)
    assert [entry["number"] for entry in entries] == [ticket["number"] for ticket in tickets]
    assert [entry["window"] for entry in entries] == ["w-1", "w-2", "w-3"]
    for one, other in pairwise(entries):
        assert other["startedAt"] >= one["endedAt"]
    for entry in entries:
        assert entry["endedAt"] - entry["startedAt"] >= SHOWN_MS_MIN - ROUNDING_MS
        assert entry["languages"][0] == "uk"
    assert entries[1]["languages"][-1] == "en", "the visitor's own language, at any length of the line"
    check_heard(screen, entries)
    heroes = [one for one in screen.evaluate("() => window.heroes") if one["number"]]
    assert [one["number"] for one in heroes][:3] == [ticket["number"] for ticket in tickets]
    assert mistaken["number"] not in [one["number"] for one in heroes]
    for one, other in pairwise(heroes[:3]):
        assert other["at"] - one["at"] >= SHOWN_MS_MIN - ROUNDING_MS


def test_a_call_taken_back_in_its_turn_leaves_the_screen_at_once_and_silences_nobody(
    screen: Page, hall: Hall
) -> None:
    first, second = hall.take(), hall.take()
    hall.at("w-1", "call-next")
    shows(screen.locator(".hero-number").first, first["number"])
    hall.at("w-1", "undo")
    expect(screen.locator(".hero .number-letter")).to_have_count(0)
    hall.at("w-2", "call", ticket=second["id"])
    entries = spoken(screen, 2)
    assert [entry["number"] for entry in entries] == [first["number"], second["number"]]
    check_heard(screen, entries)


def test_a_screen_without_a_voice_still_shows_every_call_and_every_repetition(
    screen: Page, hall: Hall
) -> None:
    screen.route("**/speech/**", lambda route: route.abort())
    ticket = hall.take()
    hall.at("w-1", "call-next")
    shows(screen.locator(".hero-number").first, ticket["number"])
    hall.at("w-1", "recall")
    entries = spoken(screen, 2)
    assert [entry["number"] for entry in entries] == [ticket["number"]] * 2
    assert [entry["languages"] for entry in entries] == [[], []]
    expect(screen.locator(".hero")).to_contain_text("Ticket, called again")


def test_a_browser_that_forbids_sound_says_so(devices: Devices, hall: Hall) -> None:
    page = devices.open(hall.screen(lang="en"), script=FORBID_SOUND)
    expect(page.get_by_text("Touch once to turn the sound on")).to_be_visible()
