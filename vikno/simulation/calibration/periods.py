"""Which stretches of the day have the same rate: as few as the counts allow, no fewer.

A rate for each half hour would copy the noise of the days seen into every simulated day. The day is cut into
the stretches that explain the counts best, where every further stretch must pay for its rate and its place:
the minimum description length of a step function (R. A. Davis, T. C. M. Lee and G. A. Rodriguez-Yam,
"Structural break estimation for nonstationary time series models", JASA 101, 2006), found exactly by dynamic
programming (B. Jackson et al., "An algorithm for optimal partitioning of data on an interval", IEEE Signal
Processing Letters 12, 2005). That all of a day is busier by the same factor changes nothing here: given the
day's total, its visitors fall into the stretches as they would on any other.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

GRID_MINUTES = 30
"""As fine as a rate may change: clerks think in half hours, and shifts begin at them."""

Sums = NDArray[np.float64]


def grid(opens: int, closes: int) -> list[int]:
    """The half hours from opening to closing, both included; minutes after midnight."""
    first = (opens // GRID_MINUTES + 1) * GRID_MINUTES
    return [opens, *range(first, closes, GRID_MINUTES), closes]


def merge(counts: Sums, exposures: Sums) -> list[int]:
    """Where new stretches begin: the first cells of each, 0 the first of all.

    `counts` events were seen in the cells of the day, `exposures` is how long each was watched in all.
    """
    cells = len(counts)
    events, watched = (np.concatenate([[0.0], np.cumsum(values)]) for values in (counts, exposures))
    price = math.log(max(events[-1], 1.0)) / 2 + math.log(max(cells, 1))
    best, previous = np.zeros(cells + 1), np.zeros(cells + 1, np.int64)
    for end in range(1, cells + 1):
        fits = best[:end] + price - _likelihood(events[end] - events[:end], watched[end] - watched[:end])
        previous[end] = int(fits.argmin())
        best[end] = fits[previous[end]]
    starts, end = [], cells
    while end > 0:
        end = int(previous[end])
        starts.append(end)
    return starts[::-1]


def _likelihood(events: Sums, watched: Sums) -> Sums:
    """Logarithm of the likelihood of Poisson counts at their own rate, but for what all stretches share."""
    seen = events > 0
    rates = np.divide(events, watched, out=np.ones_like(events), where=seen & (watched > 0))
    likelihood: Sums = events * np.log(rates) - events
    return likelihood
