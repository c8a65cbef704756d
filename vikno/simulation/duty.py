"""When a window is staffed: pure, from its hours in the hall file."""

from __future__ import annotations

import math
from typing import NamedTuple

from vikno.queue.plan import HallPlan, WindowPlan
from vikno.scheduler.workload import shifts


class Duty(NamedTuple):
    """Whether the window is staffed at a minute, until which minute that stays so, whether it will be again.

    `overtime`: its hours ended with the hall's, and it stays for those who still wait.
    """

    staffed: bool
    until: float
    again: bool
    overtime: bool


def stays_late(plan: HallPlan, window: WindowPlan) -> bool:
    """Whether the window is staffed at closing and stays for those it can serve."""
    hours = shifts(plan, window)
    return plan.after_close == "serve" and bool(hours) and hours[-1][1] == plan.closes


def duty(plan: HallPlan, window: WindowPlan, minute: float) -> Duty:
    """The duty of `window` at `minute` after midnight."""
    hours = shifts(plan, window)
    for number, (start, end) in enumerate(hours, 1):
        if minute < start:
            return Duty(staffed=False, until=start, again=True, overtime=False)
        if minute < end:
            return Duty(staffed=True, until=end, again=number < len(hours), overtime=False)
    return Duty(staffed=False, until=math.inf, again=False, overtime=stays_late(plan, window))
