"""What tables of weights are judged by: the same days under each of them, held against first in, first out.

All figures are ratios or differences to FIFO on the very same visitors, so what a busy day adds to both
cancels out. Days of three loads are looked at together: what is learned must not break when the public grows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from vikno.queue.plan import HallPlan, Visits
from vikno.scheduler.fifo import Fifo
from vikno.scheduler.table import SECONDS_A_MINUTE, Table
from vikno.simulation.fastforward.bundles import LEFT, Crowd, Rule
from vikno.simulation.fastforward.days import Crowds, FastHall, bounded_rule, draw_crowd, rule_of, together

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]

AS_IT_IS, CALM, BUSY = 1.0, 0.88, 1.08
LOADS = {AS_IT_IS: 0.5, CALM: 0.25, BUSY: 0.25}
"""What the hall's demand is multiplied by, and the share of the days."""

TAIL_SHARE = 0.001
"""Those who waited longest. The maximum itself is one visitor, too few to learn from."""

TAIL_MOST = 0.9
"""Of FIFO's: beyond, a table pays. The largest wait of many days scatters by some percent around it."""

DROP_MOST = 0.004
"""How far a service's share within target may fall below FIFO's before a table pays for it."""

SPREAD_MOST = 0.97
"""Of FIFO's, of occupancy over windows."""

P95_MOST = 1.0
"""Of FIFO's: where little can be gained, the mean is not bought with the P95."""

MEAN_PRICE, P95_PRICE, TAIL_PRICE, DROP_PRICE, SPREAD_PRICE = 4.0, 5.0, 6.0, 60.0, 4.0
"""P95 counts 1. Counted alike, the mean lagged behind: 0.56 of FIFO's in examples/mixed.toml where P95 was
0.54; with 4 it is 0.55, and P95 is what it was; with 6 P95 rises and the mean stays. Shares within target
are not for sale: a point of one service's costs as much as 0.15 of the mean."""

P95 = 0.95
LEAST_SECONDS = 1.0
"""Of waits that others are divided by: where nobody waits, there is nothing to gain."""


LEAST_SPREAD = 1e-9


class Batch(NamedTuple):
    """Days of one load."""

    crowds: Crowds
    day: Places
    """Of each visitor, from 0 on."""
    days: int


class Lived(NamedTuple):
    """What became of a batch under one rule. Seconds."""

    waits: NDArray[np.float32]
    """Of those called, in order of days."""
    sizes: Places
    """How many of them each day had."""
    within: Numbers
    """(days, S): called within the target."""
    counted: Numbers
    """(days, S): called, or left after the target."""
    serving: Numbers
    """(days, W)"""
    staffed: Numbers


class Held(NamedTuple):
    """A table against FIFO on the same days."""

    mean: float
    p95: float
    """Ratios of waits, a mean over the loads."""
    tail: Numbers
    """(loads): ratio of the longest waits."""
    drop: Numbers
    """(loads, S): how much lower the share within target is; negative if it is higher."""
    spread: Numbers
    """(loads): ratio of the standard deviations of occupancy over windows."""

    @property
    def score(self) -> float:
        """What a search makes small: the waiting, and prices for what may not become worse than with FIFO."""
        shares = _shares(len(self.tail))
        tail = shares @ np.maximum(self.tail - TAIL_MOST, 0.0)
        drop = shares @ np.maximum(self.drop - DROP_MOST, 0.0).sum(1)
        spread = shares @ np.maximum(self.spread - SPREAD_MOST, 0.0)
        return (
            MEAN_PRICE * self.mean
            + self.p95
            + P95_PRICE * max(0.0, self.p95 - P95_MOST)
            + TAIL_PRICE * float(tail)
            + DROP_PRICE * float(drop)
            + SPREAD_PRICE * float(spread)
        )

    def plus(self, other: Held, times: float = 1.0) -> Held:
        """Figure by figure."""
        return Held(
            self.mean + times * other.mean,
            self.p95 + times * other.p95,
            self.tail + times * other.tail,
            self.drop + times * other.drop,
            self.spread + times * other.spread,
        )


class Ground:
    """One hall at several loads: draws days and lives them."""

    def __init__(self, plan: HallPlan) -> None:
        self.plan = plan
        self._plans = {load: plan if load == AS_IT_IS else busier(plan, load) for load in LOADS}
        self._hall = FastHall(plan)
        self._target = np.array([s.target_minutes * SECONDS_A_MINUTE for s in plan.services])
        self._fifo = rule_of(plan, Fifo())

    def draw(self, seed: int, days: range) -> list[Batch]:
        """A batch for each load."""
        found, first = [], days.start
        for load, share in LOADS.items():
            last = first + max(round(share * len(days)), 1)
            found.append(batch_of([draw_crowd(self._plans[load], seed, day) for day in range(first, last)]))
            first = last
        return found

    def fifo(self, batches: Sequence[Batch]) -> list[Lived]:
        """First in, first out."""
        return [self._live(self._fifo, batch) for batch in batches]

    def table(self, table: Table, batches: Sequence[Batch]) -> list[Lived]:
        """By a table, within the bound of the hall."""
        rule = bounded_rule(self.plan, table)
        return [self._live(rule, batch) for batch in batches]

    def _live(self, rule: Rule, batch: Batch) -> Lived:
        """Each of these days. What is counted of them is counted at once: numpy is slow by the day."""
        fate = self._hall.live_days(rule, batch.crowds)
        at, service = batch.crowds.crowd.at, batch.crowds.crowd.service
        windows, services = len(self.plan.windows), len(self._target)
        called = fate.window >= 0
        target = self._target[service]
        waits = np.where(called, fate.called, fate.ended) - at
        within = called & (waits <= target)
        late = (fate.outcome == LEFT) & (waits > target)
        served = np.where(called, fate.ended - fate.called, 0.0)
        return Lived(
            waits=waits[called].astype(np.float32),
            sizes=np.bincount(batch.day[called], minlength=batch.days),
            within=_by(batch, service, services, within * 1.0),
            counted=_by(batch, service, services, (called | late) * 1.0),
            serving=_by(batch, np.maximum(fate.window, 0), windows, served),
            staffed=fate.staffed,
        )


def busier(plan: HallPlan, factor: float) -> HallPlan:
    """Every rate of arrival times `factor`."""

    def times(rates: tuple[tuple[int, float], ...]) -> tuple[tuple[int, float], ...]:
        return tuple((minute, rate * factor) for minute, rate in rates)

    return replace(
        plan,
        services=tuple(replace(service, arrivals=times(service.arrivals)) for service in plan.services),
        visits=tuple(Visits(visits.services, times(visits.arrivals)) for visits in plan.visits),
    )


def held(lived: Sequence[Lived], fifo: Sequence[Lived]) -> Held:
    """Load by load, so that the busy days are not all that counts."""
    shares = _shares(len(lived))
    pairs = list(zip(lived, fifo, strict=True))
    means = [_ratio(_mean(one), _mean(base)) for one, base in pairs]
    tails = [tuple(map(_ratio, _tail(one), _tail(base))) for one, base in pairs]
    p95s, longest = zip(*tails, strict=True)
    return Held(
        mean=float(shares @ means),
        p95=float(shares @ p95s),
        tail=np.array(longest),
        drop=np.array([_within(base) - _within(one) for one, base in pairs]),
        spread=np.array([_spread(one) / max(_spread(base), LEAST_SPREAD) for one, base in pairs]),
    )


def _shares(loads: int) -> Numbers:
    """How much each of the first loads counts."""
    shares = np.array(list(LOADS.values()))[:loads]
    counts: Numbers = shares / shares.sum()
    return counts


def batch_of(crowds: list[Crowd]) -> Batch:
    """The days as a batch."""
    days = np.arange(len(crowds))
    return Batch(together(crowds), np.repeat(days, [crowd.at.size for crowd in crowds]), len(crowds))


def _by(batch: Batch, columns: Places, count: int, what: NDArray[np.floating]) -> Numbers:
    """Sums by day and column."""
    sums = np.bincount(batch.day * count + columns, what, batch.days * count)
    return sums.reshape(batch.days, count).astype(np.float64)


def _ratio(wait: float, base: float) -> float:
    return wait / max(base, LEAST_SECONDS)


def _mean(lived: Lived) -> float:
    return float(lived.waits.mean(dtype=np.float64)) if lived.waits.size else 0.0


def _tail(lived: Lived) -> tuple[float, float]:
    """The 95th percentile, and the mean of those who waited longest."""
    size = lived.waits.size
    if not size:
        return 0.0, 0.0
    place, count = int(P95 * (size - 1)), max(int(size * TAIL_SHARE), 1)
    ordered = np.partition(lived.waits, (place, size - count))
    return float(ordered[place]), float(ordered[size - count :].mean(dtype=np.float64))


def _within(lived: Lived) -> Numbers:
    found: Numbers = lived.within.sum(0) / np.maximum(lived.counted.sum(0), 1)
    return found


def _spread(lived: Lived) -> float:
    serving, staffed = lived.serving.sum(0), lived.staffed.sum(0)
    known = staffed > 0
    return float((serving[known] / staffed[known]).std()) if known.any() else 0.0
