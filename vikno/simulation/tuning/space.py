"""The tables that are searched: a start, and every number of it times a factor of its own.

A step of the search is a vector of logarithms. First come those of the weights, window by window, then for
each service one for its head start, one for how its pressure bends, one for its urgency and one for how long
a quicker window is waited for.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vikno.queue.plan import HallPlan
from vikno.scheduler.table import NOT_ALIKE, OPTIMIZED, Shape, Table, optimized_table

Numbers = NDArray[np.float64]

SHAPES = 61
SHAPE_LOW = Shape(
    rate_power=0.0,
    fit_power=0.5,
    target_power=0.0,
    scarcity_power=0.0,
    head_start=0.0,
    scarcity_head=0.0,
    curve=0.05,
    urgency=0.05,
    urgent_from=0.5,
)
SHAPE_HIGH = Shape(
    rate_power=1.0,
    fit_power=8.0,
    target_power=1.0,
    scarcity_power=0.5,
    head_start=1.0,
    scarcity_head=0.6,
    curve=2.0,
    urgency=3.0,
    urgent_from=0.95,
)
PLAIN = OPTIMIZED._replace(
    target_power=0.0, scarcity_power=0.0, scarcity_head=0.0, head_start=0.5, curve=0.05
)
SHAPES_KNOWN = (
    OPTIMIZED,
    PLAIN._replace(rate_power=1.0, fit_power=8.0, urgency=0.05),
    PLAIN._replace(rate_power=1.0, fit_power=0.5, target_power=1.0, urgency=0.05),
)
"""What is always tried: the default, rate x fit^8, which was found good where services differ much, and
something near `index`."""

SERVICE_SCALE = 2.0
"""Head starts and bends may lie much farther from the start than weights, which compete with each other."""
FOR_EACH_SERVICE = 4
"""Head start, bend, urgency and hold."""
FIRST_HOLD = 0.3
"""Of the time that a quicker window saves; at 1 windows stay free more often than most lines can bear."""
LOG_MOST = 12.0
"""Factors end here: beyond e^12 a number has long won or lost."""


def starts(plan: HallPlan, rng: np.random.Generator) -> list[Table]:
    """Tables to begin with, of many shapes: how much rate, fit, target and age count."""
    low, high = np.array(SHAPE_LOW), np.array(SHAPE_HIGH)
    drawn = low + (high - low) * rng.random((SHAPES, low.size))
    shapes = [*SHAPES_KNOWN, *(Shape(*row) for row in drawn.tolist())]
    hold = np.full(len(plan.services), FIRST_HOLD)
    return [optimized_table(plan, shape=shape)._replace(alike=NOT_ALIKE, hold=hold) for shape in shapes]


class Space:
    """All tables around one."""

    def __init__(self, start: Table) -> None:
        self.start = start
        self._known = start.weight > 0
        self._weights = int(self._known.sum())
        self._services = len(start.head_start)
        self.size = self._weights + FOR_EACH_SERVICE * self._services

    def table(self, step: Numbers) -> Table:
        """The table that lies this step from the start."""
        step = np.clip(step, -LOG_MOST, LOG_MOST)
        weight = self.start.weight.copy()
        weight[self._known] *= np.exp(step[: self._weights])
        factors = np.exp(SERVICE_SCALE * step[self._weights :])
        heads, curves, urgencies, holds = factors.reshape(FOR_EACH_SERVICE, self._services)
        return self.start._replace(
            weight=weight,
            head_start=self.start.head_start * heads,
            curve=self.start.curve * curves,
            urgency=self.start.urgency * urgencies,
            hold=self.start.hold * holds,
        )
