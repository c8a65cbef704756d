"""Nobody acts where they may not: every role at every route, in and out of its own hall, window and ticket.

The routes come from the application; what is right comes from docs/api.md, which is written by hand.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from tests.api import rights
from tests.api.owning import NOON, HandClock, database
from tests.api.rights import Call
from tests.api.running import bearer, hall_text
from vikno.api import serve
from vikno.api.access import ANY_HALL, EVERYWHERE, PEOPLE, Grant, Kind, Principal, Role
from vikno.api.app import create_app
from vikno.api.doors.visit import check_guards
from vikno.api.house import House
from vikno.api.people.accounts import Account
from vikno.api.people.devices import Device
from vikno.api.people.sessions import COOKIE
from vikno.api.people.store import hashed
from vikno.queue.hallfile import parse_hall

API = "/api/v1"
HALLS = ("demo", "other")
OF_ALL = " of all"
RIGHTS = rights.read()
TOKENS = (*RIGHTS.roles, *sorted(f"{role}{OF_ALL}" for role in EVERYWHERE - {Role.MONITOR}))
ACCOUNTS = ("clerk", "manager")
"""That an account may do what a token of its role may; a clerk at the window that was taken."""

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
    """Every route of the application but the pages and the server's own health, however deep it is."""
    waiting = list(app.routes)
    while waiting:
        route = waiting.pop()
        if isinstance(route, APIRoute) and route.include_in_schema:
            yield route
        waiting += getattr(getattr(route, "original_router", None), "routes", ())


class Place:
    """A server with two halls; a token, an account, a ticket and a device of every kind in each."""

    def __init__(self, folder: Path) -> None:
        plans = [parse_hall(hall_text(hall, time_zone="UTC")) for hall in HALLS]
        self.house = serve.build_house(plans, database(folder), clock=lambda _plan: HandClock(NOON))
        self.app = create_app(self.house)
        self.tokens: dict[str, str] = {}
        self.tickets: dict[str, str] = {}
        transport = httpx.ASGITransport(self.app)
        self.http = httpx.AsyncClient(transport=transport, base_url="https://vikno.test")

    async def open(self) -> None:
        """Give out tokens and tickets."""
        await self.house.start()
        issue = self.house.people.tokens.issue
        for name in TOKENS:
            role = Role(name.removesuffix(OF_ALL))
            if role is not Role.VISITOR:
                hall = ANY_HALL if name.endswith(OF_ALL) or role is Role.MONITOR else "demo"
                self.tokens[name] = issue(Grant(role, hall, "w-1" if role is Role.CLERK else None))
        everywhere = bearer(self.tokens[f"admin{OF_ALL}"])
        for name, hall in (("own", "demo"), ("another", "demo"), ("elsewhere", "other")):
            new = {"services": ["passport"]}
            made = await self.http.post(f"{API}/halls/{hall}/tickets", json=new, headers=everywhere)
            self.tickets[name] = made.json()["ticket"]["id"]
        self.tokens["visitor"] = self.tickets["own"]

    def seqs(self) -> list[int]:
        """How much has happened in each hall, and to people and devices."""
        entries = self.house.people.trail.newest()
        return [*(room.owner.hall.seq for room in self.house.rooms.values()), *entries[:1]]

    def account(self, name: str, *grants: Grant) -> Account:
        """A new one."""
        return self.house.people.accounts.add(name, name, "", grants, who="test")

    def session(self, role: str) -> dict[str, str]:
        """The headers of a page in which such an account of the first hall is signed in; a clerk at w-1."""
        people = self.house.people
        account = self.account(role, Grant(Role(role), "demo"))
        cookie = people.entry.open(account, by="test").secret
        principal = Principal((), Kind.ACCOUNT, str(account.id), role, hashed(cookie))
        people.sessions.take(principal, "demo", "w-1")
        return {"Cookie": f"{COOKIE}={cookie}", "Origin": "https://vikno.test"}

    def device(self, hall: str) -> Device:
        """A new one."""
        devices = self.house.people.devices
        return devices.let_in(devices.ask(Role.SCREEN).user_code, hall, "Screen", who="test")

    async def ask(self, call: Call, path: str, headers: dict[str, str]) -> httpx.Response:
        """A request with a body the route takes."""
        body = BODIES.get(path.rsplit("/", 1)[1]) if call.method == "POST" else None
        return await self.http.request(call.method, path, json=body, headers=headers)


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    place = Place(tmp_path)
    await place.open()
    yield place
    await place.http.aclose()
    await place.house.stop()


def found(app: FastAPI) -> set[Call]:
    """Every call of the application, as the document writes it."""
    return {
        Call(method, route.path.removeprefix(API).replace("{ticket}", "{id}"))
        for route in routes(app)
        for method in route.methods or ()
    }


def in_halls() -> list[Call]:
    return [call for call in RIGHTS.cells if call.method != "WS" and "{hall}" in call.path]


def cases(call: Call, place: Place) -> Iterator[tuple[str, bool, bool, bool]]:
    """A path of the route, and whether it is in the asker's own hall, at its window, about its ticket."""
    for hall in HALLS:
        for window in ("w-1", "w-2") if "{window}" in call.path else ("",):
            for ticket in place.tickets if "{id}" in call.path else ("",):
                path = API + call.path.format(
                    hall=hall,
                    window=window,
                    id=place.tickets.get(ticket),
                    language="en",
                    number="A1",
                    proposal="1",
                )
                yield path, hall == "demo", window in {"", "w-1"}, ticket in {"", "own"}


def right(name: str, call: Call, *, own_hall: bool, window: bool, ticket: bool) -> bool:
    """Whether docs/api.md lets them do it."""
    role = name.removesuffix(OF_ALL)
    mark = RIGHTS.cells[call].get(role)
    if mark is None or not (own_hall or name.endswith(OF_ALL)):
        return False
    return mark == "yes" or (window if role == "clerk" else ticket)


async def wrongs(place: Place, name: str, headers: dict[str, str]) -> list[tuple[Any, ...]]:
    """Where the server and the document do not agree, and whether a refusal changed anything."""
    wrong: list[tuple[Any, ...]] = []
    for call in in_halls():
        for path, own_hall, window, ticket in cases(call, place):
            may = right(name, call, own_hall=own_hall, window=window, ticket=ticket)
            before = place.seqs()
            answer = await place.ask(call, path, headers)
            if may is (answer.status_code in {401, 403}):
                wrong.append((call.method, path, may, answer.status_code))
            elif not may:
                assert answer.json()["code"] in {"not-allowed", "not-signed-in"}
                assert place.seqs() == before
    return wrong


def test_the_document_names_every_role() -> None:
    assert set(RIGHTS.roles) == set(Role)


def test_the_document_names_every_route_and_no_other(place: Place) -> None:
    named = {call for call in RIGHTS.cells if call.method != "WS"}
    assert found(place.app) == named | RIGHTS.nothing_shown | RIGHTS.signed_in


def test_a_route_without_a_guard_is_no_application(place: Place) -> None:
    check_guards(routes(place.app))
    router = APIRouter()
    router.add_api_route("/halls/{hall}/secret", lambda: None)
    with pytest.raises(LookupError, match="secret has 0 guards"):
        check_guards(router.routes)


@pytest.mark.parametrize("name", TOKENS)
async def test_each_token_may_do_what_the_document_says_and_nothing_else(place: Place, name: str) -> None:
    assert not await wrongs(place, name, bearer(place.tokens[name]))


@pytest.mark.parametrize("role", ACCOUNTS)
async def test_each_account_may_do_what_the_document_says_and_nothing_else(place: Place, role: str) -> None:
    assert not await wrongs(place, role, place.session(role))


@pytest.mark.parametrize("priority", [9, -9, 0])
async def test_who_may_not_change_a_priority_gives_out_no_ticket_with_one(
    place: Place, priority: int
) -> None:
    new = {"services": ["passport"], "priority": priority}
    for name, may in (("kiosk", priority == 0), ("receptionist", True), ("manager", True)):
        before = place.seqs()
        answer = await place.http.post(
            f"{API}/halls/demo/tickets", json=new, headers=bearer(place.tokens[name])
        )
        assert answer.status_code == (201 if may else 403), name
        assert (place.seqs() != before) is may, "refused is unchanged"


async def test_devices_are_let_in_seen_and_revoked_where_the_document_says(place: Place) -> None:
    for name in TOKENS:
        headers = bearer(place.tokens[name])
        may = RIGHTS.cells[Call("DELETE", "/devices/{device}")].get(name.removesuffix(OF_ALL)) == "yes"
        for hall in HALLS:
            here = may and (hall == "demo" or name.endswith(OF_ALL))
            device = place.device(hall)
            letters = place.house.people.devices.ask(Role.KIOSK).user_code
            new = {"user_code": letters, "hall": hall, "name": "Kiosk"}
            made = await place.http.post(f"{API}/devices", json=new, headers=headers)
            assert made.is_success is here, (name, hall)
            listed = await place.http.get(f"{API}/devices", headers=headers)
            assert listed.is_success is may
            assert (device.id in {one["id"] for one in listed.json().get("devices", ())}) is here
            gone = await place.http.delete(f"{API}/devices/{device.id}", headers=headers)
            assert (gone.status_code == 204) is here
            assert (place.house.people.devices.get(device.id).revoked is not None) is here


async def test_the_trail_is_told_where_the_document_says(place: Place) -> None:
    for name in TOKENS:
        headers = bearer(place.tokens[name])
        may = RIGHTS.cells[Call("GET", "/trail")].get(name.removesuffix(OF_ALL)) == "yes"
        for hall in HALLS:
            place.device(hall)
            answer = await place.http.get(f"{API}/trail", params={"hall": hall}, headers=headers)
            assert answer.is_success is (may and (hall == "demo" or name.endswith(OF_ALL)))
        everything = await place.http.get(f"{API}/trail", headers=headers)
        if everything.is_success and not name.endswith(OF_ALL):
            assert {one["hall"] for one in everything.json()["entries"]} == {"demo"}


GIVES = {
    "manager": {"clerk", "receptionist"},
    "admin": {role.value for role in PEOPLE},
    f"admin{OF_ALL}": {role.value for role in PEOPLE},
}


GRANTS = [
    Grant(role, hall)
    for role in sorted(PEOPLE)
    for hall in (*HALLS, ANY_HALL)
    if hall != ANY_HALL or role in EVERYWHERE
]


async def test_accounts_are_made_and_helped_by_who_may_give_what_they_hold(place: Place) -> None:
    for number, (name, grant) in enumerate(product(TOKENS, GRANTS)):
        headers = bearer(place.tokens[name])
        here = grant.role in GIVES.get(name, ()) and (grant.hall == "demo" or name.endswith(OF_ALL))
        wish = {"role": grant.role, "hall": grant.hall}
        new = {"name": f"new-{number}", "display_name": "New", "grants": [wish]}
        account = place.account(f"old-{number}", grant)
        where = f"{API}/accounts/{account.id}"
        nothing: list[Any] = []
        asked = [
            await place.http.post(f"{API}/accounts", json=new, headers=headers),
            await place.http.post(f"{where}/link", headers=headers),
            await place.http.delete(f"{where}/sessions", headers=headers),
            await place.http.patch(where, json={"display_name": "Other"}, headers=headers),
            await place.http.patch(where, json={"grants": nothing}, headers=headers),
        ]
        assert [answer.is_success for answer in asked] == [here] * 5, (name, grant)
        assert (place.house.people.accounts.get(account.id) != account) is here


@pytest.mark.parametrize(
    "header",
    ["", "Bearer ", "Bearer nonsense", "Basic YTpi", "nonsense", f"Bearer {'x' * 9_000}", "Bearer a b"],
)
async def test_without_a_valid_token_nothing_is_open(place: Place, header: str) -> None:
    for call in (*in_halls(), *RIGHTS.signed_in):
        path = next(cases(call, place))[0]
        answer = await place.ask(call, path, {"Authorization": header} if header else {})
        assert answer.status_code in {401, 422 if call in RIGHTS.signed_in else 401}
        if answer.status_code == 401:
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
