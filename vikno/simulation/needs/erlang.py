"""How many windows a load takes, by formula: a first guess that simulation then corrects.

The queue M/M/c+G: Poisson arrivals, exponential durations, c windows, any patience. The wait V that somebody
of endless patience would find has, beyond 0, a density as exp(rate H(x) - c x / mean), where H(x) =
E[min(patience, x)] (F. Baccelli and G. Hebuterne, "On queues with impatient customers", Performance '81;
S. Zeltyn and A. Mandelbaum, "Call centers with impatient customers", Queueing Systems 51, 2005). Erlang C
(nobody leaves) and Erlang A (exponential patience) are special cases.

A day that changes is taken to be at each moment like such a queue with the offered load of that moment (the
modified offered load; D. L. Jagerman, Bell System Technical Journal 54, 1975; Z. Feldman et al., "Staffing of
time-varying queues to achieve time-stable performance", Management Science 54, 2008).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from vikno.queue.plan import Distribution
from vikno.simulation.needs.offered import Numbers, least_of

NODES = 400
"""Of the integral over waits; ten times as many change the share in the fifth digit."""
LONGEST = 40.0
"""In mean durations over the square root of the windows: no wait is longer, as far as a sum can tell."""
SURE = 1e-12
LOADS_BEYOND = 12.0
"""So many square roots of the load above it, nobody waits."""


class Queue(NamedTuple):
    """A queue at rest: visitors a minute, minutes each, their patience, the target in minutes."""

    rate: float
    minutes: float
    patience: Distribution | None
    target: float


def within(queue: Queue, windows: int) -> float:
    """The share called within the target, of those called and those who left after waiting longer.

    0 where the line grows for ever.
    """
    load = queue.rate * queue.minutes
    if windows < 1 or (queue.patience is None and windows <= load):
        return 0.0
    waits = _nodes(queue, windows)
    alive = _alive(queue, waits)
    drift = queue.rate * _patient(queue, waits) - windows * waits / queue.minutes
    top = max(float(drift.max()), 0.0)
    density = queue.rate * np.exp(drift - top)
    soon = waits <= queue.target
    at_once = _inverse_blocking(windows - 1, load) * math.exp(-top)
    early = at_once + _integral(waits, density * alive, soon)
    late = _integral(waits, density, ~soon) * float(_alive(queue, np.array([queue.target]))[0])
    return early / (early + late)


def windows_for(queue: Queue, share: float) -> float:
    """The fewest windows that call `share` within the target, in parts: 4.3 means that 4 are too few.

    The part is how far the share lies from that of 4 to that of 5.
    """
    load = queue.rate * queue.minutes
    fewest = 1 if queue.patience is not None else math.floor(load) + 1
    most = max(fewest, math.ceil(load + LOADS_BEYOND * math.sqrt(load) + 1))
    low, high = fewest - 1, most
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if within(queue, middle) >= share else (middle, high)
    before, after = within(queue, low), within(queue, high)
    return low + min(max((share - before) / max(after - before, SURE), SURE), 1.0)


def _inverse_blocking(windows: int, load: float) -> float:
    """1 / B(c, a), by Erlang's recursion 1 / B(n) = 1 + n / a / B(n - 1)."""
    inverse = 1.0
    for number in range(1, windows + 1):
        inverse = 1.0 + number / load * inverse
    return inverse


def _nodes(queue: Queue, windows: int) -> Numbers:
    """Waits at which the density is taken: from 0 to beyond all waits, the target among them."""
    longest = LONGEST * queue.minutes / math.sqrt(windows)
    if queue.patience is None:
        slack = windows / queue.minutes - queue.rate
        longest = max(longest, LONGEST / slack)
    rest = queue.target + np.geomspace(1e-4, 1.0, NODES) * longest
    first = np.linspace(0.0, queue.target, NODES)
    return np.unique(np.concatenate([first, rest]))


def _patient(queue: Queue, waits: Numbers) -> Numbers:
    return waits if queue.patience is None else least_of(queue.patience, waits)


def _alive(queue: Queue, waits: Numbers) -> Numbers:
    """The share whose patience is longer: the slope of E[min(patience, x)]."""
    if queue.patience is None:
        return np.ones_like(waits)
    step = 1e-6 * (1 + waits)
    slope = (least_of(queue.patience, waits + step) - least_of(queue.patience, waits)) / step
    return np.clip(slope, 0.0, 1.0)


def _integral(waits: Numbers, values: Numbers, where: np.ndarray) -> float:
    """By trapezia, over the nodes of `where` and, of the others, the one that borders on them."""
    places = np.flatnonzero(where)
    if not places.size:
        return 0.0
    first = max(int(places[0]) - 1, 0) if places[0] else 0
    kept = slice(first, int(places[-1]) + 1)
    return float(np.trapezoid(values[kept], waits[kept]))
