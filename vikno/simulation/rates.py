"""How many visitors a hall expects: the rates of its file, cut to its opening hours. No chance in it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from vikno.queue.plan import HallPlan, Visits

MINUTES_AN_HOUR = 60.0


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
