"""What time it is in a hall: handed in, never asked of the machine by anybody else.

A real hall runs on the machine's clock. A demonstration runs faster, and skips the nights, so that a
newcomer sees a whole day in a quarter of an hour and then the next one.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from vikno.queue.decisions import instant
from vikno.queue.plan import HallPlan

LEAD_MINUTES = 5
"""A demonstration's day begins this long before the doors open."""

TRAIL_MINUTES = 120
"""It lasts this long after closing, for those still waiting; then the next one begins."""


class Clock(Protocol):
    """The time of a hall in POSIX seconds, and how fast it passes."""

    speed: float

    def now(self) -> float:
        """POSIX seconds; may jump, as the machine's clock does."""
        ...


class SystemClock:
    """The machine's clock."""

    speed = 1.0

    def now(self) -> float:
        """POSIX seconds."""
        return time.time()


class DemoClock:
    """Working days one after the other, at `speed` times real time, from `start` (POSIX seconds) on."""

    def __init__(self, plan: HallPlan, speed: float, start: float) -> None:
        self.speed = speed
        self._zone = ZoneInfo(plan.time_zone)
        self._opens, self._closes = plan.opens - LEAD_MINUTES, plan.closes + TRAIL_MINUTES
        self._hall_start = start
        self._real_start = time.monotonic()

    def now(self) -> float:
        """The hall's time: within working hours it runs on, at their end it is the next morning."""
        at = self._hall_start
        left = (time.monotonic() - self._real_start) * self.speed
        while True:
            day = datetime.fromtimestamp(at, self._zone).date()
            end = instant(day, self._closes, self._zone)
            if at + left < end:
                return at + left
            left -= max(0.0, end - at)
            at = instant(day + timedelta(days=1), self._opens, self._zone)
