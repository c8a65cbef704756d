"""Alarms ring by the hall's time, however it runs."""

from __future__ import annotations

import asyncio
import math

from vikno.simulation.public.clock import HallClock

SOON = 5.0
"""Seconds that a test waits for what should happen at once."""


async def test_alarms_ring_in_the_order_of_their_instants() -> None:
    clock = HallClock()
    clock.tell(1000.0, speed=1e6)
    rung: list[int] = []
    done = asyncio.Event()
    clock.call_at(31_000.0, done.set)
    for at in (3, 1, 2):
        clock.call_at(1000.0 + at * 5_000, lambda at=at: rung.append(at))  # type: ignore[misc]
    await asyncio.wait_for(done.wait(), SOON)
    assert rung == [1, 2, 3]
    assert clock.now() >= 31_000.0


async def test_a_jump_of_the_hall_time_rings_what_it_passed_and_nothing_else() -> None:
    clock = HallClock()
    clock.tell(0.0, speed=1.0)
    rung: list[str] = []
    tonight, tomorrow = asyncio.Event(), asyncio.Event()
    clock.call_at(3_600.0, tonight.set)
    clock.call_at(90_000.0, tomorrow.set)
    clock.call_at(math.inf, lambda: rung.append("never"))
    clock.call_at(1_800.0, lambda: rung.append("cancelled")).cancel()
    clock.tell(7_200.0)
    await asyncio.wait_for(tonight.wait(), SOON)
    assert not tomorrow.is_set()
    clock.tell(90_000.0)
    await asyncio.wait_for(tomorrow.wait(), SOON)
    assert rung == []


async def test_an_alarm_of_the_past_rings_at_once_but_not_before_the_caller_goes_on() -> None:
    clock = HallClock()
    clock.tell(1000.0, speed=1.0)
    rung = asyncio.Event()
    clock.call_at(10.0, rung.set)
    assert not rung.is_set()
    await asyncio.wait_for(rung.wait(), SOON)
