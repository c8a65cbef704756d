"""What a roster's page has worked out beside the server: days in the twin, a better roster, what to learn.

Each is an order of one JSON object on `/roster-runs`. It names the version it is about, and the changes on
top of it if they matter, so the server need not remember what a page is doing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec

from vikno.api.conversation import Tell
from vikno.api.doors.whatif import adopted
from vikno.api.experiments import ExperimentRefused, Run
from vikno.api.guard.strictjson import NotStrict, read
from vikno.api.house import House
from vikno.api.ordering import SEED, check_visitors
from vikno.api.orders import OfRosters, RosterTrial, Search, TrainingOrder
from vikno.api.room import Room
from vikno.api.rosterchanges import Change, changed
from vikno.api.rosters import RosterRefused
from vikno.queue.plan import HallPlan
from vikno.scheduler.roster.problem import Problem, Roster
from vikno.simulation.trial.demand import demand_of
from vikno.simulation.trial.hall import NotAHall, halls_of

SEARCH_SECONDS, SEARCH_SECONDS_MAX = 60.0, 600.0
"""How long a roster is searched for: usually, and at most."""

TRIAL_SECONDS = 120.0
"""Nobody waits longer for what the twin says of a month."""


TRAINING_SECONDS = 600.0
"""What to learn in a large office takes some minutes; it may be stopped, and tells what it has."""

Make = Callable[[int], OfRosters]


class TrialOrder(msgspec.Struct, frozen=True, tag="trial", forbid_unknown_fields=True):
    """How long people wait on some days, under a kept roster and with changes; on closed ones nobody does."""

    version: int
    days: tuple[int, ...]
    changes: tuple[Change, ...] = ()


class SearchOrder(msgspec.Struct, frozen=True, tag="search", forbid_unknown_fields=True):
    """A better roster than a kept one with changes."""

    version: int
    changes: tuple[Change, ...] = ()
    seconds: float = SEARCH_SECONDS


class LearningOrder(msgspec.Struct, frozen=True, tag="training", forbid_unknown_fields=True):
    """Which skill for whom cuts the waiting most, as a kept roster with changes is worked."""

    version: int
    changes: tuple[Change, ...] = ()


AnyOrder = TrialOrder | SearchOrder | LearningOrder


async def begin_roster_run(house: House, room: Room, text: bytes, tell: Tell) -> Run:
    """Start what a page orders; `ExperimentRefused` says what is wrong with it."""
    plan = await adopted(room)
    order = read_roster_order(text)
    try:
        make, seconds = await asyncio.to_thread(_read, house, plan, order)
    except RosterRefused as error:
        raise ExperimentRefused(error.code, error.detail, field=error.field) from None
    except NotAHall as error:
        raise ExperimentRefused("not-a-hall", str(error)) from None
    return await house.experiments.launch(plan.id, make, seconds, tell)


def read_roster_order(text: bytes) -> AnyOrder:
    """What is ordered; `ExperimentRefused` if it is no order."""
    try:
        order: AnyOrder = msgspec.convert(read(text), type=AnyOrder)
    except (NotStrict, msgspec.ValidationError) as error:
        raise ExperimentRefused("bad-roster", f"the order is none: {error}") from None
    return order


def _read(house: House, plan: HallPlan, order: AnyOrder) -> tuple[Make, float]:
    """What makes the laboratory's order of its number, and how many seconds it shall take at most."""
    kept = house.rosters.version(plan.id, order.version)
    problem = kept.problem
    roster = changed(problem, kept.roster, order.changes)
    if isinstance(order, SearchOrder):
        return _search(problem, roster, order.seconds), order.seconds
    policy = house.steering.present(plan.id)
    check_visitors(plan)
    if isinstance(order, LearningOrder):
        halls = halls_of(demand_of(plan, problem), problem, roster)
        return lambda run: TrainingOrder(run, halls, policy, SEED), TRAINING_SECONDS
    days = _days(plan, problem, order.days)
    present, proposed = halls_of(days, problem, kept.roster), halls_of(days, problem, roster)
    return lambda run: RosterTrial(run, present, proposed, policy, SEED), TRIAL_SECONDS


def _days(plan: HallPlan, problem: Problem, days: tuple[int, ...]) -> dict[int, HallPlan]:
    if not days or not all(0 <= day < problem.days for day in days):
        detail = f"days: name some of 0 to {problem.days - 1}"
        raise RosterRefused("bad-roster", detail, field="days")
    demand = _demand(plan, problem)
    found = {day: demand[day] for day in sorted(set(days)) if day in demand}
    if not found:
        detail = "days: are closed, as everybody has them off; name one on which somebody may work"
        raise RosterRefused("closed-day", detail, field="days")
    return found


def _demand(plan: HallPlan, problem: Problem) -> dict[int, HallPlan]:
    """The open days, if there are any."""
    try:
        return demand_of(plan, problem)
    except NotAHall:
        return {}


def _search(problem: Problem, present: Roster, seconds: float) -> Make:
    if not 1.0 <= seconds <= SEARCH_SECONDS_MAX:
        detail = f"seconds: must be 1 to {SEARCH_SECONDS_MAX:g}; {SEARCH_SECONDS:g} are usual"
        raise RosterRefused("bad-roster", detail, field="seconds")
    return lambda run: Search(run, problem, present, seconds, SEED)
