"""A server of many halls, each at the time that its own requests say: `python serving.py DATA FILE…`."""

from __future__ import annotations

import sys
from pathlib import Path

from fastapi import FastAPI
from msgspec.structs import replace
from starlette.types import ASGIApp, Receive, Scope, Send

from vikno.api import serve
from vikno.api.house import House
from vikno.api.room import Room
from vikno.queue.hall import Hall
from vikno.queue.hallfile import read_hall_file
from vikno.queue.journal.journal import Journal
from vikno.queue.plan import HallPlan
from vikno.scheduler.fifo import Fifo

INSTANT = "hall-instant"
"""The header that says what time it is in the hall: POSIX seconds."""

HALL = 4
"""`/api/v1/halls/{hall}/…`, split at its slashes."""


class SteppedClock:
    """Shows what the last request of its hall said."""

    speed = 1.0

    def __init__(self, at: float) -> None:
        self.at = at

    def now(self) -> float:
        return self.at


class Times:
    """Sets the clock of the hall that a request is about."""

    def __init__(self, app: ASGIApp, clocks: dict[str, SteppedClock]) -> None:
        self._app, self._clocks = app, clocks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        for name, value in scope.get("headers", ()):
            if name == INSTANT.encode():
                self._clocks[scope["path"].split("/")[HALL]].at = float(value)
        await self._app(scope, receive, send)


def main(data: str, start: str, *files: str) -> None:
    """Serve until killed. No wait is foreseen: the hall's day is over before a look at it would be."""
    plans = [_unforeseen(read_hall_file(file)) for file in files]
    clocks = {plan.id: SteppedClock(float(start)) for plan in plans}
    engine = serve.open_engine(Path(data), None)
    # Without the guard, which on a crowded machine would now and then call somebody else than the twin.
    rooms = {
        plan.id: Room(plan, lambda: Hall(Fifo()), Journal(engine, plan.id), clocks[plan.id]) for plan in plans
    }
    house = House(rooms, engine, proposes=False)
    sock = serve.listen("127.0.0.1", 0)

    def also(app: FastAPI) -> None:
        app.add_middleware(Times, clocks=clocks)

    def ready() -> None:
        sys.stdout.write(f"soaking at http://127.0.0.1:{sock.getsockname()[1]}/\n")
        sys.stdout.flush()

    serve.run(house, sock, also=also, ready=ready)


def _unforeseen(plan: HallPlan) -> HallPlan:
    """The plan without what waits are foreseen by."""
    return replace(plan, services=tuple(replace(service, service=()) for service in plan.services))


if __name__ == "__main__":
    main(*sys.argv[1:])
