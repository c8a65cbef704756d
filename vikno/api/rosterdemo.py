"""The roster of the demonstration: the example's, moved by whole weeks so that today is in its first."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from vikno.api.access import Role
from vikno.api.rostercheck import broken_hard_rule
from vikno.api.rosters import Rosters, Writing
from vikno.queue.plan import HallPlan
from vikno.scheduler.roster.problem import Problem, Roster

WEEK_DAYS = 7


def bring_roster(rosters: Rosters, plan: HallPlan, problem: Problem, at: float) -> None:
    """Keep it as the hall's first roster, unless the hall has one."""
    if rosters.newest(plan.id) is not None:
        return
    if problem.start is not None:
        today = datetime.fromtimestamp(at, ZoneInfo(plan.time_zone)).date()
        weeks = (today - problem.start).days // WEEK_DAYS
        problem = replace(problem, start=problem.start + timedelta(weeks=weeks))
    roster = Roster(problem.present or ())
    legal = problem.present is not None and broken_hard_rule(problem, roster) is None
    rosters.begin(plan.id, problem, roster, Writing(0, at, Role.MANAGER.value, in_force=legal))
