"""What queueing theory says exactly: the formulas that a simulation must agree with.

Everything is in units of the mean service time unless a name says otherwise: `load` is the offered load in
erlang (arrival rate x mean service time), waits are in mean service times.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import expm
from scipy.special import pdtrc

Numbers = NDArray[np.float64]

NEGLIGIBLE = 1e-16
"""Probability at which a tail is cut off, relative to what was summed before."""


def erlang_b(windows: int, load: float) -> float:
    """The share blocked where nobody waits: the recursion B(n) = a B(n-1) / (n + a B(n-1)), Erlang (1917)."""
    blocked = 1.0
    for n in range(1, windows + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked


def windows_for_blocking(load: float, most: float) -> int:
    """The fewest windows that block at most this share."""
    windows = 1
    while erlang_b(windows, load) > most:
        windows += 1
    return windows


def erlang_c(windows: int, load: float) -> float:
    """The share that waits where everybody does so for as long as it takes, load below windows."""
    blocked = erlang_b(windows, load)
    return blocked / (1 - load / windows * (1 - blocked))


def erlang_c_wait(windows: int, load: float) -> float:
    """The mean wait over everybody: C / (c mu - lambda)."""
    return erlang_c(windows, load) / (windows - load)


def erlang_c_within(windows: int, load: float, target: float) -> float:
    """The share called within `target`: the wait of those who wait is exponential."""
    return 1 - erlang_c(windows, load) * math.exp(-(windows - load) * target)


class ErlangA(NamedTuple):
    """Steady state of a hall with patience: shares of arrivals, mean wait over everybody, occupancy."""

    delayed: float
    wait: float
    left: float
    occupancy: float


def erlang_a(windows: int, load: float, leaving: float) -> ErlangA:
    """Exponential patience, `leaving` = rate of leaving x mean service time; Palm (1957).

    The number inside is a birth-death process: n -> n+1 at rate `load`, n -> n-1 at rate
    min(n, c) + leaving x max(n - c, 0). Little's law gives the wait, the flow out of the line who left.
    """
    weight, total, delayed, waiting, n = 1.0, 0.0, 0.0, 0.0, 0
    while n <= windows or weight > NEGLIGIBLE * total:
        total += weight
        if n >= windows:
            delayed += weight
            waiting += weight * (n - windows)
        n += 1
        weight *= load / (min(n, windows) + leaving * max(n - windows, 0))
    wait = waiting / total / load
    left = leaving * wait
    return ErlangA(delayed / total, wait, left, load * (1 - left) / windows)


def poisson_tail(mean: ArrayLike, least: ArrayLike) -> Numbers:
    """The probability that a Poisson number is at least `least`."""
    least = np.asarray(least)
    return np.where(least > 0, pdtrc(np.maximum(least - 1, 0), mean), 1.0)


def poisson_excess(mean: ArrayLike, above: int) -> Numbers:
    """The mean of max(N - above, 0) of a Poisson N: mean P(N >= above) - above P(N >= above + 1)."""
    return np.asarray(mean) * poisson_tail(mean, above) - above * poisson_tail(mean, above + 1)


def staff_for_delay(mean: float, most: float) -> int:
    """The fewest windows with which a Poisson number inside leaves at most this share of delay."""
    windows = 1
    while poisson_tail(mean, windows) > most:
        windows += 1
    return windows


def time_spent(births: Numbers, deaths: Numbers, minutes: float, start: Numbers) -> tuple[Numbers, Numbers]:
    """Of a birth-death process: the mean time it spends at each number, and how it is distributed at the end.

    Rates a minute at each number; `start`, the distribution at the beginning. Kolmogorov's equations, with
    the integral carried along in the same matrix exponential (Van Loan, 1978).
    """
    size = births.size
    flow = np.diag(births[:-1], 1) + np.diag(deaths[1:], -1)
    flow -= np.diag(flow.sum(axis=1))
    carried = np.block([[flow, np.eye(size)], [np.zeros((size, 2 * size))]]) * minutes
    after = expm(carried)
    return start @ after[:size, size:], start @ after[:size, :size]
