"""Who comes on the days of a roster: on each open day as the hall file has it, or as was forecast."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from vikno.queue.plan import HallPlan
from vikno.scheduler.roster.problem import Problem
from vikno.simulation.trial.hall import NotAHall

if TYPE_CHECKING:
    from vikno.simulation.forecast.forecast import Forecast


def demand_of(plan: HallPlan, problem: Problem, forecast: Forecast | None = None) -> dict[int, HallPlan]:
    """The open days of a roster, by number, each with its demand.

    A day is closed if everybody has it off; nobody comes then. Without a forecast all open days are like the
    hall file. `RecordError` if the forecast lacks one.
    """
    people = problem.people
    closed = frozenset.intersection(*(person.days_off for person in people)) if people else frozenset()
    days = [day for day in range(problem.days) if day not in closed]
    if not days:
        raise NotAHall(f"roster {problem.id}: everybody has every day off; there is no day to live")
    if forecast is None:
        return dict.fromkeys(days, plan)
    if problem.start is None:
        raise NotAHall(
            f"roster {problem.id}: has no first day, so no forecast says who comes; give its start"
        )
    from vikno.simulation.forecast.day_plan import plan_of_day  # noqa: PLC0415  (a server needs no SciPy)

    return {day: plan_of_day(plan, forecast, problem.start + timedelta(day)) for day in days}
