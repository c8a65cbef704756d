"""All that is expected of some days, from all that is known: how many, when, and how far off that may be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from vikno.simulation.forecast.bands import band
from vikno.simulation.forecast.calendar import Calendar, WorkingDays
from vikno.simulation.forecast.counts import Counts, Flags, Hours, Numbers
from vikno.simulation.forecast.days import DayModel, day_model
from vikno.simulation.forecast.profiles import Profiles, profiles_of


class Expectation(NamedTuple):
    """N working days by K kinds by 96 quarters. Spreads are relative variances beyond chance.

    `day_spread`, shape (N): how much the whole hall may be busier; the others are beside it: `kind_spread`,
    shape (K), and `quarter_spread`.
    """

    days: tuple[date, ...]
    hours: tuple[Hours, ...]
    mean: Numbers
    day_spread: Numbers
    kind_spread: Numbers
    quarter_spread: float

    @property
    def spread(self) -> Numbers:
        """Of a kind's quarter of an hour: shape (N, K, 1)."""
        each = self.day_spread[:, None] + self.kind_spread + self.quarter_spread
        return each[:, :, None]

    def bands(self) -> tuple[Numbers, Numbers]:
        """P10 and P90 of every quarter."""
        return band(self.mean, self.spread)

    @property
    def open(self) -> Flags:
        """Shape (N, 96)."""
        quarters = np.arange(self.mean.shape[2])
        starts, ends = np.array(self.hours).reshape(-1, 2).T
        return (quarters >= starts[:, None]) & (quarters < ends[:, None])


class Model(NamedTuple):
    """Learned from a table; expects any day."""

    days: DayModel
    profiles: Profiles

    @property
    def work(self) -> WorkingDays:
        """Which days are working ones."""
        return self.days.work

    def expect(self, days: Sequence[date]) -> Expectation:
        """`days` are taken to be working days."""
        expected = self.days.expect(days)
        hours = tuple(self.work.hours(day) for day in days)
        shares = np.array(
            [
                self.profiles.of(day, open_, self.work.usual_hours(day))
                for day, open_ in zip(days, hours, strict=True)
            ]
        )
        return Expectation(
            days=tuple(days),
            hours=hours,
            mean=expected.visitors[:, :, None] * shares.reshape(len(days), *self.profiles.shares.shape[1:]),
            day_spread=expected.hall_spread,
            kind_spread=expected.kind_spread,
            quarter_spread=self.profiles.spread,
        )

    def working(self, first: date, days: int) -> list[date]:
        """The working days among the next `days` from `first` on."""
        return [day for day in (first + timedelta(n) for n in range(days)) if self.work.working(day)]


def learn(counts: Counts, calendar: Calendar) -> Model:
    """Everything that is learned of a record is learned here, so what is not handed in cannot be known."""
    profiles = profiles_of(counts, counts.hours())
    return Model(day_model(counts, calendar, profiles), profiles)
