"""How far off a forecast may be: eight in ten quarters of an hour lie between P10 and P90.

A day is busier than expected by a factor that all kinds share, a kind by one of its own, a quarter by one of
its own; given these the visitors are Poisson. Their sum is taken to be negative binomial with the variance
mean + spread x mean², where the spreads add up. Visitors are whole numbers: a band that reaches from P10 to
P90 holds more than eight in ten where few come, and how much more is said.
"""

from __future__ import annotations

import numpy as np

from vikno.simulation.forecast.counts import Numbers

LOW, HIGH = 0.1, 0.9
LEAST_SPREAD = 1e-6
"""Below, nothing differs from Poisson."""


def band(mean: Numbers, spread: Numbers) -> tuple[Numbers, Numbers]:
    """P10 and P90 of counts with this mean and this relative variance beyond chance; shapes as `mean`."""
    from scipy.stats import nbinom  # noqa: PLC0415  (slow to load)

    size, success = _parameters(mean, spread)
    low, high = (nbinom.ppf(share, size, success) for share in (LOW, HIGH))
    return np.where(mean > 0, low, 0.0), np.where(mean > 0, high, 0.0)


def inside(mean: Numbers, spread: Numbers, low: Numbers, high: Numbers) -> Numbers:
    """The share of counts that lie from `low` to `high`, both included, if the model is right."""
    from scipy.stats import nbinom  # noqa: PLC0415

    size, success = _parameters(mean, spread)
    found: Numbers = nbinom.cdf(high, size, success) - nbinom.cdf(low - 1, size, success)
    return np.where(mean > 0, found, 1.0)


def _parameters(mean: Numbers, spread: Numbers) -> tuple[Numbers, Numbers]:
    size = 1 / np.maximum(spread, LEAST_SPREAD)
    return size, size / (size + np.maximum(mean, LEAST_SPREAD))
