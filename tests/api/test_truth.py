"""What came true corrects what is told next, and a restart forgets none of it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.queue.scene import Scene
from vikno.api.scores import Scores
from vikno.api.serve import open_engine
from vikno.api.truth import Truth
from vikno.display.honesty import Score
from vikno.queue import commands as c
from vikno.queue.journal.database import open_database
from vikno.queue.plan import HallPlan
from vikno.simulation.outlook.waits import Range, Waits

LASTS = 120.0
FORESEEN = Range(8.0, 10.0, 12.0)
CAME_MINUTES = 20.0


def lived(plan: HallPlan, truth: Truth, visitors: int, minutes: float, *, age: float = 1.0) -> Waits:
    """So many come one by one, are foreseen ten minutes and called after `minutes`; what is told then."""
    scene = Scene(replace(plan, opens=0, closes=24 * 60), "2026-11-20 00:01")
    scene.do(c.OpenWindow, "w-1")
    service = plan.services[0].id
    foreseen = Waits({}, dict.fromkeys((s.id for s in plan.services), FORESEEN))
    for number in range(visitors):
        truth.heard(scene.hall, scene.now, foreseen)
        ticket = scene.issue(f"t{number}", service, after=age)
        truth.saw(scene.events[-1], ticket)
        (called,) = scene.do(c.CallNext, "w-1", after=60 * minutes)
        truth.saw(called, scene.hall.tickets[ticket.id])
        scene.do(c.FinishService, "w-1")
    return truth.heard(scene.hall, scene.now, foreseen)


def told(plan: HallPlan, waits: Waits) -> Range:
    found = waits.services[plan.services[0].id]
    assert found is not None
    return found


def test_a_hall_twice_as_slow_as_its_file_says_is_told_so(plan: HallPlan) -> None:
    shown = told(plan, lived(plan, Truth(LASTS), 60, CAME_MINUTES))
    assert abs(shown.p50 - CAME_MINUTES) < 2
    assert shown.p10 < shown.p50 < shown.p90


def test_a_hall_as_its_file_says_is_told_as_it_is(plan: HallPlan) -> None:
    assert abs(told(plan, lived(plan, Truth(LASTS), 60, FORESEEN.p50)).p50 - FORESEEN.p50) < 0.5


def test_what_was_too_old_to_be_told_teaches_nothing(plan: HallPlan) -> None:
    shown = told(plan, lived(plan, Truth(LASTS), 60, CAME_MINUTES, age=LASTS + 1))
    assert shown.p50 == pytest.approx(FORESEEN.p50)


def test_a_restart_forgets_nothing(plan: HallPlan, tmp_path: Path) -> None:
    engine = open_engine(tmp_path, None)
    first = Scores(engine, plan.id)
    scene = Scene(replace(plan, opens=0, closes=24 * 60), "2026-11-20 00:01")
    first.folded(scene.hall)
    lived(plan, first.truth, 30, CAME_MINUTES)
    first.honesty.score.visits = 30
    asyncio.run(first.save())
    second = Scores(engine, plan.id)
    second.load()
    assert second.truth.truing == first.truth.truing
    assert told(plan, lived(plan, second.truth, 1, CAME_MINUTES)).p50 > 1.5 * FORESEEN.p50


def test_what_several_servers_measured_of_a_day_adds_up(plan: HallPlan, database_url: str) -> None:
    engine = open_database(database_url)
    scene = Scene(replace(plan, opens=0, closes=24 * 60), "2026-11-20 00:01")
    servers = [Scores(engine, plan.id) for _ in range(2)]
    for server in servers:
        server.folded(scene.hall)
    for number, visits in ((0, 3), (1, 5), (0, 2)):
        servers[number].honesty.score.add(Score(visits=visits, within=visits - 1, minutes_off=visits / 2))
        asyncio.run(servers[number].save())
    for server in servers:
        asyncio.run(server.save())
        asyncio.run(server.save())
    later = Scores(engine, plan.id)
    later.load()
    together = Score(visits=10, within=7, minutes_off=5.0)
    assert [score.days()[0]["visits"] for score in (*servers, later)] == [10] * 3
    assert servers[0].honesty.score == servers[1].honesty.score == together
    engine.dispose()
