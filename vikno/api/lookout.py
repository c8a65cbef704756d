"""When a hall is looked at: soon after something changed there, and now and then while it is open.

One look at a time, at most one a second; what happens meanwhile is in the next. Nobody in the hall ever waits
for a look: the owner is asked for the state between two groups, the answer comes when it comes.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

from vikno.api.foresight import Foresight
from vikno.api.owner import HallOwner
from vikno.api.scores import LASTS_SECONDS
from vikno.api.truth import Truth
from vikno.display.waits import Foreseen
from vikno.queue.errors import JournalError
from vikno.queue.hall import Hall
from vikno.queue.plan import HallPlan
from vikno.simulation.outlook.moment import Moment, moment_of
from vikno.simulation.outlook.waits import Waits

log = logging.getLogger(__name__)

PAUSE_SECONDS = 1.0
"""Between two looks, in our time: sooner nobody reads."""

REFRESH_SECONDS = 30.0
"""Of the hall's time: so long a hall in which nothing happens is not looked at."""


class Lookout:
    """Looks after one hall. `hear` is told every answer, while the hall is as the disk has it."""

    def __init__(
        self, owner: HallOwner, foresight: Foresight, truth: Truth, hear: Callable[[Foreseen], None]
    ) -> None:
        self._owner = owner
        self._truth = truth
        self._foresight = foresight
        self._hear = hear
        self._changed = asyncio.Event()

    def changed(self) -> None:
        """Something happened in the hall."""
        self._changed.set()

    async def run(self) -> None:
        """For ever. The first look comes when the server listens already."""
        while True:
            await asyncio.sleep(PAUSE_SECONDS)
            self._changed.clear()
            try:
                await self._look()
            except JournalError:
                continue  # the hall cannot be read now; the owner finds back
            except Exception:
                log.exception("hall %s cannot be looked at", self._owner.journal.hall)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(REFRESH_SECONDS / self._owner.clock.speed, PAUSE_SECONDS)):
                    await self._changed.wait()

    async def _look(self) -> None:
        seen = await self._owner.read(self._see)
        if seen is None:
            return
        at, plan, moment = seen
        waits = await self._foresight.ask(plan, moment)
        if waits is None:
            return
        await self._owner.read(lambda hall: self._hear(self._told(hall, at, waits)))

    def _told(self, hall: Hall, at: float, foreseen: Waits) -> Foreseen:
        waits = self._truth.heard(hall, at, foreseen)
        return Foreseen(at, LASTS_SECONDS, waits.tickets, waits.services)

    def _see(self, hall: Hall) -> tuple[float, HallPlan, Moment] | None:
        """The hall now; None if there is nothing to be foreseen."""
        plan = hall.adopted
        if plan is None or not is_known(plan):
            return None
        at = max(self._owner.clock.now(), hall.at)
        moment = moment_of(hall, at)
        if moment is None or not (moment.standing or (moment.closes_in > 0 and moment.minute >= plan.opens)):
            return None
        return at, plan, moment


def is_known(plan: HallPlan) -> bool:
    """Whether the hall file says how many come and how long a visit takes, of any service."""
    return any(service.service for service in plan.services) and any(one.arrivals for one in plan.demand)
