"""A part of a roster made anew: some days of some people, with everything else as it is.

The part has a linear program of its own. Often its bound says at once that nothing better is to be had there;
otherwise all tours are listed that could be part of something better, and the best choice of them is the best
the part allows; or, if they are too many, the part is dived into.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from vikno.scheduler.roster.search.choice import choose
from vikno.scheduler.roster.search.dive import dive
from vikno.scheduler.roster.search.frame import Column, Frame
from vikno.scheduler.roster.search.generation import TOLERANCE, columns, generate
from vikno.scheduler.roster.search.master import Master, Solution
from vikno.scheduler.roster.search.part import part_of
from vikno.scheduler.roster.search.rules import Flags, Floats
from vikno.scheduler.roster.search.tours import Touring

LISTED_MAX = 4000
"""So many tours are listed in all, if there are no more that matter."""

STEPS_A_TOUR = 50
CHOICE_SECONDS = 6.0


Region = dict[int, Flags]
"""The open days of people: D flags for each."""


@dataclass(frozen=True)
class Remade:
    """What came of it: better tours for everybody, or none; `exact` if nothing better is there."""

    columns: list[Column] | None
    exact: bool


def remake(
    frame: Frame,
    tourings: dict[int, Touring],
    now: Sequence[Column],
    region: Region,
    *,
    gain: float,
    stop: Callable[[], bool],
    left: Callable[[], float],
    rng: np.random.Generator,
    center: Floats | None = None,
) -> Remade:
    """Tours for everybody that cost less than those of `now` by `gain` or more, if the region allows it.

    `left` tells how many seconds are left.
    """
    narrow = {person: tourings[person].narrowed(now[person].days, days) for person, days in region.items()}
    frozen = [column for column in now if column.person not in narrow]
    days = np.flatnonzero(np.any(list(region.values()), axis=0)).tolist()
    part = part_of(frame, sorted(region), frozen, days)
    master = Master(part)
    for person in part.people:
        master.add(now[person])
    limit = master.solve().cost - gain + TOLERANCE
    made = generate(master, narrow, center=center, stop=lambda _, bound: stop() or bound > limit)
    if stop():
        return Remade(None, exact=False)
    if made.bound > limit:
        return Remade(None, exact=True)
    listed = _listed(frame, narrow, made.solution, limit - made.bound)
    if listed is None:
        found = dive(master, narrow, limit=limit, stop=stop, rng=rng)
        return Remade(found and [*frozen, *found], exact=False)
    choice = choose(part, listed, limit=limit, seconds=min(CHOICE_SECONDS, max(0.0, left())))
    if choice.columns is None or choice.cost > limit:
        return Remade(None, exact=choice.proven)
    return Remade([*frozen, *choice.columns], exact=False)


def _listed(
    frame: Frame, tourings: dict[int, Touring], solution: Solution, gap: float
) -> list[Column] | None:
    """All tours whose reduced cost is within the gap; None if they are too many."""
    listed: list[Column] = []
    for person, touring in tourings.items():
        left = LISTED_MAX - len(listed)
        limit = solution.of_person[person] - frame.constant[person] + gap
        found = touring.all_below(frame.prices(person, solution.duals), limit, left, STEPS_A_TOUR * left)
        if not found.complete:
            return None
        listed += columns(frame, person, found)
    return listed
