"""One line before windows alike, for as long as it takes: the halls that theory knows the answer to.

Steady state needs days that are long in service times, so the service times are short: a day of 24 hours
then holds hundreds or thousands of them. Who comes in the first of them, while the empty morning still
shows, is left out by time of arrival. Closing changes nothing for those who came before it: windows stay
until nobody waits.
"""

from __future__ import annotations

import math
from heapq import heapreplace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tests.simulation import controls
from tests.simulation.controls import Numbers
from tests.simulation.halls import LEFT, MINUTES_A_DAY, exponential, one_line
from tests.simulation.watching import lived, waits
from vikno.queue.plan import HallPlan
from vikno.simulation.arrivals import draw_minutes
from vikno.simulation.day import draw_day
from vikno.simulation.distributions import draw_timed
from vikno.simulation.estimates import Estimate, linear_ratio

EMPTY_MORNING = 5.0
"""Relaxation times left out: then e^-5 of the empty start still shows, over the whole day a thousandth."""

SEEDS_APART = 1_000
"""Halls of different size are visited on different days: one unlucky day shall not count for all of them."""


class OneLine(NamedTuple):
    """A hall and how long it is looked at.

    `load` in erlang; `leaving`: rate of leaving x mean service time; `zero`: the share that will not wait at
    all; `target` in mean service times. `counted`: visitors of a day after the empty morning.
    """

    windows: int
    load: float
    leaving: float = 0.0
    zero: float = 0.0
    target: float = 0.0
    counted: int = 2_000
    days: int = 40

    def __str__(self) -> str:
        return f"{self.windows} windows, {self.load:g} erlang"

    @property
    def forgotten(self) -> float:
        """Visitors of a day until the empty start is forgotten.

        M/M/c relaxes in about 1 / (sqrt c - sqrt a)^2 service times, or in one if that is longer (van Doorn,
        1981); where the impatient leave, in one service time or one patience, whichever is longer.
        """
        relaxation = 1.0
        if self.leaving:
            relaxation = 1 / self.leaving
        elif not self.zero:
            relaxation = 1 / (math.sqrt(self.windows) - math.sqrt(self.load)) ** 2
        return EMPTY_MORNING * max(relaxation, 1.0) * self.load

    @property
    def a_minute(self) -> float:
        """Visitors a minute."""
        return (self.forgotten + self.counted) / MINUTES_A_DAY

    @property
    def mean(self) -> float:
        """Mean service time in minutes."""
        return self.load / self.a_minute

    @property
    def since(self) -> float:
        """Minute from which on visitors count."""
        return self.forgotten / self.a_minute

    @property
    def plan(self) -> HallPlan:
        patience = None
        if self.leaving or self.zero:
            patience = exponential(self.mean / self.leaving if self.leaving else 1.0, self.zero)
        return one_line(self.windows, self.a_minute, self.mean, patience)

    def estimates(self, seed: int) -> dict[str, Estimate]:
        """What the twin finds on independent days, controlled by their visitors; waits in service times."""
        days = [self._day(seed, day) for day in range(self.days)]
        sums, beyond = np.array([sums for sums, _ in days]), [control for _, control in days]
        came, delayed, waited, left, within, busy, staffed = sums.T
        found = {
            "delayed": linear_ratio(delayed, came),
            "wait": linear_ratio(waited, came),
            "left": linear_ratio(left, came),
            "within": linear_ratio(within, came),
            "occupancy": linear_ratio(busy, staffed),
        }
        return {name: controls.controlled(linear, beyond) for name, linear in found.items() if linear}

    def _day(self, seed: int, day: int) -> tuple[list[float], list[float]]:
        visitors = draw_day(self.plan, seed * SEEDS_APART + self.windows, day)
        record = lived(self.plan, visitors)
        counts = record.joined >= self.since
        waited, left = waits(record)[counts] / self.mean, record.outcome[counts] == LEFT
        served = ~np.isnan(record.called)
        called, ended = (np.clip(t[served], self.since, MINUTES_A_DAY) for t in (record.called, record.ended))
        sums = [
            waited.size,
            np.sum((waited > 0) | left),
            waited.sum(),
            left.sum(),
            np.sum(~left & (waited <= self.target)),
            np.sum(ended - called),
            self.windows * (MINUTES_A_DAY - self.since),
        ]
        minutes = np.array([visitor.minute for visitor in visitors])
        return sums, self.beyond(minutes, np.array([visitor.service_minutes[0] for visitor in visitors]))

    def beyond(self, minutes: Numbers, durations: Numbers) -> list[float]:
        """Controls: work; endless windows; one as quick as all, if that is another hall and keeps up."""
        counts = minutes >= self.since
        inside = self.load * (1 - np.exp(-minutes / self.mean))
        each = controls.endless(minutes, durations, self.windows, inside)
        if 1 < self.windows > self.load:
            each += controls.single_for_ever(
                minutes, durations / self.windows, self.a_minute, self.mean / self.windows
            )
        work = controls.of_work(minutes, durations, self.a_minute * MINUTES_A_DAY, self.mean)
        return work + [float(beyond[counts].sum()) for beyond in each]

    def recursion_wait(self, seed: int) -> Estimate:
        """The mean wait by `first_come`, which is the twin to the ticket and many times as quick."""
        plan, days = self.plan, []
        for day in range(self.days):
            rng = np.random.default_rng((seed * SEEDS_APART + self.windows, day))
            minutes = draw_minutes(plan, plan.demand[0], 1.0, rng)
            durations = draw_timed(plan.services[0].service, minutes, rng, math.nan)
            waited = first_come(minutes, durations, self.windows)[0][minutes >= self.since] / self.mean
            days.append((waited.sum(), waited.size, self.beyond(minutes, durations)))
        found = linear_ratio([day[0] for day in days], [day[1] for day in days])
        assert found is not None
        return controls.controlled(found, [day[2] for day in days])


def first_come(
    minutes: Numbers, durations: Numbers, windows: int, patience: Numbers | None = None
) -> tuple[Numbers, NDArray[np.bool_]]:
    """The wait of each, and who left, where the first to come goes to whichever window is free the soonest.

    Kiefer and Wolfowitz, On the theory of queues with many servers (1955). Who would wait for longer than
    their patience leaves then, and no window ever knows.
    """
    free = [-math.inf] * windows
    waited = []
    patient = patience if patience is not None else np.full(minutes.size, math.inf)
    columns = minutes.tolist(), durations.tolist(), patient.tolist()
    for minute, duration, longest in zip(*columns, strict=True):
        wait = max(free[0] - minute, 0.0)
        if wait <= longest:
            heapreplace(free, minute + wait + duration)
        waited.append(wait)
    found = np.array(waited)
    return np.minimum(found, patient), found > patient
