"""The visitors: they come at their minute, press the kiosk, wait, and leave if it takes too long.

What a clerk needs to know of a visitor at the window (how long they take, whether they come at all) is
their `Visit`. Tickets that somebody else has taken, a person at the kiosk page for one, have a visit too,
drawn from the hall file when it is first asked for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Coroutine, Sequence
from enum import StrEnum
from typing import Any

import numpy as np

from vikno.scheduler.workload import UNKNOWN_SERVICE_MINUTES
from vikno.simulation.arrivals import Arrival, draw_arrivals
from vikno.simulation.day import Visitor, draw_visitors
from vikno.simulation.distributions import draw_timed
from vikno.simulation.public.clock import Alarm
from vikno.simulation.public.mirror import TicketSeen
from vikno.simulation.public.scene import SECONDS_A_MINUTE, Scene

WALK_SECONDS = (20.0, 40.0)
"""From a seat to the window, across a large hall."""

AWAY_MINUTES = (3.0, 8.0)
"""To fill in a form, or to fetch a paper from the car."""

LOOK_AROUND_SECONDS = 15.0
"""Nobody leaves sooner than this: they must first see that they have to wait."""

LATE_MINUTES = 15.0
"""Who should have come at most this long before a public joins a fresh hall comes at once."""

PARKED = 0.015
"""Share of visits in which a paper is missing and can be had."""

TRANSFERRED = 0.005
"""Share of visits that turn out to be for another service."""


class Turn(StrEnum):
    """How a visit at a window ends."""

    FINISH = "finish"
    PARK = "park"
    TRANSFER = "transfer"


class Visit:
    """One visitor for one service. `minutes` is what is left to do, at a window of factor 1."""

    def __init__(self, minutes: float, *, comes: bool, rng: np.random.Generator) -> None:
        self.minutes = minutes
        self.comes = comes
        self.walk_seconds = rng.uniform(*WALK_SECONDS)
        self.away_seconds = rng.uniform(*AWAY_MINUTES) * SECONDS_A_MINUTE
        chance = rng.random()
        if chance < PARKED:
            self.turn = Turn.PARK
        elif chance < PARKED + TRANSFERRED:
            self.turn = Turn.TRANSFER
        else:
            self.turn = Turn.FINISH

    def part_done(self) -> None:
        """Half of it is done; the rest follows when they are back, and then they are there."""
        self.minutes /= 2
        self.turn = Turn.FINISH
        self.comes = True


class Visitors:
    """Those of one day after the other. `first` are the arrivals of the first day, if they are known."""

    def __init__(
        self,
        scene: Scene,
        first: Sequence[Arrival] | None,
        spawn: Callable[[Coroutine[Any, Any, None]], object],
    ) -> None:
        self._scene = scene
        self._first = first
        self._spawn = spawn
        self._day: str | None = None
        self._known: dict[str, Visitor] = {}
        self._visits: dict[tuple[str, int, str], Visit] = {}
        self._alarms: list[Alarm] = []

    def begin_day(self) -> None:
        """Yesterday's visitors are gone, today's will come. Nothing happens if it is still the same day."""
        scene = self._scene
        if scene.mirror.day is None or scene.mirror.day == self._day:
            return
        joins = self._day is None
        self._day = scene.mirror.day
        for alarm in self._alarms:
            alarm.cancel()
        self._alarms, self._known, self._visits = [], {}, {}
        arrivals = self._first if joins and self._first is not None else draw_arrivals(scene.plan, scene.rng)
        since = self._came_until() if joins else -math.inf
        for visitor in draw_visitors(scene.plan, arrivals, scene.rng):
            if visitor.minute >= since:
                self._at(scene.instant(visitor.minute), self._visit, visitor)

    def _came_until(self) -> float:
        """The minute up to which a public that joins now has nobody to send: they came, or it is too late."""
        return self._scene.minute() - (0.0 if self._scene.mirror.issued else LATE_MINUTES)

    def visit(self, ticket: TicketSeen) -> Visit:
        """What is to be done for a ticket in its present leg."""
        key = ticket.id, ticket.leg, ticket.service
        if key not in self._visits:
            self._visits[key] = self._drawn(ticket)
        return self._visits[key]

    def _drawn(self, ticket: TicketSeen) -> Visit:
        scene, visitor = self._scene, self._known.get(ticket.id)
        if visitor is not None and ticket.service in visitor.services:
            minutes = visitor.service_minutes[visitor.services.index(ticket.service)]
            return Visit(minutes, comes=visitor.comes or ticket.leg > 0, rng=scene.rng)
        service = scene.plan.service[ticket.service]
        now = np.array([scene.minute()])
        drawn = draw_timed(service.service, now, scene.rng, UNKNOWN_SERVICE_MINUTES)
        return Visit(float(drawn[0]), comes=True, rng=scene.rng)

    async def _visit(self, visitor: Visitor) -> None:
        """At the kiosk; a closed or full hall sends them home."""
        ticket = await self._scene.doors.issue(visitor.services, visitor.language)
        if ticket is None:
            return
        self._known[ticket.id] = visitor
        if math.isfinite(visitor.patience_minutes):
            seconds = max(visitor.patience_minutes * SECONDS_A_MINUTE, LOOK_AROUND_SECONDS)
            self._at(ticket.since.timestamp() + seconds, self._lose_patience, ticket.id)

    async def _lose_patience(self, ticket: str) -> None:
        """Who still waits leaves."""
        seen = self._scene.mirror.tickets.get(ticket)
        if seen is not None and seen.state == "waiting":
            await self._scene.doors.leave(ticket)

    def _at(self, at: float, do: Callable[..., Coroutine[Any, Any, None]], *arguments: object) -> None:
        self._alarms.append(self._scene.clock.call_at(at, lambda: self._spawn(do(*arguments))))
