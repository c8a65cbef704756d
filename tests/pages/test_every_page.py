"""What holds for every page, in both languages, dark and light, on a wall and in a pocket.

No error, no lost request, nothing wider than its screen, nothing that WCAG 2.2 AA forbids as far as axe-core
can tell, and not a word of another language. The pages of those who sign in are in test_pages_of_people.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.rostering import nameless, upload
from tests.api.running import Server
from tests.pages.devices import REMEMBER_TOUCH, Devices, Wire, press, touch
from tests.pages.halls import Hall
from tests.pages.wholeness import check_whole, strangers
from vikno.api.people.tokens import Tokens


class Stage:
    """A hall in which something of everything is seen."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        hall.open("w-1", "w-2", "w-3", "w-4")
        self.mine, self.parked, self.called = hall.take(), hall.take("pickup"), hall.take()
        for services in (["passport"], ["residence"], ["residence", "passport"], ["pickup"]):
            hall.take(*services)
        self.waiting = hall.take("passport", "pickup")
        hall.at("w-1", "call", ticket=self.mine["id"])
        hall.at("w-1", "start")
        hall.at("w-3", "call", ticket=self.parked["id"])
        hall.at("w-3", "park")
        hall.at("w-3", "pause")
        hall.at("w-2", "call", ticket=self.called["id"])
        hall.at("w-2", "recall")
        hall.at("w-4", "close")
        self.gone = hall.take()
        hall.leave(self.gone)
        hall.bring_roster(upload(text=nameless()))


@pytest.fixture(scope="module")
def stage(server: Server, tokens: Tokens) -> Iterator[Stage]:
    """One for all, because nobody changes it."""
    hall = Hall(server, tokens, "hall-1")
    yield Stage(hall)
    hall.close()


def ready(selector: str) -> Callable[[Page], None]:
    return lambda page: expect(page.locator(selector).first).to_be_visible()


def kiosk_confirm(page: Page) -> None:
    touch(page.locator(".choice").first)
    ready(".kiosk-take")(page)


def kiosk_two_services(page: Page) -> None:
    kiosk_confirm(page)
    touch(page.locator(".kiosk-steps .touch").nth(1))
    touch(page.locator(".choice").first)
    ready(".kiosk-list")(page)


def kiosk_ticket(page: Page) -> None:
    kiosk_confirm(page)
    answer = {"ticket": TICKET}
    page.route("**/tickets", lambda route: route.fulfill(status=201, json=answer))
    page.route("**/qr.svg", lambda route: route.fulfill(body=QR, content_type="image/svg+xml"))
    touch(page.locator(".kiosk-take"))
    ready(".kiosk-ticket")(page)


def console_transfer(page: Page) -> None:
    ready(".visitor-number")(page)
    press(page, "F3")
    ready(".side-transfer")(page)


def console_line(page: Page) -> None:
    page.locator(".side-line button.line-row").first.click()
    ready(".line-numbers button")(page)


def screen_setup(page: Page) -> None:
    page.locator(".setup").click()
    ready("dialog.room")(page)


def audit_details(page: Page) -> None:
    ready(".calls details summary")(page)
    for summary in page.locator(".calls details summary").all():
        summary.click()


def whatif_editor(page: Page) -> None:
    page.locator(".post .tool").first.click()
    page.locator(".part details summary").first.click()
    ready(".post-editor")(page)


def whatif_result(page: Page) -> None:
    whatif_editor(page)
    page.locator(".post-editor .button-late").click()
    page.locator(".whole input").first.fill("10")
    page.locator(".run-button").click()
    ready(".take a")(page)
    for summary in page.locator(".result details summary").all():
        summary.click()


def roster_day(page: Page) -> None:
    """A broken rule, and what is missing as a table."""
    page.locator(".day-go select").select_option("0")
    page.locator(".bar").first.focus()
    press(page, "ArrowRight", "ArrowRight")
    ready(".rule-broken")(page)
    for summary in page.locator("details summary").all():
        summary.click()


def roster_month(page: Page) -> None:
    roster_day(page)
    page.locator(".view").nth(1).click()
    ready(".month-cell.is-broken")(page)


def roster_fairness(page: Page) -> None:
    page.locator(".view").nth(2).click()
    ready(".fair-bar")(page)


TICKET: dict[str, Any] = {
    "id": "0" * 32,
    "number": "A128",
    "services": ["passport", "residence"],
    "ahead": 21,
    "wait": {"low": 105, "high": 120},
    "issued": "2026-11-21T10:00:00.000+00:00",
}
QR = '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="200"><path d="M0 0h200v200H0z"/></svg>'

SCENES: dict[str, tuple[Callable[[Stage, str], str], Callable[[Page], None]]] = {
    "kiosk": (lambda stage, lang: stage.hall.kiosk(lang=lang), ready(".choice")),
    "kiosk-confirm": (lambda stage, lang: stage.hall.kiosk(lang=lang), kiosk_confirm),
    "kiosk-two-services": (lambda stage, lang: stage.hall.kiosk(lang=lang), kiosk_two_services),
    "kiosk-ticket": (lambda stage, lang: stage.hall.kiosk(lang=lang), kiosk_ticket),
    "console-serving": (lambda stage, lang: stage.hall.console("w-1", lang=lang), console_transfer),
    "console-called": (lambda stage, lang: stage.hall.console("w-2", lang=lang), ready(".visitor-why")),
    "console-paused": (lambda stage, lang: stage.hall.console("w-3", lang=lang), console_line),
    "screen": (lambda stage, lang: stage.hall.screen(lang=lang), ready(".hero-number")),
    "screen-setup": (lambda stage, lang: stage.hall.screen(lang=lang), screen_setup),
    "overview": (lambda stage, lang: stage.hall.overview(lang=lang), ready(".tile")),
    "audit": (lambda stage, lang: stage.hall.audit(lang=lang), audit_details),
    "whatif": (lambda stage, lang: stage.hall.whatif(lang=lang), whatif_editor),
    "whatif-result": (lambda stage, lang: stage.hall.whatif(lang=lang), whatif_result),
    "roster-day": (lambda stage, lang: stage.hall.roster(lang=lang), roster_day),
    "roster-month": (lambda stage, lang: stage.hall.roster(lang=lang), roster_month),
    "roster-fairness": (lambda stage, lang: stage.hall.roster(lang=lang), roster_fairness),
    "phone-waiting": (lambda stage, lang: stage.hall.phone(stage.waiting, lang=lang), ready("button")),
    "phone-called": (lambda stage, lang: stage.hall.phone(stage.called, lang=lang), ready("[role=alert]")),
    "phone-serving": (lambda stage, lang: stage.hall.phone(stage.mine, lang=lang), ready(".phone-fact")),
    "phone-parked": (lambda stage, lang: stage.hall.phone(stage.parked, lang=lang), ready("button")),
    "phone-left": (lambda stage, lang: stage.hall.phone(stage.gone, lang=lang), ready("button")),
}


@pytest.mark.parametrize("language", ["uk", "en"])
@pytest.mark.parametrize("scene", SCENES)
def test_the_page_is_whole(browser: Browser, stage: Stage, scene: str, language: str) -> None:
    address, play = SCENES[scene]
    devices = Devices(browser)
    page = devices.open("about:blank", script=REMEMBER_TOUCH, has_touch=True, tampered=True)
    wire = Wire(page)
    page.goto(address(stage, language))
    play(page)
    check_whole(page)
    assert not strangers(page, language)
    assert not wire.troubles
    devices.close()
