"""The hall's time as its stream tells it, and alarms in that time.

The hall's clock may run faster than ours, and jumps when a demonstration skips the night. Each time the
stream says what time it is, the alarms follow. One timer of the event loop serves them all, so that a
thousand visitors who will come later cost nothing now.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import math
from collections.abc import Callable


class Alarm:
    """Something to be done at an instant, unless it is cancelled before."""

    __slots__ = ("action", "at")

    def __init__(self, at: float, action: Callable[[], object]) -> None:
        self.at = at
        self.action: Callable[[], object] | None = action

    def cancel(self) -> None:
        """It will not ring."""
        self.action = None


class HallClock:
    """Instants in POSIX seconds of the hall. `speed` is how many of them pass in one of ours."""

    def __init__(self) -> None:
        self.speed = 1.0
        self._loop = asyncio.get_running_loop()
        self._at = 0.0
        self._heard = self._loop.time()
        self._alarms: list[tuple[float, int, Alarm]] = []
        self._order = itertools.count()
        self._timer: asyncio.TimerHandle | None = None

    def tell(self, at: float, speed: float | None = None) -> None:
        """It is `at` in the hall now, and its time passes at `speed` (None: as before)."""
        self._at, self._heard = at, self._loop.time()
        if speed is not None:
            self.speed = speed
        self._arm()

    def now(self) -> float:
        """The hall's time."""
        return self._at + (self._loop.time() - self._heard) * self.speed

    def call_at(self, at: float, action: Callable[[], object]) -> Alarm:
        """Have `action` called at `at`, or soon if that has passed; never, if `at` is infinite."""
        alarm = Alarm(at, action)
        heapq.heappush(self._alarms, (at, next(self._order), alarm))
        if self._alarms[0][2] is alarm:
            self._arm()
        return alarm

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._alarms and self._alarms[0][0] < math.inf:
            left = (self._alarms[0][0] - self.now()) / self.speed
            self._timer = self._loop.call_later(max(0.0, left), self._ring)

    def _ring(self) -> None:
        now = self.now()
        while self._alarms and self._alarms[0][0] <= now:
            action = heapq.heappop(self._alarms)[2].action
            if action is not None:
                action()
        self._arm()
