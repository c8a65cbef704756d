"""How often somebody may ask: what is counted, for whom, and for how long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.api.running import HALL, Server, bearer, hall_text
from vikno.api import serve
from vikno.api.access import Action, Grant, NotSignedIn, Role
from vikno.api.app import create_app
from vikno.api.doors.pages import QR_TEXT_BYTES_MAX
from vikno.api.guard.crowd import STREAMS_OF_TICKET_MAX, Crowd, NoPlace, Streams
from vikno.api.guard.rates import (
    BAD_TOKEN_AT_ADDRESS,
    COUNTERS_MAX,
    DRAWN_AT_ADDRESS,
    OF_ROLE,
    TICKETS_OF_KIOSK,
    Rates,
    SlowDown,
)
from vikno.queue.hallfile import parse_hall
from vikno.queue.journal.database import open_database, sqlite_url


class Clock:
    """Time that is set."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def until_refused(ask: Callable[[], None], most: int = 100_000) -> int:
    """How often it may be asked."""
    for count in range(most):
        try:
            ask()
        except SlowDown:
            return count
    raise AssertionError("is never refused")


def test_what_was_asked_too_often_may_be_asked_again_when_it_says() -> None:
    clock = Clock()
    rates = Rates(clock)
    clock.now = 20.0
    rates.spend(BAD_TOKEN_AT_ADDRESS, "k-1")
    assert until_refused(lambda: rates.spend(TICKETS_OF_KIOSK, "k-1")) == TICKETS_OF_KIOSK.a_minute
    rates.spend(TICKETS_OF_KIOSK, "k-2")
    clock.now = 50.5
    with pytest.raises(SlowDown) as error:
        rates.check(TICKETS_OF_KIOSK, "k-1")
    assert error.value.seconds == 30
    clock.now += error.value.seconds
    rates.spend(TICKETS_OF_KIOSK, "k-1")


def test_looking_whether_it_is_too_often_does_not_count() -> None:
    rates = Rates(Clock())
    for _ in range(10 * BAD_TOKEN_AT_ADDRESS.a_minute):
        rates.check(BAD_TOKEN_AT_ADDRESS, "here")
    assert until_refused(lambda: rates.spend(BAD_TOKEN_AT_ADDRESS, "here")) == BAD_TOKEN_AT_ADDRESS.a_minute


@pytest.mark.parametrize("role", Role)
def test_each_role_has_its_rate_and_managers_have_none(role: Role) -> None:
    rates = Rates(Clock())
    if role in OF_ROLE:
        asked = until_refused(lambda: rates.charge(role, Action.SEE_BOARD, "me"))
        assert asked == OF_ROLE[role].a_minute
        rates.charge(role, Action.SEE_BOARD, "somebody else")
    else:
        for _ in range(10_000):
            rates.charge(role, Action.WORK, "me")


def test_a_kiosk_issues_fewer_tickets_than_it_may_ask() -> None:
    rates = Rates(Clock())
    issued = until_refused(lambda: rates.charge(Role.KIOSK, Action.ISSUE, "k"))
    assert issued == TICKETS_OF_KIOSK.a_minute < OF_ROLE[Role.KIOSK].a_minute
    rates.charge(Role.KIOSK, Action.SEE_BOARD, "k")


def test_a_flood_of_strangers_is_forgotten_oldest_first() -> None:
    rates = Rates(Clock())
    for stranger in range(COUNTERS_MAX + 100):
        rates.spend(BAD_TOKEN_AT_ADDRESS, str(stranger))
    assert len(rates._counts) == COUNTERS_MAX


def test_one_address_does_not_take_every_place() -> None:
    crowd = Crowd(everybody_max=5, alike_max=2)
    assert [crowd.enter("a") for _ in range(3)] == [True, True, False]
    assert [crowd.enter("proxy", near=True) for _ in range(4)] == [True, True, True, False]
    crowd.leave("proxy")
    assert crowd.enter("b")
    for who in ("a", "a", "b", "proxy", "proxy"):
        crowd.leave(who)
    assert crowd.count == 0
    assert not crowd._here, "nobody is remembered"


def test_a_ticket_is_watched_by_a_few() -> None:
    streams = Streams()
    for _ in range(STREAMS_OF_TICKET_MAX):
        streams.enter("a", "ticket", near=False)
    with pytest.raises(NoPlace):
        streams.enter("b", "ticket", near=False)
    streams.enter("b", "", near=False)
    streams.leave("a", "ticket")
    streams.enter("b", "ticket", near=False)


async def test_guessing_is_slowed_down_and_nobody_who_was_good_before_is_shut_out(tmp_path: Path) -> None:
    house = serve.build_house([parse_hall(hall_text())], open_database(sqlite_url(tmp_path)))
    manager, unmet = (house.people.tokens.issue(Grant(role, HALL)) for role in (Role.MANAGER, Role.SCREEN))

    async def show(token: str, address: str = "here") -> bool:
        try:
            await house.principal(f"Bearer {token}", HALL, address=address)
        except NotSignedIn:
            return False
        return True

    assert await show(manager)
    for number in range(BAD_TOKEN_AT_ADDRESS.a_minute):
        assert not await show(f"guess-{number}")
    for late in ("guess", unmet):
        with pytest.raises(SlowDown):
            await show(late)
    house.people.gate.forget()
    assert await show(manager), "good before, from the same address, though the gate forgot them"
    assert await show(unmet, "elsewhere")
    assert await show(unmet), "and now good before"
    house.people.gate.forget()
    with pytest.raises(NotSignedIn):
        await house.principal(None, HALL, address="here")


async def test_who_is_too_quick_is_told_when_to_come_again(make_server: Callable[..., Server]) -> None:
    server = make_server()
    server.start()
    async with httpx.AsyncClient(headers=bearer(server.token(Role.KIOSK))) as http:
        ask = [
            http.post(f"{server.api}/tickets", json={"services": ["passport"]})
            for _ in range(TICKETS_OF_KIOSK.a_minute + 5)
        ]
        answers = await asyncio.gather(*ask)
    assert sum(answer.status_code == 201 for answer in answers) == TICKETS_OF_KIOSK.a_minute
    late = next(answer for answer in answers if answer.status_code != 201)
    assert (late.status_code, late.json()["code"]) == (429, "slow-down")
    assert 1 <= int(late.headers["Retry-After"]) <= 60


async def test_texts_are_drawn_so_often_at_an_address_and_only_what_is_an_address(tmp_path: Path) -> None:
    house = serve.build_house([parse_hall(hall_text())], open_database(sqlite_url(tmp_path)))
    transport = httpx.ASGITransport(create_app(house))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
        for text in (b"", b"x" * (QR_TEXT_BYTES_MAX + 1), b"\xff" * 10, "https://вікно.test/".encode()):
            assert (await http.post("/qr.svg", content=text)).json()["code"] == "bad-text"
        for _ in range(DRAWN_AT_ADDRESS.a_minute):
            assert (await http.post("/qr.svg", content=b"x")).status_code == 200
        late = await http.post("/qr.svg", content=b"x")
    assert (late.status_code, late.json()["code"]) == (429, "slow-down")
