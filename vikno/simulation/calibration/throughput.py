"""How long services take, from how many tickets were called while the windows were busy.

A busy stretch says that the calls in it took all of its window minutes. How likely that is follows from how
long calls take: the number of calls in a given time is a gamma count (R. Winkelmann, "Duration dependence and
dispersion in count data models", Journal of Business & Economic Statistics 13, 1995), since the time for n
calls is close to gamma, with their summed means and variances. A visit is under way when a stretch begins, of
which on average (1 + cv²) / 2 of a mean is left (D. R. Cox, Renewal Theory, 1962). Where the line ran empty,
the last calls took more than the time until the last busy snapshot and less than until the next.

The means of a desk's services, by part of the day in which visitors came, and one coefficient of variation
are found together as the most likely. Where few tickets were called, what is usual holds: the constants below
are the prior's medians and spreads. Intervals come from the curvature at the maximum (Laplace's method).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import gammainc

from vikno.simulation.calibration.intervals import positive
from vikno.simulation.calibration.result import Finding
from vikno.simulation.calibration.snapshot_file import Numbers
from vikno.simulation.calibration.stretches import Stretches

USUAL_MINUTES, USUAL_SPREAD = 10.0, 1.0
"""Before anything is seen a desk's mean lies between 1.4 and 71 minutes (95%)."""
SERVICES_SPREAD = 0.7
"""Of the services of one desk, on the scale of logarithms: a collection takes a quarter of an application."""
PARTS_SPREAD = 0.25
"""Of the parts of a day: a late ticket takes from 0.6 to 1.6 times an average one."""
USUAL_CV, CV_SPREAD = 0.75, 0.25
"""Of durations, tickets called in vain among them. The spread is that of the logarithm."""
CV_MAX = 2.0
"""More is not the variation of durations but of something that the snapshots do not show."""
LEAST = 1e-9
STEP = 1e-3
"""Of the differences that give the curvature, on the scale of logarithms."""


class Took(NamedTuple):
    """Minutes of a call by queue (row) and part of the day (column), each with its interval; and the cv.

    `calls` in busy stretches by queue; `stretches` that were seen.
    """

    means: tuple[tuple[Finding, ...], ...]
    cv: Finding
    calls: tuple[float, ...]
    stretches: int


def durations_from(seen: Stretches) -> Took:
    """The durations of one desk's services."""
    model = _Model(seen)
    start = np.zeros(model.size)
    found = minimize(model.cost, start, method="BFGS", options={"gtol": STEP}).x
    spread = np.linalg.pinv(_curvature(model, found))
    calls = (seen.calls + seen.rest_calls).sum(axis=0)

    def finding(direction: Numbers, seen_calls: float) -> Finding:
        deviation = math.sqrt(max(float(direction @ spread @ direction), 0.0))
        return positive(float(direction @ (found + model.median)), deviation, round(seen_calls))

    means = tuple(
        tuple(finding(model.direction(queue, part), calls[queue, part]) for part in range(model.parts))
        for queue in range(model.queues)
    )
    cv = finding(model.cv_direction, calls.sum())
    return Took(means, cv, tuple(calls.sum(axis=1).tolist()), len(seen.minutes))


class _Model:
    """The negative logarithm of likelihood times prior.

    What is sought, all on the scale of logarithms and as the distance from the median: the mean of each
    queue, the factor of each part of the day, the cv.
    """

    def __init__(self, seen: Stretches) -> None:
        _, self.queues, self.parts = seen.calls.shape
        self.size = self.queues + self.parts + 1
        self.median = np.concatenate(
            [np.full(self.queues, math.log(USUAL_MINUTES)), np.zeros(self.parts), [math.log(USUAL_CV)]]
        )
        emptied = seen.rest > 0
        flat = len(seen.minutes), self.queues * self.parts
        calls, rest = seen.calls.reshape(flat), seen.rest_calls.reshape(flat)
        total = (calls + rest).sum(axis=0) + LEAST
        self._share = total / total.sum()
        self._queue_share = self._share.reshape(self.queues, self.parts).sum(axis=1)
        self._going = seen.minutes[~emptied], calls[~emptied]
        self._emptied = (
            seen.minutes[emptied],
            seen.rest[emptied],
            calls[emptied] + rest[emptied],
        )

    def direction(self, queue: int, part: int) -> Numbers:
        """Which of what is sought make the mean of a queue in a part of the day."""
        found = np.zeros(self.size)
        found[queue] = found[self.queues + part] = 1.0
        return found

    @property
    def cv_direction(self) -> Numbers:
        found = np.zeros(self.size)
        found[-1] = 1.0
        return found

    def cost(self, sought: Numbers) -> float:
        queues, parts, cv = np.split(sought + self.median, [self.queues, self.queues + self.parts])
        means = np.exp(queues[:, None] + parts[None, :]).ravel()
        squared = math.exp(2 * float(cv[0]))
        minutes, calls = self._going
        going = _done(minutes, calls, means, squared) - _done(minutes, calls + self._share, means, squared)
        minutes, rest, calls = self._emptied
        emptied = _done(minutes + rest, calls, means, squared) - _done(minutes, calls, means, squared)
        likelihood = np.log(np.maximum(np.concatenate([going, emptied]), LEAST)).sum()
        return self._doubt(sought) - float(likelihood)

    def _doubt(self, sought: Numbers) -> float:
        queues, parts, cv = np.split(sought, [self.queues, self.queues + self.parts])
        desk = float(queues @ self._queue_share)
        distances = (
            np.array([desk / USUAL_SPREAD]),
            (queues - desk) / SERVICES_SPREAD,
            parts / PARTS_SPREAD,
            cv / CV_SPREAD,
        )
        return sum(float((distance**2).sum()) for distance in distances) / 2


def _done(minutes: Numbers, calls: Numbers, means: Numbers, squared: float) -> Numbers:
    """The chance that these calls (rows; a column a mean) take no more window minutes than these."""
    number, work = calls.sum(axis=1), calls @ means
    some = number > LEAST
    scale = squared * (calls @ means**2) / np.where(some, work, 1.0)
    begun = work / np.where(some, number, 1.0) * (1 - squared) / 2  # of the visit that is under way at first
    shape = np.maximum(work - begun, LEAST) / np.where(some, scale, 1.0)
    done = gammainc(np.maximum(shape, LEAST), minutes / np.where(some, scale, 1.0))
    found: NDArray[np.float64] = np.where(some, done, 1.0)
    return found


def _curvature(model: _Model, at: Numbers) -> Numbers:
    """Second derivatives of the cost, by central differences."""
    steps = np.eye(model.size) * STEP
    found = np.zeros((model.size, model.size))
    for row in range(model.size):
        for column in range(row + 1):
            one, other = steps[row], steps[column]
            found[row, column] = found[column, row] = (
                model.cost(at + one + other)
                - model.cost(at + one - other)
                - model.cost(at - one + other)
                + model.cost(at - one - other)
            ) / (4 * STEP**2)
    return found
