"""Numbers that say how sure they are: an estimate from independent days, with its 95% interval.

Visitors of one day wait together, so they are no independent sample; days are. Every estimator here is
therefore a function of the days' totals, and its error is told by what each single day does to it: its
`influence`, the first-order change of the estimate because of that day (the delta method; Särndal, Swensson
and Wretman, Model Assisted Survey Sampling, 1992, section 5.5; Asmussen and Glynn, Stochastic Simulation,
2007, section III.3). With n days the variance is n / (n - 1) times the sum of the squared influences, and
the interval is Student's with n - 1 degrees of freedom.

Two scenarios that lived the same days (common random numbers) are compared day by day: what their
influences have in common cancels out.
"""

from __future__ import annotations

import math
from functools import cache, cached_property

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

CONFIDENCE = 0.95
TAIL_SHARE = 0.1
"""The upper tenth of the days' maxima speaks of the tail; lower ones know little of it."""
TAIL_DAYS_MIN, TAIL_DAYS_MAX = 5, 100
"""Fewer say nothing of the tail's scale; more reach down to where it is no tail."""
TAIL_NODES = 512
"""Points for the average over the unknown scale of the tail; ten times as many change the fourth digit."""
HALVINGS = 60
"""Of a bracket: to the last bit of a float."""

Days = NDArray[np.float64]
"""One number a day, in order of days."""


class Estimate(msgspec.Struct, frozen=True):
    """A number with its 95% interval; None where it cannot be known (nobody was called; one day only)."""

    value: float | None
    low: float | None
    high: float | None

    def between(self, least: float, most: float) -> Estimate:
        """With the interval cut to where the truth can be: a count is not below 0, a share not above 1."""
        if self.low is None or self.high is None:
            return self
        return Estimate(self.value, min(max(self.low, least), most), min(max(self.high, least), most))

    @property
    def half_width(self) -> float | None:
        """Half the length of the interval."""
        return None if self.low is None or self.high is None else (self.high - self.low) / 2


UNKNOWN = Estimate(None, None, None)


class Linear(msgspec.Struct, frozen=True):
    """An estimate and the influence of each day on it; the influences add up to 0."""

    value: float
    influence: Days

    def estimate(self, among: int = 1) -> Estimate:
        """With the interval; with one day it is not known.

        Of several estimates told together, `among` of them, all intervals hold at once (Bonferroni): so they
        do for those picked because they look best.
        """
        half = _student(self.influence.size, among) * standard_error(self.influence)
        if not math.isfinite(half):
            return Estimate(self.value, None, None)
        return Estimate(self.value, self.value - half, self.value + half)

    def less(self, other: Linear) -> Linear:
        """The difference of two estimates of the same days."""
        return Linear(self.value - other.value, self.influence - other.influence)

    def over(self, other: Linear) -> Linear | None:
        """Their ratio; None if the other is 0."""
        if not other.value:
            return None
        ratio = self.value / other.value
        return Linear(ratio, (self.influence - ratio * other.influence) / other.value)


class Sample:
    """What was seen on all days together: `values` in order of days, `sizes` how many of them each day."""

    def __init__(self, values: NDArray[np.float32], sizes: ArrayLike) -> None:
        self.values = values
        self.sizes = np.asarray(sizes, np.int64)
        assert self.sizes.sum() == values.size

    @cached_property
    def ordered(self) -> NDArray[np.float32]:
        """All values, the smallest first."""
        return np.sort(self.values)

    def at_most(self, value: float) -> Days:
        """How many of each day are at most `value`."""
        found, seen = np.zeros(self.sizes.size), self.sizes > 0
        starts = (np.cumsum(self.sizes) - self.sizes)[seen]
        found[seen] = np.add.reduceat(self.values <= np.float32(value), starts, dtype=np.int64)
        return found

    def quantile(self, share: float) -> float:
        """The smallest value that at least `share` of all do not exceed."""
        place = math.ceil(share * self.values.size) - 1
        return float(self.ordered[min(max(place, 0), self.values.size - 1)])


def mean_of(values: ArrayLike) -> Estimate:
    """The mean over days."""
    days = np.asarray(values, np.float64)
    return ratio_of(days, np.ones_like(days))


def ratio_of(numerators: ArrayLike, denominators: ArrayLike) -> Estimate:
    """The sum of the numerators over that of the denominators; unknown if the latter is 0."""
    ratio = linear_ratio(numerators, denominators)
    return UNKNOWN if ratio is None else ratio.estimate()


def ratio_of_ratios(
    numerators: ArrayLike, denominators: ArrayLike, base_numerators: ArrayLike, base_denominators: ArrayLike
) -> Estimate:
    """The first ratio over the second, day by day from the same visitors."""
    first, second = linear_ratio(numerators, denominators), linear_ratio(base_numerators, base_denominators)
    ratio = None if first is None or second is None else first.over(second)
    return UNKNOWN if ratio is None else ratio.estimate()


def difference_of_ratios(
    numerators: ArrayLike, denominators: ArrayLike, base_numerators: ArrayLike, base_denominators: ArrayLike
) -> Estimate:
    """The first ratio less the second, day by day from the same visitors."""
    first, second = linear_ratio(numerators, denominators), linear_ratio(base_numerators, base_denominators)
    return UNKNOWN if first is None or second is None else first.less(second).estimate()


def linear_ratio(numerators: ArrayLike, denominators: ArrayLike) -> Linear | None:
    """A ratio of sums with the influence of each day: (numerator - ratio x denominator) / sum."""
    above, below = np.asarray(numerators, np.float64), np.asarray(denominators, np.float64)
    total = float(below.sum())
    if not total:
        return None
    ratio = float(above.sum()) / total
    return Linear(ratio, (above - ratio * below) / total)


def spread_of(numerators: ArrayLike, denominators: ArrayLike) -> Estimate:
    """How far several ratios lie apart; unknown if none of them is known. Shapes: days x ratios."""
    spread = linear_spread(numerators, denominators)
    return UNKNOWN if spread is None else spread.estimate()


def linear_spread(numerators: ArrayLike, denominators: ArrayLike) -> Linear | None:
    """The standard deviation of several ratios of sums, with the influence of each day.

    Of those whose denominator is not 0; all count alike. With the ratios r, their mean m and their number n
    it is s = sqrt(sum (r - m)^2 / n), so a day moves it by sum (r - m) (its influence on r) / (n s). Where
    all are equal nothing of first order moves it. Ratios that differ by chance alone have a spread too,
    which more days make smaller.
    """
    above, below = np.asarray(numerators, np.float64), np.asarray(denominators, np.float64)
    totals = below.sum(0)
    known = totals > 0
    if not known.any():
        return None
    ratios = above[:, known].sum(0) / totals[known]
    apart = ratios - ratios.mean()
    spread = math.sqrt(float((apart**2).mean()))
    influence = (above[:, known] - ratios * below[:, known]) / totals[known]
    moved = (influence * apart).sum(1)
    return Linear(spread, moved / (apart.size * spread) if spread else np.zeros(len(above)))


def quantile_of(sample: Sample, share: float) -> Estimate:
    """A quantile of all days pooled.

    Woodruff (Confidence intervals for medians and other position measures, 1952): the interval of the share
    that lies at or below the quantile, a ratio of sums over days, is read back on the scale of the values.
    Unknown above the largest value seen.
    """
    if not sample.values.size:
        return UNKNOWN
    value, least, most = (sample.quantile(each) for each in (share, 0.0, 1.0))
    if least < value == most:
        return Estimate(value, None, None)
    half = _student(sample.sizes.size) * standard_error(_below(sample, value).influence)
    if not math.isfinite(half) or share + half > 1:
        return Estimate(value, None, None)
    return Estimate(value, sample.quantile(share - half), sample.quantile(share + half))


def linear_quantile(sample: Sample, share: float) -> Linear | None:
    """A quantile with the influence of each day, for comparisons; None where its interval is not known.

    The density there, which turns shares into values, is taken from the length of Woodruff's interval.
    """
    found = quantile_of(sample, share)
    if found.value is None or found.half_width is None:
        return None
    below = _below(sample, found.value)
    error = _student(sample.sizes.size) * standard_error(below.influence)
    return Linear(found.value, -below.influence * (found.half_width / error if error else 0.0))


def _below(sample: Sample, value: float) -> Linear:
    found = linear_ratio(sample.at_most(value), sample.sizes)
    assert found is not None
    return found


def maximum_of(daily_maxima: ArrayLike) -> Estimate:
    """The largest of all days, and where the largest of as many other days would lie.

    Peaks over threshold (Coles, An Introduction to Statistical Modeling of Extreme Values, 2001, chapter 4)
    with an exponential tail over the upper daily maxima. The scale of the tail is not known, so its
    distribution given the excesses seen is averaged over. A day on which nobody was called is nan.
    """
    maxima = np.asarray(daily_maxima, np.float64)
    seen = np.sort(maxima[~np.isnan(maxima)])[::-1]
    if not seen.size:
        return UNKNOWN
    value, days = float(seen[0]), seen.size
    upper = min(max(int(days * TAIL_SHARE), TAIL_DAYS_MIN), TAIL_DAYS_MAX, days // 2)
    if not upper:
        return Estimate(value, None, None)
    threshold = float(seen[upper])
    excess = float((seen[:upper] - threshold).sum())
    low, high = (threshold + excess * place for place in _tail_places(upper))
    return Estimate(value, max(min(low, value), 0.0), max(high, value))


def standard_error(influence: Days) -> float:
    """Of an estimate from the influence of each day; infinite from one day."""
    days = influence.size
    return math.sqrt(days / (days - 1) * float((influence**2).sum())) if days > 1 else math.inf


@cache
def _student(days: int, among: int = 1) -> float:
    """How many standard errors the interval reaches to each side, if `among` hold together at 95%."""
    if days < 2:  # noqa: PLR2004  (a spread needs two)
        return math.inf
    from scipy.special import stdtrit  # noqa: PLC0415  (quick start)

    return float(stdtrit(days - 1, 1 - (1 - CONFIDENCE) / (2 * among)))


@cache
def _tail_places(upper: int) -> tuple[float, float]:
    """Where the largest of a new set of days lies, from the threshold, in sums of the `upper` excesses seen.

    Given the scale b, the number of new excesses is Poisson of mean `upper`, so the largest is below x with
    probability exp(-upper exp(-x / b)); the sum of the excesses seen over b has the Gamma distribution.
    """
    from scipy.special import gammaincinv  # noqa: PLC0415

    sums = gammaincinv(upper, (np.arange(TAIL_NODES) + 0.5) / TAIL_NODES)

    def place(probability: float) -> float:
        low, high = 0.0, 1.0
        while _largest_below(high, upper, sums) < probability:
            high *= 2
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            if _largest_below(middle, upper, sums) < probability:
                low = middle
            else:
                high = middle
        return high

    return place((1 - CONFIDENCE) / 2), place((1 + CONFIDENCE) / 2)


def _largest_below(place: float, upper: int, sums: Days) -> float:
    return float(np.exp(-upper * np.exp(-place * sums)).mean())
