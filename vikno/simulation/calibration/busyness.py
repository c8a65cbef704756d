"""How much days differ beyond chance: the shape of the factor that makes a day busy for all services.

Given the day's factor the number of visitors is Poisson; with a Gamma factor of mean 1 it is negative
binomial, with the variance m + m² / shape about a mean of m (J. F. Lawless, "Negative binomial and mixed
Poisson regression", Canadian Journal of Statistics 15, 1987). 1 / shape is estimated by maximum likelihood,
the unknown mean taken into account as D. R. Cox and N. Reid do ("Parameter orthogonality and approximate
conditional inference", JRSS B 49, 1987): plain maximum likelihood finds the days too much alike when they
are few. The interval holds every shape that the likelihood does not refuse at 5%. An infinite shape, days
that differ by chance alone, is a possible answer.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq, minimize_scalar
from scipy.special import chdtri, gammaln

from vikno.simulation.calibration.result import Finding
from vikno.simulation.estimates import CONFIDENCE

DAYS_MIN = 3
"""Two days cannot tell chance from difference."""

SPREAD_MIN, SPREAD_MAX = 1e-6, 10.0
"""Of 1 / shape: below, no hall in the world could tell it from 0; above, most days would have no visitors."""

STEPS = 60
"""Of the grid on which the best spread is sought first."""

HALF_DROP = float(chdtri(1, 1 - CONFIDENCE)) / 2
"""How far the logarithm of the likelihood may fall inside the interval."""

Counts = NDArray[np.float64]


def busyness_shape(counts: Counts, expected: Counts) -> Finding:
    """The shape, from the visitors of each day and how many an average day would have had (to a factor).

    `value` None means that no difference beyond chance was seen, `high` None that there may be none.
    """
    seen = len(counts)
    watched = expected > 0
    counts, expected = counts[watched], expected[watched]
    if len(counts) < DAYS_MIN or not counts.sum():
        return Finding(None, None, None, seen)

    def likelihood(spread: float) -> float:
        return _likelihood(counts, expected, spread)

    spreads = np.geomspace(SPREAD_MIN, SPREAD_MAX, STEPS)
    top = int(np.argmax([likelihood(spread) for spread in spreads]))
    around = spreads[max(top - 1, 0)], spreads[min(top + 1, STEPS - 1)]
    found = minimize_scalar(
        lambda x: -likelihood(math.exp(x)), bounds=tuple(map(math.log, around)), method="bounded"
    )
    best, most = math.exp(found.x), -float(found.fun)
    alike = likelihood(0.0)
    if alike >= most:
        best, most = 0.0, alike

    def edge(a: float, b: float) -> float:
        return float(brentq(lambda spread: likelihood(spread) - most + HALF_DROP, a, b))

    least = None if most - alike < HALF_DROP else edge(0.0, best)
    largest = SPREAD_MAX if most - likelihood(SPREAD_MAX) < HALF_DROP else edge(best, SPREAD_MAX)
    return Finding(
        value=1 / best if best > SPREAD_MIN else None,
        low=1 / largest,
        high=1 / least if least else None,
        seen=seen,
    )


def _likelihood(counts: Counts, expected: Counts, spread: float) -> float:
    """Logarithm of the adjusted profile likelihood of `spread` = 1 / shape."""
    means = expected * _level(counts, expected, spread)
    if spread < SPREAD_MIN:
        own = counts * np.log(means) - means
    else:
        shape = 1 / spread
        own = (
            gammaln(counts + shape)
            - gammaln(shape)
            + counts * np.log(spread * means)
            - (counts + shape) * np.log1p(spread * means)
        )
    information = (means / (1 + spread * means)).sum()
    return float(own.sum() - math.log(information) / 2)


def _level(counts: Counts, expected: Counts, spread: float) -> float:
    """How many times `expected` a mean day has, by maximum likelihood at this spread."""
    if spread < SPREAD_MIN or np.ptp(expected) == 0.0:
        return float(counts.sum() / expected.sum())

    def score(logarithm: float) -> float:
        means = expected * math.exp(logarithm)
        return float(((counts - means) / (1 + spread * means)).sum())

    ratios = np.log(np.maximum(counts, 0.5) / expected)
    return math.exp(float(brentq(score, ratios.min() - 1, ratios.max() + 1)))
