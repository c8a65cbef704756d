"""Reading what a manager wants to try, before any of it is tried.

An order names one or two scenarios, each a policy and a list of changes to the hall's plan. It is checked
whole, like a hall file: one clear line says which field is wrong and what would be right, so that the page
can show it beside that field.
"""

from __future__ import annotations

from typing import Any

from vikno.api.experiments import DAYS_MAX, VISITORS_A_DAY_MAX, Asked, ExperimentRefused
from vikno.api.guard.strictjson import NotStrict, read
from vikno.api.orders import Trial
from vikno.queue.errors import HallFileError
from vikno.queue.fields import Fields
from vikno.queue.plan import HallPlan
from vikno.scheduler import POLICIES
from vikno.scheduler.learned import LEARNED, Learned
from vikno.scheduler.workload import visitors_a_day
from vikno.simulation.changes import changed_plan

SCENARIOS_MAX = 2
DAYS = 200
"""Usual days: the mean wait of most halls is known to about a tenth then, in seconds of work."""

SEED = 1
SEED_MAX = 2**32 - 1
UNTIL_MINUTES_MIN = 0.01
"""Half a second: nobody asks how long people wait more exactly."""

NAMES = "ab"
TODAY = "today"


def read_order(text: bytes, plan: HallPlan, policy: str | Learned) -> Asked:
    """What is asked of the hall that runs by `plan` and `policy`; `ExperimentRefused` says what is wrong."""
    try:
        data = read(text)
    except NotStrict as error:
        raise ExperimentRefused("bad-experiment", f"the order is none: {error}") from None
    if not isinstance(data, dict) or data.get("type") != "run":
        raise ExperimentRefused(
            "bad-experiment", 'type: begin with an order {"type": "run", …}', field="type"
        )
    try:
        return _order(Fields("experiment", "", data), plan, policy)
    except HallFileError as error:
        raise refused("bad-experiment", error) from None


def make_plan(plan: HallPlan, changes: Any, path: str = "") -> HallPlan:
    """`plan` with `changes`; `path` leads to them in the order."""
    try:
        return changed_plan(plan, changes)
    except HallFileError as error:
        raise refused("bad-plan", error, path) from None


def check_visitors(plan: HallPlan, path: str = "") -> None:
    """`ExperimentRefused` if there is nobody to simulate, or too many."""
    expected = sum(visitors_a_day(plan, visits) for visits in plan.demand)
    if not expected:
        raise ExperimentRefused(
            "nothing-to-simulate",
            "this plan says of no service how many visitors come; give its services `arrivals` and "
            "`service`, or have `vikno calibrate` find them in the hall's journal",
            field=path,
        )
    if expected > VISITORS_A_DAY_MAX:
        raise ExperimentRefused(
            "too-many-visitors",
            f"{expected:.0f} visitors a day are expected; try at most {VISITORS_A_DAY_MAX:.0f}",
            field=path,
        )


def refused(code: str, error: HallFileError, path: str = "") -> ExperimentRefused:
    """The one clear line of a hall file's error, without the name of a file that nobody has."""
    field = ".".join(part for part in (path, error.field) if part)
    return ExperimentRefused(code, f"{field}: {error.problem}; {error.remedy}", field=field)


def _order(fields: Fields, plan: HallPlan, policy: str | Learned) -> Asked:
    fields.take("type", "")
    remedy = 'give one or two scenarios, for example [{"policy": "fifo", "changes": []}]'
    scenarios = fields.tables("scenarios", remedy)
    if len(scenarios) > SCENARIOS_MAX:
        fields.wrong("scenarios", f"there are {len(scenarios)}", "compare two at a time")
    seed = fields.whole("seed", "give a whole number", SEED, low=0, high=SEED_MAX)
    days = fields.whole("days", "give a number of days", DAYS, low=1, high=DAYS_MAX)
    until = None
    if fields.has("until"):
        until = fields.number("until", "give minutes, for example 0.5", low=UNTIL_MINUTES_MIN)
    fields.done()
    trials = [_trial(name, one, plan, policy) for name, one in zip(NAMES, scenarios, strict=False)]
    if len(trials) > 1 and (trials[0].plan, trials[0].policy) == (trials[1].plan, trials[1].policy):
        del trials[1]  # nothing to compare
    return Asked(tuple(trials), seed, days, until)


def _trial(name: str, fields: Fields, plan: HallPlan, live_policy: str | Learned) -> Trial:
    policy = live_policy
    if fields.has("policy"):
        live = (LEARNED,) if isinstance(live_policy, Learned) else ()
        asked = fields.one_of("policy", (*POLICIES, *live))
        policy = live_policy if asked == LEARNED else asked
    changes = fields.take("changes", "give a list of changes, which may be empty", [])
    fields.done()
    made = make_plan(plan, changes, fields.path)
    check_visitors(made, fields.path)
    return Trial(TODAY if not changes and policy == live_policy else name, made, policy, tuple(changes))
