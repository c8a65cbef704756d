"""A moment that somebody supposes: this hall, at eleven, with these lines; how long?

Nobody has told who sits where since when. So windows are those of the plan at that time, or as many of them
as are named; each that has a skill somebody waits for is at work on a visit that was found under way. Those
in line came at even steps over as long as the hall took to make such a line.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from vikno.queue.plan import HallPlan, WindowPlan
from vikno.scheduler.workload import mean_minutes, shifts, visitors_a_day
from vikno.simulation.outlook.moment import Moment, Post, Standing
from vikno.simulation.record import SECONDS_A_MINUTE

STEP_SECONDS = 60.0
"""Between two in a line of whom nothing else is known."""


def supposed(
    plan: HallPlan, minute: float, waiting: Mapping[str, int], open_now: Collection[str] | None = None
) -> Moment:
    """The hall at `minute` after midnight with so many waiting for each service.

    `open_now` are the windows that are open, if not those of the plan. Whoever is last in a line came now;
    the lines interleave as if all had grown alike.
    """
    longest = max(waiting.values(), default=0)
    standing = [
        Standing(f"{service}:{number + 1}", (service,), ago, ago)
        for service, count in waiting.items()
        for number in range(count)
        for ago in [(count - number - 1) / max(count, 1) * longest * STEP_SECONDS]
    ]
    standing.sort(key=lambda one: -one.place_ago)
    return Moment(
        minute=minute,
        closes_in=(plan.closes - minute) * SECONDS_A_MINUTE,
        came=None,
        standing=tuple(standing),
        posts=tuple(_post(plan, window, minute, waiting, open_now) for window in plan.windows),
    )


def _post(
    plan: HallPlan,
    window: WindowPlan,
    minute: float,
    waiting: Mapping[str, int],
    open_now: Collection[str] | None,
) -> Post:
    planned = any(start <= minute < end for start, end in shifts(plan, window))
    here = planned if open_now is None else window.id in open_now
    away = None if open_now is None else float("inf")
    if not here or not any(waiting.get(service) for service in window.skills):
        return Post(here, away)
    return Post(here, away, (_likeliest(plan, window),), None)


def _likeliest(plan: HallPlan, window: WindowPlan) -> str:
    """What most of the window's time goes to."""

    def work(service: str) -> float:
        visitors = sum(visitors_a_day(plan, v) for v in plan.demand if service in v.services)
        minutes = mean_minutes(plan.service[service].service, plan.opens, plan.closes)
        return visitors * minutes * window.skills[service]

    return max(window.services, key=work)
