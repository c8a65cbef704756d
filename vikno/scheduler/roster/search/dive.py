"""From a mixture of tours to one tour each: decide the clearest days, ask for new tours, and so on.

What is fixed is a day of somebody (this shift, or free), not a whole tour: that is a smaller step, and the
tours sought after it make good what it spoilt.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import numpy as np

from vikno.scheduler.roster.search.frame import Column
from vikno.scheduler.roster.search.generation import TOLERANCE, Spread, columns, generate
from vikno.scheduler.roster.search.master import Master, Solution
from vikno.scheduler.roster.search.paths import Found, Prices
from vikno.scheduler.roster.search.tours import Touring

CLEAR = 0.95
"""A day with so large a part of one shift is fixed at once."""

NOISE = 0.04
"""Of a part: so that two dives into the same differ."""

STEP = 0.2
"""Of the days that are open so many are fixed in one step at least."""

NEAR = 0.01
"""Of the cost: tours are not sought to the very end before something is fixed."""

Cell = tuple[int, int, int]
"""Person, day, shift (their own, or FREE)."""


def dive(
    master: Master,
    tourings: dict[int, Touring],
    *,
    limit: float,
    stop: Callable[[], bool],
    rng: np.random.Generator,
    spread: Spread = map,
) -> list[Column] | None:
    """A tour for each person of the master, decided on all days; None if the limit cannot be kept this way.

    Uses the master up.
    """
    tourings = dict(tourings)
    while True:
        made = generate(
            master,
            tourings,
            spread=spread,
            stop=lambda cost, bound: stop() or bound >= limit or cost - bound < NEAR * abs(cost),
        )
        if made.bound >= limit or stop():
            return None
        parts = _undecided(master, made.solution)
        if not parts:
            return _heaviest(master, made.solution)
        _fix(master, tourings, made.solution, parts, rng)


def _undecided(master: Master, solution: Solution) -> dict[Cell, float]:
    """How much of each shift those people work who are undecided on any day."""
    parts: dict[Cell, float] = defaultdict(float)
    for column, weight in zip(master.columns, solution.weights, strict=True):
        if weight > TOLERANCE:
            for day, shift in enumerate(column.days):
                parts[column.person, day, shift] += weight
    mixed = {person for (person, _, _), part in parts.items() if part < 1 - TOLERANCE}
    return {cell: part for cell, part in parts.items() if cell[0] in mixed}


def _heaviest(master: Master, solution: Solution) -> list[Column]:
    """Of each person the tour with the largest part."""
    heaviest: dict[int, tuple[float, Column]] = {}
    for column, weight in zip(master.columns, solution.weights, strict=True):
        if weight > heaviest.get(column.person, (0.0, column))[0]:
            heaviest[column.person] = weight, column
    return [column for _, column in heaviest.values()]


def _fix(
    master: Master,
    tourings: dict[int, Touring],
    solution: Solution,
    parts: dict[Cell, float],
    rng: np.random.Generator,
) -> None:
    """Fix the clearest days of those who are undecided."""
    clearest = _clearest(parts, tourings, rng)
    for person, cells in clearest.items():
        narrowed = _narrowed(tourings[person], cells, master.frame.prices(person, solution.duals))
        if narrowed is not None:
            tourings[person], found = narrowed
            for column in columns(master.frame, person, found):
                master.add(column)
    for number, column in enumerate(master.columns):
        if column.person in clearest and not tourings[column.person].allows(column.days):
            master.forbid(number)


def _clearest(
    parts: dict[Cell, float], tourings: dict[int, Touring], rng: np.random.Generator
) -> dict[int, list[Cell]]:
    """The days to fix, by person, the clearest first."""
    order = sorted(
        (
            (min(part, 1.0) - NOISE * rng.random(), cell)
            for cell, part in parts.items()
            if not tourings[cell[0]].fixed(cell[1], cell[2])
        ),
        reverse=True,
    )
    least = max(1, int(STEP * sum(part for part, _ in order)))
    clearest: dict[int, list[Cell]] = defaultdict(list)
    for number, (part, cell) in enumerate(order):
        if part < CLEAR and number >= least:
            break
        clearest[cell[0]].append(cell)
    return clearest


def _narrowed(touring: Touring, cells: list[Cell], prices: Prices) -> tuple[Touring, Found] | None:
    """All these days fixed, or as many from the clearest on as leave a legal tour; and the cheapest such."""
    while cells:
        narrowed = touring
        for _, day, shift in cells:
            narrowed = narrowed.fix(day, shift)
        found = narrowed.best(prices)
        if len(found.tours):
            return narrowed, found
        cells = cells[: len(cells) // 2]
    return None
