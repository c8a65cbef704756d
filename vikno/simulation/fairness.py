"""Fairness: who was overtaken, and how often.

A policy that serves the hall sooner as a whole may make somebody watch others go first. So it is counted:

    A waiting visitor is overtaken each time that somebody who came later is called, while they wait, to a
    window that could have served them.

"Later" goes by the order of arrival: a second leg keeps the place of its visit. What the window could do
decides, not the service that was called for. A call at the very instant of one's own (two windows that open
together) costs no waiting and is none. Under first come, first served within skills nobody is ever overtaken.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vikno.queue.plan import HallPlan
from vikno.simulation.record import Codes, DayRecord


def overtakes(plan: HallPlan, record: DayRecord) -> Codes:
    """How often each leg was overtaken before its call, one number a row of the record; 0 if never called."""
    found = np.zeros(record.visit.size, np.int32)
    order = np.flatnonzero(~np.isnan(record.called))
    order = order[np.argsort(record.called[order], kind="stable")]
    visit, service, window = (column[order] for column in (record.visit, record.service, record.window))
    able = np.array([[one.id in desk.skills for one in plan.services] for desk in plan.windows])
    if order.size and _out_of_turn(visit, service, able[window]):
        from vikno.simulation.overtaking import Calls, sweep  # noqa: PLC0415  (it brings a compiler)

        found[order] = sweep(Calls(visit, service, window, record.joined[order], record.called[order]), able)
    return found


def _out_of_turn(visit: Codes, service: Codes, able: NDArray[np.bool_]) -> bool:
    """Whether anybody was called after somebody later, whom a window with that skill had called.

    If not, as under first come, first served, nobody was overtaken. In order of call; `able`: (calls,
    services) what the window of each could have served.
    """
    latest = np.maximum.accumulate(np.where(able, visit[:, None], -1), axis=0)
    return bool((latest[np.arange(visit.size), service] > visit).any())
