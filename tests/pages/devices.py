"""The devices of a hall: each page in a browser of its own, with the eyes and hands of whoever uses it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    Response,
    expect,
)

from tests.api.running import Deadline

WALL: Any = {"width": 1920, "height": 1080}
UPRIGHT: Any = {"width": 1080, "height": 1920}
POCKET: Any = {"width": 390, "height": 844}
PATIENCE_SECONDS = 20.0
LOOK_MS = 25
CALM_MS = 600
"""A person's two touches are further apart than a trembling hand's, which the kiosk swallows."""

NOWHERE = "**/nowhere"
REMEMBER_TOUCH = """addEventListener("click", () => (window.lastTouch = performance.now()), true)"""


class Devices:
    """Opens pages; closes them all, and asks whether any of their scripts failed."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self._failures: list[str] = []

    def open(self, address: str, *, script: str = "", tampered: bool = False, **options: Any) -> Page:
        """A page on a device of its own; `script` runs before those of the page.

        `tampered`: the test will stand between page and server. Chromium must know before the page is
        opened: what is first intercepted later may miss a request.
        """
        context = self._browser.new_context(**({"viewport": WALL} | options))
        context.set_default_timeout(PATIENCE_SECONDS * 1000)
        self._contexts.append(context)
        if script:
            context.add_init_script(script)
        if tampered:
            context.route(NOWHERE, lambda route: route.abort())
        page = context.new_page()
        page.on("pageerror", lambda error: self._failures.append(f"{page.url}: {error}"))
        page.goto(address)
        return page

    def panel(self, address: str, *, tampered: bool = False) -> Page:
        """A page on a panel that is touched."""
        return self.open(address, has_touch=True, script=REMEMBER_TOUCH, tampered=tampered)

    def close(self) -> None:
        for context in self._contexts:
            context.close()
        assert not self._failures, self._failures


class Wire:
    """What a page sends and what goes wrong, from the moment this listens."""

    def __init__(self, page: Page) -> None:
        self.addresses: list[str] = []
        self.keys: list[str] = []
        self.troubles: list[str] = []
        page.on("console", self._heard)
        page.on("request", self._sent)
        page.on("websocket", lambda socket: self.addresses.append(socket.url))
        page.on("requestfailed", lambda request: self.troubles.append(f"{request.url}: {request.failure}"))
        page.on("response", self._answered)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.troubles.append(message.text)

    def _answered(self, answer: Response) -> None:
        if not answer.ok:
            self.troubles.append(f"{answer.url}: {answer.status}")

    def _sent(self, request: Request) -> None:
        self.addresses.append(request.url)
        key = request.headers.get("idempotency-key")
        if key:
            self.keys.append(key)


def until(page: Page, what: str, true: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
    """Look again and again until it is so; the page lives on meanwhile."""
    deadline = Deadline(seconds)
    while not true():
        deadline.check(what)
        page.wait_for_timeout(LOOK_MS)


def number(value: str) -> re.Pattern[str]:
    """`A42` as pages show it: letter and figures may stand apart."""
    letter, figures = value[0], value[1:]
    return re.compile(rf"^\s*{letter}\s*{figures}\s*$")


def shows(where: Locator, value: str) -> None:
    """The number stands there."""
    expect(where).to_have_text(number(value))


def calm(page: Page) -> None:
    """Until the last touch is a while ago."""
    ago = "() => performance.now() - (window.lastTouch || -Infinity)"
    until(page, "a calm moment", lambda: page.evaluate(ago) > CALM_MS)


def touch(target: Locator) -> None:
    """A calm touch."""
    calm(target.page)
    target.tap()


def press(page: Page, *keys: str) -> None:
    """One key after another."""
    for key in keys:
        page.keyboard.press(key)
