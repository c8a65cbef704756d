"""What every simulated person knows: the hall's plan, what can be seen of it, its doors and its time."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import numpy as np

from vikno.queue.decisions import instant
from vikno.queue.plan import HallPlan
from vikno.simulation.public.clock import HallClock
from vikno.simulation.public.doors import Doors
from vikno.simulation.public.mirror import Mirror

SECONDS_A_MINUTE = 60.0


class Scene:
    """Shared by visitors and clerks. `claimed` are tickets that a clerk is about to have called."""

    def __init__(self, plan: HallPlan, doors: Doors, rng: np.random.Generator) -> None:
        self.plan = plan
        self.doors = doors
        self.rng = rng
        self.mirror = Mirror()
        self.clock = HallClock()
        self.claimed: set[str] = set()
        self._zone = ZoneInfo(plan.time_zone)

    def minute(self) -> float:
        """The time of the service day, in minutes after local midnight."""
        return self.plan.opens + (self.clock.now() - self._opens()) / SECONDS_A_MINUTE

    def instant(self, minute: float) -> float:
        """The instant of a minute of the service day."""
        return self._opens() + (minute - self.plan.opens) * SECONDS_A_MINUTE

    def _opens(self) -> float:
        """Counted from the opening, because the night before may have had 23 or 25 hours."""
        assert self.mirror.day is not None
        return instant(date.fromisoformat(self.mirror.day), self.plan.opens, self._zone)
