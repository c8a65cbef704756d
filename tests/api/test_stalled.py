"""A screen that does not read harms nobody: the others hear everything, the clerk notices nothing."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable
from contextlib import AsyncExitStack, closing
from pathlib import Path

import httpx
import psutil
import pytest
from uvicorn.server import ServerState
from websockets.asyncio.client import ClientConnection

from tests.api import checker
from tests.api.listening import answer, dial, listen, status, upgrade
from tests.api.running import HALL, Deadline, Server, bearer, hall_text
from vikno.api import serve
from vikno.api.access import Role
from vikno.api.guard.crowd import Streams
from vikno.api.guard.front import Front
from vikno.api.house import House
from vikno.api.hub import BUFFER_BYTES_MAX
from vikno.api.stream import Stream, stream_protocol
from vikno.queue.hallfile import parse_hall
from vikno.queue.journal.database import open_database, sqlite_url

READERS = 99
STALLED_RECEIVE_BYTES = 2_048
CUT_SECONDS_MAX = 10.0
"""A reader misses the ping of one heartbeat and is cut at the next, two of them after it stalled at most."""

ROUND = ("call-next", "recall", "start", "finish")


def connected(server: Server, port: int) -> bool:
    """Whether the server still holds the connection from this port."""
    return any(
        getattr(connection.raddr, "port", None) == port
        for connection in psutil.Process(server.pid).net_connections("tcp")
    )


async def follow(stream: ClientConnection, heard: list[int]) -> None:
    """Read, and note the number of every event."""
    async for text in stream:
        message = json.loads(text)
        if message["type"] != "heartbeat":
            heard.append(message["seq"])


async def publish(server: Server, token: str, cut: Callable[[], bool]) -> list[float]:
    """Work at a window until the stalled reader is gone; how long each command took."""
    seconds: list[float] = []
    async with httpx.AsyncClient(headers=bearer(token)) as http:

        async def command(path: str, body: object = None) -> None:
            begun = time.perf_counter()
            done = await http.post(server.api + path, json=body)
            assert done.is_success, done.text
            seconds.append(time.perf_counter() - begun)

        await command("/windows/w-1/open")
        while not cut():
            await command("/tickets", {"services": ["passport"]})
            for step in ROUND:
                await command(f"/windows/w-1/{step}")
    return seconds


async def test_one_stalled_reader_among_a_hundred_is_cut_and_the_others_hear_everything(
    make_server: Callable[..., Server], record_property: Callable[[str, object], None]
) -> None:
    server = make_server()
    server.start()
    manager = server.token(Role.MANAGER)
    heard: list[list[int]] = [[] for _ in range(READERS)]
    async with AsyncExitStack() as stack:
        readers = [await stack.enter_async_context(listen(server, manager)) for _ in range(READERS)]
        following = [asyncio.create_task(follow(*pair)) for pair in zip(readers, heard, strict=True)]
        stalled = stack.enter_context(closing(dial(server, receive_bytes=STALLED_RECEIVE_BYTES)))
        stalled.sendall(upgrade([("Authorization", f"Bearer {manager}")]))
        assert status(answer(stalled)) == 101
        begun, port = time.monotonic(), stalled.getsockname()[1]
        deadline = Deadline(CUT_SECONDS_MAX)

        def cut() -> bool:
            deadline.check("the stalled reader is cut")
            return not connected(server, port)

        seconds = await publish(server, manager, cut)
        cut_seconds = time.monotonic() - begun
        last = checker.rows(server.database, HALL)[-1].seq
        everything = Deadline(5)
        while any(not seen or seen[-1] < last for seen in heard):
            everything.check("everybody has heard everything")
            await asyncio.sleep(0.01)
        for task in following:
            task.cancel()
    figures = {
        "events": last,
        "cut_seconds": cut_seconds,
        "command_median": sorted(seconds)[len(seconds) // 2],
        "command_p99": sorted(seconds)[len(seconds) * 99 // 100],
    }
    for name, value in figures.items():
        record_property(name, value)
    sys.stdout.write(f"{figures}\n")
    for seen in heard:
        assert seen == list(range(seen[0], last + 1))


class FullTransport:
    """A connection whose reader has left too much unread."""

    def __init__(self, unread: int) -> None:
        self.unread = unread
        self.written: list[bytes] = []
        self.aborted = False

    def get_write_buffer_size(self) -> int:
        return self.unread

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def abort(self) -> None:
        self.aborted = True


@pytest.fixture
def house(tmp_path: Path) -> House:
    return serve.build_house([parse_hall(hall_text())], open_database(sqlite_url(tmp_path)))


def on(house: House, transport: FullTransport) -> Stream:
    """A stream on that connection."""
    stream = stream_protocol(house, Front(), Streams())(None, ServerState(), {})
    stream._transport = transport  # type: ignore[assignment]
    return stream


def test_a_reader_with_too_much_unread_is_cut_at_once(house: House) -> None:
    for unread, kept in ((BUFFER_BYTES_MAX, True), (BUFFER_BYTES_MAX + 1, False)):
        transport = FullTransport(unread)
        stream = on(house, transport)
        stream.send(b"news")
        assert (transport.written == [b"news"]) is kept
        assert transport.aborted is not kept


def test_a_reader_that_says_nothing_between_two_beats_is_cut(house: House) -> None:
    transport = FullTransport(0)
    stream = on(house, transport)
    stream.check()
    assert not transport.aborted
    stream.check()
    assert transport.aborted
