"""The public asks again until it is answered, and listens again until it hears."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

import httpx
import numpy as np
import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from vikno.simulation.public import doors as doors_module
from vikno.simulation.public import stream as stream_module
from vikno.simulation.public.doors import Doors
from vikno.simulation.public.mirror import Message
from vikno.simulation.public.stream import Stream, StreamLost, StreamRefused

SOON = 10.0


async def test_a_wish_is_repeated_with_its_key_until_it_is_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(doors_module, "AGAIN_SECONDS", 0.0)
    keys: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["Idempotency-Key"])
        if len(keys) == 1:
            raise httpx.ConnectError("the server restarts")
        return httpx.Response(503 if len(keys) == 2 else 200, json={})

    doors = Doors("http://hall", "small", "token", httpx.MockTransport(answer))
    assert await doors.step("w-1", "open")
    assert len(keys) == 3
    assert len(set(keys)) == 1
    assert await doors.leave("t1")
    assert keys[3] != keys[0]
    await doors.close()


async def test_a_refusal_is_an_answer() -> None:
    refusing = httpx.MockTransport(lambda _request: httpx.Response(409, json={"code": "hall-closed"}))
    doors = Doors("http://hall", "small", "token", refusing)
    assert not await doors.step("w-1", "open")
    assert not await doors.leave("t1")
    assert await doors.issue(("passport",), "uk") is None
    await doors.close()


class Script:
    """A hall that says what it is told to, one list of messages for each connection, then hangs up."""

    def __init__(self, *connections: Sequence[dict[str, Any]]) -> None:
        self._connections = list(connections)
        self.asked: list[str] = []

    async def talk(self, socket: ServerConnection) -> None:
        """One connection."""
        assert socket.request is not None
        self.asked.append(socket.request.path)
        for message in self._connections.pop(0) if self._connections else ():
            await socket.send(json.dumps(message))
        if not self._connections:
            await socket.wait_closed()


def message(seq: int, kind: str = "ticket-issued", epoch: str = "e") -> dict[str, Any]:
    return {"type": kind, "epoch": epoch, "seq": seq, "at": "2026-11-20T10:00:00.000+02:00"}


@asynccontextmanager
async def listening(script: Script) -> AsyncIterator[asyncio.Queue[Message]]:
    told: asyncio.Queue[Message] = asyncio.Queue()
    async with serve(script.talk, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        stream = Stream(f"ws://127.0.0.1:{port}/stream", "token", np.random.default_rng(1), told.put_nowait)
        task = asyncio.create_task(stream.follow())
        yield told
        task.cancel()


def deaf(port: int) -> Stream:
    return Stream(f"ws://127.0.0.1:{port}/stream", "token", np.random.default_rng(1), lambda _message: None)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_module, "RETURN_SECONDS_MIN", 0.0)
    monkeypatch.setattr(stream_module, "RETURN_SECONDS_MAX", 0.01)


async def heard(told: asyncio.Queue[Message], count: int) -> list[int]:
    return [(await asyncio.wait_for(told.get(), SOON)).seq for _ in range(count)]


async def test_a_broken_stream_goes_on_where_it_ended() -> None:
    script = Script([message(7, "snapshot"), message(8)], [message(8), message(9), message(9, "heartbeat")])
    async with listening(script) as told:
        assert await heard(told, 4) == [7, 8, 9, 9]
    assert script.asked == ["/stream", "/stream?epoch=e&after=8"]


async def test_a_gap_is_answered_by_a_new_snapshot() -> None:
    script = Script([message(7, "snapshot"), message(9)], [message(9, "snapshot"), message(10)])
    async with listening(script) as told:
        assert await heard(told, 3) == [7, 9, 10]
    assert script.asked == ["/stream", "/stream"]


@pytest.mark.parametrize(
    "odd", [message(8, "heartbeat"), message(8, epoch="another")], ids=["ahead", "epoch"]
)
async def test_what_does_not_follow_is_answered_by_a_new_snapshot(odd: dict[str, Any]) -> None:
    script = Script([message(7, "snapshot"), odd], [message(8, "snapshot")])
    async with listening(script) as told:
        assert await heard(told, 2) == [7, 8]
    assert script.asked == ["/stream", "/stream"]


async def test_a_hall_that_does_not_know_us_is_left_alone() -> None:
    def refuse(connection: ServerConnection, _request: Request) -> Response:
        return connection.respond(HTTPStatus.UNAUTHORIZED, "who are you?\n")

    async with serve(Script().talk, "127.0.0.1", 0, process_request=refuse) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        stream = deaf(port)
        with pytest.raises(StreamRefused, match="answers 401; check hall and token"):
            await asyncio.wait_for(stream.follow(), SOON)


async def test_a_hall_that_stays_away_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_module, "LOST_SECONDS", 0.05)
    async with serve(Script().talk, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
    stream = deaf(port)
    with pytest.raises(StreamLost, match="could not be reached"):
        await asyncio.wait_for(stream.follow(), SOON)
