"""Counts explained by features, none of them believed further than the record bears it out.

The mean of a count is exp(offset + features x effects), its variance mean + spread x mean² (negative
binomial; J. F. Lawless, Canadian Journal of Statistics 15, 1987). Effects of a group come from a normal
distribution of mean 0; how wide it is, the record tells, with a guess beforehand that weighs as much as
`GUESS_WORTH` effects. So with three weeks of history little is believed of paydays, and with two years what
there is to know.

The widths are found by the fixed point of Fellner and Schall ("Estimation in generalized linear models with
random effects", R. Schall, Biometrika 78, 1991; S. N. Wood and M. Fasiolo, Biometrics 73, 2017) within
penalised iterated least squares. A day that lies far off all others (a strike, a holiday nobody entered) is
weighed down as under Student's t.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from vikno.simulation.forecast.counts import Numbers
from vikno.simulation.forecast.features import Group

GUESS_WORTH = 2.0
TAIL_FREEDOM = 5.0
"""Of Student's t: a day three deviations off counts less than half."""
TRUSTED = 0.8076
"""The mean of (n + 1) x² / (n + x²) for a standard normal x and n = 5: what of Pearson's statistic is left
when far days are weighed down although none is too far."""
ROUNDS_MAX = 60
SETTLED = 1e-4
"""Of an effect: a hundredth of a percent."""
SPREAD_MAX = 4.0
HALVINGS = 40
FREE = 1e-6
"""The precision of what is not shrunk: the general level."""
LOGARITHM_MAX = 30.0
"""Of a mean, while iterating."""


class Fit(NamedTuple):
    """`effects` and their covariance; the width of each group; the spread of counts beyond chance."""

    effects: Numbers
    covariance: Numbers
    widths: dict[str, float]
    spread: float

    def logarithm(self, features: Numbers) -> Numbers:
        """Of the mean, without the offset."""
        return features @ self.effects

    def variance(self, features: Numbers) -> Numbers:
        """Of that logarithm: how little is known of the effects."""
        found: Numbers = np.einsum("ij,jk,ik->i", features, self.covariance, features)
        return found


def fit(features: Numbers, groups: Sequence[Group], counts: Numbers, offset: Numbers) -> Fit:
    """The effects that explain `counts`; the first column of `features` is 1 and is not shrunk.

    There is at least one visitor in all.
    """
    days, columns = features.shape
    precision = np.full(columns, FREE)
    for group in groups:
        precision[group.columns] = 1 / group.size**2
    effects = np.zeros(columns)
    effects[0] = math.log(counts.sum() / np.exp(offset).sum())
    spread, trust = 0.0, np.ones(days)
    covariance: Numbers = np.zeros((columns, columns))
    for _ in range(ROUNDS_MAX):
        linear = np.minimum(offset + features @ effects, LOGARITHM_MAX)
        means = np.exp(linear)
        weights = trust * means / (1 + spread * means)
        information = features.T @ (features * weights[:, None])
        covariance = np.linalg.inv(information + np.diag(precision)).astype(np.float64)
        working = linear - offset + (counts - means) / means
        before, effects = effects, covariance @ (features.T @ (weights * working))
        free = float(np.sum(covariance * information))
        means = np.exp(np.minimum(offset + features @ effects, LOGARITHM_MAX))
        spread = _spread(counts, means, trust, max(days - free, 1.0))
        trust = _trust(counts, means, spread)
        for group in groups:
            precision[group.columns] = _precision(group, effects, covariance, precision)
        if np.abs(effects - before).max() < SETTLED:
            break
    widths = {group.name: 1 / math.sqrt(precision[group.columns.start]) for group in groups}
    return Fit(effects, covariance, widths, spread)


def _precision(group: Group, effects: Numbers, covariance: Numbers, precision: Numbers) -> float:
    own = effects[group.columns]
    variances = np.diag(covariance)[group.columns]
    known = own.size - float(variances.sum()) * precision[group.columns.start]
    return float((max(known, 0.0) + GUESS_WORTH) / (own @ own + GUESS_WORTH * group.size**2))


def _trust(counts: Numbers, means: Numbers, spread: float) -> Numbers:
    squared = (counts - means) ** 2 / (means + spread * means**2)
    trust: Numbers = (TAIL_FREEDOM + 1) / (TAIL_FREEDOM + squared)
    return trust


def _spread(counts: Numbers, means: Numbers, trust: Numbers, freedom: float) -> float:
    """By the method of moments: Pearson's statistic is what it should be."""

    def statistic(spread: float) -> float:
        return float((trust * (counts - means) ** 2 / (means + spread * means**2)).sum())

    freedom *= TRUSTED
    if statistic(0.0) <= freedom:
        return 0.0
    low, high = 0.0, SPREAD_MAX
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if statistic(middle) > freedom else (low, middle)
    return high
