"""How well it would have done: weeks of the past, forecast on the morning they began, held against what came.

The peer is seasonal naive: the same weekday a week before, quarter by quarter (the last one that was open and
known on that morning). It follows season and level by itself and is hard to beat over a week, but it repeats
the chance of one day. Errors are of the mean: the root of the mean square, for which the mean is the right
answer, and the mean absolute error, for which it is not quite where few come.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

import msgspec
import numpy as np

from vikno.simulation.forecast.bands import band, inside
from vikno.simulation.forecast.calendar import Calendar
from vikno.simulation.forecast.counts import Counts, Numbers
from vikno.simulation.forecast.expectation import Expectation, Model, learn

WEEK = timedelta(7)
ORIGINS_MAX = 8
"""So many last weeks are judged."""
LEARN_DAYS_MIN = 5
"""Working days that must have been seen before the first week that is judged."""

Learn = Callable[[Counts, Calendar], Model]


class Errors(msgspec.Struct, frozen=True):
    """Root of the mean square, and mean absolute error, in visitors; ratios are over seasonal naive."""

    rmse: float
    mae: float
    naive_rmse: float
    naive_mae: float
    rmse_ratio: float | None
    mae_ratio: float | None


class Judged(msgspec.Struct, frozen=True):
    """Of `days` days in `weeks` weeks forecast `horizon_weeks` ahead. None if the record is too short.

    `quarters`: each kind in each quarter of an hour; `totals`: each day of the whole hall. `covered` is the
    share of quarters that lay within P10 to P90, `stated` the share that should; `totals_covered` of days,
    for which 0.8 is stated.
    """

    weeks: int
    horizon_weeks: int
    days: int
    quarters: Errors
    totals: Errors
    covered: float
    stated: float
    totals_covered: float


class _Scored(NamedTuple):
    """One week: what came, was forecast and would have been repeated; cells of open, watched quarters."""

    came: Numbers
    mean: Numbers
    naive: Numbers
    low: Numbers
    high: Numbers
    stated: Numbers
    days: Numbers
    """(days, 5): came, mean, naive, P10, P90 of the hall's day."""


def judge(counts: Counts, calendar: Calendar, horizon_weeks: int = 1, how: Learn = learn) -> Judged | None:
    """Rolling back-test over the last weeks; `how` learns from a table what it then forecasts by."""
    scored = [
        one
        for start in origins(counts, horizon_weeks)
        if (one := _score(counts, calendar, start, horizon_weeks, how))
    ]
    if not scored:
        return None
    came, mean, naive, low, high, stated = (
        np.concatenate([one[place] for one in scored]) for place in range(6)
    )
    days = np.concatenate([one.days for one in scored])
    return Judged(
        weeks=len(scored),
        horizon_weeks=horizon_weeks,
        days=len(days),
        quarters=errors(came, mean, naive),
        totals=errors(days[:, 0], days[:, 1], days[:, 2]),
        covered=float(((came >= low) & (came <= high)).mean()),
        stated=float(stated.mean()),
        totals_covered=float(((days[:, 0] >= days[:, 3]) & (days[:, 0] <= days[:, 4])).mean()),
    )


def origins(counts: Counts, horizon_weeks: int) -> list[date]:
    """The Mondays from which whole stretches of the record can be forecast, the last ones."""
    last = counts.dates[-1]
    start = last - timedelta(last.weekday()) - (horizon_weeks - 1) * WEEK
    found: list[date] = []
    while len(found) < ORIGINS_MAX and sum(day < start for day in counts.dates) >= LEARN_DAYS_MIN:
        found.append(start)
        start -= WEEK
    return found[::-1]


def errors(came: Numbers, mean: Numbers, naive: Numbers) -> Errors:
    """Of two forecasts of the same counts."""
    ours, theirs = mean - came, naive - came
    rmse, naive_rmse = (math.sqrt(float((error**2).mean())) for error in (ours, theirs))
    mae, naive_mae = (float(np.abs(error).mean()) for error in (ours, theirs))
    return Errors(
        rmse,
        mae,
        naive_rmse,
        naive_mae,
        rmse / naive_rmse if naive_rmse else None,
        mae / naive_mae if naive_mae else None,
    )


def _score(counts: Counts, calendar: Calendar, start: date, horizon_weeks: int, how: Learn) -> _Scored | None:
    """The last week of the horizon from `start` on; days that have no same weekday before are left out."""
    known = counts.before(start)
    ahead = start + (horizon_weeks - 1) * WEEK
    rows, before = [], []
    for row, day in enumerate(counts.dates):
        same = [n for n, other in enumerate(known.dates) if other.weekday() == day.weekday()]
        if ahead <= day < ahead + WEEK and same:
            rows.append(row)
            before.append(same[-1])
    if not rows:
        return None
    expected = how(known, calendar).expect([counts.dates[row] for row in rows])
    low, high = expected.bands()
    likely = inside(expected.mean, expected.spread, low, high)
    cells = np.broadcast_to((counts.watched[rows] & known.watched[before])[:, None, :], expected.mean.shape)
    came, naive = counts.came[rows], known.came[before]
    return _Scored(
        came[cells],
        expected.mean[cells],
        naive[cells],
        low[cells],
        high[cells],
        likely[cells],
        _of_days(came, expected, naive),
    )


def _of_days(came: Numbers, expected: Expectation, naive: Numbers) -> Numbers:
    totals, mean = came.sum((1, 2)), expected.mean.sum((1, 2))
    low, high = band(mean, expected.day_spread)
    return np.array([totals, mean, naive.sum((1, 2)), low, high]).T
