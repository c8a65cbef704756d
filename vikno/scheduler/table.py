"""A policy as numbers: what the weighted index policies know of one hall.

For window w and the first in the line of service s, who waits since `place`:

    pressure = age x (1 + curve[s] x age) + head_start[s]        age = now - place, in seconds
               + urgency[s]  while urgent_from[s] <= age <= target[s]
    score    = weight[w, s] x pressure

The pressure is the slope of a convex cost of waiting: this is the generalised c-mu rule (J. A. van Mieghem,
"Dynamic scheduling with convex delay costs", Ann. Appl. Probab. 5 (1995)) with a weight that may differ from
window to window, and a step: shortly before the target a call is worth more than before or after. The same
arrays drive the hall's policy and the compiled kernel.

A window w may leave the first of a line to one that suits them better (levels), is quicker, and should soon
be done with whom it serves: it takes somebody else, or stays free. With n waiting in the line, it does so

    while n x (time until v should be free) < hold[s] x (time at w - time at v)   and   age < HOLD_AGE_SECONDS

With one waiting and a hold of 1 that is: as long as v would be done with them sooner than w. The more wait,
the less a quicker window is worth waiting for: the threshold of the slow server (W. Lin and P. R. Kumar,
"Optimal control of a queueing system with two heterogeneous servers", IEEE Trans. Automat. Contr. 29 (1984)).
No window stays free for ever: from that age on whoever waits is taken by whoever is free.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vikno.queue.plan import HallPlan
from vikno.scheduler.prices import fits
from vikno.scheduler.workload import MINUTES_AN_HOUR, mean_minutes, mean_work, staffed_minutes

Matrix = NDArray[np.float64]
Levels = NDArray[np.int64]

SECONDS_A_MINUTE = 60.0

YIELD_SECONDS = 10.0
"""So long a newcomer is left to a better window that is free. A clerk needs no longer to press the key."""

HOLD_AGE_SECONDS = 30 * 60.0
"""Who has waited so long is left to no other window any more, however soon it should be free."""

SOON_SECONDS = 60.0
"""A window is never expected to be free sooner: a visit that lasts longer than usual may last on."""

PRIORITY_SECONDS = 20 * 60.0
"""What one level of priority is worth in time waited: about the target of a visit."""

ROUNDING = 1e-9
"""Of a logarithm: machines differ by less."""

INDEX_HEAD_START = 0.5
"""`index`: in targets. A little, or a quick service that nobody waited for yet goes behind all others."""


class Table(NamedTuple):
    """W windows, S services, in the order of the plan. Seconds."""

    weight: Matrix
    """(W, S); 0 where the window lacks the skill."""
    head_start: Matrix
    curve: Matrix
    """(S), by second."""
    urgency: Matrix
    urgent_from: Matrix
    """(S), seconds: what is added to the pressure, and the age from which it is, until the target."""
    rate: Matrix
    """(W, S): visitors an hour; for reasons."""
    fit: Matrix
    """(W, S), 0 to 1: how well the window suits the service; for reasons."""
    target: Matrix
    """(S), seconds."""
    alike: float
    """Windows whose weights for a service differ by less than this factor suit it alike: a newcomer goes to
    the one of them that has been free longest."""
    hold: Matrix
    """(S): how much waiting the time that a quicker window saves is worth; 0: nobody is left to it."""


SUITS_ALIKE = 1.15
"""Without it the quickest of many windows took most of the work, and its neighbour had none."""
NOT_ALIKE = 1.0
"""Each weight counts: a learned table knows what it does to the work of windows."""


def levels(table: Table) -> Levels:
    """How well each window suits each service, in steps: 0 for the best and those like it, others below 0.

    Shape (W, S). Whole numbers, so that who is alike is so for all others too.
    """
    if table.alike <= NOT_ALIKE:
        above: Levels = (table.weight[None] > table.weight[:, None]).sum(1)  # how many suit it better
        return -above
    tiny = np.finfo(np.float64).tiny
    share = np.maximum(table.weight / np.maximum(table.weight.max(0, initial=0.0), tiny), tiny)
    steps: Levels = np.ceil(np.log(share) / np.log(table.alike) - ROUNDING).astype(np.int64)
    return steps


def expected_seconds(table: Table) -> Matrix:
    """(W, S): how long a visit takes on average; 0 where the window lacks the skill."""
    nothing = np.zeros_like(table.rate)
    return np.divide(SECONDS_A_MINUTE * MINUTES_AN_HOUR, table.rate, out=nothing, where=table.rate > 0)


class Shape(NamedTuple):
    """How `optimized` makes weights of rates, fits and targets.

    Chosen once by simulating seven halls of different kinds at three loads, and the same for every hall.
    """

    rate_power: float = 0.3
    """1 would be the c-mu rule, which gains most on average and takes it from those whose service is long."""
    fit_power: float = 2.25
    target_power: float = 0.08
    """How much a shorter target quickens: 0 not at all, 1 fully."""
    scarcity_power: float = 0.34
    """A service that few windows know has more luck and bad luck in its line; this makes up for it."""
    head_start: float = 0.2
    scarcity_head: float = 0.19
    """And so does a head start, by this much for each power of e that fewer windows know the service."""
    curve: float = 0.48
    """In targets: pressure grows as age + curve x age² / target."""
    urgency: float = 1.7
    urgent_from: float = 0.82
    """In targets: what is added while the target can still be met but not for long, and from which age."""


OPTIMIZED = Shape()

MIDDLE_TARGET_SECONDS = 20 * 60.0


EVERYBODY: frozenset[str] = frozenset()
"""Nobody is absent."""


def index_table(plan: HallPlan, _absent: frozenset[str] = EVERYBODY) -> Table:
    """Generalised c-mu: (age / target + head start) x rate. Each window for itself, whoever is there."""
    rate, fit, target = _rates(plan), np.where(np.isnan(_factors(plan)), 0.0, 1.0), _targets(plan)
    head_start = INDEX_HEAD_START * target + _priorities(plan)
    nothing = np.zeros(len(target))
    return Table(rate / target, head_start, nothing, nothing, target, rate, fit, target, SUITS_ALIKE, nothing)


def optimized_table(plan: HallPlan, absent: frozenset[str] = EVERYBODY, shape: Shape = OPTIMIZED) -> Table:
    """Windows by their prices, services nearly alike: gains that are taken from nobody."""
    factor, rate, target = _factors(plan), _rates(plan), _targets(plan)
    fit = hall_fits(plan, absent)
    reach = MIDDLE_TARGET_SECONDS * (target / MIDDLE_TARGET_SECONDS) ** shape.target_power
    known = np.maximum((~np.isnan(factor)).sum(0), 1) / len(plan.windows)
    weight = (rate / max(rate.max(), 1e-9)) ** shape.rate_power * fit**shape.fit_power
    weight = np.where(rate > 0, weight, 0.0) * known**-shape.scarcity_power / reach
    return Table(
        weight=weight,
        head_start=reach * _head_starts(plan, known, shape) + _priorities(plan),
        curve=shape.curve / reach,
        urgency=shape.urgency * target,
        urgent_from=shape.urgent_from * target,
        rate=rate,
        fit=fit,
        target=target,
        alike=SUITS_ALIKE,
        hold=np.zeros(len(target)),
    )


def _head_starts(plan: HallPlan, known: Matrix, shape: Shape) -> Matrix:
    """(S), in reaches: more where fewer windows know a service than the day's work has them on average."""
    work = mean_work(plan)
    rare = -np.log(known)
    usual = float(work @ rare) / max(float(work.sum()), 1e-9)
    return np.maximum(shape.head_start + shape.scarcity_head * (rare - usual), 0.0)


def hall_fits(plan: HallPlan, absent: frozenset[str]) -> Matrix:
    """How well each window suits each service, by the demand and the staff of the plan; (W, S)."""
    there = np.array([window.id not in absent for window in plan.windows])
    return fits(mean_work(plan), np.where(there, staffed_minutes(plan), 0.0), _factors(plan))


def _factors(plan: HallPlan) -> Matrix:
    """(W, S): on the duration; nan where the window lacks the skill."""
    nothing = float("nan")
    rows = [[window.skills.get(service.id, nothing) for service in plan.services] for window in plan.windows]
    return np.array(rows).reshape(len(plan.windows), len(plan.services))


def _rates(plan: HallPlan) -> Matrix:
    """(W, S): visitors an hour; 0 where the window lacks the skill."""
    minutes = np.array([mean_minutes(s.service, plan.opens, plan.closes) for s in plan.services])
    with np.errstate(divide="ignore"):
        return np.nan_to_num(MINUTES_AN_HOUR / (minutes * _factors(plan)), nan=0.0)


def _targets(plan: HallPlan) -> Matrix:
    return np.array([service.target_minutes * SECONDS_A_MINUTE for service in plan.services])


def _priorities(plan: HallPlan) -> Matrix:
    return np.array([service.priority * PRIORITY_SECONDS for service in plan.services])
