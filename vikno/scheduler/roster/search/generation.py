"""Column generation: the linear program tells prices, prices tell new tours, until none would pay.

Prices jump about when few tours are known, and tours found for wild prices are worth little. So they are
sought at a mixture of the prices that gave the best bound so far and the newest ones (Wentges 1997,
"Weighted Dantzig-Wolfe decomposition"); if that finds nothing new, at the newest alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from vikno.scheduler.roster.search.frame import Column, Frame
from vikno.scheduler.roster.search.master import Master, Solution
from vikno.scheduler.roster.search.paths import Found
from vikno.scheduler.roster.search.rules import Floats
from vikno.scheduler.roster.search.tours import Touring

SMOOTHING = 0.5
"""The part of the older prices in the mixture."""

TOLERANCE = 1e-6
"""Reduced costs and gaps below this count as none."""

Spread = Callable[[Callable[[int], Found], Sequence[int]], Iterable[Found]]
"""Does the same for several people, at once or one after another, as `map` does."""


class NoTour(Exception):
    """Somebody has no legal tour: by number."""


@dataclass(frozen=True)
class Generated:
    """What column generation came to. `bound` holds for every roster that the master allows."""

    solution: Solution
    bound: float
    center: Floats | None
    """The prices that gave the bound."""
    converged: bool


def generate(
    master: Master,
    tourings: dict[int, Touring],
    *,
    stop: Callable[[float, float], bool],
    spread: Spread = map,
    center: Floats | None = None,
) -> Generated:
    """Add tours until none pays, or `stop` (told cost and bound) says so.

    Every person needs a tour in the master; see `start`. `center` are prices to begin with: a good guess.
    """
    people = master.people
    best = -math.inf
    if center is not None:
        center = np.where([*master.part.row_in, True], center, 0.0)
    while True:
        solution = master.solve()
        if stop(solution.cost, best):
            return Generated(solution, best, center, converged=False)
        smoothing = SMOOTHING
        while True:
            old = solution.duals if center is None else center
            duals = smoothing * old + (1 - smoothing) * solution.duals
            found = list(spread(pricer(master.frame, tourings, duals), people))
            free = (master.frame.constant[person] for person in people)
            bound = master.bound(duals, [a.least + b for a, b in zip(found, free, strict=True)])
            if bound > best:
                best, center = bound, duals
            if solution.cost - best < TOLERANCE:
                return Generated(solution, best, center, converged=True)
            new = sum(
                master.add(column)
                for person, one in zip(people, found, strict=True)
                for column in columns(master.frame, person, one)
                if reduced(column, solution.duals, solution.of_person) < -TOLERANCE
            )
            if new:
                break
            if not smoothing:
                return Generated(solution, best, center, converged=True)
            smoothing = 0.0


def start(master: Master, tourings: dict[int, Touring], spread: Spread = map) -> None:
    """Give everybody a tour, the cheapest by itself. Raises NoTour."""
    found = spread(pricer(master.frame, tourings, master.frame.no_prices()), master.people)
    for person, one in zip(master.people, found, strict=True):
        if not len(one.tours):
            raise NoTour(person)
        for column in columns(master.frame, person, one):
            master.add(column)


def pricer(frame: Frame, tourings: dict[int, Touring], duals: Floats) -> Callable[[int], Found]:
    """Finds somebody's cheapest tour."""

    def price(person: int) -> Found:
        return tourings[person].best(frame.prices(person, duals))

    return price


def columns(frame: Frame, person: int, found: Found) -> list[Column]:
    """The tours found, as columns."""
    return [frame.column(person, tuple(days)) for days in found.tours.tolist()]


def reduced(column: Column, duals: Floats, of_person: Floats) -> float:
    """Reduced cost: what the mixture gains by a tour, if negative."""
    priced = sum(duals[row] * value for row, value in column.entries.items())
    return float(column.cost - priced - of_person[column.person])
