"""Records of visitors made for tests: by the law that a test is about, so that it knows the answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from vikno.simulation.forecast.counts import QUARTERS, Counts, table_of

MONDAY = date(2024, 1, 1)
OPENS, CLOSES = 32, 64
"""Quarters: 08:00 to 16:00."""
Numbers = NDArray[np.float64]
Mean = Callable[[date], float]


def working(day: date) -> bool:
    return day.weekday() < 5


def record(
    rng: np.random.Generator,
    days: int,
    mean: Mean,
    shares: dict[str, float],
    *,
    shape: float | None = None,
    open_on: Callable[[date], bool] = working,
    first: date = MONDAY,
) -> Counts:
    """`mean` visitors a day in all, given to kinds by `shares`; most come in the morning."""
    rates = np.zeros(QUARTERS)
    rates[OPENS:CLOSES] = np.linspace(2.0, 1.0, CLOSES - OPENS)
    rates /= rates.sum()
    came: dict[date, dict[str, Numbers]] = {}
    for number in range(days):
        day = first + timedelta(number)
        if open_on(day):
            busy = 1.0 if shape is None else rng.gamma(shape, 1 / shape)
            came[day] = {
                kind: rng.poisson(mean(day) * share * busy * rates).astype(np.float64)
                for kind, share in shares.items()
            }
    hours = dict.fromkeys(came, (OPENS, CLOSES))
    return table_of(shares, came, hours)


def by_weekday(*means: float) -> Mean:
    """So many on Monday, on Tuesday, ..."""
    return lambda day: means[day.weekday()]
