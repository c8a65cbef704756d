"""What the server and the process that looks ahead say to each other: one JSON text a line.

Apart from both, so that the server need not load what only that process needs.
"""

from __future__ import annotations

import msgspec

from vikno.queue.plan import HallPlan
from vikno.scheduler.learned import Learned
from vikno.simulation.outlook.moment import Moment
from vikno.simulation.outlook.waits import Waits


class Known(msgspec.Struct, frozen=True, tag="known"):
    """By which plan and policy a hall runs from now on."""

    plan: HallPlan
    policy: str | Learned


class Look(msgspec.Struct, frozen=True, tag="look"):
    """What is to be foreseen from this moment of a hall? `number` comes back with the answer."""

    number: int
    hall: str
    moment: Moment


class Sight(msgspec.Struct, frozen=True):
    """The answer; `waits` is None if it broke, or nothing can be foreseen under the hall's policy."""

    number: int
    waits: Waits | None
