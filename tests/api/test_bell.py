"""The bell: who listens hears what was rung, here and elsewhere, and looks for whatever was missed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.postgresql import PostgreSQL
from vikno.api.bell import ACCESS, LOOK, Bell, hall_ring, policy_ring
from vikno.queue.journal.database import open_database, sqlite_url

WAIT_SECONDS_MAX = 20.0


class Ear:
    """Hears everything and waits for what should come."""

    def __init__(self, bell: Bell) -> None:
        self.heard: list[str] = []
        self._new = asyncio.Event()
        bell.listen(self._hear)

    def _hear(self, payload: str) -> None:
        self.heard.append(payload)
        self._new.set()

    async def until(self, enough: Callable[[list[str]], bool]) -> None:
        async with asyncio.timeout(WAIT_SECONDS_MAX):
            while not enough(self.heard):
                self._new.clear()
                await self._new.wait()


@asynccontextmanager
async def ringing(engine: Engine) -> AsyncIterator[Bell]:
    bell = Bell(engine)
    await bell.start()
    try:
        yield bell
    finally:
        await bell.stop()


async def connected(bell: Bell, ear: Ear) -> None:
    """Wait until `bell` is heard by the ear of another process, and forget what was heard by then."""
    number = 0
    async with asyncio.timeout(WAIT_SECONDS_MAX):
        while f"test {number}" not in ear.heard:
            number += 1
            bell.ring(f"test {number}")
            await asyncio.sleep(0.1)
    ear.heard.clear()


async def test_a_ring_is_heard_at_once_in_its_own_process(database_url: str) -> None:
    engine = open_database(database_url)
    async with ringing(engine) as bell:
        ear = Ear(bell)
        bell.ring(policy_ring("wola"))
        assert ear.heard == ["policy wola"]
    engine.dispose()


async def test_without_any_ring_everybody_looks_now_and_then(tmp_path: Path) -> None:
    bell = Bell(open_database(sqlite_url(tmp_path)))
    ear = Ear(bell)
    await bell.start()
    await ear.until(lambda heard: heard.count(LOOK) >= 2)
    await bell.stop()


async def test_a_listener_that_breaks_does_not_keep_others_from_hearing(tmp_path: Path) -> None:
    async with ringing(open_database(sqlite_url(tmp_path))) as bell:
        bell.listen(lambda _payload: 1 / 0)  # type: ignore[arg-type]
        ear = Ear(bell)
        bell.ring(ACCESS)
        assert ear.heard == [ACCESS]


@pytest.fixture
async def two(postgresql: PostgreSQL, postgresql_database: str) -> AsyncIterator[tuple[Bell, Bell]]:
    """The bells of two processes."""
    engines = [open_database(postgresql.url(postgresql_database)) for _ in range(2)]
    async with ringing(engines[0]) as one, ringing(engines[1]) as other:
        yield one, other
    for engine in engines:
        engine.dispose()


async def test_other_processes_hear_every_ring_in_order(two: tuple[Bell, Bell]) -> None:
    one, other = two
    ear = Ear(other)
    await connected(one, ear)
    rings = [hall_ring(hall, seq) for seq in range(1, 201) for hall in ("wola", "ochota")]
    for number, ring in enumerate(rings):
        one.ring(ring)
        if number % 40 == 0:
            await asyncio.sleep(0.01)
    await ear.until(lambda heard: rings[-1] in heard)
    assert [ring for ring in ear.heard if ring.startswith("hall")] == rings


async def test_who_lost_the_database_looks_once_it_is_back_and_hears_again(
    two: tuple[Bell, Bell], postgresql: PostgreSQL, postgresql_database: str
) -> None:
    one, other = two
    ear = Ear(other)
    await connected(one, ear)
    postgresql.cut_off(postgresql_database)
    one.ring(hall_ring("wola", 1))
    await asyncio.sleep(0.1)
    postgresql.let_in(postgresql_database)
    await connected(one, ear)
    one.ring(hall_ring("wola", 2))
    await ear.until(lambda heard: "hall wola 2" in heard)


async def test_rings_that_cannot_be_sent_do_not_pile_up(
    two: tuple[Bell, Bell], postgresql: PostgreSQL, postgresql_database: str
) -> None:
    one, other = two
    ear = Ear(other)
    await connected(one, ear)
    postgresql.cut_off(postgresql_database)
    for seq in range(5_000):
        one.ring(hall_ring("wola", seq))
    assert len(one._waiting) <= 1_000
    postgresql.let_in(postgresql_database)
    await connected(one, ear)
