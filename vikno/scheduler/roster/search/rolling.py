"""A first roster from good prices: a few days after the other are decided for everybody.

What comes later is not left out of account: tours run over the whole horizon, and later days pay and earn
the prices of the linear program. So nobody uses up minutes and weekends that will be dearer, and each step
has the rows of a few days only.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from vikno.scheduler.roster.search.dive import dive
from vikno.scheduler.roster.search.frame import Column, Frame
from vikno.scheduler.roster.search.generation import Spread, columns, pricer
from vikno.scheduler.roster.search.master import Master
from vikno.scheduler.roster.search.part import part_of
from vikno.scheduler.roster.search.rules import Floats
from vikno.scheduler.roster.search.tours import Touring

DAYS_A_STEP = 2


def roll(
    frame: Frame,
    tourings: dict[int, Touring],
    prices: Floats,
    *,
    stop: Callable[[], bool],
    rng: np.random.Generator,
    spread: Spread = map,
) -> list[Column]:
    """A tour for each person; what was not decided in time is as the prices alone would have it."""
    people = list(tourings)
    found = spread(pricer(frame, tourings, prices), people)
    tours = [columns(frame, person, one)[0] for person, one in zip(people, found, strict=True)]
    for first in range(0, frame.problem.days, DAYS_A_STEP):
        later = np.arange(frame.problem.days) >= first
        narrow = {person: tourings[person].narrowed(tours[person].days, later) for person in people}
        days = range(first, min(first + DAYS_A_STEP, frame.problem.days))
        master = Master(part_of(frame, people, [], days, prices))
        for column in tours:
            master.add(column)
        now = later & (np.arange(frame.problem.days) < first + DAYS_A_STEP)
        decided = dive(master, narrow, limit=np.inf, stop=stop, rng=rng, spread=spread, days=now)
        if decided is None:
            break
        tours = sorted(decided, key=lambda column: column.person)
    return tours
