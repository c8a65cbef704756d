"""A slow window used always can be worse than closed; used only for many, it helps. The twin knows how much.

Visitors come at half the rate of the quick window; the slow one takes five times as long. The mean number of
people inside, by how many must wait before the slow window calls, is known exactly.
"""

from __future__ import annotations

import numpy as np
import pytest

from tests.simulation import controls
from tests.simulation.halls import MINUTES_A_DAY, exponential, hall, service, window
from tests.simulation.holding import hold, number
from tests.simulation.watching import lived
from vikno.queue.hall import Hall
from vikno.queue.policy import Choice, Why
from vikno.scheduler.fifo import Fifo
from vikno.simulation.day import draw_day
from vikno.simulation.estimates import Estimate, linear_ratio

LOAD = 0.5
SLOWER = 5.0
INSIDE = {0: 1.0640, 1: 0.9403, 2: 0.9240, 3: 0.9394}
"""Mean number inside by how many the slow window leaves waiting."""
CLOSED = 1.0000

A_DAY = 2_000
MEAN = MINUTES_A_DAY * LOAD / A_DAY
EMPTY_MORNING = 100 * MEAN
"""The quick window alone forgets its start within 12 service times (relaxation of M/M/1)."""
DAYS = 30


class Sparing:
    """First come, first served; but `slow` calls nobody unless more than `most` wait."""

    name = "sparing"
    priority_first = False

    def __init__(self, slow: str, most: int) -> None:
        self._slow, self._most, self._fifo = slow, most, Fifo()

    def choose(self, hall: Hall, window: str, at: float) -> Choice:
        if window == self._slow and hall.waiting <= self._most:
            return Choice(None, Why(self.name, "left-to-the-quick-window"))
        return self._fifo.choose(hall, window, at)


def mean_inside(seed: int, most: int | None) -> Estimate:
    """Time average of the number inside; without the slow window if `most` is None."""
    desks = [window("quick", ["visit"]), window("slow", {"visit": SLOWER})]
    plan = hall(
        [service("visit", exponential(MEAN), LOAD / MEAN)],
        *desks[: 1 if most is None else 2],
        closes=MINUTES_A_DAY,
    )
    inside, beyond = [], []
    for day in range(DAYS):
        visitors = draw_day(plan, seed, day)
        record = lived(plan, visitors, "fifo" if most is None else Sparing("slow", most))
        ended, joined = (np.clip(t, EMPTY_MORNING, MINUTES_A_DAY) for t in (record.ended, record.joined))
        inside.append(np.sum(ended - joined) / (MINUTES_A_DAY - EMPTY_MORNING))
        minutes, durations = (
            np.array([getattr(visitor, what) for visitor in visitors]).ravel()
            for what in ("minute", "service_minutes")
        )
        work = controls.of_work(minutes, durations, A_DAY, MEAN)
        alone = controls.single_for_ever(minutes, durations, LOAD / MEAN, MEAN)
        beyond.append(work + [float(each[minutes >= EMPTY_MORNING].sum()) for each in alone])
    found = linear_ratio(inside, np.ones(DAYS))
    assert found is not None
    return controls.controlled(found, beyond)


@pytest.mark.parametrize("most", INSIDE)
def test_the_slow_window_helps_if_it_is_spared(most: int) -> None:
    hold(lambda seed: {"inside": mean_inside(seed, most)}, {"inside": number(INSIDE[most])})


def test_the_quick_window_alone() -> None:
    hold(lambda seed: {"inside": mean_inside(seed, None)}, {"inside": number(CLOSED)})
