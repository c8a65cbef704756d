"""How much work is in the hall by itself: the offered load of a day on which more and fewer come.

Were there a window for everybody at once, the number of visitors being served at time t would be Poisson (for
Poisson arrivals) with the mean

    m(t) = integral over u > 0 of  rate(t - u) P(duration > u) du

(S. G. Eick, W. A. Massey and W. Whitt, "The physics of the Mt/G/infinity queue", Oper. Res. 41, 1993).
It lags behind the arrivals, for a hall remembers who came before: staffing each moment for its own rate of
arrival is too late in the morning and too generous after the peak. Rates are constant over each minute here,
so with E[min(duration, x)] for the integral of the tail the sum is exact.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc, gammaincc, ndtr

from vikno.queue.plan import Distribution, HallPlan, Service
from vikno.scheduler.workload import MINUTES_AN_HOUR, UNKNOWN_SERVICE_MINUTES, stretches

Numbers = NDArray[np.float64]

MINUTES_A_DAY = 24 * 60
UNKNOWN = Distribution("exponential", mean=UNKNOWN_SERVICE_MINUTES)


def least_of(distribution: Distribution, minutes: Numbers) -> Numbers:
    """E[min(D, x)] for each x of `minutes`: the integral of the tail of D from 0 to x. `zero` is counted.

    (The limited expected value; S. A. Klugman, H. H. Panjer and G. E. Willmot, Loss Models, appendix A.)
    """
    x = np.maximum(np.asarray(minutes, np.float64), 0.0)
    found = _LEAST[distribution.distribution](distribution, x)
    return (1 - distribution.zero) * found


def arrivals(plan: HallPlan) -> Numbers:
    """Visitors who come for each service in each minute of the day: shape (services, 1440).

    Every leg of a visit for several services counts at the time of arrival.
    """
    place = {service.id: number for number, service in enumerate(plan.services)}
    found = np.zeros((len(plan.services), MINUTES_A_DAY))
    for visits in plan.demand:
        for start, end, rate in stretches(plan, visits):
            for service in visits.services:
                found[place[service], start:end] += rate / MINUTES_AN_HOUR
    return found


def offered_load(plan: HallPlan, came: Numbers) -> Numbers:
    """Windows of factor 1 that are busy on average if there is no end of them: shape (services, 1440).

    At the middle of each minute; no-shows cost their minutes. `came` as `arrivals` has it.
    """
    loads = np.zeros_like(came)
    for number, service in enumerate(plan.services):
        rows = service.service or ((0, UNKNOWN),)
        starts = [0, *(start for start, _ in rows[1:]), MINUTES_A_DAY]
        for (_, distribution), start, end in zip(rows, starts, starts[1:], strict=False):
            own = np.zeros(MINUTES_A_DAY)
            own[start:end] = came[number, start:end]
            loads[number] += _follow(own, _stay(service, distribution))
    return loads


def _stay(service: Service, distribution: Distribution) -> Numbers:
    """The integral of the tail of a visit's cost, no-shows among them, at 0, 1/2, 3/2, 5/2, ... minutes."""
    at = np.concatenate([[0.0], np.arange(MINUTES_A_DAY) + 0.5])
    missed = np.minimum(at, service.no_show_minutes)
    stay: Numbers = (1 - service.no_show) * least_of(distribution, at) + service.no_show * missed
    return stay


def _follow(came: Numbers, stay: Numbers) -> Numbers:
    """The load at the middle of each minute, from arrivals of its first half and of the minutes before."""
    found: Numbers = np.convolve(came, np.diff(stay))[:MINUTES_A_DAY]
    return found


def _exponential(d: Distribution, x: Numbers) -> Numbers:
    return d.mean_minutes * -np.expm1(-x / d.mean_minutes)


def _gamma(d: Distribution, x: Numbers) -> Numbers:
    shape = 1 / _given(d.cv) ** 2
    scaled = x * shape / d.mean_minutes
    found: Numbers = d.mean_minutes * gammainc(shape + 1, scaled) + x * gammaincc(shape, scaled)
    return found


def _lognormal(d: Distribution, x: Numbers) -> Numbers:
    variance = math.log1p(_given(d.cv) ** 2)
    with np.errstate(divide="ignore"):
        scaled = (np.log(x / d.mean_minutes) - variance / 2) / math.sqrt(variance)
    found: Numbers = d.mean_minutes * ndtr(scaled) + x * ndtr(-(scaled + math.sqrt(variance)))
    return found


def _uniform(d: Distribution, x: Numbers) -> Numbers:
    low, high = _given(d.low), _given(d.high)
    inside = np.clip(x, low, high)
    if high == low:
        return np.minimum(x, low)
    return np.where(x < low, x, inside - (inside - low) ** 2 / (2 * (high - low)))


def _constant(d: Distribution, x: Numbers) -> Numbers:
    return np.minimum(x, d.mean_minutes)


def _empirical(d: Distribution, x: Numbers) -> Numbers:
    found: Numbers = np.minimum(np.asarray(d.values), x[..., None]).mean(-1)
    return found


def _given(parameter: float | None) -> float:
    """The hall file's reader has seen to it that a family has its parameters."""
    assert parameter is not None
    return parameter


_LEAST = {
    "exponential": _exponential,
    "gamma": _gamma,
    "lognormal": _lognormal,
    "uniform": _uniform,
    "constant": _constant,
    "empirical": _empirical,
}
