"""Which family durations belong to, how much they vary, and the level at each window.

A service's durations at a window are that window's level times what varies from visitor to visitor, and what
varies has one family and one cv for the service. Families: lognormal and gamma, of which the exponential is
the gamma with cv 1, and constant, where nothing varies.

Levels are logarithms: lognormal, the mean of the logarithms; gamma, the logarithm of the mean, freed from its
bias, which for k durations of shape a is psi(ka) - ln(ka). The shape itself solves the equation of the
likelihood that is conditional on the levels, so that many windows with few durations each do not make
visitors look alike (D. R. Cox and N. Reid, JRSS B 49, 1987, example 3.1).

A duration that was cut off is worth what it could have become: points spread evenly over the probability of
all that is longer, under the parameters of the round before (EM: A. P. Dempster, N. M. Laird and D. B. Rubin,
JRSS B 39, 1977). It counts for the level, but not as something known: a level's variance rests on the
durations seen to their end.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import chdtri, digamma, gammaincc, gammainccinv, gammaln, log_ndtr, ndtr, ndtri, polygamma

from vikno.simulation.calibration.intervals import NORMAL, TAIL

MOMENT_MINUTES = 1 / 600
"""A tenth of a second: shorter is a slip of the finger, and its logarithm would outweigh a day."""

FREEDOM_MIN = 5
"""Degrees of freedom below which durations do not tell how much they vary."""

POINTS = 40
"""That stand for one duration that was cut off."""

ROUNDS_MAX = 100
CLOSE = 1e-4
"""Change of the parameters below which a round has changed nothing."""

NEAR = 2.0
"""By how much the logarithm of a likelihood may be less without refusing a family."""

ALIKE = 1e-6
"""Spread of the logarithms of durations that do not vary at all."""

SHAPES = 1e-3, 1e6
"""Of the gamma family: a cv from 0.001 to 30."""

LEAST_VARIANCE = 1e-8
"""Of a level: constant durations are known exactly, and a matrix must still be solved."""

Values = NDArray[np.float64]


class Cell(msgspec.Struct, frozen=True):
    """The durations of one service at one window in minutes: seen to their end, and cut off."""

    complete: tuple[float, ...]
    censored: tuple[float, ...] = ()


class Family(msgspec.Struct, frozen=True):
    """A fit. `levels` and `variances` are those of the cells, in their order.

    `spread` is the variance of the logarithm (lognormal) or 1 / shape (gamma), so cv² nearly; `freedom` how
    many degrees it rests on, `low` and `high` its 95% interval. `likelihood`, a logarithm, compares
    families.
    """

    name: str
    spread: float
    freedom: int
    low: float
    high: float
    levels: tuple[float, ...]
    variances: tuple[float, ...]
    likelihood: float = 0.0

    def cv(self, spread: float) -> float:
        """Standard deviation over mean at a spread."""
        return math.sqrt(math.expm1(spread) if self.name == "lognormal" else spread)

    @property
    def mean_shift(self) -> float:
        """What to add to a level for the logarithm of the mean."""
        return self.spread / 2 if self.name == "lognormal" else 0.0

    @property
    def shift_variance(self) -> float:
        """The variance of `mean_shift`."""
        return self.spread**2 / (2 * self.freedom) if self.mean_shift and self.freedom else 0.0


class Fit(msgspec.Struct, frozen=True):
    """The family chosen, and a 95% interval of cv that also holds what a rival would say if it is near."""

    family: Family
    cv: float
    cv_low: float | None
    cv_high: float | None


def fit(cells: Sequence[Cell]) -> Fit | None:
    """The family that explains the cells best; None if they cannot tell how much durations vary."""
    sample = _Sample(cells)
    if sample.freedom < FREEDOM_MIN:
        return None
    if sample.alike:
        levels = tuple(sample.mean_logs(sample.logs, sample.weights).tolist())
        variances = (LEAST_VARIANCE,) * len(levels)
        return Fit(Family("constant", 0.0, sample.freedom, 0.0, 0.0, levels, variances), 0.0, 0.0, 0.0)
    rivals = lognormal, gamma = _lognormal(sample), _gamma(sample)
    most = max(lognormal.likelihood, gamma.likelihood)
    near = [family for family in rivals if family.likelihood > most - NEAR]
    best = max(rivals, key=lambda family: family.likelihood)
    if best is gamma:
        exponential = _gamma(sample, 1.0)
        # G. Schwarz, Annals of Statistics 6, 1978: a parameter must earn its place.
        if gamma.likelihood - exponential.likelihood < math.log(sample.seen) / 2:
            best = exponential
    return Fit(
        best,
        best.cv(best.spread),
        min(family.cv(family.low) for family in near),
        max(family.cv(family.high) for family in near),
    )


def fit_with(cells: Sequence[Cell], spread: float) -> Fit:
    """A lognormal fit to too few durations, with a variance of logarithms that is known from elsewhere."""
    family = _lognormal(_Sample(cells), spread)
    return Fit(family, family.cv(spread), None, None)


class _Sample:
    """The durations of all cells side by side, those cut off as `POINTS` points each."""

    def __init__(self, cells: Sequence[Cell]) -> None:
        complete = [np.maximum(cell.complete, MOMENT_MINUTES) for cell in cells]
        censored = [np.maximum(cell.censored, MOMENT_MINUTES) for cell in cells]
        self.cells = len(cells)
        self.events = np.array([len(values) for values in complete], np.float64)
        self.counts = self.events + [len(values) for values in censored]
        self.seen = int(self.events.sum())
        self.complete, self.cut = np.concatenate(complete), np.concatenate(censored)
        numbers = np.arange(self.cells)
        self.cell = np.repeat(numbers, self.events.astype(int))
        self.cut_cell = np.repeat(numbers, (self.counts - self.events).astype(int))
        self.at = np.concatenate([self.cell, np.repeat(self.cut_cell, POINTS)])
        self.weights = np.concatenate([np.ones(self.seen), np.full(len(self.cut) * POINTS, 1 / POINTS)])
        self.logs = np.log(np.concatenate([self.complete, np.repeat(self.cut, POINTS)]))

    @property
    def freedom(self) -> int:
        """Durations seen to their end beyond the first of each cell."""
        return int((self.events - 1)[self.events > 0].sum())

    @property
    def alike(self) -> bool:
        """Whether the durations of each cell are one and the same."""
        means = self.mean_logs(np.log(self.complete), np.ones(self.seen))
        return bool(np.abs(np.log(self.complete) - means[self.cell]).max() < ALIKE)

    def mean_logs(self, values: Values, weights: Values) -> Values:
        """The weighted mean of `values` in each cell."""
        at = self.at[: len(values)]
        total = np.bincount(at, weights, self.cells)
        sums = np.bincount(at, weights * values, self.cells)
        return np.divide(sums, total, out=np.zeros(self.cells), where=total > 0)


def _known(sample: _Sample) -> Values:
    """What the variance of each level rests on: durations seen to their end, or half of one."""
    return np.maximum(sample.events, 0.5)


def _lognormal(sample: _Sample, given: float | None = None) -> Family:
    logs = sample.logs.copy()
    spread, levels = given or 1.0, np.zeros(sample.cells)
    for _ in range(ROUNDS_MAX):
        before, before_levels = spread, levels
        levels = sample.mean_logs(logs, sample.weights)
        if given is None:
            total = (sample.weights * (logs - levels[sample.at]) ** 2).sum()
            spread = float(total / max(sample.counts.sum() - sample.cells, 1))
        if not len(sample.cut):
            break
        deviation = math.sqrt(spread)
        start = (np.log(sample.cut) - levels[sample.cut_cell]) / deviation
        beyond = ndtr(-start)[:, None] * _middles()
        points = levels[sample.cut_cell][:, None] - deviation * ndtri(beyond)
        logs[sample.seen :] = points.ravel()
        if abs(spread - before) < CLOSE * spread and np.abs(levels - before_levels).max() < CLOSE:
            break
    seen = (np.log(sample.complete) - levels[sample.cell]) / math.sqrt(spread)
    cut = (np.log(sample.cut) - levels[sample.cut_cell]) / math.sqrt(spread)
    likelihood = (
        -np.log(sample.complete).sum()
        - sample.seen / 2 * math.log(2 * math.pi * spread)
        - (seen**2).sum() / 2
        + log_ndtr(-cut).sum()
    )
    freedom = max(sample.freedom, 1)
    squares = spread * freedom
    return Family(
        "lognormal",
        spread,
        sample.freedom,
        squares / chdtri(freedom, TAIL),
        squares / chdtri(freedom, 1 - TAIL),
        tuple(levels.tolist()),
        tuple((spread / _known(sample)).tolist()),
        float(likelihood),
    )


def _gamma(sample: _Sample, given: float | None = None) -> Family:
    """`given`: the shape, if it is known."""
    values = np.exp(sample.logs)
    shape, means = given or 1.0, np.ones(sample.cells)
    for _ in range(ROUNDS_MAX):
        before, before_means = shape, means
        means = sample.mean_logs(values, sample.weights)
        if given is None:
            logs = sample.mean_logs(np.log(values), sample.weights)
            shape = _shape(sample.counts, np.log(means) - logs)
        if not len(sample.cut):
            break
        scale = means[sample.cut_cell] / shape
        beyond = gammaincc(shape, sample.cut / scale)[:, None] * _middles()
        values[sample.seen :] = (scale[:, None] * gammainccinv(shape, beyond)).ravel()
        if abs(shape - before) < CLOSE * shape and (np.abs(means - before_means) < CLOSE * means).all():
            break
    known = _known(sample)
    scale, cut_scale = means[sample.cell] / shape, means[sample.cut_cell] / shape
    likelihood = (
        ((shape - 1) * np.log(sample.complete) - sample.complete / scale - shape * np.log(scale)).sum()
        - sample.seen * gammaln(shape)
        + np.log(gammaincc(shape, sample.cut / cut_scale)).sum()
    )
    several = known[known > 1]
    information = (several * polygamma(1, shape) - several**2 * polygamma(1, several * shape)).sum()
    factor = math.exp(NORMAL / (shape * math.sqrt(information)))
    return Family(
        "exponential" if given == 1.0 else "gamma",
        1 / shape,
        sample.freedom,
        1 / shape / factor,
        1 / shape * factor,
        tuple((np.log(means) - digamma(known * shape) + np.log(known * shape)).tolist()),
        tuple(polygamma(1, known * shape).tolist()),
        float(likelihood),
    )


def _shape(counts: Values, gaps: Values) -> float:
    """The shape at which logarithms of means exceed means of logarithms by as much as seen."""
    several = counts > 1
    counts, gaps = counts[several], gaps[several]

    def excess(logarithm: float) -> float:
        shape = math.exp(logarithm)
        expected = digamma(counts * shape) - np.log(counts) - digamma(shape)
        return float((counts * (gaps - expected)).sum())

    low, high = map(math.log, SHAPES)
    if excess(low) >= 0:
        return SHAPES[0]
    if excess(high) <= 0:
        return SHAPES[1]
    return math.exp(float(brentq(excess, low, high)))


def _middles() -> Values:
    """The middles of `POINTS` equal parts of 0 to 1."""
    return (np.arange(POINTS) + 0.5) / POINTS
