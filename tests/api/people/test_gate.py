"""The gate: quick for whom it knows, and closed at once for those who may not any more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, event
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.api.listening import path
from tests.api.people.office import PASSWORD, Office
from tests.api.running import Server, bearer
from tests.postgresql import PostgreSQL
from vikno.api.access import ANY_HALL, Grant, Role
from vikno.api.bell import LOOK
from vikno.api.people.gate import SEEN_SECONDS, SIGNED_OUT
from vikno.api.people.registry import People
from vikno.api.people.sessions import COOKIE, IDLE_SECONDS, SESSION_SECONDS
from vikno.queue.journal.database import open_database, sqlite_url

HANG_UP_SECONDS_MAX = 5.0
"""How long somebody who may not any more still hears anything."""


@contextmanager
def statements(engine: Engine, *tables: str) -> Iterator[list[str]]:
    """What the database is asked about these tables meanwhile."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if any(f" {table}" in statement for table in tables):
            asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


class Notebook:
    """A stream that writes down how it was hung up on."""

    def __init__(self) -> None:
        self.codes: asyncio.Queue[int] = asyncio.Queue()

    def close(self, code: int, _reason: str) -> None:
        self.codes.put_nowait(code)

    async def hung_up(self) -> int:
        """The code, once it is."""
        async with asyncio.timeout(HANG_UP_SECONDS_MAX):
            return await self.codes.get()


async def test_whom_it_knows_it_does_not_ask_the_database_about(office: Office) -> None:
    boss = await office.boss()
    token = bearer(office.people.tokens.issue(Grant(Role.ADMIN, ANY_HALL)))
    program = office.browser(**token)
    for somebody in (boss, program):
        await somebody.get("/halls/demo/board")
    with statements(office.engine, "tokens", "sessions", "accounts", "devices") as asked:
        for somebody in (boss, program):
            assert (await somebody.get("/halls/demo/board")).is_success
    assert asked == []


Deed = Callable[[People, int], object]
MANAGER = Grant(Role.MANAGER, "demo")
DEEDS: dict[str, Deed] = {
    "signed out everywhere": lambda people, one: people.accounts.sign_out(one, who="x"),
    "disabled": lambda people, one: people.accounts.change(one, {"active": False}, who="x"),
    "given other rights": lambda people, one: people.accounts.change(one, {"grants": [MANAGER]}, who="x"),
}


@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS)
async def test_what_another_process_does_to_an_account_counts_once_the_bell_says_look(
    any_office: Office, deed: Deed
) -> None:
    browser = await any_office.person("olena", Role.CLERK)
    assert (await browser.get("/halls/demo")).is_success
    principal = await any_office.people.gate.session(browser.cookies[COOKIE])
    assert principal is not None
    stream = Notebook()
    any_office.people.gate.watch(principal, stream)
    elsewhere = People(open_database(str(any_office.engine.url.render_as_string(hide_password=False))))
    deed(elsewhere, elsewhere.accounts.named("olena").id)
    elsewhere.store.engine.dispose()
    any_office.house.bell.ring(LOOK)
    assert await stream.hung_up() == SIGNED_OUT
    assert (await browser.get("/halls/demo")).status_code == 401


class Broken(Notebook):
    """A stream that cannot be hung up on at the first attempt."""

    def __init__(self) -> None:
        super().__init__()
        self.attempts = 0

    def close(self, code: int, reason: str) -> None:
        self.attempts += 1
        if self.attempts == 1:
            raise RuntimeError("broken")
        super().close(code, reason)


async def test_what_goes_wrong_in_one_look_lets_nobody_listen_for_ever(office: Office) -> None:
    browser = await office.person("olena", Role.CLERK)
    principal = await office.people.gate.session(browser.cookies[COOKIE])
    assert principal is not None
    stream = Broken()
    office.people.gate.watch(principal, stream)
    office.people.accounts.sign_out(int(principal.id), who="test")
    office.house.bell.ring(LOOK)
    async with asyncio.timeout(HANG_UP_SECONDS_MAX):
        while not stream.attempts:  # noqa: ASYNC110  (the gate tells nobody that it has looked)
            await asyncio.sleep(0.01)
    office.house.bell.ring(LOOK)
    assert await stream.hung_up() == SIGNED_OUT


@pytest.mark.parametrize("seconds", [IDLE_SECONDS, SESSION_SECONDS])
async def test_a_stream_ends_with_its_session(office: Office, seconds: float) -> None:
    browser = await office.boss()
    principal = await office.people.gate.session(browser.cookies[COOKIE])
    assert principal is not None
    stream = Notebook()
    office.people.gate.watch(principal, stream)
    if seconds == SESSION_SECONDS:
        office.clock.at += IDLE_SECONDS - 1
        assert await browser.who()
        seconds -= IDLE_SECONDS - 1
    office.clock.at += seconds + 1
    assert await browser.who() is None, "asked before the bell rings"
    office.house.bell.ring(LOOK)
    assert await stream.hung_up() == SIGNED_OUT


async def test_a_session_that_is_used_in_another_process_does_not_lie_idle(any_office: Office) -> None:
    browser = await any_office.boss()
    assert await browser.who()
    principal = await any_office.people.gate.session(browser.cookies[COOKIE])
    assert principal is not None
    any_office.clock.at += IDLE_SECONDS - 1
    any_office.people.sessions.used({principal.secret: any_office.clock.at})
    any_office.clock.at += SESSION_SECONDS - IDLE_SECONDS - 1
    assert await browser.who()


async def test_nobody_is_let_in_who_was_revoked_while_they_were_looked_up(office: Office) -> None:
    people = office.people
    token = people.tokens.issue(Grant(Role.ADMIN, ANY_HALL))
    number = people.tokens.all()[-1].id
    find = people.tokens.find

    def slowly(hashes: Any) -> Any:
        people.tokens.find = find  # type: ignore[method-assign]
        found = find(hashes)
        people.tokens.revoke(number)
        people.gate.forget()
        return found

    people.tokens.find = slowly  # type: ignore[method-assign]
    assert await people.gate.bearer(token) is None


def test_an_entry_that_is_committed_late_is_noticed_too(
    postgresql: PostgreSQL, postgresql_database: str
) -> None:
    people = People(open_database(postgresql.url(postgresql_database)))
    with people.store.writing("the trail") as late:
        people.trail.add(late, "token-revoked", who="late")
        people.trail.write("signed-in", who="early")
        before = people.trail.newest()
    assert people.trail.newest() != before
    people.store.engine.dispose()


async def test_when_somebody_was_last_seen_is_written_down_once_a_minute(any_office: Office) -> None:
    account = any_office.account("olena", Grant(Role.CLERK, "demo"))
    people = People(any_office.engine, any_office.clock.now)
    cookie = people.entry.open(account, by="test").secret
    began = any_office.clock.at

    async def seen(after: float) -> float | None:
        any_office.clock.at = began + after
        assert await people.gate.session(cookie) is not None
        await people.gate._look()
        return people.accounts.named("olena").seen

    first = await seen(1)
    assert await seen(SEEN_SECONDS - 1) == first
    assert await seen(SEEN_SECONDS + 1) == began + SEEN_SECONDS + 1


# On a real server, as pages meet it -------------------------------------------------------------------


def people_of(server: Server) -> People:
    """Those of its database, as another process has them."""
    return People(open_database(sqlite_url(server.data)))


def sign_in(server: Server, name: str, role: Role) -> dict[str, str]:
    """Somebody new; the headers of a page in which they are signed in."""
    people = people_of(server)
    account = people.accounts.add(name, name, "", [Grant(role, "demo")], who="test")
    new = {"key": people.keys.make(account.id, who="test"), "password": PASSWORD}
    answer = httpx.post(f"{server.url}api/v1/session/key", json=new)
    assert answer.is_success, answer.text
    cookie = answer.headers["set-cookie"].split(";")[0]
    return {"Cookie": cookie, "Origin": server.url.rstrip("/")}


def stream(server: Server, headers: dict[str, str]) -> connect:
    """A stream of the demo hall, by these headers."""
    address = server.url.replace("http", "ws").rstrip("/") + path()
    return connect(address, additional_headers=headers, compression=None, proxy=None)


async def hung_up(server: Server, headers: dict[str, str], deed: Callable[[], object]) -> int | None:
    """How a stream ends after a deed; it must end soon, and not begin again."""
    async with stream(server, headers) as open_stream:
        await open_stream.recv()
        await asyncio.to_thread(deed)
        with suppress(ConnectionClosed):
            async with asyncio.timeout(HANG_UP_SECONDS_MAX):
                while True:
                    await open_stream.recv()
    with pytest.raises(InvalidStatus, match="401"):
        async with stream(server, headers):
            pass
    return open_stream.close_code


async def test_a_revoked_token_is_hung_up_on(server: Server) -> None:
    people = people_of(server)
    token = people.tokens.issue(Grant(Role.SCREEN, "demo"))
    number = people.tokens.all()[-1].id
    assert await hung_up(server, bearer(token), lambda: people.tokens.revoke(number)) == SIGNED_OUT


async def test_a_revoked_device_is_hung_up_on(server: Server) -> None:
    manager = bearer(server.token(Role.MANAGER))
    devices = people_of(server).devices
    pairing = devices.ask(Role.SCREEN)
    device = devices.let_in(pairing.user_code, "demo", "Entrance", who="test")
    token = devices.fetch(pairing.device_code).access_token

    def revoke() -> None:
        where = f"{server.url}api/v1/devices/{device.id}"
        assert httpx.delete(where, headers=manager).status_code == 204

    assert await hung_up(server, bearer(token), revoke) == SIGNED_OUT


async def test_who_signs_out_is_hung_up_on(server: Server) -> None:
    page = sign_in(server, "olena", Role.CLERK)
    session = f"{server.url}api/v1/session"

    def leave() -> None:
        assert httpx.delete(session, headers=page).status_code == 204

    assert await hung_up(server, page, leave) == SIGNED_OUT


async def test_whoever_is_disabled_on_the_command_line_is_hung_up_on(server: Server) -> None:
    page = sign_in(server, "petro", Role.MANAGER)
    people = people_of(server)
    number = people.accounts.named("petro").id
    disable = {"active": False}
    assert await hung_up(server, page, lambda: people.accounts.change(number, disable, who="x")) == SIGNED_OUT


@pytest.mark.parametrize(
    "origin", [{}, {"Origin": "https://elsewhere.test"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
async def test_a_cookie_opens_a_stream_only_to_a_page_of_this_server(
    server: Server, origin: dict[str, str]
) -> None:
    name = "-".join(["maria", *origin.values()]).translate(str.maketrans("", "", ":/"))
    page = sign_in(server, name, Role.MANAGER)
    async with stream(server, page) as opened:
        assert '"audience":"staff"' in str(await opened.recv())
    with pytest.raises(InvalidStatus, match="403"):
        async with stream(server, {"Cookie": page["Cookie"]} | origin):
            pass
