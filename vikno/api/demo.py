"""The demonstration: a live hall, and a simulated public that fills it, for whoever wants to see it work.

Nothing is faked. The server is the one that serves a real hall; the public is a process of its own that
knows only its HTTP doors and its stream. Only the clock is special: it stands until the public has come,
lets the first hours of the morning pass quickly, so that the first page that is opened shows a hall at
work, and then runs at the speed of the demonstration. Pages need no sign-in, so only this machine may look.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from vikno.api.access import Grant, Role
from vikno.api.clock import LEAD_MINUTES, DemoClock
from vikno.api.house import House
from vikno.api.room import STAFF, Room
from vikno.api.rosterdemo import bring_roster
from vikno.api.serve import CannotListen, build_house, is_loopback, listen, open_engine
from vikno.api.serve import run as run_server
from vikno.display.pages import pick
from vikno.queue.decisions import instant
from vikno.queue.errors import ViknoError
from vikno.queue.hall import Hall
from vikno.queue.journal.journal import Journal
from vikno.queue.plan import HallPlan
from vikno.queue.records import WindowState
from vikno.queue.state import RETURN_SECONDS, UNDO_SECONDS, Limits
from vikno.scheduler.roster.problem import Problem

QUICK_MINUTES = 75
"""So much of the day passes quickly after opening: the lines of a morning have formed by then."""

QUICK_SPEED = 480.0
"""Eight minutes a second: what two small cores manage with every step still going over HTTP."""

PUBLIC_SECONDS = 30.0
"""A public that has not come by then does not hold the clock any longer."""

AGAIN_SECONDS = 5.0
"""A public that ended, whatever ended it, is sent again after this."""

EVENING_SECONDS = 5.0
"""Of our time: an empty hall is shown so long before the next morning comes."""

POLL_SECONDS = 0.05
PORTS_TRIED = 20
TOKEN_VARIABLE = "VIKNO_TOKEN"  # noqa: S105  (a name, not a secret)

Say = Callable[[str], object]


class Demo(msgspec.Struct, frozen=True):
    """What is shown, and how. `arrivals` is the record of the first day's visitors, if there is one.

    `roster`: who works when, until a manager says otherwise.
    """

    plan: HallPlan
    hall_file: Path
    arrivals: Path | None
    speed: float
    data: Path
    roster: Problem | None = None


class StageClock:
    """A `DemoClock` that stands still until it is told to run, and can be told to run at another speed."""

    def __init__(self, plan: HallPlan, speed: float, start: float) -> None:
        self.speed = speed
        self._plan = plan
        self._start = start
        self._running: DemoClock | None = None

    def now(self) -> float:
        """The hall's time in POSIX seconds."""
        return self._start if self._running is None else self._running.now()

    def run(self, speed: float, start: float | None = None) -> None:
        """From now on at `speed`, or from `start` on."""
        self._running = DemoClock(self._plan, speed, self.now() if start is None else start)
        self.speed = speed


class DemoHouse(House):
    """A house with one hall that brings its public along, and takes it home when it closes."""

    def __init__(self, house: House, demo: Demo, clock: StageClock, address: str, say: Say) -> None:
        super().__init__(house.rooms, house.engine, house.policy)
        self._demo = demo
        self._clock = clock
        self._address = address
        self._say = say
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Open the hall, send for the public, lift the curtain when it is there."""
        await super().start()
        acts = (self._bring_public(), self._play(), self._skip_nights())
        self._tasks = [asyncio.create_task(act) for act in acts]

    async def stop(self) -> None:
        """The public goes first."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await super().stop()

    async def _bring_public(self) -> None:
        """Run the public's process; it ends with this task."""
        plan = self._demo.plan
        token = self.people.gate.lend(Grant(Role.MANAGER, plan.id))
        command = [sys.executable, "-m", "vikno.api.cli", "public", self._address]
        command += ["--hall", str(self._demo.hall_file)]
        if self._demo.arrivals is not None:
            command += ["--arrivals", str(self._demo.arrivals)]
        environment = os.environ | {TOKEN_VARIABLE: token}
        while True:
            # A session of its own: Ctrl-C is for the server, which then ends the public.
            child = await asyncio.create_subprocess_exec(*command, env=environment, start_new_session=True)
            try:
                code = await child.wait()
            finally:
                if child.returncode is None:
                    with contextlib.suppress(ProcessLookupError):
                        child.terminate()
                    await child.wait()
            self._say(f"The simulated public ended ({code}); it comes again in {AGAIN_SECONDS:g} seconds.")
            await asyncio.sleep(AGAIN_SECONDS)

    async def _play(self) -> None:
        """The morning quickly, the rest as asked for."""
        demo, clock = self._demo, self._clock
        room = self.rooms[demo.plan.id]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PUBLIC_SECONDS):
                while not room.audiences[STAFF].readers:  # noqa: ASYNC110  (a set of the hub's has no event)
                    await asyncio.sleep(POLL_SECONDS)
        busy = busy_from(demo.plan, clock.now())
        if clock.now() < busy and demo.speed < QUICK_SPEED:
            seconds = (busy - clock.now()) / QUICK_SPEED
            self._say(f"The first visitors come; the morning passes quickly ({seconds:.0f} seconds) ...")
            await self._pace(room, QUICK_SPEED)
            while clock.now() < busy:  # noqa: ASYNC110  (a clock has no event)
                await asyncio.sleep(POLL_SECONDS)
        await self._pace(room, demo.speed)
        self._say(addresses(demo, self._address))

    async def _skip_nights(self) -> None:
        """When the last clerk has gone home, the next morning comes; nobody watches a dark hall."""
        demo, owner = self._demo, self.rooms[self._demo.plan.id].owner
        while True:
            await asyncio.sleep(EVENING_SECONDS)
            if is_over(owner.hall, self._clock.now()):
                self._clock.run(demo.speed, start_of(demo.plan, self._clock.now(), self._clock.now()))

    async def _pace(self, room: Room, speed: float) -> None:
        """Another speed, and everybody is told by a snapshot."""

        def tell(_hall: object) -> None:
            for name, audience in room.audiences.items():
                audience.forget()
                audience.tell(room.snapshot(name))

        self._clock.run(speed)
        await room.owner.read(tell)


def run(demo: Demo, host: str, port: int, today: float, say: Say) -> None:
    """Show `demo` at `host` until told to stop. `today` is any instant of its first day (POSIX seconds)."""
    if not is_loopback(host):
        raise ViknoError(
            f"--host: the demonstration needs no sign-in, so it must not listen on {host}; "
            "use 127.0.0.1, or run `vikno serve`"
        )
    sock = _listen(host, port, say)
    plan = demo.plan
    engine = open_engine(demo.data, None)
    clock = StageClock(plan, demo.speed, start_of(plan, today, Journal(engine, plan.id).last_at()))
    limits = Limits(undo_seconds=UNDO_SECONDS * demo.speed, return_seconds=RETURN_SECONDS * demo.speed)
    house = build_house([plan], engine, clock=lambda _plan: clock, limits=limits)
    if demo.roster is not None:
        bring_roster(house.rosters, plan, demo.roster, clock.now())
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{sock.getsockname()[1]}"
    run_server(DemoHouse(house, demo, clock, address, say), sock, lends_tokens=True)


def start_of(plan: HallPlan, today: float, last: float) -> float:
    """When a demonstration begins: this morning, or where the last one ended, or the morning after it."""
    zone = ZoneInfo(plan.time_zone)
    day = datetime.fromtimestamp(max(today, last), zone).date()
    if last >= instant(day, plan.closes, zone):
        day += timedelta(days=1)
    return max(instant(day, plan.opens - LEAD_MINUTES, zone), last)


def is_over(hall: Hall, at: float) -> bool:
    """Whether the doors are closed, every window too, and nobody is there any more."""
    if hall.day is None or at < hall.day.closes:
        return False
    shut = all(window.state is WindowState.CLOSED for window in hall.windows.values())
    return shut and all(ticket.over for ticket in hall.tickets.values())


def busy_from(plan: HallPlan, at: float) -> float:
    """The instant of the same day until which the morning passes quickly."""
    zone = ZoneInfo(plan.time_zone)
    return instant(
        datetime.fromtimestamp(at, zone).date(), min(plan.opens + QUICK_MINUTES, plan.closes), zone
    )


def _listen(host: str, port: int, say: Say) -> socket.socket:
    """A socket at the port, or at the next one that is free."""
    for candidate in range(port, min(port + PORTS_TRIED, 65_536)):
        with contextlib.suppress(CannotListen):
            sock = listen(host, candidate)
            if candidate != port:
                say(f"Port {port} is taken; this is port {candidate}.")
            return sock
    return listen(host, port)


def addresses(demo: Demo, address: str) -> str:
    """Every page, the most telling first."""
    plan, hall = demo.plan, demo.plan.id
    windows = [window.id for window in plan.windows]
    first = _table(
        [
            (f"{address}/screen/{hall}", "the hall screen: who is called, and where to"),
            (f"{address}/kiosk/{hall}", "take a ticket yourself, and watch for your number"),
            (f"{address}/overview/{hall}", "the whole hall as it runs"),
            (f"{address}/whatif/{hall}", "try other windows, people, rules on simulated days"),
            (f"{address}/roster/{hall}", _roster(demo.roster)),
        ]
    )
    more = _table(
        [
            (f"{address}/console/{hall}/{windows[0]}", _consoles(windows)),
            (f"{address}/", "all pages; a visitor's phone page is behind the code on their ticket"),
            (f"{address}/openapi.json", "the interface for other programs"),
        ]
    )
    name = pick(plan.name, "en")
    return (
        f"\n{name}, {demo.speed:g} times as fast as it was. Open first:\n\n{first}\n\nThen:\n\n{more}\n\n"
        f"It is all kept in {demo.data}/. Ctrl-C ends it.\n"
    )


def _roster(roster: Problem | None) -> str:
    """What stands beside the address of the roster."""
    if roster is None:
        return "plan who works when: bring a roster file"
    return "drag who works when, and see at once what it breaks, costs and does to waits"


def _consoles(windows: Sequence[str]) -> str:
    """What stands beside the address of the first console."""
    text = "a clerk's console; work there, and the simulated clerk stands aside"
    return text if len(windows) == 1 else f"{text} (also {windows[1]} to {windows[-1]})"


def _table(rows: Sequence[tuple[str, str]]) -> str:
    width = max(len(left) for left, _ in rows)
    return "\n".join(f"  {left:{width}}  {right}" for left, right in rows)
