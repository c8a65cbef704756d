"""The people of a running server: accounts with the roles of a test, their links, and their browsers."""

from __future__ import annotations

import secrets
from typing import Any

import httpx
from playwright.sync_api import Page

from tests.api.running import Server
from tests.pages.devices import Devices
from vikno.api.access import ANY_HALL, Grant, Role
from vikno.api.people.registry import People
from vikno.api.people.sessions import COOKIE
from vikno.api.trail import COMMAND_LINE
from vikno.queue.journal.database import open_database, sqlite_url

PASSWORD = "lilac otter kettle"


class Staff:
    """Who signs in at a server."""

    def __init__(self, server: Server) -> None:
        self.url = server.url
        self._people = People(open_database(sqlite_url(server.data)))

    def invite(self, role: Role, hall: str = ANY_HALL, *, shown: str = "") -> tuple[str, str]:
        """Somebody new: their name, and the link by which they choose a password."""
        name = f"person-{secrets.token_hex(4)}"
        account = self._people.accounts.add(name, shown or name, "en", [Grant(role, hall)], who=COMMAND_LINE)
        return name, f"{self.url}sign-in#key={self._people.keys.make(account.id, who=COMMAND_LINE)}"

    def person(self, role: Role, hall: str = ANY_HALL, *, shown: str = "") -> Person:
        """Somebody who has chosen their password."""
        name, link = self.invite(role, hall, shown=shown)
        with httpx.Client(base_url=f"{self.url}api/v1") as browser:
            key = link.partition("#key=")[2]
            answer = browser.post("/session/key", json={"key": key, "password": PASSWORD})
            assert answer.is_success, answer.text
        return Person(self.url, name, answer.cookies[COOKIE])

    def names(self) -> list[str]:
        """By which people sign in."""
        return [account.name for account in self._people.accounts.all()]

    def connect(self, name: str, hall: str) -> None:
        """A screen is paired."""
        pairing = self._people.devices.ask(Role.SCREEN)
        self._people.devices.let_in(pairing.user_code, hall, name, who=COMMAND_LINE)

    def disconnect(self, name: str) -> None:
        """A device is revoked."""
        [device] = [one for one in self._people.devices.all(frozenset({ANY_HALL})) if one.name == name]
        self._people.devices.revoke(device.id, who=COMMAND_LINE)

    def trail(self, kind: str) -> list[dict[str, Any]]:
        """What the trail says of such a deed, the newest first."""
        found = self._people.trail.entries(frozenset({ANY_HALL}))
        return [entry.detail | {"who": entry.who} for entry in found if entry.kind == kind]


class Person:
    """Somebody with a session."""

    def __init__(self, url: str, name: str, cookie: str) -> None:
        self.name = name
        self._url = url
        self._cookie = cookie

    def cookie(self) -> Any:
        """As a browser keeps it."""
        return {
            "name": COOKIE,
            "value": self._cookie,
            "url": self._url.replace("http:", "https:"),
            "httpOnly": True,
            "secure": True,
            "sameSite": "Strict",
        }

    def at(self, devices: Devices, path: str, **options: Any) -> Page:
        """A page in their browser, in which they have signed in already."""
        page = devices.open("about:blank", **options)
        page.context.add_cookies([self.cookie()])
        page.goto(f"{self._url}{path}")
        return page

    def frame(self, path: str) -> str:
        """What the server sends them, before any script has run."""
        headers = {"Cookie": f"{COOKIE}={self._cookie}"}
        return httpx.get(f"{self._url}{path}", headers=headers, timeout=30).text
