"""What a roster's page has worked out beside the server: days in the twin, and a search for a better roster.

Both are orders of one JSON object on `/roster-runs`, each names the version it is about and the changes on
top of it, so the server need not remember what a page is doing.
"""

from __future__ import annotations

import asyncio

import msgspec

from vikno.api.conversation import Tell
from vikno.api.doors.whatif import adopted
from vikno.api.experiments import ExperimentRefused, Run
from vikno.api.house import House
from vikno.api.ordering import SEED, check_visitors
from vikno.api.orders import RosterTrial, Search
from vikno.api.room import Room
from vikno.api.rosterchanges import Change, changed
from vikno.api.rosters import RosterRefused
from vikno.queue.plan import HallPlan
from vikno.scheduler.roster.problem import Problem, Roster
from vikno.simulation.trial.hall import NotAHall, hall_of_day

SEARCH_SECONDS, SEARCH_SECONDS_MAX = 60.0, 600.0
"""How long a roster is searched for: usually, and at most."""

TRIAL_SECONDS = 120.0
"""Nobody waits longer for what the twin says of a month."""


class TrialOrder(msgspec.Struct, frozen=True, tag="trial", forbid_unknown_fields=True):
    """How long people wait on some days, under a kept roster and with changes."""

    version: int
    days: tuple[int, ...]
    changes: tuple[Change, ...] = ()


class SearchOrder(msgspec.Struct, frozen=True, tag="search", forbid_unknown_fields=True):
    """A better roster than a kept one with changes."""

    version: int
    changes: tuple[Change, ...] = ()
    seconds: float = SEARCH_SECONDS


async def begin_roster_run(house: House, room: Room, text: bytes, tell: Tell) -> Run:
    """Start what a page orders; `ExperimentRefused` says what is wrong with it."""
    plan = await adopted(room)
    try:
        order = msgspec.json.decode(text, type=TrialOrder | SearchOrder)
        kept = await asyncio.to_thread(house.rosters.version, plan.id, order.version)
        roster = await asyncio.to_thread(changed, kept.problem, kept.roster, order.changes)
        if isinstance(order, SearchOrder):
            return await _search(house, plan, kept.problem, roster, order.seconds, tell)
        return await _try(house, plan, kept.problem, (kept.roster, roster), order.days, tell)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ExperimentRefused("bad-roster", f"the order is none: {error}") from None
    except RosterRefused as error:
        raise ExperimentRefused(error.code, error.detail, field=error.field) from None
    except NotAHall as error:
        raise ExperimentRefused("not-a-hall", str(error)) from None


async def _try(  # noqa: PLR0917  (made in one place)
    house: House,
    plan: HallPlan,
    problem: Problem,
    rosters: tuple[Roster, Roster],
    days: tuple[int, ...],
    tell: Tell,
) -> Run:
    if not days or not all(0 <= day < problem.days for day in days) or len(set(days)) < len(days):
        detail = f"days: name some of 0 to {problem.days - 1}, each once"
        raise RosterRefused("bad-roster", detail, field="days")
    check_visitors(plan)
    present, proposed = (
        tuple(
            hall_of_day(plan, problem, [one for one in roster.assignments if one.day == day]) for day in days
        )
        for roster in rosters
    )
    policy = house.steering.present(plan.id)

    def order(run: int) -> RosterTrial:
        return RosterTrial(run, present, proposed, policy, SEED)

    return await house.experiments.launch(plan.id, order, TRIAL_SECONDS, tell)


async def _search(  # noqa: PLR0917  (made in one place)
    house: House, plan: HallPlan, problem: Problem, roster: Roster, seconds: float, tell: Tell
) -> Run:
    if not 1.0 <= seconds <= SEARCH_SECONDS_MAX:
        detail = f"seconds: must be 1 to {SEARCH_SECONDS_MAX:g}; {SEARCH_SECONDS:g} are usual"
        raise RosterRefused("bad-roster", detail, field="seconds")

    def order(run: int) -> Search:
        return Search(run, problem, roster, seconds, SEED)

    return await house.experiments.launch(plan.id, order, seconds, tell)
