"""What another policy would gain: the same visitors under both, on days drawn and on days that happened.

Drawn days are as many as one likes, but of a hall that was estimated. Recorded days are few, but real: they
were left out when the policy was learned. Each is lived several times, for the record does not tell
everything, and counts as one day all the same, so the intervals are those of days.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from vikno.queue.plan import HallPlan
from vikno.scheduler.learned import Learned
from vikno.simulation.estimates import Estimate, difference_of_ratios, ratio_of, ratio_of_ratios
from vikno.simulation.executors import Here
from vikno.simulation.experiment import Experiment, Public, Scenario
from vikno.simulation.history import RecordedDay
from vikno.simulation.replay import RecordedPublic, as_it_was, recorded_visitors
from vikno.simulation.summary import Summary, compare
from vikno.simulation.tally import HALL, Numbers, Tally

DRAWN_DAYS = 200
"""The mean wait of most halls is known to about a tenth then, the difference on the same days far better."""

LIVES = 20
"""Of a recorded day. What is drawn anew in it scatters far less than days do."""

PRESENT, PROPOSED = "present", "proposed"
FAIRNESS = ("overtaken_share", "overtakes_mean", "occupancy_spread")
WHOLE_HALL = ("wait_mean", "wait_p95", "within_target", *FAIRNESS)
RATIOS = {"wait_mean": ("wait_total", "called"), "within_target": ("within", "judged")}
"""A figure as one sum of a day over another, by the names of a tally."""

Policy = str | Learned
"""By its name, or learned."""


class Pair(msgspec.Struct, frozen=True):
    """A figure under the present policy, under the proposed one, how much more it is then, and their ratio.

    What two policies have in common on a busy day is rather a ratio of waits than a difference.
    """

    present: Estimate
    proposed: Estimate
    difference: Estimate
    ratio: Estimate


class Proof(msgspec.Struct, frozen=True):
    """The same days under both policies. `services`: service -> figure. Waits are minutes, shares 0 to 1."""

    days: int
    figures: dict[str, Pair]
    services: dict[str, dict[str, Pair]]


def prove_drawn(plan: HallPlan, policies: tuple[Policy, Policy], seed: int, days: int = DRAWN_DAYS) -> Proof:
    """The present and the proposed policy on days drawn from a plan."""
    present, proposed = _lived(plan, policies, None, seed, days)
    differences = compare(proposed, present)
    before, after = present.figures(), proposed.figures()
    figures = {
        name: Pair(before[name], after[name], differences[name].difference, differences[name].ratio)
        for name in WHOLE_HALL
    }
    return Proof(days, figures, _by_service(plan, _alone(present), _alone(proposed)))


def prove_recorded(
    plan: HallPlan,
    policies: tuple[Policy, Policy],
    recorded: Sequence[RecordedDay],
    seed: int,
) -> Proof:
    """The present and the proposed policy on recorded days; what they do not tell is drawn from `plan`."""
    before: list[list[Tally]] = []
    after: list[list[Tally]] = []
    for number, day in enumerate(recorded):
        public = RecordedPublic(plan, recorded_visitors(day, plan))
        present, proposed = _lived(as_it_was(day, plan), policies, public, seed + number, LIVES)
        before.append(present.tallies)
        after.append(proposed.tallies)
    figures = {name: _pair(name, HALL, before, after) for name in RATIOS}
    return Proof(len(recorded), figures, _by_service(plan, before, after))


def _lived(
    plan: HallPlan, policies: tuple[Policy, Policy], public: Public | None, seed: int, days: int
) -> tuple[Summary, Summary]:
    scenarios = [
        Scenario(name, plan, policy, public)
        for name, policy in zip((PRESENT, PROPOSED), policies, strict=True)
    ]
    experiment = Experiment(scenarios, seed)
    for _standing in experiment.run(Here(), days):
        pass
    return experiment.summaries[PRESENT], experiment.summaries[PROPOSED]


def _alone(summary: Summary) -> list[list[Tally]]:
    return [[one] for one in summary.tallies]


def _by_service(
    plan: HallPlan, before: list[list[Tally]], after: list[list[Tally]]
) -> dict[str, dict[str, Pair]]:
    return {
        service.id: {name: _pair(name, row, before, after) for name in RATIOS}
        for row, service in enumerate(plan.services, HALL + 1)
    }


def _pair(name: str, row: int, before: list[list[Tally]], after: list[list[Tally]]) -> Pair:
    """Of days that were each lived several times: a day's sums are the means over its lives."""
    above, below = RATIOS[name]
    here = _sums(before, above, row), _sums(before, below, row)
    there = _sums(after, above, row), _sums(after, below, row)
    return Pair(
        ratio_of(*here), ratio_of(*there), difference_of_ratios(*there, *here), ratio_of_ratios(*there, *here)
    )


def _sums(days: list[list[Tally]], name: str, row: int) -> Numbers:
    return np.array([np.mean([getattr(life, name)[row] for life in lives]) for lives in days])
