"""What a minute of each window is worth: the prices behind the policy `optimized`.

The fluid model of a hall forgets chance and asks only which window should do how much of what. It is a linear
program: every minute of work that a day brings is given to windows that can do it, so that the sum of a
congestion cost over the windows is least. The cost of a window grows as that of a queue, load / (1 - load),
in straight pieces. The dual price of a window's time then says how scarce it is: dear where only this window
can do something that many need, cheap where others could do the same.

`fit` compares the windows for one service by it: the price of the time a service takes at the cheapest window
over the price of the time it takes here. It is 1 where the fluid model would do the service and small where
somebody else does it cheaper or this window's other skills are needed more. (Complementary slackness: work
goes only where fit is 1.) Source: J. M. Harrison, "Heavy traffic analysis of a system with parallel servers",
Ann. Appl. Probab. 8 (1998), who calls this the static planning problem; his minimises the largest load, which
leaves the prices of all but the busiest windows at nothing. A sum of convex costs prices every window.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

KNOTS = (0.0, 0.3, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0, 1.1, 1.5)
"""Loads at which the cost bends; beyond the last it goes on straight."""
STEEPEST_LOAD = 0.97
"""The cost of a queue has no end at load 1; from here on it grows as at this load, and a little faster."""

FIT_DIGITS = 4
"""Rounded, so that the same hall has the same fits on every machine."""


def fits(work: Matrix, staffed: Matrix, factor: Matrix) -> Matrix:
    """How well each window suits each service, shape (windows, services), 0 where it lacks the skill.

    `work`: minutes a day by service at a window of factor 1. `staffed`: minutes a day by window. `factor`,
    shape (windows, services): on the duration; nan where the window lacks the skill. Without work or staff
    there is nothing to compare, and all fits are 1.
    """
    can = ~np.isnan(factor)
    there = staffed > 0
    doable = np.where(can[there].any(0) if there.any() else False, work, 0.0)
    if not doable.any():
        return can.astype(np.float64)
    price = np.ones(len(staffed))
    price[there] = _window_prices(doable, staffed[there], factor[there])
    price[~there] = price[there].max()  # who comes though nobody counted on them is used as the dearest
    cost = np.where(can, factor * price[:, None], np.inf)
    cheapest = cost[there].min(0)
    cheapest = np.where(np.isinf(cheapest), cost.min(0), cheapest)  # only those know it who are not there
    with np.errstate(invalid="ignore"):
        return np.where(can, np.round(np.minimum(cheapest / cost, 1.0), FIT_DIGITS), 0.0)


def _window_prices(work: Matrix, staffed: Matrix, factor: Matrix) -> Matrix:
    """The dual price of a minute of each window."""
    from ortools.linear_solver import pywraplp  # noqa: PLC0415  (quick start)

    solver = pywraplp.Solver.CreateSolver("GLOP")
    given = {
        (window, service): solver.NumVar(0, solver.infinity(), "")
        for window, service in np.argwhere(~np.isnan(factor)).tolist()
        if work[service]
    }
    for service in np.flatnonzero(work).tolist():
        done = (minutes for (_, other), minutes in given.items() if other == service)
        solver.Add(solver.Sum(list(done)) == float(work[service]))
    cost, balances = [], []
    for window, minutes in enumerate(staffed.tolist()):
        used = [float(factor[key]) * given[key] for key in given if key[0] == window]
        parts = [(solver.NumVar(0, width * minutes, ""), slope) for width, slope in pieces()]
        cost += [slope * part for part, slope in parts]
        balances.append(solver.Add(solver.Sum([part for part, _ in parts]) - solver.Sum(used) >= 0))
    solver.Minimize(solver.Sum(cost))
    status = solver.Solve()
    assert status == pywraplp.Solver.OPTIMAL, status  # always feasible: the last piece has no end
    return np.maximum([balance.dual_value() for balance in balances], _slope(0.0, KNOTS[1]))


def pieces() -> list[tuple[float, float]]:
    """Width in loads and slope of each straight piece."""
    inner = [(after - before, _slope(before, after)) for before, after in pairwise(KNOTS)]
    return [*inner, (np.inf, _slope(KNOTS[-1], KNOTS[-1] + 1.0))]


def _slope(before: float, after: float) -> float:
    """Of load / (1 - load), in the middle of the piece; beyond full load ever a little steeper."""
    if before < 1:
        return 1 / (1 - min((before + after) / 2, STEEPEST_LOAD)) ** 2
    return (1 + before) / (1 - STEEPEST_LOAD) ** 2
