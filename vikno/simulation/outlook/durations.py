"""Durations as tables: so many values, each as likely as the others.

One table stands for any family of the hall file. Drawing is looking up, and a duration of which some minutes
have passed is drawn from what lies beyond them: the same table, from there on. That is what makes a whole
hall cheap enough to be lived hundreds of times in the twinkling of an eye.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vikno.queue.plan import Distribution, HallPlan, Timed
from vikno.scheduler.workload import UNKNOWN_SERVICE_MINUTES

ATOMS = 1024
"""Values in a table. The mean is made exact; of the tail, what happens once in 2,000 visits is missing."""

STRIDE = 387
"""Odd, so that stepping by it through a table meets every value once: pairs every value with another."""

Numbers = NDArray[np.float64]
Ints = NDArray[np.int64]
Key = tuple[tuple[int, int], ...]
"""Services by number, and which row of their distributions holds."""


def table_of(distribution: Distribution) -> Numbers:
    """The middles of equally likely stretches of the distribution, in order; minutes."""
    chance = (np.arange(ATOMS) + 0.5) / ATOMS
    values = np.maximum(_quantiles(distribution, chance), 0.0)
    mean = values.mean()
    if mean > 0 and distribution.distribution != "empirical":
        values = values * (distribution.mean_minutes / mean)
    if distribution.zero:
        none = round(distribution.zero * ATOMS)
        spread = np.quantile(values, np.linspace(0, 1, ATOMS - none)) if none < ATOMS else values[:0]
        values = np.concatenate([np.zeros(none), spread])
    return np.ascontiguousarray(values)


def _quantiles(d: Distribution, chance: Numbers) -> Numbers:
    """Inverse distribution functions; parameters as in distributions.py."""
    from scipy.special import gammaincinv, ndtri  # noqa: PLC0415  (only the process that looks ahead needs it)

    mean, cv = d.mean or 0.0, d.cv or 0.0
    found: Numbers
    match d.distribution:
        case "exponential":
            found = -mean * np.log1p(-chance)
        case "gamma":
            found = gammaincinv(1 / cv**2, chance) * mean * cv**2
        case "lognormal":
            variance = math.log1p(cv**2)
            found = np.exp(math.log(mean) - variance / 2 + math.sqrt(variance) * ndtri(chance))
        case "uniform":
            low, high = d.low or 0.0, d.high or 0.0
            found = low + (high - low) * chance
        case "constant":
            found = np.full(ATOMS, mean)
        case _:
            found = np.quantile(np.array(d.values), chance, method="inverted_cdf")
    return found


class Tables:
    """The durations of a plan's services, or the patience of those who come for them, one table a row."""

    def __init__(self, plan: HallPlan) -> None:
        self._plan = plan
        self._number = {service.id: number for number, service in enumerate(plan.services)}
        self._place: dict[Key, int] = {}
        self._rows: list[Numbers] = []
        self._stacked = np.zeros((0, ATOMS))
        self._single: dict[Distribution | None, Numbers] = {}

    @property
    def rows(self) -> Numbers:
        """(tables, ATOMS), each row in order; minutes."""
        if len(self._stacked) < len(self._rows):
            self._stacked = np.stack(self._rows)
        return self._stacked

    def visit(self, services: Sequence[str], minute: float) -> int:
        """The row of a visit for these services, one after the other, of somebody who came at `minute`."""
        parts = [(s, row_at(self._plan.service[s].service, minute)) for s in services]
        key = tuple((self._number[s], row) for s, row in parts)
        if key not in self._place:
            self._remember(key, [self._of(s, row) for s, row in parts])
        return self._place[key]

    def patience(self, service: str, minute: float) -> int:
        """The row of the patience of somebody who came at `minute`; -1 if nobody loses it."""
        timed = self._plan.service[service].patience
        if not timed:
            return -1
        row = row_at(timed, minute)
        return self._remember(((self._number[service], row),), [self._table(timed[row][1])])

    def _of(self, service: str, row: int) -> Numbers:
        timed = self._plan.service[service].service
        return self._table(timed[row][1] if timed else None)

    def _table(self, distribution: Distribution | None) -> Numbers:
        if distribution not in self._single:
            known = distribution or Distribution("constant", mean=UNKNOWN_SERVICE_MINUTES)
            self._single[distribution] = table_of(known)
        return self._single[distribution]

    def _remember(self, key: Key, parts: list[Numbers]) -> int:
        if key not in self._place:
            total = parts[0]
            for leg, more in enumerate(parts[1:], 1):
                total = total + more[(np.arange(ATOMS) * STRIDE + leg) % ATOMS]
            self._place[key] = len(self._rows)
            self._rows.append(np.sort(total))
        return self._place[key]


def row_at(timed: Timed, minute: float) -> int:
    """Which row holds for who came then; before the first, the first."""
    if len(timed) <= 1:
        return 0
    return max(sum(start <= minute for start, _ in timed) - 1, 0)


def remaining(table: Numbers, passed: Numbers, rng: np.random.Generator) -> Numbers:
    """What is left of durations of which `passed` (an array) is gone, by what lies beyond it in the table.

    Beyond its last value nothing is known but that it goes on: exponential, with the table's deviation.
    """
    beyond = np.searchsorted(table, passed, side="right")
    left = ATOMS - beyond
    chosen = np.minimum(beyond + (rng.random(len(passed)) * left).astype(np.int64), ATOMS - 1)
    endless = rng.exponential(1.0, len(passed)) * table.std()
    found: Numbers = np.where(left > 0, table[chosen] - passed, endless)
    return found


def under_way(table: Numbers, size: int, rng: np.random.Generator) -> Numbers:
    """What is left of visits that were found under way at any moment of them.

    A long one is found more often, in proportion to its length, and anywhere in it (D. R. Cox, Renewal
    Theory, 1962).
    """
    weight = np.cumsum(table)
    if weight[-1] <= 0:
        return np.zeros(size)
    found: Numbers = table[np.searchsorted(weight, rng.random(size) * weight[-1])] * rng.random(size)
    return found
