"""Control variates: narrow intervals from few days, without a word of what the hall did.

A mean wait is known to 2% only after millions of visitors, because busy days are rare and count much. But
how busy a day was, its visitors say themselves. The same people, sent through a system whose answer is known
exactly (a hall of endless windows, a single window as quick as all together), wait there more or less than
they should have, and by regression that tells how much of the deviation in the real hall was luck. Source:
Lavenberg and Welch, A perspective on the use of control variables to increase the efficiency of Monte Carlo
simulations, Management Science 27 (1981).

A control is a number of one day with mean 0, made from the visitors alone. A hall that is wrong stays wrong.
But too many visitors would be taken for luck; so controls that are not 0 on average are refused.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from tests.simulation import theory
from vikno.simulation.estimates import CONFIDENCE, Estimate, Linear

Numbers = NDArray[np.float64]

LUCK = 4.5
"""Standard errors that a mean of 0 may be off: one control in 100,000."""

INSIDE_MAX = 150
"""More are never inside a single window's hall at the loads of these tests, but with odds below 1e-20."""


def controlled(found: Linear, controls: ArrayLike) -> Estimate:
    """The estimate without what the controls (days x controls) explain of its deviation.

    Least squares of the days' deviations on the controls: the intercept is what is left at controls of 0.
    """
    days = found.influence.size
    deviations = found.influence * days
    columns = np.asarray(controls, np.float64).reshape(days, -1)
    errors = columns.std(axis=0, ddof=1) / math.sqrt(days)
    assert (np.abs(columns.mean(axis=0)) <= LUCK * errors).all(), "not the visitors that the plan asks for"
    design = np.column_stack((np.ones(days), columns))
    scale = np.abs(design).max(axis=0)
    kept = scale > 0
    design = design[:, kept] / scale[kept]
    inverse = np.linalg.pinv(design.T @ design)
    weights = inverse @ design.T @ deviations
    freedom = days - design.shape[1]
    variance = float(((deviations - design @ weights) ** 2).sum()) / freedom
    half = float(stdtrit(freedom, (1 + CONFIDENCE) / 2)) * math.sqrt(variance * float(inverse[0, 0]))
    value = found.value + float(weights[0])
    return Estimate(value, value - half, value + half)


def of_work(minutes: Numbers, durations: Numbers, expected: float, mean: float) -> list[float]:
    """How many came, and how much work they brought, beyond what was to be expected."""
    return [minutes.size - expected, float(durations.sum()) - expected * mean]


def endless(minutes: Numbers, durations: Numbers, windows: int, inside: Numbers) -> list[Numbers]:
    """How often, and by how many, all of `windows` would have been taken, were there no end of windows.

    Nobody waits there, and how many are inside when somebody comes is Poisson, whatever the durations; its
    mean at each arrival is `inside`.
    """
    gone = np.searchsorted(np.sort(minutes + durations), minutes)
    found = np.arange(minutes.size) - gone
    return [
        (found >= windows) - theory.poisson_tail(inside, windows),
        np.maximum(found - windows + 1, 0) - theory.poisson_excess(inside, windows - 1),
    ]


def single(minutes: Numbers, durations: Numbers) -> Numbers:
    """How long each would have waited at a single window: Lindley's recursion in closed form."""
    steps = np.concatenate(([0.0], np.cumsum(durations[:-1] - np.diff(minutes))))
    return np.asarray(steps - np.minimum.accumulate(steps))


def single_for_ever(minutes: Numbers, durations: Numbers, a_minute: float, mean: float) -> list[Numbers]:
    """Waits at a single window, and their squares, less what is to be expected there in the long run.

    In M/M/1 P(wait > x) = rho exp(-(mu - lambda) x).
    """
    wait, load, free = single(minutes, durations), a_minute * mean, 1 / mean - a_minute
    return [wait - load / free, wait**2 - 2 * load / free**2]


def single_from_empty(
    minutes: Numbers, durations: Numbers, a_minute: float, mean: float, closes: float
) -> list[float]:
    """The same summed over a day that begins empty."""
    wait = single(minutes, durations)
    waits, squares = _expected_from_empty(a_minute, mean, closes)
    return [float(wait.sum()) - waits, float((wait**2).sum()) - squares]


@cache
def _expected_from_empty(a_minute: float, mean: float, closes: float) -> tuple[float, float]:
    """Who finds n inside waits for n durations: n times the mean; squared, n (n + 1) times its square."""
    n = np.arange(INSIDE_MAX)
    births, deaths = np.full(n.size, a_minute), np.minimum(n, 1) / mean
    spent, _ = theory.time_spent(births, deaths, closes, np.eye(n.size)[0])
    return a_minute * mean * float(spent @ n), a_minute * mean**2 * float(spent @ (n * (n + 1)))
