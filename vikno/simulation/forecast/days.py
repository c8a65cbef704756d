"""How many come on a day: first the hall, then each kind's share of it.

What makes a day busy makes it busy for all services, so the hall is explained first, by weekday, season,
month, paydays, holidays and a level that moves from week to week. Of each kind only its share of the hall is
explained, by the same features with smaller effects: most kinds do as the hall does, and a small one does not
get a season of its own from noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np

from vikno.simulation.arrivals import BETWEEN_SERVICES
from vikno.simulation.forecast.calendar import Calendar, WorkingDays
from vikno.simulation.forecast.counts import Counts, Numbers
from vikno.simulation.forecast.features import Design, design_for
from vikno.simulation.forecast.profiles import Profiles
from vikno.simulation.forecast.shrunk import Fit, fit

HALL_LEVEL_WEEKS, KIND_LEVEL_WEEKS = 1, 4
"""How often the level may change: a share of the hall drifts slowly."""
KIND_PART = 0.5
"""Effects on a kind's share beside effects on the hall, as a guess beforehand."""
LEAST_VISITORS = 0.5
"""Of a day, as the offset of shares."""


class Expected(NamedTuple):
    """N days: visitors by kind in the usual hours, shape (N, K); relative variance of the hall's day, shape
    (N), known ahead and not; and of each kind's share, shape (K).
    """

    visitors: Numbers
    hall_spread: Numbers
    kind_spread: Numbers


class DayModel(NamedTuple):
    """What the record tells of days. A kind that never came has no fit."""

    work: WorkingDays
    kinds: tuple[str, ...]
    designs: tuple[Design, Design]
    hall: Fit
    shares: tuple[Fit | None, ...]

    def expect(self, days: Sequence[date]) -> Expected:
        """What is to be expected of `days`, be they working days or not."""
        of_hall, of_kinds = (design.matrix(days, self.work) for design in self.designs)
        hall = np.exp(self.hall.logarithm(of_hall))
        logarithms = np.array(
            [np.full(len(days), -np.inf) if one is None else one.logarithm(of_kinds) for one in self.shares]
        ).T
        shares = np.exp(logarithms - logarithms.max(1, keepdims=True))
        shares /= shares.sum(1, keepdims=True)
        factors = _factors(self.work.calendar, days, self.kinds)
        steps = np.array([self.designs[0].steps_after(day) for day in days])
        moved = steps * self.hall.widths.get("level", 0.0) ** 2
        return Expected(
            visitors=hall[:, None] * shares * factors,
            hall_spread=self.hall.spread + self.hall.variance(of_hall) + moved,
            kind_spread=np.array([0.0 if one is None else one.spread for one in self.shares]),
        )


def day_model(counts: Counts, calendar: Calendar, profiles: Profiles) -> DayModel:
    """Learned from `counts`, which has visitors on every day; `profiles` tell what other hours leave out."""
    work = WorkingDays(counts, calendar)
    first, last = counts.dates[0], counts.dates[-1]
    designs = (
        design_for(first, last, work, HALL_LEVEL_WEEKS),
        design_for(first, last, work, KIND_LEVEL_WEEKS, KIND_PART),
    )
    of_hall, of_kinds = (design.matrix(counts.dates, work) for design in designs)
    parts = [profiles.of(day, work.hours(day), work.usual_hours(day)).sum(1) for day in counts.dates]
    ordinary = counts.totals / (_factors(calendar, counts.dates, counts.kinds) * np.array(parts))
    came = ordinary.sum(1)
    hall = fit(of_hall, designs[0].groups, came, np.zeros(len(came)))
    offset = np.log(np.maximum(came, LEAST_VISITORS))
    shares: list[Fit | None] = []
    for own in ordinary.T:
        since = int(np.argmax(own > 0))
        shares.append(
            fit(of_kinds[since:], designs[1].groups, own[since:], offset[since:]) if own.any() else None
        )
    return DayModel(work, counts.kinds, designs, hall, tuple(shares))


def _factors(calendar: Calendar, days: Sequence[date], kinds: Sequence[str]) -> Numbers:
    """What is special: shape (days, kinds)."""
    services = [kind.split(BETWEEN_SERVICES) for kind in kinds]
    found = [[calendar.factor(day, those) for those in services] for day in days]
    return np.array(found).reshape(len(days), len(kinds))
