"""What a clerk does next follows from what stands at the window, whoever brought it there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import httpx
import numpy as np
import pytest
from msgspec.structs import replace

from vikno.queue.plan import HallPlan
from vikno.simulation.public.clerk import SERVING_SECONDS_MIN, Clerk, next_step
from vikno.simulation.public.doors import Doors
from vikno.simulation.public.mirror import Figures, HallSeen, Message, TicketSeen, WindowSeen
from vikno.simulation.public.scene import Scene
from vikno.simulation.public.visitors import Turn, Visit, Visitors

CALLED = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
TICKET = TicketSeen(
    "t1", "waiting", "passport", language="uk", leg=0, place=1.0, calls=0, since=CALLED - timedelta(minutes=9)
)
AT_WINDOW = replace(TICKET, state="called", calls=1, since=CALLED, called=CALLED, window="w-1")
SERVING = replace(AT_WINDOW, state="serving", since=CALLED + timedelta(seconds=30))
SOON = 5.0


def visit(minutes: float = 10.0, *, comes: bool = True, turn: Turn = Turn.FINISH) -> Visit:
    made = Visit(minutes, comes=comes, rng=np.random.default_rng(1))
    made.walk_seconds, made.turn = 30.0, turn
    return made


@pytest.mark.parametrize(
    ("ticket", "who", "seconds", "step"),
    [
        (AT_WINDOW, visit(), 30.0, "start"),
        (AT_WINDOW, visit(comes=False), 30.0, "recall"),
        (replace(AT_WINDOW, calls=2), visit(comes=False), 60.0, "no-show"),
        (SERVING, visit(10.0), 0.8 * 600.0, "finish"),
        (SERVING, visit(0.1), 30.0 + SERVING_SECONDS_MIN, "finish"),
        (SERVING, visit(10.0, turn=Turn.PARK), 0.8 * 300.0, "park"),
        (SERVING, visit(10.0, turn=Turn.TRANSFER), 0.8 * 300.0, "transfer"),
    ],
)
def test_a_visit_costs_the_window_its_duration_from_the_call_on(
    ticket: TicketSeen, who: Visit, seconds: float, step: str
) -> None:
    due = next_step(ticket, who, factor=0.8, no_show_seconds=60.0)
    assert due.step == step
    assert due.at == pytest.approx(CALLED.timestamp() + seconds)


class FakeHall:
    """Doors that note what is asked and refuse what they are told to."""

    def __init__(self) -> None:
        self.asked: asyncio.Queue[str] = asyncio.Queue()
        self.refuses: set[str] = set()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        step = request.url.path.rsplit("/windows/", 1)[1]
        self.asked.put_nowait(step)
        return httpx.Response(409 if step in self.refuses else 200, json={})

    async def next(self) -> str:
        """The next wish."""
        return await asyncio.wait_for(self.asked.get(), SOON)


@asynccontextmanager
async def at_work(plan: HallPlan, hall: FakeHall) -> AsyncIterator[Scene]:
    """A clerk at w-1 (passport, residence) at half past ten local time, with nobody in the hall."""
    doors = Doors("http://hall", plan.id, "token", httpx.MockTransport(hall))
    scene = Scene(plan, doors, np.random.default_rng(1))
    visitors = Visitors(scene, [], lambda _coroutine: None)
    clerk = asyncio.create_task(Clerk(plan.windows[0], scene, visitors).work())
    scene.clock.tell(CALLED.timestamp(), speed=1.0)
    yield scene
    clerk.cancel()
    await doors.close()


def show(scene: Scene, window: WindowSeen, *tickets: TicketSeen) -> None:
    scene.mirror.show(HallSeen([window], list(tickets), Figures(len(tickets)), "2026-11-20"))


def tell(
    scene: Scene, kind: str, *, window: WindowSeen | None = None, ticket: TicketSeen | None = None
) -> None:
    scene.mirror.follow(Message(kind, "epoch", 1, CALLED, ticket=ticket, window=window))


CLOSED, OPEN, PAUSED = (WindowSeen("w-1", state) for state in ("closed", "open", "paused"))


async def test_a_clerk_opens_and_calls_as_soon_as_somebody_waits(plan: HallPlan) -> None:
    hall = FakeHall()
    async with at_work(plan, hall) as scene:
        show(scene, CLOSED)
        assert await hall.next() == "w-1/open"
        tell(scene, "window-opened", window=OPEN)
        tell(scene, "ticket-issued", ticket=replace(TICKET, id="t2", service="pickup"))
        tell(scene, "ticket-issued", ticket=TICKET)
        assert await hall.next() == "w-1/call-next"


async def test_one_visitor_is_called_by_one_clerk(plan: HallPlan) -> None:
    hall = FakeHall()
    async with at_work(plan, hall) as scene:
        scene.claimed.add(TICKET.id)
        show(scene, OPEN, TICKET)
        tell(scene, "ticket-issued", ticket=replace(TICKET, id="t2", place=2.0))
        assert await hall.next() == "w-1/call-next"
        assert scene.claimed == {"t1", "t2"}


async def test_a_clerk_goes_on_with_whatever_stands_at_the_window(plan: HallPlan) -> None:
    hall = FakeHall()
    async with at_work(plan, hall) as scene:
        show(scene, replace(OPEN, ticket="t1"), SERVING)
        scene.clock.tell(CALLED.timestamp() + 7_200)
        assert await hall.next() == "w-1/finish"


async def test_a_refused_clerk_follows_the_stream(plan: HallPlan) -> None:
    hall = FakeHall()
    hall.refuses = {"w-1/call-next"}
    async with at_work(plan, hall) as scene:
        show(scene, OPEN, TICKET)
        assert await hall.next() == "w-1/call-next"
        show(scene, replace(OPEN, ticket="t1"), AT_WINDOW)
        scene.clock.tell(CALLED.timestamp() + 45)
        assert await hall.next() == "w-1/start"


async def test_a_clerk_stands_aside_where_somebody_else_works(plan: HallPlan) -> None:
    hall = FakeHall()
    async with at_work(plan, hall) as scene:
        show(scene, OPEN)
        tell(scene, "window-paused", window=PAUSED)
        tell(scene, "ticket-issued", ticket=TICKET)
        scene.clock.tell(CALLED.timestamp() + 59)
        for _ in range(10):
            await asyncio.sleep(0)
        assert hall.asked.empty()
        scene.clock.tell(CALLED.timestamp() + 61)
        assert await hall.next() == "w-1/open"


async def test_before_a_clerk_goes_home_who_stepped_aside_is_back_in_the_line(plan: HallPlan) -> None:
    hall = FakeHall()
    morning = replace(plan.windows[0], open=((480, 720),))
    short = replace(plan, windows=(morning, *plan.windows[1:]))
    parked = replace(AT_WINDOW, state="parked")
    async with at_work(short, hall) as scene:
        scene.clock.tell(CALLED.timestamp() + 2 * 3_600)
        show(scene, OPEN, parked)
        assert await hall.next() == "w-1/unpark"
        tell(scene, "ticket-unparked", window=OPEN, ticket=replace(parked, state="waiting", window=None))
        assert await hall.next() == "w-1/close"


async def test_a_clerk_who_calls_nobody_does_not_ask_again_at_once(plan: HallPlan) -> None:
    """Whoever waits is left to another window: the next look is a while later, or when something changes."""
    hall = FakeHall()
    async with at_work(plan, hall) as scene:
        show(scene, OPEN, TICKET)
        assert await hall.next() == "w-1/call-next"
        tell(scene, "nobody-called", window=OPEN)
        for _ in range(200):
            await asyncio.sleep(0)
        assert hall.asked.empty()
        show(scene, OPEN, TICKET)
        assert await hall.next() == "w-1/call-next"


async def test_after_closing_a_clerk_stays_for_those_who_wait(plan: HallPlan) -> None:
    hall = FakeHall()
    async with at_work(plan, hall) as scene:
        scene.clock.tell(CALLED.timestamp() + 6 * 3_600)
        show(scene, OPEN, TICKET)
        assert await hall.next() == "w-1/call-next"
        tell(scene, "ticket-called", window=replace(OPEN, ticket="t1"), ticket=AT_WINDOW)
        show(scene, OPEN)
        assert await hall.next() == "w-1/close"
