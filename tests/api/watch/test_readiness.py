"""Ready is who can take a command: every hall folded, the journal written to, no stop asked for."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine, event

from tests.api.owning import NOON, HandClock, database, issue, kinds, lose
from tests.api.running import hall_text
from vikno.api import serve
from vikno.api.app import create_app
from vikno.api.house import House
from vikno.api.watch.readiness import PROBE_SECONDS, Health
from vikno.queue.errors import JournalUnavailable
from vikno.queue.hallfile import parse_hall

HALLS = ("demo", "other")


class Place:
    """Two halls on one database, and somebody who asks how they are."""

    def __init__(self, folder: Path) -> None:
        plans = [parse_hall(hall_text(hall, time_zone="UTC")) for hall in HALLS]
        self.engine: Engine = database(folder)
        self.house: House = serve.build_house(plans, self.engine, clock=lambda _plan: HandClock(NOON))
        self.clock = HandClock(0.0)
        self.house.health = Health(self.house.rooms, self.engine, self.clock.now)
        transport = httpx.ASGITransport(create_app(self.house))
        self.http = httpx.AsyncClient(transport=transport, base_url="http://vikno.test")

    async def ready(self) -> tuple[int, dict[str, object]]:
        answer = await self.http.get("/health/ready")
        assert answer.headers["Cache-Control"] == "no-store"
        told: dict[str, object] = answer.json()
        return answer.status_code, told


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    place = Place(tmp_path)
    await place.house.start()
    yield place
    await place.http.aclose()
    await place.house.stop()


async def test_who_lives_and_is_ready_says_so_to_anybody(place: Place) -> None:
    live = await place.http.get("/health/live")
    assert (live.status_code, live.json()) == (200, {"live": True})
    told = {"ready": True, "stopping": False, "journal": True, "halls": {"demo": True, "other": True}}
    assert await place.ready() == (200, told)


async def test_a_hall_that_cannot_be_read_is_named(place: Place) -> None:
    lose(place.house.rooms["other"])
    status, told = await place.ready()
    assert (status, told["halls"], told["ready"]) == (503, {"demo": True, "other": False}, False)


async def test_a_journal_that_takes_nothing_is_told_and_so_is_one_that_does_again(place: Place) -> None:
    with place.engine.connect() as other:
        other.exec_driver_sql("BEGIN IMMEDIATE")  # somebody else has the database, and does not let go
        assert await place.ready() == (
            503,
            {"ready": False, "stopping": False, "journal": False, "halls": {"demo": True, "other": True}},
        )
        other.rollback()
    place.clock.at += PROBE_SECONDS
    assert (await place.ready())[0] == 200


async def test_a_full_disk_that_has_room_for_the_question_only_is_told_all_the_same(place: Place) -> None:
    def full(_cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("INSERT INTO events"):
            raise sqlite3.OperationalError("database or disk is full")

    owner = place.house.rooms["other"].owner
    event.listen(place.engine, "do_execute", full)
    with pytest.raises(JournalUnavailable, match="disk is full"):
        await owner.submit(issue("t-1"), kinds)
    status, told = await place.ready()
    assert (status, told["journal"]) == (503, False)
    event.remove(place.engine, "do_execute", full)
    await owner.submit(issue("t-1"), kinds)
    assert (await place.ready())[0] == 200


async def test_however_often_it_is_asked_the_journal_is_written_to_once_in_a_while(place: Place) -> None:
    written = threading.Semaphore(0)
    place.clock.at += PROBE_SECONDS

    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("UPDATE halls"):
            written.release()

    event.listen(place.engine, "before_cursor_execute", count)
    await asyncio.gather(*(place.ready() for _ in range(20)))
    place.clock.at += PROBE_SECONDS - 0.1
    await place.ready()
    assert written._value == 1
    place.clock.at += 0.2
    await place.ready()
    assert written._value == 2


async def test_a_server_that_stops_is_ready_for_nothing(place: Place) -> None:
    place.house.health.stopping = True
    status, told = await place.ready()
    assert (status, told["stopping"]) == (503, True)
