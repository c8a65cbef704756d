"""Which windows the plan counts on and nobody works at."""

from __future__ import annotations

from vikno.queue.hall import Hall
from vikno.queue.records import WindowState
from vikno.scheduler.workload import shifts

ABSENT_SECONDS = 15 * 60.0
"""Later than this nobody is waited for any more: a coffee takes less, an illness more."""

SECONDS_A_MINUTE = 60.0


def absent_windows(hall: Hall, at: float) -> frozenset[str]:
    """The windows that have been closed for `ABSENT_SECONDS` of hours in which they should be open.

    A break that was said (a paused window) is none. Before and after its hours nobody is absent.
    """
    if hall.day is None:
        return frozenset()
    plan = hall.plan
    midnight = hall.day.opens - plan.opens * SECONDS_A_MINUTE
    found = []
    for window in plan.windows:
        record = hall.windows[window.id]
        if record.state is not WindowState.CLOSED:
            continue
        for start, end in shifts(plan, window):
            begins, ends = (midnight + minute * SECONDS_A_MINUTE for minute in (start, end))
            if begins <= at < ends and at - max(begins, record.since) >= ABSENT_SECONDS:
                found.append(window.id)
    return frozenset(found)
