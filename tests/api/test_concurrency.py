"""Many clerks at once: strict order of the policy, each visitor called exactly once.

The order is derived again from the journal: at its own row, each call must have taken the longest waiting of
the window's skills.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from typing import Any, Self
from urllib.parse import urlsplit

import numpy as np

from tests.api import checker
from tests.api.running import HALL, SERVICES, Server, bearer, hall_text
from vikno.api.access import Role

CLERKS = 32
VISITORS = 3_000
KIOSKS = 4
HEAD_START = 300
"""So many visitors wait before the first clerk calls; the rest come while they work."""


def skills() -> dict[str, list[str]]:
    """Windows that differ: one to four services each, every service at many windows."""
    rng = np.random.default_rng(20)
    return {
        f"w-{number}": rng.choice(list(SERVICES), size=1 + number % len(SERVICES), replace=False).tolist()
        for number in range(1, CLERKS + 1)
    }


class Line:
    """One person's own connection, bare: on so few cores a full client would take more than the server."""

    def __init__(self, server: Server, headers: dict[str, str]) -> None:
        self._port = server.port
        self._path = urlsplit(server.api).path
        self._headers = "".join(f"{name}: {value}\r\n" for name, value in headers.items())

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *_error: object) -> None:
        self._writer.close()

    async def post(self, path: str, body: object = None) -> dict[str, Any]:
        """A command, and its answer."""
        content = json.dumps(body).encode() if body else b""
        head = f"POST {self._path}{path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{self._headers}"
        head += f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        self._writer.write(head.encode() + content)
        answer = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = int(answer.split(b"content-length: ")[1].split(b"\r\n")[0])
        told = await self._reader.readexactly(length)
        assert answer.startswith((b"http/1.1 200", b"http/1.1 201")), told
        message: dict[str, Any] = json.loads(told)
        return message


class Rush:
    """A morning with many clerks."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.issued = 0
        self.called: list[str] = []
        self.crowd = asyncio.Event()
        self.services = np.random.default_rng(21).choice(list(SERVICES), size=VISITORS).tolist()

    async def run(self, windows: list[str]) -> None:
        """All at once, until everybody was served."""
        kiosk = self.server.token(Role.RECEPTIONIST)  # no kiosk may be as quick as this
        clerks = {window: self.server.token(Role.CLERK, window) for window in windows}
        async with asyncio.TaskGroup() as people:
            for _ in range(KIOSKS):
                people.create_task(self.kiosk(bearer(kiosk)))
            for window, token in clerks.items():
                people.create_task(self.clerk(window, bearer(token)))

    async def kiosk(self, headers: dict[str, str]) -> None:
        """Tickets, until all visitors have one."""
        async with Line(self.server, headers) as line:
            while self.services:
                service = self.services.pop()
                await line.post("/tickets", {"services": [service]})
                self.issued += 1
                if self.issued == HEAD_START:
                    self.crowd.set()

    async def clerk(self, window: str, headers: dict[str, str]) -> None:
        """Call and serve, until nobody of this window's skills is left."""
        async with Line(self.server, headers) as line:
            await self.crowd.wait()
            await line.post(f"/windows/{window}/open")
            while True:
                done = self.issued == VISITORS
                answer = await line.post(f"/windows/{window}/call-next")
                if answer["ticket"] is None:
                    assert answer["why"]["rule"] == "nobody-waiting"
                    if done:
                        return
                    continue
                self.called.append(answer["ticket"]["id"])
                await line.post(f"/windows/{window}/start")
                await line.post(f"/windows/{window}/finish")


async def test_32_clerks_call_3000_visitors_in_strict_order_each_once(
    make_server: Callable[..., Server],
) -> None:
    windows = skills()
    server = make_server(hall_text(windows=windows))
    server.start()
    rush = Rush(server)
    await rush.run(list(windows))
    server.kill()

    journal = checker.rows(server.database, HALL)
    checker.check_chain(journal, HALL)
    floor = checker.check_calls(journal)
    assert checker.check_order(journal, windows) == VISITORS
    assert set(Counter(rush.called).values()) == {1}
    assert set(rush.called) == floor.calls.keys()
    assert set(floor.calls.values()) == {1}
    assert set(floor.state.values()) == {"served"}
    numbers = [row.event["number"] for row in journal if row.type == "ticket-issued"]
    assert len(set(numbers)) == VISITORS
