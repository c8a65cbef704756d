"""The stream over the wire: a snapshot, then every event in order; who was away gets what was missed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from tests.api import checker
from tests.api.listening import hear, listen
from tests.api.reading import Picture
from tests.api.running import HALL, SERVICES, Server, bearer
from vikno.api.access import Role
from vikno.api.hub import HEARTBEAT_SECONDS

ROUND = ("open", "call-next", "recall", "start", "finish", "undo", "finish", "close")


@pytest.fixture(scope="module")
def manager(server: Server) -> str:
    return server.token(Role.MANAGER)


@pytest.fixture(scope="module")
def screen(server: Server) -> str:
    return server.token(Role.SCREEN)


def work(server: Server, token: str) -> int:
    """One visitor comes, is called and served; the number of the last event."""
    with httpx.Client(headers=bearer(token)) as http:
        new = {"services": ["residence", "passport"]}
        assert http.post(f"{server.api}/tickets", json=new).is_success
        for step in ROUND:
            done = http.post(f"{server.api}/windows/w-1/{step}")
            assert done.is_success, done.text
            if done.json()["window"]["ticket"] and step == "finish":
                assert http.post(f"{server.api}/windows/w-1/finish").is_success
    return last_seq(server)


def last_seq(server: Server) -> int:
    return checker.rows(server.database, HALL)[-1].seq


async def test_a_snapshot_comes_first_and_then_every_event_of_the_journal(
    server: Server, manager: str, screen: str
) -> None:
    start = last_seq(server)
    async with listen(server, manager) as staff, listen(server, screen) as public:
        end = work(server, manager)
        journal = [row.type for row in checker.rows(server.database, HALL)[start:]]
        for stream, audience in ((staff, "staff"), (public, "public")):
            snapshot, *events = await hear(stream, end)
            assert (snapshot["type"], snapshot["audience"], snapshot["seq"]) == ("snapshot", audience, start)
            assert snapshot["speed"] == 1
            assert [event["seq"] for event in events] == list(range(start + 1, end + 1))
            assert [event["type"] for event in events] == journal
            assert {event["epoch"] for event in events} == {snapshot["epoch"]}
            assert ("tickets" in snapshot["hall"]) is (audience == "staff")


async def test_who_was_away_gets_exactly_what_was_missed(server: Server, manager: str, screen: str) -> None:
    for token in (manager, screen):
        async with listen(server, token) as stream:
            first = json.loads(await stream.recv())
            end = work(server, manager)
            missed = await hear(stream, end)
        for after in (first["seq"], end - 1):
            query = f"?epoch={first['epoch']}&after={after}"
            async with listen(server, token, query) as back:
                assert await hear(back, end) == [message for message in missed if message["seq"] > after]
                beat = json.loads(await back.recv())
                assert (beat["type"], beat["seq"]) == ("heartbeat", end)


async def test_who_missed_nothing_hears_that_the_stream_lives(server: Server, manager: str) -> None:
    async with listen(server, manager) as stream:
        first = json.loads(await stream.recv())
    async with listen(server, manager, f"?epoch={first['epoch']}&after={first['seq']}") as back:
        assert json.loads(await back.recv())["type"] == "heartbeat"


@pytest.mark.parametrize(
    "query",
    ["?epoch=other&after={seq}", "?epoch={epoch}&after={future}", "?epoch={epoch}&after=0", "?epoch={epoch}"]
    + [
        f"?epoch={{epoch}}&after={nonsense}"
        for nonsense in ("", "-1", "x", "1e3", "9" * 400, "%00", "٣", "²")
    ],
)
async def test_from_anywhere_else_the_stream_begins_with_a_snapshot(
    server: Server, manager: str, query: str
) -> None:
    work(server, manager)
    async with listen(server, manager) as stream:
        now = json.loads(await stream.recv())
    query = query.format(epoch=now["epoch"], seq=now["seq"], future=now["seq"] + 1)
    async with listen(server, manager, query) as back:
        again = json.loads(await back.recv())
        assert (again["type"], again["seq"]) == ("snapshot", now["seq"])


async def test_a_heartbeat_comes_every_five_seconds_with_the_waits(server: Server, screen: str) -> None:
    async with listen(server, screen) as stream:
        await stream.recv()
        begun = time.monotonic()
        beat = json.loads(await stream.recv())
        assert beat["type"] == "heartbeat"
        assert time.monotonic() - begun <= HEARTBEAT_SECONDS + 1
        assert beat["waits"].keys() == SERVICES.keys()


async def test_a_restart_says_goodbye_with_1012_and_screens_go_on_where_they_were(
    make_server: Callable[..., Server],
) -> None:
    server = make_server()
    server.start()
    manager = server.token(Role.MANAGER)
    picture = Picture()
    async with listen(server, manager) as stream:
        picture.read(await stream.recv())
        end = work(server, manager)
        while picture.seq < end:
            picture.read(await stream.recv())
        server.terminate()
        with suppress(ConnectionClosed):
            async for text in stream:
                picture.read(text)
        assert stream.close_code == 1012
    server.start()
    async with listen(server, manager, f"?epoch={picture.epoch}&after={picture.seq}") as back:
        assert picture.read(await back.recv()) == "heartbeat"
        fresh = Picture()
        async with listen(server, manager) as new:
            fresh.read(await new.recv())
        assert fresh.known() == picture.known()
        end = work(server, manager)
        while picture.seq < end:
            picture.read(await back.recv())


async def test_after_a_crash_screens_see_the_hall_as_the_disk_has_it(
    make_server: Callable[..., Server],
) -> None:
    server = make_server()
    server.start()
    manager = server.token(Role.MANAGER)
    async with listen(server, manager) as stream:
        picture = Picture()
        picture.read(await stream.recv())
        behind = f"?epoch={picture.epoch}&after={picture.seq}"
        end = work(server, manager)
        server.kill()
    server.start()
    async with listen(server, manager, behind) as back:
        assert picture.read(await back.recv()) == "snapshot"
        assert picture.seq == end
