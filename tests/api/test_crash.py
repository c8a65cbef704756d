"""`kill -9` at any moment: what was acknowledged is there, and nobody is called twice.

Kiosks and clerks work on through every crash, as their pages do. The checker reads only what they were
told and what lies on the disk.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace

import httpx
import numpy as np
import pytest

from tests.api import checker, dying
from tests.api.clients import Client, World, clerk, kiosk
from tests.api.running import HALL, SERVICES, Server, bearer, hall_text
from vikno.api.access import Role

CYCLES = 50
"""On each kind of database; with more, the tests take too long for every change. The long ones go on."""
KIOSKS, CLERKS = 2, 6
CROWD = 40
ACKNOWLEDGED_MIN, ACKNOWLEDGED_MAX = 1, 120
"""A crash comes after so many more answers ..."""

JITTER_SECONDS = 0.01
"""... and up to so much later, so that it meets every point of a commit."""

START_KILLED_SHARE = 0.1
"""So many starts are killed too, anywhere in their first second."""


class Crashes:
    """A server that is killed again and again while people use it."""

    def __init__(self, server: Server, seed: int) -> None:
        self.server = server
        self.rng = np.random.default_rng(seed)
        self.ready_seconds: list[float] = []
        self.world = World("")

    async def run(self, cycles: int) -> None:
        """So many crashes, with everybody at work."""
        self.server.start()
        self.world.api = self.server.api
        clients = self._clients()
        self.world.up.set()
        seeds = iter(self.rng.spawn(KIOSKS + CLERKS))
        async with asyncio.TaskGroup() as people:
            for client in clients[:KIOSKS]:
                people.create_task(kiosk(client, next(seeds), tuple(SERVICES), CROWD))
            for number, client in enumerate(clients[KIOSKS:], 1):
                await client.ask(f"/windows/c-{number}/open")
                people.create_task(clerk(client, next(seeds), f"c-{number}"))
            for _ in range(cycles):
                await self._cycle()
            self.world.over = True
        for client in clients:
            await client.close()

    def _clients(self) -> list[Client]:
        world, token = self.world, self.server.token
        # As quick as receptionists may be; a real kiosk is told to slow down.
        kiosks = [Client(world, f"kiosk-{n}", token(Role.RECEPTIONIST)) for n in range(1, KIOSKS + 1)]
        windows = [f"c-{n}" for n in range(1, CLERKS + 1)]
        return kiosks + [Client(world, window, token(Role.CLERK, window)) for window in windows]

    async def _cycle(self) -> None:
        more = int(self.rng.integers(ACKNOWLEDGED_MIN, ACKNOWLEDGED_MAX))
        await self.world.until(len(self.world.acknowledged) + more)
        await asyncio.sleep(self.rng.uniform(0, JITTER_SECONDS))
        self.world.up.clear()
        self.server.kill()
        if self.rng.random() < START_KILLED_SHARE:
            self.server.spawn()
            await asyncio.sleep(self.rng.uniform(0, 1))
            self.server.kill()
        answered = len(self.world.acknowledged)
        begun = time.perf_counter()
        await asyncio.to_thread(self.server.start)
        self.world.up.set()
        await self.world.until(answered + 1)
        self.ready_seconds.append(time.perf_counter() - begun)


async def crash(server: Server, seed: int, record: Callable[[str, object], None]) -> None:
    crashes = Crashes(server, seed)
    begun = time.perf_counter()
    await crashes.run(CYCLES)
    server.kill()
    journal = checker.rows(server.address, HALL)
    checker.check_chain(journal, HALL)
    floor = checker.check_calls(journal)
    count = checker.check_acknowledged(journal, crashes.world.acknowledged)
    figures = {
        "seconds": time.perf_counter() - begun,
        "acknowledged": count,
        "called": len(floor.calls),
        "resent": crashes.world.resent,
        "ready_median": statistics.median(crashes.ready_seconds),
        "ready_worst": max(crashes.ready_seconds),
    }
    for name, value in figures.items():
        record(name, value)
    sys.stdout.write(f"{figures}\n")
    assert len(crashes.ready_seconds) == CYCLES
    assert crashes.world.resent >= CYCLES


@pytest.fixture
def crowded(make_server: Callable[..., Server], database_url: str) -> Server:
    windows = {f"c-{n}": tuple(SERVICES) for n in range(1, CLERKS + 1)}
    return make_server(hall_text(windows=windows), address=database_url)


async def test_fifty_crashes_lose_nothing_and_call_nobody_twice(
    crowded: Server, record_property: Callable[[str, object], None]
) -> None:
    await crash(crowded, 1, record_property)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(2, 12))
async def test_a_thousand_crashes_lose_nothing_and_call_nobody_twice(
    crowded: Server, seed: int, record_property: Callable[[str, object], None]
) -> None:
    await crash(crowded, seed, record_property)


STEPS = ("open", "call-next", "start", "finish")


@pytest.mark.parametrize(
    ("database_url", "point"),
    [("sqlite", point) for point in dying.POINTS] + [("postgresql", point) for point in dying.SHARED_POINTS],
    indirect=["database_url"],
)
def test_a_crash_at_any_point_of_a_commit_is_survived(
    make_server: Callable[..., Server], database_url: str, point: str
) -> None:
    server, step = make_server(address=database_url), STEPS.index("call-next") + 1
    clerk_token = bearer(server.token(Role.CLERK, "w-1"))
    program = [sys.executable, dying.__file__, point, str(step + 1), server.files[0], str(server.data), "0"]
    server.start(program)

    def ask(path: str, key: str, headers: dict[str, str], body: object) -> bytes:
        answer = httpx.post(server.api + path, headers=headers | {"Idempotency-Key": key}, json=body)
        assert answer.is_success, answer.text
        return answer.content

    asked: list[tuple[str, str, dict[str, str], object]] = [
        ("/tickets", "issue", bearer(server.token(Role.KIOSK)), {"services": ["passport"]})
    ]
    asked += [(f"/windows/w-1/{name}", name, clerk_token, None) for name in STEPS]
    acknowledged = [(call[1], ask(*call)) for call in asked[:step]]
    with pytest.raises(httpx.TransportError):
        ask(*asked[step])
    server.wait()
    on_disk = [row.key for row in checker.rows(server.address, HALL) if row.key]
    assert on_disk == [call[1] for call in asked[: step + (point == "committed")]]

    server.start()
    again = [(call[1], ask(*call)) for call in asked]
    server.kill()
    journal = checker.rows(server.address, HALL)
    checker.check_chain(journal, HALL)
    checker.check_calls(journal)
    assert again[:step] == acknowledged
    assert checker.check_acknowledged(journal, again) == len(asked)


def test_the_checker_sees_what_it_is_there_for(make_server: Callable[..., Server]) -> None:
    server = make_server()
    kiosk_token, manager = bearer(server.token(Role.KIOSK)), bearer(server.token(Role.MANAGER))
    server.start()
    key = {"Idempotency-Key": "first"}
    body = httpx.post(f"{server.api}/tickets", headers=kiosk_token | key, json={"services": ["passport"]})
    for step in ("w-1/open", "w-2/open", "w-1/call-next", "w-1/start"):
        assert httpx.post(f"{server.api}/windows/{step}", headers=manager).is_success
    journal = checker.rows(server.address, HALL)
    checker.check_chain(journal, HALL)
    checker.check_calls(journal)
    checker.check_acknowledged(journal, [("first", body.content)])

    with pytest.raises(AssertionError, match="row 4 where 3 was due"):
        checker.check_chain(journal[:2] + journal[3:], HALL)
    forged = [replace(row, payload=row.payload.replace("w-1", "w-2")) for row in journal]
    with pytest.raises(AssertionError, match="does not follow"):
        checker.check_chain(forged, HALL)
    with pytest.raises(AssertionError, match="at w-2 and elsewhere"):
        checker.check_calls([*journal, *(row for row in forged if row.type == "ticket-called")])
    with pytest.raises(AssertionError, match="second is lost"):
        checker.check_acknowledged(journal, [("second", body.content)])
    with pytest.raises(AssertionError, match="first happened twice"):
        checker.check_acknowledged([*journal, *journal], [])
    with pytest.raises(AssertionError, match="answered differently"):
        checker.check_acknowledged(journal, [("first", b"{}")])
