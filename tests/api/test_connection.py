"""Who dribbles, floods, does not read or means another site is shown out; nobody else notices."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, closing
from typing import Any

import httpx
import msgspec
import pytest
import uvicorn

from tests.api.listening import answer, dial, status
from tests.api.running import Deadline, Server, bearer
from vikno.api import serve
from vikno.api.access import Role
from vikno.api.guard.connection import (
    HEAD_BYTES_MAX,
    HEAD_SECONDS,
    HEADERS_MAX,
    REQUEST_BYTES_MAX,
    URL_BYTES_MAX,
    Connection,
    guarded,
)
from vikno.api.guard.crowd import Crowd
from vikno.api.guard.front import Front

HOST = b"Host: localhost\r\n"
HASTY_SECONDS = 0.3
BIG_BYTES = 16 * 1024 * 1024
"""More than both ends of a connection hold on its way."""


def heads() -> dict[str, tuple[int, str, bytes]]:
    """Requests that go no further than their head: the status and code they get."""
    get = b"GET / HTTP/1.1\r\n"
    many = b"".join(b"X-%d: x\r\n" % number for number in range(HEADERS_MAX))
    return {
        "another site": (421, "unknown-host", get + b"Host: evil.example\r\n\r\n"),
        "no site": (400, "bad-host", get + b"\r\n"),
        "two sites": (400, "bad-host", get + HOST + HOST + b"\r\n"),
        "a long address": (
            414,
            "address-too-long",
            b"GET /%s HTTP/1.1\r\n" % (b"x" * URL_BYTES_MAX) + HOST + b"\r\n",
        ),
        "a long header": (431, "headers-too-large", get + HOST + b"X: %s\r\n\r\n" % (b"x" * HEAD_BYTES_MAX)),
        "a header without end": (431, "headers-too-large", get + HOST + b"X: " + b"x" * HEAD_BYTES_MAX),
        "a name without end": (431, "headers-too-large", get + HOST + b"x" * HEAD_BYTES_MAX),
        "many headers": (431, "headers-too-large", get + HOST + many + b"\r\n"),
        "empty lines without end": (431, "headers-too-large", b"\r\n" * HEAD_BYTES_MAX),
        "no HTTP": (400, "bad-request", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
        "a control character": (400, "bad-request", get + HOST + b"X: a\x00b\r\n\r\n"),
        "two lengths": (
            400,
            "bad-request",
            b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        ),
        "length and chunks": (
            400,
            "bad-request",
            b"POST / HTTP/1.1\r\n"
            + HOST
            + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        ),
    }


def document(connection: socket.socket) -> tuple[int, str, bytes]:
    """Status, code and headers of an answer after which the server hangs up."""
    head = answer(connection)
    body = b""
    with contextlib.suppress(ConnectionResetError):
        while part := connection.recv(65_536):
            body += part
    return status(head), msgspec.json.decode(body)["code"], head.lower()


@pytest.mark.parametrize("name", heads())
def test_a_head_that_cannot_be_is_answered_with_a_problem_and_shown_out(server: Server, name: str) -> None:
    expected, code, request = heads()[name]
    with closing(dial(server)) as connection:
        connection.sendall(request)
        found, said, head = document(connection)
    assert (found, said) == (expected, code)
    for header in (b"application/problem+json", b"nosniff", b"no-store", b"connection: close"):
        assert header in head


def test_an_old_request_needs_no_host(server: Server) -> None:
    with closing(dial(server)) as connection:
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert status(answer(connection)) == 200


def test_who_dribbles_is_cut_off_in_time_and_nobody_waits_for_them(server: Server) -> None:
    manager = bearer(server.token(Role.MANAGER))
    began = time.monotonic()
    with ExitStack() as stack:
        slow = [stack.enter_context(closing(dial(server))) for _ in range(200)]
        for connection in slow:
            connection.settimeout(HEAD_SECONDS + 10)
        for connection in slow[::2]:
            connection.sendall(b"GET / HTTP/1.1\r\n" + HOST)
        deadline = Deadline(HEAD_SECONDS + 5)
        left = iter(b"X-Slow: " + b"s" * 10_000)
        with contextlib.suppress(ConnectionError):
            while time.monotonic() - began < HEAD_SECONDS:
                slow[0].sendall(bytes([next(left)]))
                assert httpx.get(server.api, headers=manager).is_success
        for number, connection in enumerate(slow):
            deadline.check("every slow one is cut off")
            if number and number % 2 == 0:
                assert document(connection)[:2] == (408, "too-slow")
            elif number:
                assert connection.recv(1) == b"", "who has asked nothing is told nothing"
    assert time.monotonic() - began >= HEAD_SECONDS


# With a server in this process, whose patience is a fraction of a second -------------------------------


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Reads the body; `/big` answers with much."""
    while (await receive()).get("more_body"):
        pass
    body = b"x" * (BIG_BYTES if scope["path"] == "/big" else 2)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


class Hasty:
    """A server and the crowd at its door."""

    def __init__(self, crowd: Crowd) -> None:
        self.crowd = crowd
        self.port = 0

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Hasty]:
        """Listening."""
        sock = serve.listen("127.0.0.1", 0)
        self.port = sock.getsockname()[1]
        waits = dict.fromkeys(("head_seconds", "body_seconds", "read_seconds"), HASTY_SECONDS)
        hasty: type[Connection] = type("Hasty", (guarded(Front(), self.crowd),), waits)
        config = uvicorn.Config(echo, http=hasty, lifespan="off", log_config=None, timeout_keep_alive=1)
        running = uvicorn.Server(config)
        running.capture_signals = contextlib.nullcontext  # type: ignore[assignment,method-assign]
        task = asyncio.create_task(running.serve(sockets=[sock]))
        yield self
        running.should_exit = True
        await task

    async def until(self, count: int) -> None:
        """So many are here."""
        deadline = Deadline(10)
        while self.crowd.count != count:
            deadline.check(f"{count} are here")
            await asyncio.sleep(0.01)

    async def dial(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection."""
        return await asyncio.open_connection("127.0.0.1", self.port)


@pytest.fixture
async def hasty() -> AsyncIterator[Hasty]:
    async with Hasty(Crowd(3, 2)).running() as running:
        yield running


async def said(reader: asyncio.StreamReader) -> bytes:
    """All until the server hangs up."""
    async with asyncio.timeout(10):
        return await reader.read()


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 9\r\n\r\nhalf", b"HTTP/1.1 408 "),
        (b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx", b"HTTP/1.1 408 "),
        (b"GET / HTTP/1.1\r\n" + HOST + b"\r\nGET / HTTP/1.1\r\n", b"HTTP/1.1 200 "),
        (b"", b""),
    ],
    ids=["half a body", "half a chunk", "half a second request", "nothing"],
)
async def test_half_a_request_is_waited_for_and_no_longer(hasty: Hasty, part: bytes, expected: bytes) -> None:
    reader, writer = await hasty.dial()
    writer.write(part)
    answered = await said(reader)
    assert answered.startswith(expected)
    assert bool(answered) is bool(expected)
    assert (b"HTTP/1.1 408 " in answered) is (part != b"")
    writer.close()


async def test_dripping_does_not_set_the_clock_back(hasty: Hasty) -> None:
    reader, writer = await hasty.dial()
    began = time.monotonic()
    shown_out = asyncio.create_task(said(reader))
    letters = iter(b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"x" * 100_000)
    while not shown_out.done():
        writer.write(bytes([next(letters)]))
        await asyncio.sleep(HASTY_SECONDS / 20)
    assert (await shown_out).startswith(b"HTTP/1.1 408 ")
    assert time.monotonic() - began >= HASTY_SECONDS
    writer.close()


async def test_a_body_without_end_is_cut_off_at_its_size(hasty: Hasty) -> None:
    reader, writer = await hasty.dial()
    writer.write(b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\nX: ")
    sent, piece = 0, b"x" * 65_536
    with contextlib.suppress(ConnectionError):
        while sent < 8 * REQUEST_BYTES_MAX:
            writer.write(piece)
            await writer.drain()
            sent += len(piece)
    assert sent < 4 * REQUEST_BYTES_MAX, "a trailer without end is not kept"
    with contextlib.suppress(ConnectionError):
        assert b"HTTP/1.1 200 " not in await said(reader)
    writer.close()


@pytest.mark.parametrize("last", [b"", b"Connection: close\r\n"])
async def test_an_answer_that_nobody_reads_is_given_up(hasty: Hasty, last: bytes) -> None:
    with closing(socket.socket()) as lazy:
        lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2_048)
        lazy.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(lazy, ("127.0.0.1", hasty.port))
        await loop.sock_sendall(lazy, b"GET /big HTTP/1.1\r\n" + HOST + last + b"\r\n")
        await hasty.until(1)
        await hasty.until(0)


async def test_when_all_places_are_taken_the_next_is_told_so_and_one_that_leaves_makes_room(
    hasty: Hasty,
) -> None:
    request = b"GET / HTTP/1.1\r\n" + HOST + b"\r\n"
    here = [await hasty.dial() for _ in range(3)]
    for reader, writer in here:
        writer.write(request)
        assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")
    reader, writer = await hasty.dial()
    refused = await said(reader)
    assert refused.startswith(b"HTTP/1.1 503 ")
    assert b"retry-after: " in refused
    here[0][1].close()
    await hasty.until(2)
    reader, writer = await hasty.dial()
    writer.write(request)
    assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")
    for _, open_one in (*here, (reader, writer)):
        open_one.close()
