"""What holds for every page (test_every_page.py) holds for those where people sign in, in four languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.running import Server
from tests.pages.devices import Devices, Wire
from tests.pages.staff import Person, Staff
from tests.pages.wholeness import LATIN, WIDER, check_whole, strangers
from vikno.api.access import Role
from vikno.display import catalog

HALL = "hall-1"
HALL_LANGUAGES = ("uk", "en")
UNPROCESSABLE = "422"
"""The page of a one-time link asks what kind of link it is, and is told what is missing."""


class Scene(NamedTuple):
    """Who opens which page, and what they do there."""

    who: Role | None
    path: str
    play: Callable[[Page], None]


def ready(selector: str) -> Callable[[Page], None]:
    return lambda page: expect(page.locator(selector).first).to_be_visible()


def opened(selector: str, then: str) -> Callable[[Page], None]:
    """Press it, and something opens."""

    def play(page: Page) -> None:
        page.locator(selector).first.click()
        ready(then)(page)

    return play


def people(page: Page) -> None:
    """One account is made, another is changed."""
    page.locator("tbody .button").first.click()
    ready(".question-box")(page)
    page.locator(".page > p .button").click()
    ready("form fieldset")(page)


def handed_over(page: Page) -> None:
    page.locator(".page > p .button").click()
    page.locator("#field-display_name").fill("Å.")
    page.locator("#field-name").fill("somebody")
    page.locator("form .button-main").click()
    ready(".handover img")(page)


SCENES = {
    "sign-in": Scene(None, "sign-in?refused=provider&next=/trail", ready("[role=alert]")),
    "link": Scene(None, "link", ready("form")),
    "account": Scene(Role.CLERK, "sign-in", opened("details summary", "form")),
    "front-page": Scene(Role.ADMIN, "", ready(".doors")),
    "windows": Scene(Role.CLERK, "", ready(".station")),
    "not-open": Scene(Role.CLERK, f"overview/{HALL}", opened(".who summary", ".who-menu")),
    "take-window": Scene(Role.CLERK, f"console/{HALL}/w-1", ready(".button-main")),
    "pairing": Scene(None, "pair/screen", ready(".pair-qr img")),
    "devices": Scene(Role.ADMIN, "devices", opened("tbody .button", ".question-box")),
    "people": Scene(Role.ADMIN, "people", people),
    "handed-over": Scene(Role.ADMIN, "people", handed_over),
    "trail": Scene(Role.AUDITOR, "trail", ready(".trail-entry")),
}
OF_A_HALL = {"not-open", "take-window", "pairing"}
"""They name services and windows, in the languages of the hall only."""

SETTLED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
CHOOSE = "async (language) => (await import('/static/js/language.js')).chooseLanguage(language)"


@pytest.fixture(scope="module")
def staff(server: Server) -> Staff:
    """The people of the server, who have connected two screens and disconnected one."""
    staff = Staff(server)
    for number in (1, 2):
        staff.connect(f"№ {number}", HALL)
    staff.disconnect("№ 1")
    return staff


@pytest.fixture(scope="module")
def signed_in(staff: Staff) -> dict[Role, Person]:
    """One of each, for all scenes."""
    clerk = staff.person(Role.CLERK, HALL)
    return {Role.CLERK: clerk, Role.ADMIN: staff.person(Role.ADMIN), Role.AUDITOR: staff.person(Role.AUDITOR)}


@pytest.mark.parametrize("name", SCENES)
def test_the_page_is_whole_in_every_language(
    browser: Browser, staff: Staff, signed_in: dict[Role, Person], name: str
) -> None:
    scene = SCENES[name]
    devices = Devices(browser)
    page = devices.open("about:blank")
    if scene.who:
        page.context.add_cookies([signed_in[scene.who].cookie()])
    wire = Wire(page)
    path, key = scene.path, ""
    if name == "link":
        _, link = staff.invite(Role.CLERK, HALL)
        path, _, key = link.removeprefix(staff.url).partition("#")
    page.goto(f"{staff.url}{path}{'&' if '?' in path else '?'}lang=en#{key}")
    scene.play(page)
    check_whole(page)
    names = frozenset(re.findall(LATIN, " ".join(staff.names())))
    for language in HALL_LANGUAGES if name in OF_A_HALL else catalog.languages():
        page.evaluate(CHOOSE, language)
        page.evaluate(SETTLED)
        assert not strangers(page, language, known=names)
        assert page.evaluate(WIDER) <= 0, language
    assert not [trouble for trouble in wire.troubles if UNPROCESSABLE not in trouble]
    devices.close()
