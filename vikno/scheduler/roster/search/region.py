"""A part of a roster made anew: some days of some people, with everything else as it is.

The part has a linear program of its own. Often its bound says at once that nothing better is to be had there;
otherwise all tours are listed that could be part of something better, and the best choice of them is the best
the part allows; or, if they are too many, the part is dived into.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from vikno.scheduler.roster.search.choice import choose
from vikno.scheduler.roster.search.dive import dive
from vikno.scheduler.roster.search.frame import Column, Frame
from vikno.scheduler.roster.search.generation import TOLERANCE, Spread, columns, generate
from vikno.scheduler.roster.search.master import Master, Solution
from vikno.scheduler.roster.search.rules import Flags, Floats
from vikno.scheduler.roster.search.tours import Touring

LISTED_MAX = 4000
"""So many tours are listed in all, if there are no more that matter."""

STEPS_A_TOUR = 50
CHOICE_SECONDS = 10.0


@dataclass(frozen=True)
class Region:
    """Days of people that are open; D flags for each."""

    days: dict[int, Flags]


@dataclass(frozen=True)
class Remade:
    """What came of it: better tours for everybody, or none; `exact` if nothing better is there."""

    columns: list[Column] | None
    exact: bool
    how: str = ""


def remake(
    frame: Frame,
    tourings: dict[int, Touring],
    incumbent: Sequence[Column],
    region: Region,
    *,
    limit: float,
    stop: Callable[[], bool],
    spread: Spread = map,
    center: Floats | None = None,
) -> Remade:
    """Tours for everybody that cost at most `limit`, if the region allows any."""
    people = sorted(region.days)
    narrow = {p: tourings[p].narrowed(incumbent[p].days, region.days[p]) for p in people}
    frozen = [column for column in incumbent if column.person not in narrow]
    master = Master(frame, people, frozen)
    for person in people:
        master.add(incumbent[person])
    made = generate(
        master, narrow, spread=spread, center=center, stop=lambda _, bound: stop() or bound > limit + TOLERANCE
    )  # fmt: skip
    if stop():
        return Remade(None, exact=False, how="stop")
    if made.bound > limit + TOLERANCE:
        return Remade(None, exact=True, how="bound")
    listed = _listed(frame, narrow, made.solution, limit - made.bound + TOLERANCE)
    if listed is not None:
        choice = choose(frame, people, listed, frozen, limit=limit, seconds=CHOICE_SECONDS)
        if choice.columns is not None and choice.cost <= limit + TOLERANCE:
            return Remade([*frozen, *choice.columns], exact=False, how="list+")
        return Remade(None, exact=choice.proven, how="list" if choice.proven else "list?")
    found = dive(master, narrow, limit=limit + TOLERANCE, stop=stop, spread=spread)
    return Remade(
        None if found is None else [*frozen, *found], exact=False, how="dive" if found is None else "dive+"
    )


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
