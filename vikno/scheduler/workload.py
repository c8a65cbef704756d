"""What a hall file leads one to expect of a day: when windows are staffed, who comes, how much work that is.

No chance in it. The twin draws its days around these numbers, and the prices of windows are made of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from vikno.queue.plan import HallPlan, Timed, Visits, WindowPlan

MINUTES_AN_HOUR = 60.0

UNKNOWN_SERVICE_MINUTES = 10.0
"""A visit to a service whose file says nothing of durations: people must still come and go."""

Numbers = NDArray[np.float64]


def shifts(plan: HallPlan, window: WindowPlan) -> list[tuple[int, int]]:
    """Start and end of each stretch in which the window is staffed, in minutes after midnight.

    Hours beyond the hall's closing are overtime and no part of it; periods that touch are one.
    """
    found: list[tuple[int, int]] = []
    for start, stated in window.open or ((plan.opens, plan.closes),):
        end = min(stated, plan.closes)
        if found and found[-1][1] == start < end:
            found[-1] = found[-1][0], end
        elif start < end:
            found.append((start, end))
    return found


def staffed_minutes(plan: HallPlan) -> Numbers:
    """Minutes a day in which each window is staffed."""
    return np.array([float(sum(end - start for start, end in shifts(plan, w))) for w in plan.windows])


def stretches(plan: HallPlan, visits: Visits) -> Iterator[tuple[int, int, float]]:
    """Start, end (minutes after midnight) and rate (visitors an hour) of each stretch while the hall is open.

    A rate holds until the next one or until the hall closes. Before the first one nobody comes.
    """
    rows = [*visits.arrivals, (plan.closes, 0.0)]
    for (start, rate), (end, _) in pairwise(rows):
        start, end = max(start, plan.opens), min(end, plan.closes)  # noqa: PLW2901  (cut to the opening hours)
        if end > start and rate > 0:
            yield start, end, rate


def visitors_a_day(plan: HallPlan, visits: Visits) -> float:
    """Expected visitors of one kind on a day."""
    return sum(rate * (end - start) / MINUTES_AN_HOUR for start, end, rate in stretches(plan, visits))


def mean_work(plan: HallPlan) -> Numbers:
    """Minutes of work at a window of factor 1 that an average day brings, by service; no-shows too."""
    place = {service.id: number for number, service in enumerate(plan.services)}
    work = np.zeros(len(plan.services))
    for visits in plan.demand:
        first = plan.service[visits.services[0]]
        for start, end, rate in stretches(plan, visits):
            for leg, name in enumerate(visits.services):
                minutes = (1 - first.no_show) * mean_minutes(plan.service[name].service, start, end)
                if not leg:
                    minutes += first.no_show * first.no_show_minutes
                work[place[name]] += rate * (end - start) / MINUTES_AN_HOUR * minutes
    return work


def mean_minutes(timed: Timed, start: float, end: float) -> float:
    """The mean duration for those who come evenly between two times."""
    if not timed:
        return UNKNOWN_SERVICE_MINUTES
    starts = [start, *(max(start, min(at, end)) for at, _ in timed[1:]), end]
    parts = (
        (after - before) * distribution.mean_minutes
        for (before, after), (_, distribution) in zip(pairwise(starts), timed, strict=True)
    )
    return sum(parts) / (end - start)
