"""What a policy did on many days, and the ratio of two policies on the same days with its interval.

Intervals are bootstrap percentiles over whole days: days are independent, the visitors of one are not. Waits
are counted in bins of `BIN_MINUTES` by day, so that a resample is a sum of rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vikno.queue.plan import HallPlan
from vikno.simulation.fastforward.days import FastHall
from vikno.simulation.fastforward.kernel import Crowd, Rule

BIN_MINUTES = 0.05
BINS = 12_000
"""Ten hours; longer waits count as that."""

RESAMPLES = 1_000

Numbers = NDArray[np.float64]


class Outcome(NamedTuple):
    """Of D days, S services, W windows."""

    counts: Numbers
    """(D, BINS): visitors called by wait."""
    total: Numbers
    """(D): minutes waited by those called."""
    longest: Numbers
    """(D): minutes."""
    called: Numbers
    """(D, S): visitors called, or gone after waiting beyond the target."""
    within: Numbers
    """(D, S): called within the target."""
    serving: Numbers
    staffed: Numbers
    """(D, W): seconds."""
    overtaken: int
    """The most anybody was."""


def live_days(plan: HallPlan, rule: Rule, crowds: Sequence[Crowd]) -> Outcome:
    """Every day from an empty hall."""
    hall, days = FastHall(plan), len(crowds)
    services, windows = len(plan.services), len(plan.windows)
    target = np.array([service.target_minutes for service in plan.services])
    counts, total, longest = np.zeros((days, BINS)), np.zeros(days), np.zeros(days)
    called, within = np.zeros((days, services)), np.zeros((days, services))
    serving, staffed = np.zeros((days, windows)), np.zeros((days, windows))
    overtaken = 0
    for day, crowd in enumerate(crowds):
        fate = hall.live(rule, crowd)
        came = ~np.isnan(fate.called)
        wait = (fate.called - crowd.at)[came] / 60
        late = ((fate.ended - crowd.at) / 60 > target[crowd.service]) & ~came
        service = crowd.service[came]
        counts[day] = np.bincount(np.minimum((wait / BIN_MINUTES).astype(int), BINS - 1), minlength=BINS)
        total[day], longest[day] = wait.sum(), wait.max(initial=0.0)
        called[day] = np.bincount(np.concatenate((service, crowd.service[late])), minlength=services)
        within[day] = np.bincount(service[wait <= target[service]], minlength=services)
        serving[day] = np.bincount(fate.window[came], (fate.ended - fate.called)[came], windows)
        staffed[day] = fate.staffed
        overtaken = max(overtaken, int(fate.overtaken.max(initial=0)))
    return Outcome(counts, total, longest, called, within, serving, staffed, overtaken)


class Figure(NamedTuple):
    """A value and its 95% interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.2f} ({self.low:.2f} to {self.high:.2f})"


class Comparison(NamedTuple):
    """Of a policy to fifo on the same days: ratios, points, ratio."""

    mean: Figure
    p95: Figure
    longest: Figure
    """Of sets of days: the middle ratio, the smallest and the largest."""
    worst_share: Figure
    worst_service: str
    spread: Figure
    overtaken: int


def compare(
    plan: HallPlan, ours: Outcome, fifo: Outcome, rng: np.random.Generator, *, sets: int
) -> Comparison:
    """Ratios to `fifo`, and the service that loses most within target; the days are `sets` of as many."""
    days = len(ours.total)
    resampled = rng.multinomial(days, [1 / days] * days, RESAMPLES).astype(np.float64)
    weights: Numbers = np.concatenate((np.ones((1, days)), resampled))

    def ratio(of: Numbers, to: Numbers) -> Figure:
        return _figure(of / to)

    shares = 100 * (_share(ours, weights) - _share(fifo, weights))
    worst = int(np.nanargmin(shares[0]))
    return Comparison(
        mean=ratio(_mean(ours, weights), _mean(fifo, weights)),
        p95=ratio(_quantile(ours, weights, 0.95), _quantile(fifo, weights, 0.95)),
        longest=_middle(_longest(ours, sets) / _longest(fifo, sets)),
        worst_share=_figure(shares[:, worst]),
        worst_service=plan.services[worst].id,
        spread=ratio(_spread(ours, weights), _spread(fifo, weights)),
        overtaken=ours.overtaken,
    )


def _figure(values: Numbers) -> Figure:
    """The first is of the days as they were, the others of resamples."""
    low, high = np.quantile(values[1:], (0.025, 0.975))
    return Figure(float(values[0]), float(low), float(high))


def _mean(outcome: Outcome, weights: Numbers) -> Numbers:
    means: Numbers = (weights @ outcome.total) / (weights @ outcome.counts.sum(1))
    return means


def _quantile(outcome: Outcome, weights: Numbers, share: float) -> Numbers:
    found = np.cumsum(weights @ outcome.counts, axis=1)
    waits: Numbers = ((found < share * found[:, -1:]).sum(1) + 0.5) * BIN_MINUTES
    return waits


def _longest(outcome: Outcome, sets: int) -> Numbers:
    longest: Numbers = outcome.longest.reshape(sets, -1).max(1)
    return longest


def _middle(ratios: Numbers) -> Figure:
    return Figure(float(np.median(ratios)), float(ratios.min()), float(ratios.max()))


def _share(outcome: Outcome, weights: Numbers) -> Numbers:
    with np.errstate(invalid="ignore"):
        shares: Numbers = (weights @ outcome.within) / (weights @ outcome.called)
    return shares


def _spread(outcome: Outcome, weights: Numbers) -> Numbers:
    with np.errstate(invalid="ignore"):
        spreads: Numbers = np.nanstd((weights @ outcome.serving) / (weights @ outcome.staffed), axis=1)
    return spreads
