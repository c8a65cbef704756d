"""When in the day they come: the share of each quarter of an hour, by kind and weekday.

A quarter of an hour of one service has few visitors, so shares are borrowed: those of a weekday from the
whole hall, those of a kind from the hall's weekday, those of a kind on a weekday from both. A share that is
borrowed weighs as much as some number of visitors, and that number is the most likely one given all counts
(the Dirichlet-multinomial; J. E. Mosimann, Biometrika 49, 1962).
"""

from __future__ import annotations

import math
from datetime import date
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import gammaln

from vikno.simulation.forecast.counts import QUARTERS, Counts, Flags, Hours, Numbers

WORTH = (1.0, 1e6)
"""Visitors that a borrowed share may weigh as much as."""
LEAST_SHARE = 1e-9
LEAST_DAYS = 0.5


class Profiles(NamedTuple):
    """Shares of the day's visitors, shape (weekdays, kinds, quarters), and how far quarters go beyond chance.

    Weekdays that the record does not have borrow from the whole hall. `spread` is a relative variance.
    """

    shares: Numbers
    spread: float

    def of(self, day: date, hours: Hours, usual: Hours) -> Numbers:
        """Shape (kinds, quarters): each row adds up to 1 over the `usual` hours of such a day.

        On other `hours` it adds up to the part of the usual visitors who come in them. Of hours in which the
        hall was never open nothing is known: they have the usual visitors of a quarter, on average.
        """
        shares = _normal(self.shares[day.weekday()], _within(usual))
        everywhere = np.where(_within(usual), shares, 1 / (usual[1] - usual[0]))
        found: Numbers = np.where(_within(hours), everywhere, 0.0)
        return found


def profiles_of(counts: Counts, usual: dict[int, Hours]) -> Profiles:
    """From every day alike, whatever it was that made it busy. `usual`: the hours of each weekday."""
    weekdays = np.array([day.weekday() for day in counts.dates])
    days_watched = np.maximum(counts.watched.sum(0), LEAST_DAYS)
    hall = (counts.came.sum((0, 1)) + LEAST_SHARE) / days_watched
    by_weekday = np.zeros((7, len(counts.kinds), QUARTERS))
    for weekday in range(7):
        by_weekday[weekday] = counts.came[weekdays == weekday].sum(0)
    open_at = np.array([_within(usual[weekday]) if weekday in usual else hall > 0 for weekday in range(7)])
    base = np.array([_normal(hall[None], row)[0] for row in open_at])
    halls = _borrow(by_weekday.sum(1), base)
    expected = np.einsum("wk,wq->kq", by_weekday.sum(2), halls)
    kinds = by_weekday.sum(0)
    ratio = _borrow(kinds, expected) / np.maximum(_normal(expected, np.ones(QUARTERS, np.bool_)), LEAST_SHARE)
    both = np.array([_normal(halls[weekday] * ratio, open_at[weekday]) for weekday in range(7)])
    flat = (7 * len(counts.kinds), QUARTERS)
    shares = _borrow(by_weekday.reshape(flat), both.reshape(flat)).reshape(both.shape)
    return Profiles(shares, _beyond_chance(counts, shares, weekdays))


def _within(hours: Hours) -> Flags:
    quarters = np.arange(QUARTERS)
    return (quarters >= hours[0]) & (quarters < hours[1])


def _normal(rates: Numbers, where: Flags) -> Numbers:
    """Rows that add up to 1 over `where`."""
    kept = np.where(where, rates + LEAST_SHARE, 0.0)
    found: Numbers = kept / kept.sum(1, keepdims=True)
    return found


def _borrow(counts: Numbers, lent: Numbers) -> Numbers:
    """Shares of the rows of `counts`, each drawn to its row of `lent` by the same number of visitors."""
    shares = _normal(lent, np.ones(QUARTERS, np.bool_))
    shares = np.where(shares > 2 * LEAST_SHARE, shares, 0.0)
    counts = np.where(shares > 0, counts, 0.0)
    worth = _worth(counts, shares)
    found: Numbers = (counts + worth * shares) / (counts.sum(1, keepdims=True) + worth)
    return found


def _worth(counts: Numbers, shares: Numbers) -> float:
    there = shares > 0
    totals = counts.sum(1)

    def unlikely(logarithm: float) -> float:
        worth = math.exp(logarithm)
        lent = worth * shares[there]
        rows = gammaln(worth) - gammaln(worth + totals)
        return -float(rows.sum() + (gammaln(counts[there] + lent) - gammaln(lent)).sum())

    bounds = (math.log(WORTH[0]), math.log(WORTH[1]))
    return math.exp(float(minimize_scalar(unlikely, bounds=bounds, method="bounded").x))


def _beyond_chance(counts: Counts, shares: Numbers, weekdays: np.ndarray) -> float:
    """Relative variance of a quarter given the kind's day: by moments, over all quarters."""
    totals = counts.came.sum(2)
    above = below = 0.0
    for row, weekday in enumerate(weekdays.tolist()):
        expected = totals[row][:, None] * shares[weekday]
        above += float(((counts.came[row] - expected) ** 2 - expected * (1 - shares[weekday])).sum())
        below += float((expected**2).sum())
    return max(above / below, 0.0) if below else 0.0
