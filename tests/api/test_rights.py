"""Nobody acts where they may not: every role at every route, in and out of its own hall, window and ticket.

The routes come from the application; what is right is written here by hand, from docs/api.md.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from tests.api.owning import NOON, HandClock, database
from tests.api.running import bearer, hall_text
from vikno.api import serve
from vikno.api.access import ANY_HALL, Grant, Role
from vikno.api.app import create_app
from vikno.api.doors import pages
from vikno.api.house import House
from vikno.queue.hallfile import parse_hall

API = "/api/v1"
HALLS = ("demo", "other")
ROLES = ("kiosk", "screen", "clerk", "manager", "admin", "admin of all", "visitor")

LOOKERS = {"clerk", "manager", "admin", "admin of all"}
MANAGERS = {"manager", "admin", "admin of all"}
TICKET = f"{API}/halls/{{hall}}/tickets/{{ticket}}"
WINDOW = f"{API}/halls/{{hall}}/windows/{{window}}"
SPEECH = f"{API}/halls/{{hall}}/speech"
STEPS = [
    *("open", "close", "pause", "undo", "call-next", "call", "recall"),
    *("start", "finish", "no-show", "park", "unpark", "transfer"),
]
MAY: dict[tuple[str, str], set[str]] = {
    ("GET", f"{API}/halls/{{hall}}/board"): set(ROLES),
    ("GET", f"{API}/halls/{{hall}}"): LOOKERS,
    ("POST", f"{API}/halls/{{hall}}/tickets"): {"kiosk", *MANAGERS},
    ("GET", TICKET): {"kiosk", "visitor", *LOOKERS},
    ("DELETE", TICKET): {"visitor", *MANAGERS},
    ("POST", f"{TICKET}/return"): {"visitor", *MANAGERS},
    ("POST", f"{TICKET}/more-time"): {"visitor", *MANAGERS},
    ("POST", f"{TICKET}/priority"): MANAGERS,
    **{("POST", f"{WINDOW}/{step}"): {"clerk", *MANAGERS} for step in STEPS},
    ("GET", f"{SPEECH}/chime.wav"): {"screen", *MANAGERS},
    ("GET", f"{SPEECH}/{{language}}/{{number}}/{{window}}.wav"): {"screen", *MANAGERS},
    ("GET", f"{API}/halls/{{hall}}/plan"): MANAGERS,
    ("POST", f"{API}/halls/{{hall}}/plan/changed"): MANAGERS,
    ("GET", f"{API}/halls/{{hall}}/calls"): MANAGERS,
    ("GET", f"{API}/halls/{{hall}}/calls.csv"): MANAGERS,
    ("GET", f"{API}/halls/{{hall}}/waits"): MANAGERS,
    ("GET", f"{API}/halls/{{hall}}/roster"): MANAGERS,
    ("POST", f"{API}/halls/{{hall}}/roster"): MANAGERS,
    **{
        ("POST", f"{API}/halls/{{hall}}/roster/{step}"): MANAGERS
        for step in ("problem", "check", "sheet", "restored")
    },
    ("GET", f"{API}/halls/{{hall}}/proposals"): MANAGERS,
    ("POST", f"{API}/halls/{{hall}}/proposals"): MANAGERS,
    **{
        ("POST", f"{API}/halls/{{hall}}/proposals/{{proposal}}/{step}"): MANAGERS
        for step in ("accept", "decline", "take-back")
    },
}
BODIES: dict[str, Any] = {
    "tickets": {"services": ["passport"]},
    "priority": {"priority": 1},
    "call": {"ticket": "nobody"},
    "unpark": {"ticket": "nobody"},
    "transfer": {"service": "pickup"},
    "changed": {"changes": []},
    "roster": {"version": 0, "changes": []},
    "check": {"version": 0, "changes": []},
    "problem": {"version": 0},
    "restored": {"version": 0, "restore": 1},
    "sheet": {"title": "Day", "columns": ["Time"], "rows": [["08:00"]]},
}


def routes(app: FastAPI) -> Iterator[APIRoute]:
    """Every route of the application but the pages, however deep it was included."""
    waiting = list(app.routes)
    while waiting:
        route = waiting.pop()
        if isinstance(route, APIRoute) and route not in pages.router.routes:
            yield route
        waiting += getattr(getattr(route, "original_router", None), "routes", ())


class Place:
    """A server with two halls, a token for each role, and a ticket in each hall."""

    def __init__(self, folder: Path) -> None:
        plans = [parse_hall(hall_text(hall, time_zone="UTC")) for hall in HALLS]
        self.house = serve.build_house(plans, database(folder), clock=lambda _plan: HandClock(NOON))
        self.app = create_app(self.house)
        self.tokens: dict[str, str] = {}
        self.tickets: dict[str, str] = {}
        transport = httpx.ASGITransport(self.app)
        self.http = httpx.AsyncClient(transport=transport, base_url="http://vikno.test")

    async def open(self) -> None:
        """Give out tokens and tickets."""
        await self.house.start()
        issue = self.house.people.tokens.issue
        for role in (Role.KIOSK, Role.SCREEN, Role.MANAGER, Role.ADMIN):
            self.tokens[role.value] = issue(Grant(role, "demo"))
        self.tokens["clerk"] = issue(Grant(Role.CLERK, "demo", "w-1"))
        self.tokens["admin of all"] = issue(Grant(Role.ADMIN, ANY_HALL))
        everywhere = bearer(self.tokens["admin of all"])
        for name, hall in (("own", "demo"), ("another", "demo"), ("elsewhere", "other")):
            new = {"services": ["passport"]}
            made = await self.http.post(f"{API}/halls/{hall}/tickets", json=new, headers=everywhere)
            self.tickets[name] = made.json()["ticket"]["id"]
        self.tokens["visitor"] = self.tickets["own"]

    def seqs(self) -> list[int]:
        """How much has happened in each hall."""
        return [room.owner.hall.seq for room in self.house.rooms.values()]

    async def ask(self, method: str, path: str, headers: dict[str, str]) -> httpx.Response:
        """A request with a body the route takes."""
        body = BODIES.get(path.rsplit("/", 1)[1]) if method == "POST" else None
        return await self.http.request(method, path, json=body, headers=headers)


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    place = Place(tmp_path)
    await place.open()
    yield place
    await place.http.aclose()
    await place.house.stop()


def found(app: FastAPI) -> list[tuple[str, str]]:
    """Method and path of every route below the API's root."""
    return [
        (method, route.path if route.path.startswith(API) else API + route.path)
        for route in routes(app)
        for method in route.methods or ()
    ]


def cases(template: str, place: Place) -> Iterator[tuple[str, bool, bool, bool]]:
    """A path of the route, and whether it is in the token's own hall, at its window, about its ticket."""
    for hall in HALLS:
        for window in ("w-1", "w-2") if "{window}" in template else ("",):
            for ticket in place.tickets if "{ticket}" in template else ("",):
                path = template.format(
                    hall=hall,
                    window=window,
                    ticket=place.tickets.get(ticket),
                    language="en",
                    number="A1",
                    proposal="1",
                )
                yield path, hall == "demo", window in {"", "w-1"}, ticket in {"", "own"}


def right(role: str, rule: set[str], template: str, *, own_hall: bool, window: bool, ticket: bool) -> bool:
    """Whether docs/api.md lets this role do it."""
    if role not in rule or not (own_hall or role == "admin of all"):
        return False
    if role == "clerk" and "/windows/" in template:
        return window
    return ticket if role == "visitor" else True


def test_the_table_of_rights_holds_every_route_and_no_other(place: Place) -> None:
    assert sorted(found(place.app)) == sorted(MAY)


def test_every_route_is_guarded(place: Place) -> None:
    for route in routes(place.app):
        guards = [guard.call.__qualname__ for guard in route.dependant.dependencies if guard.call]
        assert guards == ["allowed.<locals>.let_in"], route.path


@pytest.mark.parametrize("role", ROLES)
async def test_each_role_may_do_what_the_documentation_says_and_nothing_else(place: Place, role: str) -> None:
    headers = bearer(place.tokens[role])
    wrong = []
    for (method, template), rule in MAY.items():
        for path, own_hall, window, ticket in cases(template, place):
            may = right(role, rule, template, own_hall=own_hall, window=window, ticket=ticket)
            before = place.seqs()
            answer = await place.ask(method, path, headers)
            if may is (answer.status_code in {401, 403}):
                wrong.append((method, path, may, answer.status_code))
            elif not may:
                assert answer.json()["code"] in {"not-allowed", "not-signed-in"}
                assert place.seqs() == before
    assert not wrong


@pytest.mark.parametrize(
    "header",
    ["", "Bearer ", "Bearer nonsense", "Basic YTpi", "nonsense", f"Bearer {'x' * 9_000}", "Bearer a b"],
)
async def test_without_a_valid_token_nothing_is_open(place: Place, header: str) -> None:
    for method, template in MAY:
        for path, *_ in cases(template, place):
            answer = await place.ask(method, path, {"Authorization": header} if header else {})
            assert answer.status_code == 401
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            assert answer.json()["code"] == "not-signed-in"


async def test_a_token_stays_with_whom_it_was_given_to_after_the_process_has_forgotten_it(
    place: Place, tmp_path: Path
) -> None:
    again = House(place.house.rooms, database(tmp_path))
    for role in (Role.KIOSK, Role.CLERK, Role.MANAGER):
        seen = await again.principal(f"bearer {place.tokens[role]}", "demo")
        assert [(grant.role, grant.hall) for grant in seen.grants] == [(role, "demo")]


async def test_a_page_holds_no_token_unless_it_is_lent_one(place: Place) -> None:
    lending = create_app(place.house, lends_tokens=True)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(lending), base_url="http://vikno.test"
    ) as lent:
        for path in (
            "/kiosk/demo",
            "/console/demo/w-1",
            "/screen/demo",
            "/overview/demo",
            "/audit/demo",
            "/whatif/demo",
            "/roster/demo",
        ):
            for http, holders in ((place.http, 0), (lent, 1)):
                page = await http.get(path)
                assert page.is_success
                words = set(re.findall(r"[\w-]{43}", page.text))
                assert sum(place.house.people.gate.known(word) is not None for word in words) == holders
