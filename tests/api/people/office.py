"""A server of two halls in the test's own process, the people who work there, and their browsers."""

from __future__ import annotations

import re
from typing import Any

import httpx

from tests.api.owning import NOON, HandClock
from tests.api.running import hall_text
from vikno.api import serve
from vikno.api.access import ANY_HALL, Grant, Role
from vikno.api.app import create_app
from vikno.api.people.accounts import Account
from vikno.api.people.passwords import Cost
from vikno.api.people.registry import People
from vikno.queue.hallfile import parse_hall
from vikno.queue.journal.database import open_database

URL = "https://vikno.test"
QUICK = Cost(time=1, memory_kib=64, lanes=1)
"""Of a password that nobody wants to steal."""

HALLS = ("demo", "other")
PASSWORD = "lilac otter kettle"
BOSS = "boss"


class Office:
    """The server on a new database; its people live by a clock in the hand."""

    def __init__(self, database_url: str, cost: Cost = QUICK) -> None:
        self.clock = HandClock()
        self.engine = open_database(database_url)
        plans = [parse_hall(hall_text(hall, time_zone="UTC")) for hall in HALLS]
        self.house = serve.build_house(plans, self.engine, clock=lambda _plan: HandClock(NOON))
        self.people = self.house.people = People(self.engine, self.clock.now, cost)
        self.app = create_app(self.house)
        self._browsers: list[httpx.AsyncClient] = []

    async def open(self) -> None:
        """Start, with an administrator of everything."""
        await self.house.start()
        key = self.people.keys.first()
        assert key is not None
        await self.people.entry.use_key(key, BOSS, PASSWORD)

    async def close(self) -> None:
        """Stop."""
        for browser in self._browsers:
            await browser.aclose()
        await self.house.stop()
        self.engine.dispose()

    def browser(self, **headers: str) -> Browser:
        """Nobody is signed in yet; it says where its pages are from, as browsers do, or these headers."""
        browser = Browser(self, headers or {"Origin": URL})
        self._browsers.append(browser)
        return browser

    def account(self, name: str, *grants: Grant) -> Account:
        """Somebody new, without a password."""
        return self.people.accounts.add(name, name.title(), "", grants, who="test")

    async def person(self, name: str, role: Role, hall: str = "demo") -> Browser:
        """Somebody new, signed in."""
        account = self.account(name, Grant(role, hall))
        await self.people.entry.use_key(self.people.keys.make(account.id, who="test"), "", PASSWORD)
        return await self.browser().signed_in(name)

    async def boss(self) -> Browser:
        """The administrator, signed in."""
        return await self.browser().signed_in(BOSS)

    def trail(self) -> list[tuple[str, str]]:
        """Who did what, the newest first."""
        return [(entry.who, entry.kind) for entry in self.people.trail.entries(frozenset({ANY_HALL}))]


class Browser(httpx.AsyncClient):
    """Somebody's browser, with a cookie jar of its own."""

    def __init__(self, office: Office, headers: dict[str, str]) -> None:
        super().__init__(transport=httpx.ASGITransport(office.app), base_url=f"{URL}/api/v1", headers=headers)

    async def signed_in(self, name: str, password: str = PASSWORD) -> Browser:
        """Itself, once they are."""
        answer = await self.sign_in(name, password)
        assert answer.is_success, answer.text
        return self

    async def sign_in(self, name: str, password: str = PASSWORD) -> httpx.Response:
        return await self.post("/session", json={"name": name, "password": password})

    async def who(self) -> dict[str, Any] | None:
        """Whose session it has."""
        answer = await self.get("/session")
        return answer.json()["account"] if answer.is_success else None


def key_of(link: str) -> str:
    """What a one-time link carries."""
    found = re.fullmatch(rf"{URL}/sign-in#key=([\w-]+)", link)
    assert found is not None, link
    return found[1]


def code(answer: httpx.Response) -> str:
    """What was wrong, for programs."""
    return str(answer.json()["code"])
