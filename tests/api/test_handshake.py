"""At the door of the stream: who may listen to what, and what becomes of those who knock wrongly or talk."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import httpx
import numpy as np
import psutil
import pytest

from tests.api import rights
from tests.api.listening import answer, close_code, dial, listen, masked, path, status, upgrade
from tests.api.running import Deadline, Server, bearer
from vikno.api.access import ANY_HALL, Role
from vikno.api.stream import MESSAGE_BYTES_MAX, MESSAGES_MAX

GOOD = 101
MALFORMED_FRAMES = 10_000
MEMORY_BYTES_MAX = 10_000_000
"""What the process may have grown by after ten thousand bad frames: less than a page of them."""


@pytest.fixture(scope="module")
def tokens(server: Server) -> dict[str, str]:
    fixed = set(Role) - {Role.CLERK, Role.ADMIN, Role.MONITOR, Role.VISITOR}
    found = {role.value: server.token(role) for role in fixed}
    found["clerk"] = server.token(Role.CLERK, "w-1")
    found["admin"] = server.token(Role.ADMIN, hall=ANY_HALL)
    found["monitor"] = server.token(Role.MONITOR, hall=ANY_HALL)
    new = {"services": ["passport"]}
    issued = httpx.post(f"{server.api}/tickets", json=new, headers=bearer(found["kiosk"]))
    found["visitor"] = issued.json()["ticket"]["id"]
    return found


def knock(server: Server, request: bytes) -> tuple[int, str]:
    """The status of the answer, and whether the server hung up after it."""
    code = -1
    with closing(dial(server)) as connection:
        try:
            connection.sendall(request)
            code = status(answer(connection))
            if code != GOOD:
                close_code(connection)
                return code, "hung up"
        except TimeoutError:
            return code, "left hanging"
        return code, "listens"


SOCKETS = {call: may for call, may in rights.read().cells.items() if call.method == "WS"}
"""What can be connected to, and for whom, as docs/api.md says."""

STREAM = SOCKETS[rights.Call("WS", "/halls/{hall}/stream")]


@pytest.mark.parametrize("role", Role)
def test_each_role_is_let_in_where_the_document_says_and_nowhere_else(
    server: Server, tokens: dict[str, str], role: Role
) -> None:
    for call, may in SOCKETS.items():
        for hall in ("demo", "other"):
            target = "/api/v1" + call.path.format(hall=hall)
            code, _ = knock(server, upgrade([by(tokens[role])], target=target))
            here = role in may and (hall == "demo" or role is Role.ADMIN)
            assert (code == GOOD) is here, (call, hall, code)


@pytest.mark.parametrize(("role", "audience"), STREAM.items())
async def test_each_role_hears_what_is_meant_for_it(
    server: Server, tokens: dict[str, str], role: str, audience: str
) -> None:
    async with listen(server, tokens[role]) as stream:
        assert json.loads(await stream.recv())["audience"] == audience


async def test_a_page_offers_its_token_as_a_subprotocol(server: Server, tokens: dict[str, str]) -> None:
    offered = ["vikno", f"bearer.{tokens['screen']}"]
    async with listen(server, "", subprotocols=offered) as stream:
        assert stream.subprotocol == "vikno"


def by(token: str) -> tuple[str, str]:
    return "Authorization", f"Bearer {token}"


def offer(*protocols: str) -> tuple[str, str]:
    return "Sec-WebSocket-Protocol", ", ".join(protocols)


def bad_knocks(server: Server, token: dict[str, str]) -> dict[str, tuple[int, bytes]]:
    """What somebody may send, and the status they get."""
    manager = by(token["manager"])
    here = f"http://127.0.0.1:{server.port}"
    host = ("Host", f"127.0.0.1:{server.port}")
    return {
        "no token": (401, upgrade([])),
        "a wrong token": (401, upgrade([by("nonsense")])),
        "an empty token": (401, upgrade([by("")])),
        "a very long token": (401, upgrade([by("x" * 5_000)])),
        "a token that is no text": (401, upgrade([("Authorization", b"Bearer \xe9\xff")])),
        "another scheme": (401, upgrade([("Authorization", "Basic abc")])),
        "a token in the address": (401, upgrade([], target=path(query=f"?token={token['manager']}"))),
        "a wrong token as a subprotocol": (401, upgrade([offer("vikno", "bearer.nonsense")])),
        "no token among the subprotocols": (401, upgrade([offer("vikno", "graphql-ws")])),
        "a token for another hall": (403, upgrade([manager], target=path("other"))),
        "a visitor of another hall": (401, upgrade([by(token["visitor"])], target=path("other"))),
        "a hall that is not there": (404, upgrade([by(token["admin"])], target=path("nowhere"))),
        "another site": (403, upgrade([manager, ("Origin", "https://elsewhere.test")])),
        "another port": (403, upgrade([manager, host, ("Origin", "http://127.0.0.1:1")], leave_out=["Host"])),
        "a page without an address": (403, upgrade([manager, ("Origin", "null")])),
        "an origin that is no address": (403, upgrade([manager, ("Origin", "http://[")])),
        "the same site": (GOOD, upgrade([manager, host, ("Origin", here)], leave_out=["Host"])),
        "another path": (404, upgrade([manager], target="/api/v1/halls/demo/streams")),
        "the root": (404, upgrade([manager], target="/")),
        "a path that is no address": (400, upgrade([manager], target="//[")),
        "no key": (400, upgrade([manager], leave_out=["Sec-WebSocket-Key"])),
        "a bad key": (400, upgrade([manager, ("Sec-WebSocket-Key", "x")], leave_out=["Sec-WebSocket-Key"])),
        "an old version": (
            400,
            upgrade([manager, ("Sec-WebSocket-Version", "8")], leave_out=["Sec-WebSocket-Version"]),
        ),
        "another method": (405, upgrade([manager], method="POST")),
        "two hundred headers": (431, upgrade([manager, *((f"X-{n}", "x") for n in range(200))])),
        "a header too long": (431, upgrade([manager, ("X-Long", "x" * 20_000)])),
    }


def test_who_knocks_wrongly_is_told_so_and_shown_out(server: Server, tokens: dict[str, str]) -> None:
    knocks = bad_knocks(server, tokens)
    expected = {name: (code, "listens" if code == GOOD else "hung up") for name, (code, _) in knocks.items()}
    assert {name: knock(server, request) for name, (_, request) in knocks.items()} == expected


def opened(server: Server, token: str) -> Any:
    """A stream on a bare socket, past its handshake."""
    connection = dial(server)
    connection.sendall(upgrade([by(token)]))
    assert status(answer(connection)) == GOOD
    return connection


MALFORMED: tuple[tuple[bytes, Sequence[int]], ...] = (
    (masked(0x3, b"x"), [1002]),
    (masked(0xB, b""), [1002]),
    (masked(0x1, b"x", reserved=0x40), [1002]),
    (masked(0x0, b"x"), [1002]),
    (masked(0x9, b"x" * 126), [1002]),
    (masked(0x9, b"", final=False), [1002]),
    (b"\x81\x01x", [1002]),
    (b"\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff", [1002, 1009]),
    (masked(0x8, b"\x00"), [1002]),
    (masked(0x8, (999).to_bytes(2)), [1002]),
    (masked(0x1, b"x" * (MESSAGE_BYTES_MAX + 1)), [1009]),
    (masked(0x2, b"\x00" * 100_000), [1009]),
    (np.random.default_rng(7).bytes(4_096), [1002, 1009]),
)


def settled(process: psutil.Process, sockets: int) -> int:
    """The memory of a server once it holds no more than so many connections."""
    deadline = Deadline(10)
    while len(process.net_connections("tcp")) > sockets:
        deadline.check("the connections are closed")
    return int(process.memory_info().rss)


def test_ten_thousand_bad_frames_are_shown_out_and_leave_nothing_behind(
    server: Server, tokens: dict[str, str]
) -> None:
    process = psutil.Process(server.pid)
    chatter = [masked(1 + number % 2, b"hello" * (number % 40)) for number in range(MESSAGES_MAX + 1)]
    sent, before = 0, 0
    sockets = len(process.net_connections("tcp"))
    while sent < MALFORMED_FRAMES:
        for frame, codes in MALFORMED:
            with closing(opened(server, tokens["screen"])) as connection:
                connection.sendall(frame)
                assert close_code(connection) in {0, *codes}, frame[:20]
                sent += 1
        for _ in range(2):
            with closing(opened(server, tokens["screen"])) as connection:
                connection.sendall(b"".join(chatter))
                assert close_code(connection) in {0, 1008}
                sent += len(chatter)
        before = before or settled(process, sockets)
    assert settled(process, sockets) - before <= MEMORY_BYTES_MAX
    assert httpx.get(server.api, headers=bearer(tokens["manager"])).is_success


def test_a_reader_may_say_a_little(server: Server, tokens: dict[str, str]) -> None:
    with closing(opened(server, tokens["screen"])) as connection:
        connection.sendall(masked(0x1, b"hello") * MESSAGES_MAX + masked(0x9, b"there?"))
        received = b""
        while b"\x8a\x06there?" not in received:
            part = connection.recv(65_536)
            assert part, "the server hung up"
            received += part
