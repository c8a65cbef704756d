"""When a window is staffed: pure, from its hours in the hall file."""

from __future__ import annotations

import math
from typing import NamedTuple

from vikno.queue.plan import HallPlan, WindowPlan


class Duty(NamedTuple):
    """Whether the window is staffed at a minute, until which minute that stays so, whether it will be again.

    `overtime`: its hours ended with the hall's, and it stays for those who still wait.
    """

    staffed: bool
    until: float
    again: bool
    overtime: bool


def duty(plan: HallPlan, window: WindowPlan, minute: float) -> Duty:
    """The duty of `window` at `minute` after midnight. Hours beyond the hall's closing are overtime."""
    hours = [(start, min(end, plan.closes)) for start, end in window.open or ((plan.opens, plan.closes),)]
    hours = [(start, end) for start, end in hours if start < end]
    for number, (start, end) in enumerate(hours, 1):
        if minute < start:
            return Duty(staffed=False, until=start, again=True, overtime=False)
        if minute < end:
            return Duty(staffed=True, until=end, again=number < len(hours), overtime=False)
    stays = plan.after_close == "serve" and bool(hours) and hours[-1][1] == plan.closes
    return Duty(staffed=False, until=math.inf, again=False, overtime=stays)
