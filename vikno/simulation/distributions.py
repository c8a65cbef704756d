"""Drawing durations from the distributions of a hall file.

The file speaks of means and coefficients of variation, because that is what people can measure; here they
become the parameters of each family, exactly. Everything is drawn in arrays: a day's durations at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from vikno.queue.plan import Distribution, Timed

Minutes = NDArray[np.float64]


def draw(distribution: Distribution, rng: np.random.Generator, size: int) -> Minutes:
    """`size` durations in minutes. A share `zero` of them is 0; mean and cv are those of the others."""
    minutes = _FAMILIES[distribution.distribution](distribution, rng, size)
    if distribution.zero:
        minutes = np.where(rng.random(size) < distribution.zero, 0.0, minutes)
    return minutes


def draw_timed(timed: Timed, minutes: Minutes, rng: np.random.Generator, without: float) -> Minutes:
    """One duration for each of those who came at `minutes` after midnight, by what holds at that time.

    Who came before the first row gets what the first row says. Without any row it is `without` for all.
    """
    if not timed:
        return np.full(len(minutes), without)
    if len(timed) == 1:
        return draw(timed[0][1], rng, len(minutes))
    starts = [start for start, _ in timed]
    rows = np.maximum(np.searchsorted(starts, minutes, side="right") - 1, 0)
    found = np.empty(len(minutes))
    for row, (_, distribution) in enumerate(timed):
        here = rows == row
        found[here] = draw(distribution, rng, int(here.sum()))
    return found


def _exponential(d: Distribution, rng: np.random.Generator, size: int) -> Minutes:
    return rng.exponential(_given(d.mean), size)


def _gamma(d: Distribution, rng: np.random.Generator, size: int) -> Minutes:
    """Shape 1 / cv², scale mean x cv²."""
    squared = _given(d.cv) ** 2
    return rng.gamma(1 / squared, _given(d.mean) * squared, size)


def _lognormal(d: Distribution, rng: np.random.Generator, size: int) -> Minutes:
    """The logarithm has the variance ln(1 + cv²) and the mean ln(mean) less half of that."""
    variance = math.log1p(_given(d.cv) ** 2)
    return rng.lognormal(math.log(_given(d.mean)) - variance / 2, math.sqrt(variance), size)


def _uniform(d: Distribution, rng: np.random.Generator, size: int) -> Minutes:
    return rng.uniform(_given(d.low), _given(d.high), size)


def _constant(d: Distribution, _rng: np.random.Generator, size: int) -> Minutes:
    return np.full(size, _given(d.mean))


def _empirical(d: Distribution, rng: np.random.Generator, size: int) -> Minutes:
    """The observed durations, each as likely as another."""
    return rng.choice(np.asarray(d.values), size)


def _given(parameter: float | None) -> float:
    """The hall file's reader has seen to it that a family has its parameters."""
    assert parameter is not None
    return parameter


_FAMILIES: dict[str, Callable[[Distribution, np.random.Generator, int], Minutes]] = {
    "exponential": _exponential,
    "gamma": _gamma,
    "lognormal": _lognormal,
    "uniform": _uniform,
    "constant": _constant,
    "empirical": _empirical,
}
