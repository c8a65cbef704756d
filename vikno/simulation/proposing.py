"""A better policy for a hall, from the days that its journal holds: calibrate, tune, prove, propose or not.

What the hall is like is estimated from its days, all but the last ones. A policy is tuned on the hall so
estimated, and then held against the policy in force: on fresh days of that hall, and on the days left out,
with the very people who came. Only a policy that is better on both, by its 95% interval, is proposed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor

import msgspec

from vikno.queue.plan import HallPlan
from vikno.scheduler.learned import Learned, learned_of
from vikno.scheduler.table import index_table, optimized_table
from vikno.simulation.calibration.journal import calibrate_days
from vikno.simulation.fastforward.days import NotFast
from vikno.simulation.history import RecordedDay
from vikno.simulation.journals import NotInJournal
from vikno.simulation.proposal import DAYS_MIN, Effort, Reason
from vikno.simulation.proving import Policy, Proof, prove_drawn, prove_recorded
from vikno.simulation.tuning.tune import NothingToLearn, budget_of, tune

DAYS_MAX = 60
"""A season; what was before may not be so any more."""

LEFT_OUT_SHARE = 0.25
LEFT_OUT_MIN, LEFT_OUT_MAX = 5, 10
"""Days left out to prove the policy by: at least a working week, or none, for an interval of fewer tells
nothing and each of them is missed by the estimates."""

SHARE_LOST_MAX = 0.03
"""Of a service's visits called within the target: no gain in the mean pays for more. Less than that a manager
sees in the table by service, beside what the others gain, and decides."""

GAIN_MIN = 0.03
"""Of the mean wait: for less nobody changes by which rules people are called."""

DRAWN_APART = 1
"""Added to the seed for the days that prove, so that nothing was learned from them."""


class Gain(msgspec.Struct, frozen=True):
    """What a policy would change, against the policy named `present`."""

    present: str
    drawn: Proof
    recorded: Proof | None


class Found(msgspec.Struct, frozen=True):
    """What came of it. `policy` is None where nothing is proposed; then `reason` and `detail` say why.

    `days` are those it was learned from, `left_out` those it was proved by (dates).
    """

    hall: str
    days: tuple[str, ...]
    left_out: tuple[str, ...]
    policy: Learned | None = None
    gain: Gain | None = None
    reason: Reason | None = None
    detail: str = ""


def propose(
    days: Sequence[RecordedDay],
    present: Policy,
    effort: Effort,
    executor: Executor,
    clock: Callable[[], float] = time.monotonic,
) -> Found:
    """From the days of a journal; those that are not whole, or on which nobody came, do not count.

    `present` is the policy in force, `executor` has the threads to tune in.
    """
    lived = [day for day in days if day.whole and day.visits and any(day.staffed.values())][-DAYS_MAX:]
    name = present.policy if isinstance(present, Learned) else present
    if len(lived) < DAYS_MIN:
        hall = days[-1].plan.id if days else ""
        detail = f"the journal has {len(lived)} whole days, {DAYS_MIN} are needed"
        return Found(hall, (), (), reason=Reason.FEW_DAYS, detail=detail)
    kept = len(lived) - _left_out(len(lived))
    learned_from, left_out = lived[:kept], lived[kept:]
    plan = lived[-1].plan
    found = Found(plan.id, _dates(learned_from), _dates(left_out))
    try:
        estimated = calibrate_days(learned_from).plan
        budget = budget_of(effort.seconds, effort.rounds, clock)
        policy = tune(estimated, effort.seed, budget, executor).learned
    except (NothingToLearn, NotFast, NotInJournal) as error:
        return msgspec.structs.replace(found, reason=Reason.NOT_TUNABLE, detail=str(error))
    rivals = as_in_force(present, plan), policy
    drawn = prove_drawn(estimated, rivals, effort.seed + DRAWN_APART)
    recorded = prove_recorded(estimated, rivals, left_out, effort.seed) if left_out else None
    gain = Gain(name, drawn, recorded)
    reason = objection(gain)
    if reason is not None:
        lost = [f"{service} {share:.1%}" for service, share in losers(drawn).items()]
        return msgspec.structs.replace(found, gain=gain, reason=reason, detail=", ".join(lost))
    return msgspec.structs.replace(found, policy=policy, gain=gain)


def objection(gain: Gain) -> Reason | None:
    """What speaks against a policy; None if it is better and no service pays for it."""
    longest = gain.drawn.figures["wait_p95"].difference.low
    if not _better(gain.drawn) or (longest is not None and longest > 0):
        return Reason.NOT_BETTER
    if gain.recorded is not None and not _better(gain.recorded):
        return Reason.NOT_BETTER_THEN
    return Reason.UNFAIR if losers(gain.drawn) else None


def losers(proof: Proof) -> dict[str, float]:
    """The services that surely lose too much of their share called within the target, and how much of it."""
    lost = {service: pairs["within_target"].difference for service, pairs in proof.services.items()}
    return {
        service: -change.value
        for service, change in lost.items()
        if change.value is not None and change.value < -SHARE_LOST_MAX
        if change.high is not None and change.high < 0
    }


def as_in_force(present: Policy, plan: HallPlan) -> Policy:
    """The present policy as the running hall has it.

    Its weights come from the plan that the hall runs by, and not from what was estimated since.
    """
    if present == "index":
        return learned_of(plan, index_table(plan), {})
    if present == "optimized":
        return learned_of(plan, optimized_table(plan), {})
    return present


def _left_out(days: int) -> int:
    wanted = min(int(LEFT_OUT_SHARE * days), LEFT_OUT_MAX)
    return wanted if wanted >= LEFT_OUT_MIN else 0


def _dates(days: Sequence[RecordedDay]) -> tuple[str, ...]:
    return tuple(day.date for day in days)


def _better(proof: Proof) -> bool:
    """Whether people surely wait less, and by enough to be worth a change."""
    ratio = proof.figures["wait_mean"].ratio
    surely = ratio.high is not None and ratio.high < 1
    return surely and ratio.value is not None and ratio.value <= 1 - GAIN_MIN
