"""The fewest people who meet the needs of all skills together, nobody counted for two skills at a time.

A person who knows two skills does one of them at any moment. So the needs d of a quarter of an hour are met
by n people of some profiles if their time can be given out: y(k, s) people of profile k doing s, with

    sum over s of y(k, s) <= n(k)        sum over k of y(k, s) >= d(s)

which is a transport problem; by Hall's theorem it has an answer just if, for every set of skills, those who
know any of them are as many as the needs of all of them. A need may be a part of a person: half of somebody
flexible. Among equals those with fewer skills are taken, and those who are there before others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vikno.queue.errors import ViknoError
from vikno.simulation.needs.offered import Numbers

if TYPE_CHECKING:
    from vikno.simulation.needs.profiles import Profile

SKILL_PRICE = 1e-3
"""Of each further skill of a person, in people: it never costs a person."""
BEYOND_PRICE = 0.02
"""Of a person beyond those there are of a profile, in people."""
STEP = 0.25
"""Needs are told in quarters of a person: four minutes of a quarter of an hour."""
STAY_GAIN = 0.03
"""Of a person who was there the quarter before: nobody comes for a quarter of an hour if another can stay."""
PEOPLE_MAX = 1_000
ROUND = 1e-6


class NobodyCan(ViknoError):
    """A service that no profile knows."""


def least_people(
    needs: Numbers,
    profiles: tuple[Profile, ...],
    can: NDArray[np.bool_],
    before: NDArray[np.int64] | None = None,
) -> NDArray[np.int64]:
    """How many of each profile, shape (profiles), for `needs`, shape (services); `can` (profiles, services).

    Among equals those of `before` stay.
    """
    from ortools.linear_solver import pywraplp  # noqa: PLC0415  (slow to load)

    missing = (needs > 0) & ~can.any(0)
    if missing.any():
        raise NobodyCan("windows: nobody has the skills of some service that is needed; add them to a window")
    solver: Any = pywraplp.Solver.CreateSolver("SCIP")
    before = np.zeros(len(profiles), np.int64) if before is None else before
    stay = [solver.IntVar(0, int(number), "") for number in before]
    there = [solver.IntVar(0, profile.windows, "") for profile in profiles]
    beyond = [solver.IntVar(0, PEOPLE_MAX, "") for _ in profiles]
    time = {(k, s): solver.NumVar(0, PEOPLE_MAX, "") for k, s in np.argwhere(can).tolist() if needs[s] > 0}
    for k in range(len(profiles)):
        solver.Add(
            solver.Sum(y for (who, _), y in time.items() if who == k) <= stay[k] + there[k] + beyond[k]
        )
        solver.Add(stay[k] + there[k] <= max(profiles[k].windows, int(before[k])))
    for s in np.flatnonzero(needs > 0).tolist():
        given = solver.Sum(y for (_, what), y in time.items() if what == s)
        solver.Add(given >= float(needs[s]) - ROUND)
    price = 1 + SKILL_PRICE * (can.sum(1) - 1)
    solver.Minimize(
        solver.Sum(
            float(price[k] - STAY_GAIN) * stay[k]
            + float(price[k]) * there[k]
            + float(price[k] + BEYOND_PRICE) * beyond[k]
            for k in range(len(profiles))
        )
    )
    status = solver.Solve()
    assert status == pywraplp.Solver.OPTIMAL, status
    return np.array(
        [
            round(sum(part.solution_value() for part in parts))
            for parts in zip(stay, there, beyond, strict=True)
        ]
    )


def needs_of(people: NDArray[np.int64], served: Numbers) -> Numbers:
    """What people do: needs by skill, shape (quarters, services), in steps of `STEP`.

    The time of `people` (quarters, profiles) is given out as they spent it, `served` (quarters, profiles,
    services); who served nobody stood ready as the others of the day. So the needs of a quarter add up to the
    people in it, and no fewer could meet them.
    """
    day = served.sum(0, keepdims=True)
    spent = np.where(served.sum(2, keepdims=True) > 0, served, day)
    parts = spent / np.maximum(spent.sum(2, keepdims=True), ROUND) * people[:, :, None]
    steps = parts.sum(1) / STEP
    whole = np.floor(steps + ROUND)
    left = np.rint(steps.sum(1)) - whole.sum(1)
    order = np.argsort(np.argsort(whole - steps, axis=1, kind="stable"), axis=1, kind="stable")
    needs: Numbers = (whole + (order < left[:, None])) * STEP
    return needs
