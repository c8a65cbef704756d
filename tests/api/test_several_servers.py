"""Two servers on one PostgreSQL: every clerk is served by both, in strict order, each visitor called once.

Each command of a person goes to the other server than the one before. Whoever gets no answer, because a
server was killed, sends the same with the same key to the other one.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import httpx
import numpy as np
import pytest

from tests.api import checker
from tests.api.running import HALL, SERVICES, Deadline, Server, bearer, hall_text
from tests.api.soak import roomy
from tests.postgresql import PostgreSQL
from vikno.api.access import Role

CLERKS = 32
KIOSKS = 4
CROWD = 200
"""So many may wait before the kiosks pause: the order is then worth checking."""

SEEN_SECONDS_MAX = 2.0
"""What happens at one server is seen at the other within a look, even if no ring is heard."""


class Person:
    """Somebody with a bare connection to each server, and a key for each command."""

    def __init__(self, rush: Rush, name: str, token: str, first: int) -> None:
        self._rush = rush
        self._name = name
        self._at = first
        self._count = 0
        self._headers = "".join(f"{name}: {value}\r\n" for name, value in bearer(token).items())
        self._open: dict[int, tuple[asyncio.StreamReader, asyncio.StreamWriter]] = {}

    async def post(self, path: str, body: object = None) -> dict[str, Any]:
        """A command, sent until it is answered, and its answer."""
        self._count += 1
        key = f"{self._name}-{self._count}"
        self._at = 1 - self._at
        while True:
            try:
                status, told = await self._send(path, key, body)
            except (OSError, asyncio.IncompleteReadError):
                self._rush.broken += 1
                self._hang_up(self._at)
                self._at = 1 - self._at
                await asyncio.sleep(0.02)
                continue
            assert status in {200, 201}, told
            self._rush.acknowledged.append((key, told))
            answer: dict[str, Any] = json.loads(told)
            return answer

    async def _send(self, path: str, key: str, body: object) -> tuple[int, bytes]:
        server = self._rush.servers[self._at]
        if self._at not in self._open:
            self._open[self._at] = await asyncio.open_connection("127.0.0.1", server.port)
        reader, writer = self._open[self._at]
        content = json.dumps(body).encode() if body else b""
        head = f"POST {urlsplit(server.api).path}{path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
        head += f"{self._headers}Idempotency-Key: {key}\r\nContent-Type: application/json\r\n"
        writer.write(f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content)
        answer = (await reader.readuntil(b"\r\n\r\n")).lower()
        told = await reader.readexactly(int(answer.split(b"content-length: ")[1].split(b"\r\n")[0]))
        return int(answer.split()[1]), told

    def _hang_up(self, at: int) -> None:
        if at in self._open:
            self._open.pop(at)[1].close()

    def close(self) -> None:
        for at in (0, 1):
            self._hang_up(at)


class Rush:
    """Clerks and kiosks at two servers, one of which is killed and started again, and then the other."""

    def __init__(self, servers: list[Server], visitors: int, start: Callable[[Server], None]) -> None:
        self.servers = servers
        self._start = start
        self.acknowledged: list[tuple[str, bytes]] = []
        self.broken = 0
        self.called: list[str] = []
        self._visitors = visitors
        self._issued = 0
        self._services = np.random.default_rng(21).choice(list(SERVICES), size=visitors).tolist()

    async def run(self, windows: dict[str, list[str]]) -> None:
        """All at once, until everybody was served."""
        token = self.servers[0].token
        # As quick as receptionists may be; a real kiosk is told to slow down.
        people = [Person(self, f"kiosk-{n}", token(Role.RECEPTIONIST), n % 2) for n in range(KIOSKS)]
        clerks = {w: Person(self, w, token(Role.CLERK, w), n % 2) for n, w in enumerate(windows)}
        async with asyncio.TaskGroup() as work:
            for kiosk in people:
                work.create_task(self._kiosk(kiosk))
            for window, clerk in clerks.items():
                work.create_task(self._clerk(clerk, window))
            for number, server in enumerate(self.servers, 1):
                work.create_task(self._kill(server, number * self._visitors // 3))
        for person in [*people, *clerks.values()]:
            person.close()

    async def _kill(self, server: Server, after: int) -> None:
        """`kill -9` once so many were called; the server is started again at once."""
        while len(self.called) < after:  # noqa: ASYNC110  (every clerk would have to tell)
            await asyncio.sleep(0.01)
        server.kill()
        await asyncio.to_thread(self._start, server)

    async def _kiosk(self, kiosk: Person) -> None:
        while self._services:
            if self._issued - len(self.called) > CROWD:
                await asyncio.sleep(0.01)
                continue
            service = self._services.pop()
            await kiosk.post("/tickets", {"services": [service]})
            self._issued += 1

    async def _clerk(self, clerk: Person, window: str) -> None:
        at = f"/windows/{window}"
        await clerk.post(f"{at}/open")
        while True:
            done = self._issued == self._visitors
            answer = await clerk.post(f"{at}/call-next")
            if answer["ticket"] is None:
                if done:
                    return
                await asyncio.sleep(0.01)
                continue
            self.called.append(answer["ticket"]["id"])
            await clerk.post(f"{at}/start")
            await clerk.post(f"{at}/finish")


async def rush(
    servers: list[Server],
    windows: dict[str, list[str]],
    visitors: int,
    start: Callable[[Server], None] = Server.start,
) -> None:
    """Everybody is served by both; judged from outside."""
    for server in servers:
        start(server)
    crowd = Rush(servers, visitors, start)
    await crowd.run(windows)
    for server in servers:
        server.terminate()
        server.check_log()
    journal = checker.rows(servers[0].address, HALL)
    checker.check_chain(journal, HALL)
    floor = checker.check_calls(journal)
    assert checker.check_order(journal, windows) == visitors
    assert checker.check_acknowledged(journal, crowd.acknowledged) == len(crowd.acknowledged)
    assert len(crowd.called) == len(set(crowd.called)) == visitors
    assert set(crowd.called) == floor.calls.keys()
    assert set(floor.calls.values()) == {1}
    assert set(floor.state.values()) == {"served"}
    numbers = [row.event["number"] for row in journal if row.type == "ticket-issued"]
    assert len(set(numbers)) == visitors
    assert [row.type for row in journal].count("day-began") == 1
    assert crowd.broken > 0, "nobody noticed that a server was killed"


def skills() -> dict[str, list[str]]:
    """Windows that differ: one to four services each."""
    rng = np.random.default_rng(20)
    names = list(SERVICES)
    return {
        f"w-{number}": rng.choice(names, size=1 + number % len(names), replace=False).tolist()
        for number in range(1, CLERKS + 1)
    }


@pytest.fixture
def two(make_server: Callable[..., Server], postgresql: PostgreSQL, postgresql_database: str) -> list[Server]:
    """Two servers on one database, not started yet."""
    text, address = hall_text(windows=skills()), postgresql.url(postgresql_database)
    return [make_server(text, address=address) for _ in range(2)]


def assert_no_deadlocks(postgresql: PostgreSQL, database: str) -> None:
    [(deadlocks,)] = postgresql.do("SELECT deadlocks FROM pg_stat_database WHERE datname = %s", database)
    assert deadlocks == 0


async def test_32_clerks_at_two_servers_that_are_killed_call_in_strict_order_each_once(
    two: list[Server], postgresql: PostgreSQL, postgresql_database: str
) -> None:
    await rush(two, skills(), 32 * 25)
    assert_no_deadlocks(postgresql, postgresql_database)


@pytest.mark.soak
async def test_32_clerks_with_a_thousand_calls_each_at_two_servers_that_are_killed(
    two: list[Server], postgresql: PostgreSQL, postgresql_database: str
) -> None:
    def start(server: Server) -> None:
        server.start([sys.executable, roomy.__file__, server.files[0], str(server.data), str(server.port)])

    await rush(two, skills(), 32 * 1_000, start)
    assert_no_deadlocks(postgresql, postgresql_database)


def test_what_one_server_does_the_other_knows(two: list[Server]) -> None:
    one, other = two
    one.start()
    other.start()
    manager = bearer(one.token(Role.MANAGER))

    def ask(server: Server, method: str, path: str, key: str = "", body: object = None) -> httpx.Response:
        headers = manager | ({"Idempotency-Key": key} if key else {})
        return httpx.request(method, server.api + path, headers=headers, json=body, timeout=20)

    issued = ask(one, "POST", "/tickets", "once", {"services": ["passport"]})
    assert issued.status_code == httpx.codes.CREATED
    assert ask(other, "POST", "/tickets", "once", {"services": ["passport"]}).content == issued.content
    reused = ask(other, "POST", "/tickets", "once", {"services": ["social"]})
    assert reused.json()["code"] == "key-reused"
    second = ask(other, "POST", "/tickets", "twice", {"services": ["passport"]})
    assert second.json()["ticket"]["number"] == "A2"
    deadline = Deadline(SEEN_SECONDS_MAX)
    while len(ask(one, "GET", "").json()["tickets"]) < 2:
        deadline.check("the ticket of one server is seen at the other")
