"""Honest waits of a real server: they come, follow the windows, and never stand in a clerk's way."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.client import ClientConnection

from tests.api.foreseeing import (
    FORESEEN_SECONDS_MAX,
    VISIT_MINUTES,
    Desk,
    forecasters,
    foreseen_hall,
    foretells,
    until,
)
from tests.api.listening import listen
from tests.api.running import Deadline, Server

CALLS = 40
CALL_SECONDS_MAX = 2.0
"""A look of a stopped process never comes; a call on a busy machine takes a fraction of this."""

pytestmark = pytest.mark.timeout(240)


@pytest.fixture
def opened(make_server: Callable[..., Server]) -> Server:
    """A server with one hall whose waits are known."""
    server = make_server(foreseen_hall())
    server.start()
    return server


@asynccontextmanager
async def listening(server: Server, desk: Desk) -> AsyncIterator[ClientConnection]:
    """The staff's stream, for no longer than a foresight may take."""
    async with asyncio.timeout(FORESEEN_SECONDS_MAX), listen(server, desk.token) as stream:
        yield stream


async def test_a_wait_appears_and_follows_the_windows_without_an_event(opened: Server) -> None:
    desk = Desk(opened)
    assert desk.take()["wait"] is None, "nothing was foreseen yet"
    for _ in range(6):
        desk.take()
    desk.do("/windows/w-1/open")
    async with listening(opened, desk) as stream:
        await until(stream, foretells)
        last = desk.take()
        alone = last["wait"]
        assert alone["low"] <= 7 * VISIT_MINUTES <= alone["high"]
        seq = desk.see()["tickets"][-1]["number"]
        assert seq == last["number"]
        desk.do("/windows/w-2/open")
        desk.do("/windows/w-3/open")
        shorter = await until(
            stream,
            lambda one: (one.get("tickets", {}).get(last["id"]) or alone)["high"] < alone["low"],
        )
        assert shorter["type"] == "waits"
        for window in ("w-1", "w-2", "w-3"):
            desk.do(f"/windows/{window}/close")
        await until(stream, lambda one: one["type"] == "waits" and one["waits"] == {"passport": None})
        assert desk.see(f"/tickets/{last['id']}")["ticket"]["wait"] is None, "nobody works: not known"


async def test_a_killed_process_is_replaced_and_the_server_serves_on(opened: Server) -> None:
    desk = Desk(opened)
    desk.do("/windows/w-1/open")
    async with listening(opened, desk) as stream:
        await until(stream, foretells)
        [first] = forecasters(opened)
        os.kill(first, signal.SIGKILL)
        for _ in range(3):
            desk.take()
        await until(stream, lambda one: len(one.get("tickets") or {}) >= 2)
        [second] = forecasters(opened)
        assert second != first


async def test_clerks_never_wait_for_a_process_that_stands_still(opened: Server) -> None:
    desk = Desk(opened)
    desk.do("/windows/w-1/open")
    async with listening(opened, desk) as stream:
        await until(stream, foretells)
    [process] = forecasters(opened)
    os.kill(process, signal.SIGSTOP)
    try:
        for _ in range(CALLS):
            deadline = Deadline(CALL_SECONDS_MAX)
            desk.take()
            desk.do("/windows/w-1/call-next")
            desk.do("/windows/w-1/no-show")
            deadline.check("three steps at a window")
    finally:
        os.kill(process, signal.SIGCONT)
    async with listening(opened, desk) as stream:
        await until(stream, foretells)


async def test_the_process_ends_with_a_server_that_is_killed(opened: Server) -> None:
    desk = Desk(opened)
    desk.do("/windows/w-1/open")
    async with listening(opened, desk) as stream:
        await until(stream, foretells)
    [process] = forecasters(opened)
    watched = os.pidfd_open(process)
    opened.kill()
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(watched, ended.set)
    try:
        await asyncio.wait_for(ended.wait(), FORESEEN_SECONDS_MAX)
    finally:
        loop.remove_reader(watched)
        os.close(watched)


async def test_without_history_nothing_is_foreseen_and_no_process_runs(
    make_server: Callable[..., Server],
) -> None:
    server = make_server(foreseen_hall(known=False))
    server.start()
    desk = Desk(server)
    desk.do("/windows/w-1/open")
    assert desk.take()["wait"] is None
    async with listening(server, desk) as stream:
        beat = await until(stream, lambda one: one["type"] == "heartbeat")
        assert beat["waits"] == {"passport": None}
    assert not forecasters(server)


async def test_how_true_waits_were_is_told_by_day_and_outlives_a_restart(opened: Server) -> None:
    desk = Desk(opened)
    desk.do("/windows/w-1/open")
    desk.take()
    async with listening(opened, desk) as stream:
        await until(stream, lambda one: foretells(one) and bool(one.get("tickets")))
        told = [desk.take() for _ in range(3)]
        assert all(ticket["wait"] for ticket in told)
        for _ in range(4):
            desk.do("/windows/w-1/call-next")
            desk.do("/windows/w-1/no-show")
    [day] = desk.see("/waits")["days"]
    assert day["visits"] == len(told), "the first was told nothing"
    assert day["honest"] is None, "of so few nobody can say"
    assert day["later"] == 0
    assert day["minutes_off"] > 0
    today = desk.see()["today"]["told"]
    assert today.items() <= day.items()
    opened.terminate()
    opened.start()
    assert desk.see()["today"]["told"] == today
    assert desk.see("/waits")["days"] == [day]
